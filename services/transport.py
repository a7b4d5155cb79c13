"""In production nothing that leaves this machine goes in the clear, nor to anybody who hasn't shown a certificate.

Looked at before anything is opened. What an installation wants otherwise (a network that encrypts by itself, say) it
has to state: EHCP_PLAIN names it. Loopback and Unix sockets are this machine.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

from connectors.identity.configuration import is_loopback
from services.errors import ConfigurationError
from services.public_certificate import own_certificate_fault
from services.settings import Settings
from services.tls import server_context

_VERIFIED: Final = "verify-full"
#: Ways in which a PostgreSQL server may ask who we are that hand it no password (libpq's require_auth).
_ASKED_SAFELY: Final = frozenset({"scram-sha-256", "gss", "sspi"})


def require_sealed_transport(settings: Settings) -> str:
    """What leaves this machine, in words, all of it sealed. Raises ConfigurationError with everything that isn't.

    What can't be read as an address at all is left to whoever uses it.
    """
    server_context(settings)
    faults = [fault for name, fault in _faults(settings) if name not in settings.plain_names]
    if faults and settings.env == "production":
        raise ConfigurationError(" ".join(faults))
    stated = f"in the clear, as EHCP_PLAIN states: {', '.join(sorted(settings.plain_names))}"
    return stated if settings.plain_names else "sealed, or on this machine"


def require_sealed_database(settings: Settings, url: str) -> None:
    """The same of one address of PostgreSQL. Raises ConfigurationError."""
    fault = _postgres_fault(url)
    if fault and settings.env == "production" and "postgresql" not in settings.plain_names:
        raise ConfigurationError(fault)


def _faults(settings: Settings) -> Iterator[tuple[str, str]]:
    looks: Mapping[str, Callable[[Settings], str]] = {
        "http": _http_fault,
        "certificate": _certificate_fault,
        "postgresql": lambda known: _postgres_fault(known.database_url) if known.on_postgresql else "",
        "kafka": _kafka_fault,
        "mesh": _mesh_fault,
    }
    return ((name, fault) for name, look in looks.items() if (fault := look(settings)))


def _http_fault(settings: Settings) -> str:
    try:
        host, port = settings.address
    except ValueError:
        return ""
    if not settings.base_url.startswith("https:") and not is_loopback(settings.public_host):
        return f"EHCP_BASE_URL is {settings.base_url}, where tokens would go in the clear: it must begin with https://."
    if not settings.tls_certificate and not is_loopback(host):
        return (
            f"The server would listen at {host}:{port} without TLS: have a proxy on this machine and listen on loopback"
            " (EHCP_LISTEN), or set EHCP_TLS_CERTIFICATE and EHCP_TLS_KEY."
        )
    return ""


def _certificate_fault(settings: Settings) -> str:
    try:
        return own_certificate_fault(settings)
    except ValueError:
        return ""


def _postgres_fault(url: str) -> str:
    """Everything that libpq takes into account: the address, and the environment where the address says nothing."""
    from psycopg import ProgrammingError  # noqa: PLC0415 — an embedded record loads no driver
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415

    try:
        stated = {name: str(value) for name, value in conninfo_to_dict(url).items()}
    except ProgrammingError:
        return ""
    hosts = _said(stated, "host", "PGHOST").split(",") + _said(stated, "hostaddr", "PGHOSTADDR").split(",")
    if all(not host or host.startswith(("/", "@")) or is_loopback(host) for host in hosts) and "service" not in stated:
        return ""
    if _said(stated, "sslmode", "PGSSLMODE") != _VERIFIED:
        return (
            "PostgreSQL is elsewhere: its address must say sslmode=verify-full (and sslrootcert, for a CA of your own)."
        )
    asked = set(_said(stated, "require_auth", "PGREQUIREAUTH").split(","))
    if not _said(stated, "sslcert", "PGSSLCERT") and not asked <= _ASKED_SAFELY:
        return (
            "PostgreSQL is elsewhere: its address must say how we show who we are, require_auth=scram-sha-256, or"
            " sslcert and sslkey."
        )
    return ""


def _said(stated: Mapping[str, str], name: str, variable: str) -> str:
    return stated.get(name) or os.environ.get(variable, "")


def _kafka_fault(settings: Settings) -> str:
    if not settings.kafka_bootstrap or all(map(is_loopback, _hosts(settings.kafka_bootstrap))):
        return ""
    from connectors.kafka.connection import CredentialsFault, read_credentials  # noqa: PLC0415 — most have no cluster

    try:
        credentials = read_credentials(settings.kafka_credentials)
    except CredentialsFault as error:
        return str(error)
    if credentials is None or not credentials.is_sealed:
        return "Kafka is elsewhere: EHCP_KAFKA_CREDENTIALS must say SASL_SSL with a user, or SSL with certFile."
    return ""


def _hosts(addresses: str) -> Iterator[str]:
    for address in addresses.split(","):
        host = address.strip().rpartition(":")[0] or address.strip()
        yield host.strip("[]")


def _mesh_fault(settings: Settings) -> str:
    parts = urlsplit(settings.mesh_url)
    if not settings.mesh_url or parts.scheme == "https" or is_loopback(parts.hostname or ""):
        return ""
    return "EHCP_MESH_URL must begin with https://."
