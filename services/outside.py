"""What leads out of the platform only where settings say so: Kafka and MESH. Without them nothing of it is loaded."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from services.disclosures.accounting import Disclosures
from services.errors import ConfigurationError
from services.notary.wiring import Notarisation
from services.reference_data import SCHEMAS
from services.settings import Settings
from services.signals.database import SignalDatabase
from services.signals.lags import Lags
from services.signals.wiring import Signals
from services.store.record_store import RecordStore

if TYPE_CHECKING:
    from connectors.nhs.mesh import Mailbox
    from services.publishing.wiring import Publication


def publication_of(
    settings: Settings, store: RecordStore, signals: Signals, disclosures: Disclosures, notary: Notarisation
) -> "Publication | None":
    """What puts the log into Kafka, where that is set; without it, nothing of it is even loaded."""
    if not settings.kafka_bootstrap:
        return None
    from connectors.kafka.connection import CredentialsFault  # noqa: PLC0415
    from connectors.kafka.declared import TopicsFault  # noqa: PLC0415
    from services.publishing.wiring import open_publication  # noqa: PLC0415

    try:
        return open_publication(settings, store, signals, disclosures, notary)
    except (CredentialsFault, TopicsFault) as error:
        raise ConfigurationError(str(error)) from None


def topics_of(settings: Settings) -> dict[str, str]:
    """The topic of each body that reads its signals from Kafka, by the body. Raises ConfigurationError."""
    if not settings.kafka_bootstrap or settings.kafka_subscribers is None:
        return {}
    from connectors.kafka.declared import TopicsFault, read_catalogue, read_subscribers  # noqa: PLC0415

    try:
        catalogue = read_catalogue(SCHEMAS / "topics" / "topics.json")
        bodies = read_subscribers(settings.kafka_subscribers)
    except TopicsFault as error:
        raise ConfigurationError(str(error)) from None
    return {body.recipient: catalogue.signal_topic(settings.kafka_prefix, body) for body in bodies}


def lags_of(settings: Settings, head: Callable[[], int], signals: SignalDatabase) -> Lags:
    """How far behind everything is that follows the log, whichever process publishes. Raises ConfigurationError."""
    if not settings.kafka_bootstrap:
        return Lags(head, signals)
    from connectors.kafka.declared import TopicsFault, read_subscribers  # noqa: PLC0415
    from services.publishing.wiring import LOGS  # noqa: PLC0415

    try:
        return Lags(head, signals, LOGS, [body.recipient for body in read_subscribers(settings.kafka_subscribers)])
    except TopicsFault as error:
        raise ConfigurationError(str(error)) from None


def mailbox_of(settings: Settings) -> "Callable[[], Mailbox] | None":
    """What opens our mailbox at MESH, where there is one; without it, NHS England's client isn't even loaded."""
    if not settings.mesh_url:
        return None
    from connectors.nhs.mesh import MailboxAddress, MeshMailbox  # noqa: PLC0415

    named = {"EHCP_MESH_PASSWORD_FILE": settings.mesh_password_file, "EHCP_MESH_KEY_FILE": settings.mesh_key_file}
    missing = [name for name, value in {**named, "EHCP_MESH_MAILBOX": settings.mesh_mailbox}.items() if not value]
    if missing:
        raise ConfigurationError(f"EHCP_MESH_URL is set: set {', '.join(missing)} too.")
    password, shared_key = (_secret(name, file) for name, file in named.items() if file is not None)
    address = MailboxAddress(
        url=settings.mesh_url,
        mailbox=settings.mesh_mailbox,
        password=password,
        shared_key=shared_key,
        certificate=str(settings.mesh_certificate or ""),
        private_key=str(settings.mesh_private_key or ""),
        authorities=str(settings.mesh_authorities or ""),
    )
    return lambda: MeshMailbox(address)


def _secret(name: str, file: Path) -> str:
    """The secret in a file. Raises ConfigurationError, never showing what it is."""
    try:
        secret = file.read_text().strip()
    except (OSError, UnicodeDecodeError):
        secret = ""
    if not secret:
        raise ConfigurationError(f"{name} must name a file that holds the secret: {file} can't be read, or is empty.")
    return secret
