"""What was published, seen from the outside: an installation's topics on a real broker, and who reads them."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from kafka import TopicPartition

from connectors.kafka.administration import administration
from connectors.kafka.clients import consumer
from connectors.kafka.connection import KafkaConnection, read_credentials
from connectors.kafka.declared import Declared, Subscriber, read_catalogue
from connectors.kafka.difference import Difference
from deploy.local.kafka import ADMIN, PLATFORM, Broker
from deploy.local.kafka.programs import CONSOLE_CONSUMER, run
from services.reference_data import SCHEMAS

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
        return CATALOGUE.declared(prefix=self.prefix, platform=f"User:{PLATFORM}", subscribers=subscribers)

    def apply_topics(self, subscribers: Sequence[Subscriber] = ()) -> Difference:
        """Make it so; what was done."""
        with administration(self.connection(ADMIN)) as cluster:
            return cluster.apply(self.declared(subscribers))

    def committed(self, topic: str, user: str = PLATFORM) -> list[Any]:
        """Every committed record of a topic, partition by partition in order, as kafka-python reads them."""
        reader = consumer(self.connection(user), isolation_level="read_committed")
        try:
            partitions = [
                TopicPartition(self.prefix + topic, number)
                for number in sorted(reader.partitions_for_topic(self.prefix + topic))
            ]
            reader.assign(partitions)
            reader.seek_to_beginning(*partitions)
            ends = reader.end_offsets(partitions)
            records: list[Any] = []
            while any(reader.position(partition) < end for partition, end in ends.items()):
                for found in reader.poll(timeout_ms=200).values():
                    records.extend(found)
        finally:
            reader.close()
        return sorted(records, key=lambda record: (record.partition, record.offset))

    def console(self, topic: str, number: int, *options: str) -> str:
        """What Kafka's own console consumer prints of the first `number` committed records."""
        place = ["--bootstrap-server", self.broker.bootstrap, "--topic", self.prefix + topic]
        user = ["--consumer.config", str(self.broker.tool_properties(ADMIN)), "--isolation-level", "read_committed"]
        return run(
            CONSOLE_CONSUMER,
            *place,
            *user,
            "--from-beginning",
            "--max-messages",
            str(number),
            "--timeout-ms",
            "30000",
            *options,
        )
