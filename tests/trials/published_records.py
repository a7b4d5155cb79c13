"""The committed records of the topic of events, as three clients read them: they have to agree."""

import re
from typing import Final, NamedTuple

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from deploy.local.kafka import ADMIN
from tests.support.published import Installation, confluent_options

TOPIC: Final = "plan-events.v1"
_LINE: Final = re.compile(
    r"Partition:(?P<partition>\d+)\t.*ce_sequence:(?P<sequence>\d+),ce_position:(?P<position>\d+),.*\t(?P<key>[0-9a-f-]{36})$"
)


class Published(NamedTuple):
    """What is compared of a record."""

    partition: int
    plan: str
    sequence: int
    position: int


def by_kafka_python(installation: Installation, _number: int) -> list[Published]:
    """Partition by partition, in order."""
    return [_published(record.partition, record.key, dict(record.headers)) for record in installation.committed(TOPIC)]


def by_confluent(installation: Installation, number: int) -> list[Published]:
    """The same, by librdkafka: until so many were read, and then for some seconds more."""
    options = confluent_options(installation.connection(ADMIN))
    consumer = Consumer({**options, "group.id": f"{installation.prefix}trial", "isolation.level": "read_committed"})
    topic = installation.prefix + TOPIC
    partitions = consumer.list_topics(topic, timeout=30).topics[topic].partitions
    consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in partitions])
    found: list[Published] = []
    while messages := consumer.consume(10_000, timeout=10.0 if len(found) < number else 2.0):
        found += [_published(one.partition(), one.key(), dict(one.headers())) for one in messages if not one.error()]
    consumer.close()
    return sorted(found, key=lambda record: record.partition)


def by_console(installation: Installation, number: int) -> list[Published]:
    """The same, by Kafka's own console consumer; one more than there should be is asked for."""
    shown = ("print.partition", "print.headers", "print.key")
    named = [*(f"{name}=true" for name in shown), "print.value=false"]
    properties = [word for name in named for word in ("--property", name)]
    said = installation.console(TOPIC, number + 1, *properties)
    lines = [found for found in map(_LINE.search, said.split("\n")) if found]
    records = [
        Published(int(line["partition"]), line["key"], int(line["sequence"]), int(line["position"])) for line in lines
    ]
    return sorted(records, key=lambda record: record.partition)


def _published(partition: int, key: bytes, headers: dict[str, bytes]) -> Published:
    return Published(partition, key.decode(), int(headers["ce_sequence"]), int(headers["ce_position"]))
