"""Reading a topic for a desk: from where its books say, as one of several instances or alone."""

import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from kafka import ConsumerRebalanceListener

from connectors.kafka.clients import consumer
from connectors.kafka.connection import KafkaConnection
from connectors.subscriber.desk import Desk, TryLater

POLL_MS: Final = 500
IDLE_SECONDS: Final = 10.0
"""How long nothing comes until a follower counts as idle: longer than joining a group takes."""


class Follower:
    """Reads one topic for one subscriber. Instances of one subscriber share their books, and the topic by turns."""

    def __init__(self, connection: KafkaConnection, desk: Desk) -> None:
        """Join the subscriber's group. Raises KafkaError when the cluster can't be reached."""
        self._desk = desk
        self._last_record = time.monotonic()
        self._not_before = 0.0
        self._reader = consumer(connection, group_id=f"{desk.topic}.followers", isolation_level="read_committed")
        self._given = _Given()
        self._reader.subscribe([desk.topic], listener=self._given)

    @property
    def is_idle(self) -> bool:
        """Whether nothing has come for a while."""
        return time.monotonic() - max(self._last_record, self._not_before) > IDLE_SECONDS

    def close(self) -> None:
        """Leave the topic to another instance."""
        self._reader.close()

    def run(self, is_over: Callable[[], bool]) -> None:
        """Follow until it is over. Raises KafkaError, SignalsMissed."""
        while not is_over():
            batches = self._reader.poll(timeout_ms=POLL_MS)
            if self._given.partitions:
                self._go_to_the_place_that_is_kept()
                continue
            if time.monotonic() >= self._not_before:
                self._reader.resume(*self._reader.paused())
            for partition, batch in batches.items():
                self._take(partition, batch, is_over)

    def _take(self, partition: Any, batch: Sequence[Any], is_over: Callable[[], bool]) -> None:
        """Deal with what came. What has to wait is asked for again: meanwhile we stay in the group, and can end."""
        for record in batch:
            self._last_record = time.monotonic()
            if is_over():
                return
            try:
                self._desk.take(record.offset, record.value, record.headers)
            except TryLater as later:
                self._not_before = time.monotonic() + later.seconds
                self._reader.pause(partition)
                self._reader.seek(partition, record.offset)
                return

    def _go_to_the_place_that_is_kept(self) -> None:
        """What was read since the topic was given to us was read from another place: it is read again."""
        given, self._given.partitions = self._given.partitions, set()
        offset, _ = self._desk.books.place(self._desk.topic)
        for partition in given & self._reader.assignment():
            self._reader.seek(partition, offset)


class _Given(ConsumerRebalanceListener):  # type: ignore[misc] # kafka-python has no types
    """Notes what was given to us. It is called in a thread of kafka-python's, where the books can't be read."""

    def __init__(self) -> None:
        self.partitions: set[Any] = set()

    def on_partitions_revoked(self, revoked: Any) -> None:
        """Nothing is in the air: each record is dealt with before the next is asked for."""

    def on_partitions_assigned(self, assigned: Any) -> None:
        """Whoever is given the topic goes on where the books say."""
        self.partitions = self.partitions | set(assigned)
