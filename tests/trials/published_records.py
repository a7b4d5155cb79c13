"""The committed records of a topic, as three clients read them: they have to agree.

kafka-python, librdkafka (confluent-kafka), and Kafka's own console consumer.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from deploy.local.kafka import ADMIN
from tests.support.published import Installation, confluent_options

_PARTITION: Final = "Partition:"
_EVENT_LINE: Final = re.compile(
    r"Partition:(?P<partition>\d+)\t.*ce_sequence:(?P<sequence>\d+),ce_position:(?P<position>\d+),.*\t(?P<key>[0-9a-f-]{36})$"
)


class Published(NamedTuple):
    """What is compared of an event of the log. `sequence` is the plan's own, `number` the position in the log."""

    partition: int
    plan: str
    sequence: int
    number: int


class Told(NamedTuple):
    """What is compared of a signal. `sequence` is its versionid, `number` its recipientsequence."""

    partition: int
    plan: str
    sequence: int
    number: int
    id: str


class Kind(NamedTuple):
    """How the records of a kind of topic are read: each of them, and what the console is asked for and prints."""

    of_record: Callable[[int, bytes, Mapping[str, bytes], bytes], Any]
    printed: tuple[str, ...]
    of_line: Callable[[str], Any]


def _event(partition: int, key: bytes, headers: Mapping[str, bytes], _value: bytes) -> Published:
    return Published(partition, key.decode(), int(headers["ce_sequence"]), int(headers["ce_position"]))


def _event_line(line: str) -> Published | None:
    found = _EVENT_LINE.search(line)
    if found is None:
        return None
    return Published(int(found["partition"]), found["key"], int(found["sequence"]), int(found["position"]))


def _signal(partition: int, key: bytes, _headers: Mapping[str, bytes], value: bytes) -> Told:
    said = json.loads(value)
    if said["subject"] != key.decode():
        raise ValueError("a signal has another plan's key")
    return Told(partition, key.decode(), int(said["versionid"]), said["recipientsequence"], said["id"])


def _signal_line(line: str) -> Told | None:
    if not line.startswith(_PARTITION):
        return None
    partition, key, value = line.removeprefix(_PARTITION).split("\t")
    return _signal(int(partition), key.encode(), {}, value.encode())


EVENTS: Final = Kind(
    _event, ("print.partition=true", "print.headers=true", "print.key=true", "print.value=false"), _event_line
)
SIGNALS: Final = Kind(_signal, ("print.partition=true", "print.key=true"), _signal_line)


def by_kafka_python(at: Installation, topic: str, kind: Kind, _number: int) -> list[Any]:
    """Partition by partition, in order."""
    return [kind.of_record(one.partition, one.key, dict(one.headers), one.value) for one in at.committed(topic)]


def by_confluent(at: Installation, topic: str, kind: Kind, number: int) -> list[Any]:
    """The same, by librdkafka: until so many were read, and then for some seconds more."""
    options = confluent_options(at.connection(ADMIN))
    consumer = Consumer({**options, "group.id": f"{at.prefix}trial", "isolation.level": "read_committed"})
    partitions = consumer.list_topics(at.prefix + topic, timeout=30).topics[at.prefix + topic].partitions
    consumer.assign([TopicPartition(at.prefix + topic, partition, OFFSET_BEGINNING) for partition in partitions])
    found: list[Any] = []
    while messages := consumer.consume(10_000, timeout=10.0 if len(found) < number else 2.0):
        read = (one for one in messages if not one.error())
        found += [kind.of_record(one.partition(), one.key(), dict(one.headers()), one.value()) for one in read]
    consumer.close()
    return sorted(found, key=lambda record: int(record.partition))


def by_console(at: Installation, topic: str, kind: Kind, number: int) -> list[Any]:
    """The same, by Kafka's own console consumer; one more than there should be is asked for."""
    properties = [word for one in kind.printed for word in ("--property", one)]
    lines = map(kind.of_line, at.console(topic, number + 1, *properties).split("\n"))
    return sorted(filter(None, lines), key=lambda record: int(record.partition))


READERS: Final = {"kafka-python": by_kafka_python, "confluent-kafka": by_confluent, "console": by_console}
