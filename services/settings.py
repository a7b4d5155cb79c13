"""What an installation can set: environment variables EHCP_..., or a `.env` file. `ehcp doctor` lists them."""

import ipaddress
from functools import cached_property
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PLAIN = frozenset({"http", "postgresql", "kafka", "mesh"})
"""What EHCP_PLAIN may name."""


class Settings(BaseSettings):
    """The settings of one process. Unset means production: nothing that eases development starts by accident."""

    model_config = SettingsConfigDict(env_prefix="EHCP_", env_file=".env", extra="ignore", frozen=True)

    env: Literal["production", "development"] = Field(
        default="production", description="development allows the development issuer, on loopback only."
    )
    database_url: str = Field(
        default="sqlite:///var/record.sqlite",
        description="Where the record is kept: sqlite:///PATH (one process), or postgresql://USER@HOST:PORT/DATABASE.",
    )
    keyring: str | None = Field(
        default=None,
        description="Folder of the councils' key-encryption keys (default: keyring/ beside the record), or a token:"
        " pkcs11:token=NAME?module-path=LIBRARY&pin-source=file:PATH.",
    )
    base_url: str = Field(
        default="http://127.0.0.1:8080",
        description="The address by which others reach the platform; the tokens' audience.",
    )
    listen: str = Field(
        default="",
        description="HOST:PORT at which the server listens; default: where EHCP_BASE_URL leads, and for https, which a"
        " proxy ends, 127.0.0.1:8080.",
    )
    tls_certificate: Path | None = Field(
        default=None, description="File of the server's own certificate and chain (PEM): it then speaks TLS itself."
    )
    tls_key: Path | None = Field(default=None, description="File of that certificate's private key (PEM).")
    private_certificate: str = Field(
        default="",
        description="Why the certificate at EHCP_BASE_URL is of no public authority (only an inner network comes here,"
        " say); default: it is of one.",
    )
    plain: str = Field(
        default="",
        description="What may go without TLS in production although it leaves this machine: some of http, postgresql,"
        " kafka, mesh, separated by commas; default: nothing.",
    )
    issuers: Path | None = Field(
        default=None,
        description="JSON file, or folder of such files, of the trusted issuers (docs/how-to/sign-in.md).",
    )
    clients: Path | None = Field(
        default=None,
        description="JSON file of the machine clients and their public keys (docs/how-to/sign-in.md).",
    )
    trusted_proxies: str = Field(
        default="",
        description="Addresses or networks of the proxies that end TLS here, separated by commas; default: none.",
    )
    client_certificate_header: str = Field(
        default="",
        description="Header in which those proxies state a client's certificate (PEM, or RFC 9440); default: none.",
    )
    calls_per_minute: int = Field(
        default=6_000, ge=0, description="How often one caller may call each process in a minute; 0: any number."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="From which level on a server or worker says things in its log."
    )
    log_to: str = Field(
        default="",
        description="Where the log goes beside standard error: tls://HOST:PORT, a collector that speaks syslog over"
        " TLS; standard-error: a collector takes it from there; default: nowhere else.",
    )
    log_authorities: Path | None = Field(
        default=None, description="File of the certificates that the collector's is checked against; default: public."
    )
    log_certificate: Path | None = Field(default=None, description="File of our certificate for the collector (PEM).")
    log_key: Path | None = Field(default=None, description="File of that certificate's private key (PEM).")
    kafka_bootstrap: str = Field(
        default="",
        description="Addresses of the Kafka cluster, HOST:PORT separated by commas; empty: nothing goes there.",
    )
    kafka_credentials: Path | None = Field(
        default=None, description="JSON file of who we are to the cluster (docs/how-to/kafka.md); default: nobody."
    )
    kafka_prefix: str = Field(default="ehcp.", description="What the names of our topics in the cluster begin with.")
    kafka_subscribers: Path | None = Field(
        default=None, description="JSON file of the councils and NHS bodies that read their signals from Kafka."
    )
    replicas: str = Field(
        default="",
        description="Standbys of PostgreSQL (application_name, separated by commas) that must have an event on disk"
        " before it is published; default: the primary alone.",
    )
    checkpoint_seconds: float = Field(
        default=10.0, gt=0, description="How often the notary signs a checkpoint when a log has grown."
    )
    webhook_hosts: str = Field(
        default="",
        description="Hosts to which webhooks may be sent, separated by commas; *.DOMAIN: those of a domain; *: every"
        " public one. Default: none, in development every one.",
    )
    webhook_networks: str = Field(
        default="",
        description="Networks that webhooks may be sent into although they aren't public, then also without TLS,"
        " separated by commas; default: none.",
    )
    mesh_url: str = Field(default="", description="Address of MESH; empty: nothing goes there.")
    mesh_mailbox: str = Field(default="", description="The platform's own mailbox at MESH.")
    mesh_password_file: Path | None = Field(default=None, description="File of that mailbox's password.")
    mesh_key_file: Path | None = Field(default=None, description="File of the environment's shared key.")
    mesh_certificate: Path | None = Field(default=None, description="File of our certificate for MESH (PEM).")
    mesh_private_key: Path | None = Field(default=None, description="File of that certificate's private key (PEM).")
    mesh_authorities: Path | None = Field(
        default=None, description="File of the certificates that MESH's own is checked against; default: the client's."
    )
    source: str = Field(
        default="urn:ehcp-exchange:local",
        description="The CloudEvents source of the events that this platform records.",
    )

    @cached_property
    def database_file(self) -> Path:
        """The SQLite file. Raises ValueError for an address that this release can't open."""
        scheme, _, path = self.database_url.partition(":///")
        if scheme != "sqlite" or not path:
            raise ValueError("EHCP_DATABASE_URL must be sqlite:///PATH or postgresql://USER@HOST:PORT/DATABASE.")
        return Path(path)

    @cached_property
    def proxy_networks(self) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
        """Where the trusted proxies are. Raises ValueError for what is no address or network."""
        stated = [part.strip() for part in self.trusted_proxies.split(",") if part.strip()]
        try:
            return tuple(map(ipaddress.ip_network, stated))
        except ValueError:
            text = "EHCP_TRUSTED_PROXIES must be addresses or networks such as 10.0.0.0/8, separated by commas."
            raise ValueError(text) from None

    @cached_property
    def webhook_targets(self) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
        """The networks of webhooks that aren't public. Raises ValueError for what is no address or network."""
        stated = [part.strip() for part in self.webhook_networks.split(",") if part.strip()]
        try:
            return tuple(map(ipaddress.ip_network, stated))
        except ValueError:
            text = "EHCP_WEBHOOK_NETWORKS must be addresses or networks such as 10.1.0.0/16, separated by commas."
            raise ValueError(text) from None

    @property
    def webhook_host_names(self) -> frozenset[str]:
        """The hosts to which webhooks may be sent, as they are written."""
        if not self.webhook_hosts and self.env == "development":
            return frozenset({"*"})
        return frozenset(part.strip().lower() for part in self.webhook_hosts.split(",") if part.strip())

    @property
    def replica_names(self) -> tuple[str, ...]:
        """The standbys that count. Raises ValueError where there can be none."""
        names = tuple(name.strip() for name in self.replicas.split(",") if name.strip())
        if names and not self.on_postgresql:
            raise ValueError("EHCP_REPLICAS names standbys of PostgreSQL: the record is kept in a file.")
        return names

    @property
    def on_postgresql(self) -> bool:
        """Whether the record is kept in PostgreSQL."""
        return self.database_url.startswith(("postgresql://", "postgres://"))

    @cached_property
    def plain_names(self) -> frozenset[str]:
        """What may go without TLS. Raises ValueError for a name that means nothing here."""
        names = frozenset(part.strip() for part in self.plain.split(",") if part.strip())
        if names - PLAIN:
            raise ValueError(f"EHCP_PLAIN names some of {', '.join(sorted(PLAIN))}, separated by commas.")
        return names

    @property
    def public_host(self) -> str:
        """The host of the address by which others reach the platform. Raises ValueError when it names none."""
        return self._reached_at()[0]

    @property
    def address(self) -> tuple[str, int]:
        """The host and port to listen at. Raises ValueError for an address that names none."""
        host, port = self._reached_at()
        if self.listen:
            return _host_and_port(f"tcp://{self.listen}", "EHCP_LISTEN must be HOST:PORT.", 8080)
        if self.base_url.startswith("https:") and not self.tls_certificate:
            return "127.0.0.1", 8080
        return host, port

    def _reached_at(self) -> tuple[str, int]:
        wanted = f"EHCP_BASE_URL must be an address such as http://127.0.0.1:8080, not {self.base_url}."
        if not self.base_url.startswith(("http://", "https://")):
            raise ValueError(wanted)
        return _host_and_port(self.base_url, wanted, 443 if self.base_url.startswith("https:") else 8080)

    @property
    def data_folder(self) -> Path:
        """The folder of the record, or with PostgreSQL of what this machine keeps beside it."""
        return Path("var") if self.on_postgresql else self.database_file.parent

    @property
    def keyring_folder(self) -> Path:
        """The folder of the key-encryption keys, where they are in files."""
        return Path(self.keyring) if self.keyring else self.data_folder / "keyring"

    @property
    def signing_folder(self) -> Path:
        """The folder of checkpoints' keys and notes: that of the keyring, or its default where that is a token."""
        is_token = (self.keyring or "").startswith("pkcs11:")
        return self.data_folder / "keyring" if is_token else self.keyring_folder


def _host_and_port(address: str, wanted: str, port: int) -> tuple[str, int]:
    try:
        stated = urlsplit(address)
        host, port = stated.hostname, stated.port or port
    except ValueError:
        host = None
    if host is None:
        raise ValueError(wanted)
    return host, port
