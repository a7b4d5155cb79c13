"""The client certificate of a connection, by its thumbprint: for tokens that are bound to one (RFC 8705).

It comes from the TLS layer of this server where that tells it (the ASGI extension `tls`), else from a header of a proxy
that ends TLS, which counts only when both the header and the proxy's address are configured: anybody can send a header.
"""

import binascii
import ipaddress
from base64 import b64decode, urlsafe_b64encode
from functools import lru_cache
from hashlib import sha256
from typing import Final
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from fastapi import Request

from services.settings import Settings

_LONGEST: Final = 16 * 1024


def certificate_of(request: Request) -> str | None:
    """SHA-256 of the client certificate (DER), base64url without padding; None when there is none to believe."""
    chain = request.scope.get("extensions", {}).get("tls", {}).get("client_cert_chain") or ()
    stated = next(iter(chain), None) or _stated_by_proxy(request)
    return _thumbprint(stated) if stated else None


def _stated_by_proxy(request: Request) -> str | None:
    settings: Settings = request.app.state.platform.settings
    if not settings.client_certificate_header or request.client is None:
        return None
    try:
        sender = ipaddress.ip_address(request.client.host)
    except ValueError:
        return None
    if not any(sender in network for network in settings.proxy_networks):
        return None
    values = request.headers.getlist(settings.client_certificate_header)
    return values[0] if len(values) == 1 else None


@lru_cache(maxsize=512)
def _thumbprint(stated: str) -> str | None:
    """Of a certificate as PEM, perhaps escaped for a URL (nginx), or as a byte sequence of RFC 9440 (:...:)."""
    if len(stated) > _LONGEST:
        return None
    try:
        if stated.startswith(":") and stated.endswith(":"):
            certificate = x509.load_der_x509_certificate(b64decode(stated.strip(":"), validate=True))
        else:
            certificate = x509.load_pem_x509_certificate(unquote(stated).encode())
    except (ValueError, binascii.Error):
        return None
    digest = sha256(certificate.public_bytes(Encoding.DER)).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
