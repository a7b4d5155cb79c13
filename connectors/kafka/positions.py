"""How far an ordered log has been put into topics: kept in Kafka itself, beside the records.

A compacted topic of one partition holds the newest position of each log by its name. It is written in the transaction
of the records that it counts, so that records and position are there together or not at all.
"""

import logging
import time
from collections.abc import Collection
from typing import Any, Final, cast

from kafka import TopicPartition
from kafka.errors import KafkaError
from msgspec import DecodeError, Struct
from msgspec.json import Decoder, Encoder

from connectors.kafka.clients import consumer
from connectors.kafka.connection import KafkaConnection
from connectors.kafka.errors import KafkaRefused, KafkaUnavailable

POSITIONS: Final = "publisher-position.v1"
"""The topic of positions, behind the installation's prefix."""

_PATIENCE: Final = 120.0
"""In seconds: longer than any transaction of ours may stay open, behind which the newest position may stand."""


class Position(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A place in a log: everything up to and including `position` is in the topics.

    `mark` tells one log from another that has the same positions, such as a restored copy that went on differently.
    """

    position: int = 0
    mark: str = ""
    erasures: int = 0


START: Final = Position()
"""Nothing was published yet."""

_log = logging.getLogger(__name__)
_decoder = Decoder(Position)
_encoder = Encoder()


def encoded(position: Position) -> bytes:
    """The value of a position record."""
    return _encoder.encode(position)


def read_position(connection: KafkaConnection, log: str, topic: str) -> Position:
    """The newest committed position of the log. Raises KafkaUnavailable; KafkaRefused for one that is none.

    What can't be read is not the beginning: everything would be published once more.
    """
    kept = _read(connection, topic).get(log.encode())
    try:
        return START if kept is None else _decoder.decode(kept)
    except (DecodeError, UnicodeDecodeError):
        raise KafkaRefused(f"what stands in {topic} for {log} is no position: see who wrote it") from None


def read_positions(connection: KafkaConnection, topic: str) -> dict[str, Position]:
    """The newest committed position of every log; of what is none, it is said that it is left out.

    Raises KafkaUnavailable, KafkaRefused.
    """
    found: dict[str, Position] = {}
    for key, value in _read(connection, topic).items():
        try:
            found[key.decode()] = _decoder.decode(value)
        except (DecodeError, UnicodeDecodeError):
            _log.error("a record of %s is no position: left out", topic)
    return found


def _read(connection: KafkaConnection, topic: str) -> dict[bytes, bytes]:
    """The newest committed record of every key.

    Waits for the end of every transaction that was open when it was called: behind the beginning of one, a reader of
    committed records sees nothing, not even what others have committed since. Raises KafkaUnavailable, KafkaRefused.
    """
    try:
        end = _end(connection, topic)
        reader = consumer(connection, isolation_level="read_committed")
        try:
            return _newest(reader, TopicPartition(topic, 0), end)
        finally:
            reader.close()
    except KafkaError as error:
        where = f"the positions can't be read at {connection.bootstrap}"
        raise KafkaUnavailable(f"{where}: {type(error).__name__}") from error


def require_topics(connection: KafkaConnection, topics: Collection[str]) -> None:
    """Raise KafkaRefused, which says what to do, where one of the topics is missing or not ours to see."""
    if not topics:
        return
    looking = consumer(connection)
    try:
        missing = [topic for topic in topics if not looking.partitions_for_topic(topic)]
    finally:
        looking.close()
    if missing:
        raise KafkaRefused(f"the topic {missing[0]} is missing, or not ours: run `ehcp topics apply`")


def _end(connection: KafkaConnection, topic: str) -> int:
    """Behind the last record of the topic, whether committed or not."""
    looking = consumer(connection)
    try:
        if not looking.partitions_for_topic(topic):
            raise KafkaRefused(f"the topic {topic} is missing, or not ours to read: run `ehcp topics apply`")
        partition = TopicPartition(topic, 0)
        return cast("int", looking.end_offsets([partition])[partition])
    finally:
        looking.close()


def _newest(reader: Any, partition: Any, end: int) -> dict[bytes, bytes]:
    reader.assign([partition])
    reader.seek_to_beginning(partition)
    found: dict[bytes, bytes] = {}
    deadline = time.monotonic() + _PATIENCE
    while reader.position(partition) < end:
        for record in reader.poll(timeout_ms=500).get(partition, ()):
            if record.value is not None and record.key is not None:
                found[record.key] = record.value
        if time.monotonic() > deadline:
            raise KafkaUnavailable("a transaction stays open in front of the newest position")
    return found
