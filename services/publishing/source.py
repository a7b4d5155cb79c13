"""What a publisher needs of an ordered log, and of the cluster that it publishes to."""

from collections.abc import Iterable
from typing import Protocol

from msgspec import Struct

from connectors.kafka.positions import Position
from connectors.kafka.records import KafkaRecord


class Batch(Struct, frozen=True):
    """Records, made as they are sent, and the position that they lead to."""

    records: Iterable[KafkaRecord]
    position: Position
    events: int


class LogBehind(Exception):
    """The cluster knows more of the log than the log itself: it was restored, and events are lost that were published.

    Nothing may be published on top of that: see `ehcp recover`.
    """


class Source(Protocol):
    """An ordered log as records for topics."""

    @property
    def name(self) -> str:
        """The log's name: its position is kept under it."""

    def check(self, position: Position) -> None:
        """Raise LogBehind unless the log holds what was published up to there."""

    def end(self, durable: int) -> int:
        """The last position that there is to publish, when the plan log is durable up to a position."""

    def batch(self, after: Position, upto: int) -> Batch | None:
        """What comes next, no further than position `upto` of the plan log; None when there is nothing."""


class Writer(Protocol):
    """The topics of one log (connectors.kafka.log_to_kafka)."""

    @property
    def is_started(self) -> bool:
        """Whether `publish` may be called."""

    def start(self) -> Position:
        """Become the log's writer; where to go on."""

    def publish(self, records: Iterable[KafkaRecord], position: Position) -> None:
        """Write the records and the position that they lead to, or nothing that counts."""

    def close(self) -> None:
        """Let go of the cluster."""
