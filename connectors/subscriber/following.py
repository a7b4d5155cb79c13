"""Reading a topic for a desk: from where its books say, as one of several instances or alone."""

import time
from collections.abc import Callable
from typing import Any, Final

from kafka import ConsumerRebalanceListener

from connectors.kafka.clients import consumer
from connectors.kafka.connection import KafkaConnection
from connectors.subscriber.desk import Desk

POLL_MS: Final = 500
IDLE_SECONDS: Final = 10.0
"""How long nothing comes until a follower counts as idle: longer than joining a group takes."""


class Follower:
    """Reads one topic for one subscriber. Instances of one subscriber share their books, and the topic by turns."""

    def __init__(self, connection: KafkaConnection, desk: Desk) -> None:
        """Join the subscriber's group. Raises KafkaError when the cluster can't be reached."""
        self._desk = desk
        self._last_record = time.monotonic()
        self._reader = consumer(connection, group_id=f"{desk.topic}.followers", isolation_level="read_committed")
        self._reader.subscribe([desk.topic], listener=_Resumed(self._reader, desk))

    @property
    def is_idle(self) -> bool:
        """Whether nothing has come for a while."""
        return time.monotonic() - self._last_record > IDLE_SECONDS

    def close(self) -> None:
        """Leave the topic to another instance."""
        self._reader.close()

    def run(self, is_over: Callable[[], bool]) -> None:
        """Follow until it is over. Raises KafkaError, SignalsMissed."""
        while not is_over():
            for batch in self._reader.poll(timeout_ms=POLL_MS).values():
                self._last_record = time.monotonic()
                for record in batch:
                    self._desk.take(record.offset, record.value, record.headers)


class _Resumed(ConsumerRebalanceListener):  # type: ignore[misc] # kafka-python has no types
    """Whoever is given the topic goes on where the books say."""

    def __init__(self, reader: Any, desk: Desk) -> None:
        self._reader, self._desk = reader, desk

    def on_partitions_revoked(self, revoked: Any) -> None:
        """Nothing is in the air: each record is dealt with before the next is asked for."""

    def on_partitions_assigned(self, assigned: Any) -> None:
        """Go to the place that is kept."""
        for partition in assigned:
            offset, _ = self._desk.books.place(self._desk.topic)
            self._reader.seek(partition, offset)
