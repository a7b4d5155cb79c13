"""The publication of one process, put together: every log that goes to Kafka."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from msgspec import Struct

from connectors.kafka.connection import KafkaConnection, read_credentials
from connectors.kafka.declared import read_catalogue, read_subscribers
from connectors.kafka.log_to_kafka import LogToKafka
from connectors.kafka.positions import POSITIONS, START, read_positions
from services.disclosures.accounting import Disclosures
from services.notary.wiring import Notarisation
from services.plans import Plans
from services.publishing.ahead import Ahead
from services.publishing.checkpoints import SignedCheckpoints
from services.publishing.durable import Durable, OneCopy, Replicas
from services.publishing.plan_events import PlanEvents
from services.publishing.plan_states import PlanStates
from services.publishing.progress import Progress
from services.publishing.publisher import Publisher
from services.publishing.running import Noted, RunningPublisher
from services.publishing.signal_topics import SignalTopic, log_of
from services.publishing.signals_running import RunningSignals, Served
from services.publishing.source import Source
from services.publishing.turns import Alone, SharedTurn
from services.reference_data import SCHEMAS
from services.settings import Settings
from services.signals.outbox import Outbox
from services.signals.wiring import Signals
from services.store.postgres.database import PostgresDatabase
from services.store.record_store import RecordStore

LOGS: Final = (PlanEvents.name, PlanStates.name)
"""What is published, by the names under which the positions are kept."""

_SHARED_POLL_SECONDS: Final = 0.1


class Published(Struct, frozen=True):
    """How far a log is in Kafka, and how many events it is behind."""

    log: str
    position: int
    behind: int


class Publication(Struct, frozen=True):
    """The publishers of this process."""

    running: Sequence[RunningPublisher | RunningSignals]
    ahead: Ahead

    def look_ahead(self, refuse: Callable[[str], None]) -> None:
        """Call `refuse` with the reason if the cluster knows more than the record; waits a little for its answer."""
        self.ahead.look(refuse)

    def start(self) -> None:
        """Publish, in threads."""
        for publisher in self.running:
            publisher.start()

    def stop(self) -> None:
        """Finish the batches in hand."""
        for publisher in self.running:
            publisher.stop()


def kafka_connection(settings: Settings) -> KafkaConnection:
    """How this installation reaches its cluster. Raises CredentialsFault."""
    return KafkaConnection(settings.kafka_bootstrap, read_credentials(settings.kafka_credentials))


def open_publication(
    settings: Settings, store: RecordStore, signals: Signals, told: Disclosures, notary: Notarisation
) -> Publication:
    """Publishers for every log and for every subscriber's signals; nothing is started.

    Raises CredentialsFault, TopicsFault.
    """
    connection, prefix = kafka_connection(settings), settings.kafka_prefix
    states = PlanStates(store, Plans(store), f"{prefix}plan-state.v1", settings.source)
    signed = SignedCheckpoints(notary.database, f"{prefix}checkpoints.v1")
    sources: tuple[Source, ...] = (PlanEvents(store, f"{prefix}plan-events.v1"), states, signed)
    noted = Progress(signals.database, lambda: datetime.now(UTC)).note
    running = [_running(settings, store, source, connection, noted) for source in sources]
    ahead = Ahead(sources, lambda: read_positions(connection, prefix + POSITIONS))
    return Publication([*running, _signals(settings, store, signals, told, connection, noted)], ahead)


def published(settings: Settings, head: int) -> list[Published]:
    """How far the logs are, as the cluster knows it. Raises CredentialsFault, KafkaUnavailable, KafkaRefused."""
    connection, topic = kafka_connection(settings), settings.kafka_prefix + POSITIONS
    places = read_positions(connection, topic)
    found = {log: places.get(log, START).position for log in LOGS}
    return [Published(log, position, head - position) for log, position in found.items()]


def signals_published(settings: Settings, outbox: Outbox) -> list[Published]:
    """How far each subscriber's signals are, likewise. Raises what `published` does, and TopicsFault."""
    subscribers = read_subscribers(settings.kafka_subscribers)
    places, heads = read_positions(kafka_connection(settings), settings.kafka_prefix + POSITIONS), outbox.heads()
    found = {one.recipient: places.get(log_of(one), START).position for one in subscribers}
    return [
        Published(f"signals.{recipient}", position, heads.get(recipient, 0) - position)
        for recipient, position in found.items()
    ]


def _running(
    settings: Settings, store: RecordStore, source: Source, connection: KafkaConnection, noted: Noted
) -> RunningPublisher:
    writer = LogToKafka(connection, source.name, prefix=settings.kafka_prefix)
    publisher = Publisher(source, writer, _durable(settings, store))
    if not settings.on_postgresql:
        return RunningPublisher(publisher, store.listeners, Alone(), noted=noted)
    turn = SharedTurn(settings.database_url, f"{settings.kafka_prefix}{source.name}")
    return RunningPublisher(publisher, store.listeners, turn, poll=_SHARED_POLL_SECONDS, noted=noted)


def _signals(
    settings: Settings,
    store: RecordStore,
    signals: Signals,
    told: Disclosures,
    connection: KafkaConnection,
    noted: Noted,
) -> RunningSignals:
    """What serves every subscriber: there may be hundreds, so that they share one look, and one turn."""
    prefix, durable, served = settings.kafka_prefix, _durable(settings, store), []
    catalogue = read_catalogue(SCHEMAS / "topics" / "topics.json")
    for subscriber in read_subscribers(settings.kafka_subscribers):
        topic = catalogue.signal_topic(prefix, subscriber)
        source = SignalTopic(subscriber, signals.outbox, signals.feed, told, topic)
        writer = LogToKafka(connection, source.name, prefix=prefix, needed=(topic,))
        served.append(Served(publisher=Publisher(source, writer, durable), recipient=subscriber.recipient))
    shared = settings.on_postgresql
    turn = SharedTurn(settings.database_url, f"{prefix}signals") if shared else Alone()
    return RunningSignals(served, signals.outbox.heads, signals.written, turn, noted=noted)


def _durable(settings: Settings, store: RecordStore) -> Durable:
    replicas = settings.replica_names
    return Replicas(PostgresDatabase(settings.database_url, pool_size=1), replicas) if replicas else OneCopy(store)
