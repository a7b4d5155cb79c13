"""Whether those who come to EHCP_BASE_URL are shown a certificate that the public trusts (ASVS 5.0 12.2.2).

Trusted by the authorities that browsers know (Mozilla's, as certifi ships them), not by what this machine was taught;
for that host; and in time. The server's own certificate is looked at before anything starts, by a handshake with
ourselves; that of a proxy by going to the address. An installation that only an inner network reaches says why it shows
another one: EHCP_PRIVATE_CERTIFICATE.
"""

import socket
import ssl
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

import certifi

from connectors.identity.configuration import is_loopback
from services.errors import ConfigurationError
from services.settings import Settings
from services.tls import server_context

#: How long the proxy may take to answer, in seconds.
PATIENCE: Final = 5.0
_HTTPS: Final = 443


def own_certificate_fault(settings: Settings, authorities: str = certifi.where()) -> str:
    """What is wrong with the certificate of the server's own TLS, "" for nothing. Raises ConfigurationError."""
    context = server_context(settings)
    if context is None or not _must_be_public(settings) or is_loopback(settings.address[0]):
        return ""
    try:
        _shake_hands(context, ssl.create_default_context(cafile=authorities), settings.public_host)
    except ssl.SSLCertVerificationError as error:
        return _in_words(settings, error)
    return ""


def public_certificate(settings: Settings, authorities: str = certifi.where()) -> str:
    """What is shown at the address, in words, the address called. Raises ConfigurationError for one that isn't public.

    An address that doesn't answer isn't known to be right, and is refused too.
    """
    if settings.private_certificate:
        return f"of its own ({settings.private_certificate})"
    if not _must_be_public(settings):
        return "none is needed on this machine"
    address = (settings.public_host, urlsplit(settings.base_url).port or _HTTPS)
    client = ssl.create_default_context(cafile=authorities)
    try:
        with (
            socket.create_connection(address, timeout=PATIENCE) as plain,
            client.wrap_socket(plain, server_hostname=address[0]) as sealed,
        ):
            until = (sealed.getpeercert() or {}).get("notAfter")
    except ssl.SSLCertVerificationError as error:
        raise ConfigurationError(_in_words(settings, error)) from None
    except OSError as error:
        raise ConfigurationError(f"{settings.base_url} didn't answer ({type(error).__name__}).") from None
    return f"publicly trusted until {until}"


def _must_be_public(settings: Settings) -> bool:
    return (
        settings.env == "production"
        and settings.base_url.startswith("https:")
        and not is_loopback(settings.public_host)
        and not settings.private_certificate
    )


def _in_words(settings: Settings, error: ssl.SSLCertVerificationError) -> str:
    return (
        f"The certificate at {settings.base_url} isn't one that the public trusts ({error.verify_message}): have one of"
        " a public authority, or say in EHCP_PRIVATE_CERTIFICATE why nobody from outside comes here."
    )


def _shake_hands(server: ssl.SSLContext, client: ssl.SSLContext, host: str) -> None:
    """A handshake in memory, as far as the client looks at the certificate. Raises SSLCertVerificationError."""
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(back, there, server_hostname=host)
    answering = server.wrap_bio(there, back, server_side=True)
    for side in (asking, answering, asking):
        with suppress(ssl.SSLWantReadError):
            side.do_handshake()
