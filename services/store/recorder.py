"""Our recorder behind the `eventsourcing` library's ApplicationRecorder interface.

Other than the library's own: positions are dense from 1 in order of commit, an event must be the next of its
stream, the moment of recording is stamped inside the append, rows can be neither changed nor deleted,
concurrent callers share commits, and subscriptions work (the library's SQLite recorder has none).
"""

import threading
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from eventsourcing.persistence import (
    ApplicationRecorder,
    ListenNotifySubscription,
    StoredEvent,
    Subscription,
)
from typing_extensions import override

from services.store.log_table import LogTable, Row
from services.store.sql import Database
from services.store.values import AppendGroup, RecordedEvent
from services.store.writer import Writer


class LogRecorder(ApplicationRecorder):
    """One log of the store, as the library sees it."""

    def __init__(self, table: LogTable, database: Database, writer: Writer, listeners: "Listeners") -> None:
        """All recorders of a process share its database, its writer and its listeners."""
        self.table = table
        self.database = database
        self._writer = writer
        self._listeners = listeners

    @override
    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int]:
        """Append durably.

        Returns the positions. `idempotency` and `register` may come along as in AppendGroup.

        Raises the library's IntegrityError (SequenceConflict) when an event is not the next of its stream.
        """
        if not stored_events:
            return []
        kwargs.pop("tracking", None)
        group = AppendGroup({self.table.name: stored_events}, **kwargs)
        return [item.position for item in self._writer.submit(group).result()]

    @override
    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[RecordedEvent]:
        """The events of a stream, in order of sequence (or newest first)."""
        if not isinstance(originator_id, UUID):
            raise TypeError("a stream is named by a UUID")
        with self.database.reader() as connection:
            rows = self.table.stream(connection, originator_id.bytes, gt, lte, newest_first=desc, limit=limit)
        return [recorded(row) for row in rows]

    @override
    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[RecordedEvent]:
        """A page of the log, in order of position."""
        first = start if start is None or inclusive_of_start else start + 1
        with self.database.reader() as connection:
            rows = self.table.page(connection, first, stop, limit, topics)
        return [recorded(row) for row in rows]

    @override
    def max_notification_id(self) -> int | None:
        """The last position, None for an empty log."""
        with self.database.reader() as connection:
            return self.table.head(connection)[0] or None

    @override
    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Subscription[ApplicationRecorder]:
        """The log behind position `gt`, and on as it grows (in the process that owns the store)."""
        return LogSubscription(self, gt, topics, self._listeners)


class Listeners:
    """Who wants to be woken when the log has grown."""

    def __init__(self) -> None:
        """Nobody, to begin with."""
        self._events: set[threading.Event] = set()
        self._lock = threading.Lock()

    def add(self, event: threading.Event) -> None:
        """Set `event` whenever something was appended."""
        with self._lock:
            self._events.add(event)

    def remove(self, event: threading.Event) -> None:
        """No longer."""
        with self._lock:
            self._events.discard(event)

    def wake(self) -> None:
        """Tell all of them."""
        with self._lock:
            for event in self._events:
                event.set()


class LogSubscription(ListenNotifySubscription[LogRecorder]):
    """The library's subscription, woken by the writer after each commit."""

    def __init__(self, recorder: LogRecorder, gt: int | None, topics: Sequence[str], listeners: Listeners) -> None:
        """Starts a thread that reads pages ahead, as the library's other subscriptions do."""
        self._listeners = listeners
        super().__init__(recorder=recorder, gt=gt, topics=topics)
        listeners.add(self._has_been_notified)
        # What was appended between the first page and the line above would else wait for the next append.
        self._has_been_notified.set()

    @override
    def stop(self) -> None:
        """End the iteration."""
        super().stop()
        self._listeners.remove(self._has_been_notified)


def recorded(row: Row) -> RecordedEvent:
    """A row as the library's Notification, with its time."""
    position, stream, sequence, type_, time, state = row
    return RecordedEvent(UUID(bytes=stream), sequence, type_, state, position, time)
