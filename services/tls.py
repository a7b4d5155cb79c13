"""The server's own TLS, where it speaks it itself: TLS 1.2 with forward secrecy, and 1.3, as the NCSC recommends.

Without a certificate the server speaks http, to a proxy on the same machine (`services.transport` sees to that).
"""

import ssl
import stat
from pathlib import Path
from typing import Final

from services.errors import ConfigurationError
from services.settings import Settings

#: TLS 1.2 suites: ephemeral keys and authenticated encryption only. Those of TLS 1.3 are all of that kind.
SUITES: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"
_OTHERS: Final = 0o077


def server_context(settings: Settings) -> ssl.SSLContext | None:
    """How connections are sealed, None where a proxy does it. Raises ConfigurationError for files that don't do."""
    certificate, key = settings.tls_certificate, settings.tls_key
    if certificate is None or key is None:
        if certificate or key:
            raise ConfigurationError("EHCP_TLS_CERTIFICATE and EHCP_TLS_KEY go together: set both.")
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(SUITES)
    context.options |= ssl.OP_NO_RENEGOTIATION
    try:
        require_private(key)
        context.load_cert_chain(certificate, key)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise ConfigurationError(f"EHCP_TLS_CERTIFICATE and EHCP_TLS_KEY can't be used together: {why}.") from None
    return context


def require_private(key: Path) -> None:
    """Raises ConfigurationError for a file of a private key that others can read."""
    if (mode := stat.S_IMODE(key.stat().st_mode)) & _OTHERS:
        raise ConfigurationError(f"{key} can be read by others (mode {mode:o}): run `chmod 600 {key}`")
