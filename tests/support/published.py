"""What was published, seen from the outside: an installation's topics on a real broker, and who reads them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import orjson
from kafka import TopicPartition
from msgspec import structs

from connectors.kafka.administration import administration
from connectors.kafka.clients import consumer
from connectors.kafka.connection import KafkaConnection, read_credentials
from connectors.kafka.declared import Declared, Subscriber, read_catalogue
from connectors.kafka.difference import Difference
from deploy.local.kafka import ADMIN, PLATFORM, Broker
from deploy.local.kafka.programs import CONSOLE_CONSUMER, run
from services.projection.sealing import unseal
from services.reference_data import SCHEMAS
from services.store.record_store import RecordStore

CATALOGUE = read_catalogue(SCHEMAS / "topics" / "topics.json")


class Installation:
    """The topics of one installation, under a prefix of its own."""

    def __init__(self, broker: Broker, prefix: str = "") -> None:
        self.broker = broker
        self.prefix = prefix or f"test{uuid4().hex}."

    def connection(self, user: str = PLATFORM) -> KafkaConnection:
        """How a user reaches the broker."""
        return KafkaConnection(self.broker.bootstrap, read_credentials(self.broker.credentials(user)))

    def declared(self, subscribers: Sequence[Subscriber] = ()) -> Declared:
        """What should be there."""
        named = {"prefix": self.prefix, "platform": f"User:{PLATFORM}"}
        declared = CATALOGUE.declared(**named, subscribers=subscribers)
        # few partitions, since the broker is everybody's and each costs it some files
        few = [structs.replace(topic, partitions=min(4, topic.partitions)) for topic in declared.topics]
        return structs.replace(declared, topics=tuple(few))

    def apply_topics(self, subscribers: Sequence[Subscriber] = ()) -> Difference:
        """Make it so; what was done."""
        with administration(self.connection(ADMIN)) as cluster:
            return cluster.apply(self.declared(subscribers))

    def committed(self, topic: str, user: str = PLATFORM) -> list[Any]:
        """Every committed record of a topic, partition by partition in order, as kafka-python reads them."""
        ends = self._ends(topic, user)
        reader = consumer(self.connection(user), isolation_level="read_committed")
        try:
            reader.assign(list(ends))
            reader.seek_to_beginning(*ends)
            records: list[Any] = []
            # The mark behind a transaction follows its commit: until then, who reads committed records sees less.
            while any(reader.position(partition) < end for partition, end in ends.items()):
                for found in reader.poll(timeout_ms=200).values():
                    records.extend(found)
        finally:
            reader.close()
        return sorted(records, key=lambda record: (record.partition, record.offset))

    def _ends(self, topic: str, user: str) -> dict[Any, int]:
        """Behind the last record of each partition, committed or not."""
        reader = consumer(self.connection(user))
        try:
            numbers = reader.partitions_for_topic(self.prefix + topic)
            ends: dict[Any, int] = reader.end_offsets([TopicPartition(self.prefix + topic, n) for n in numbers])
        finally:
            reader.close()
        return ends

    def console(self, topic: str, number: int, *options: str, seconds: int = 10) -> str:
        """What Kafka's own console consumer prints of at most so many committed records.

        It ends after so many seconds without a record.
        """
        place = ["--bootstrap-server", self.broker.bootstrap, "--topic", self.prefix + topic, "--from-beginning"]
        user = ["--consumer.config", str(self.broker.tool_properties(ADMIN)), "--isolation-level", "read_committed"]
        until = ["--max-messages", str(number), "--timeout-ms", str(seconds * 1000)]
        return run(CONSOLE_CONSUMER, *place, *user, *until, *options)


def opened_state(store: RecordStore, record: Any) -> dict[str, Any] | None:
    """What a record of the topic of states says; None when no key that is left opens it."""
    plan = UUID(record.key.decode())
    child = store.keys.children([plan]).get(plan)
    if child is None or record.value is None:
        return None
    content = unseal(child, "plan-state", plan, int(dict(record.headers)["ce_sequence"]), record.value)
    return None if content is None else dict(orjson.loads(content))


def confluent_options(connection: KafkaConnection) -> dict[str, Any]:
    """How librdkafka reaches the same cluster as the same user."""
    known = connection.credentials
    assert known is not None
    return {
        "bootstrap.servers": connection.bootstrap,
        "security.protocol": known.protocol,
        "sasl.mechanism": known.mechanism,
        "sasl.username": known.username,
        "sasl.password": known.password,
        "enable.auto.commit": False,
    }
