"""A log in the clear as its service sees it: events made, appended and read without any key."""

from collections.abc import Iterator, Sequence
from typing import Protocol
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from uuid_utils.compat import uuid7

from domain.plan.events import EventMetadata, JsonObject
from services.store.clear import ClearEvent, open_clear, state_of
from services.store.framing import Envelope
from services.store.log_table import LogTable
from services.store.replaying import Replay, Selection
from services.store.sql import Database
from services.store.values import Appended, AppendGroup
from services.store.writer import Writer


class Beneath(Protocol):
    """What a log in the clear stands on: of a whole store's backend, what needs no key."""

    @property
    def database(self) -> Database:
        """What holds the log."""

    @property
    def tables(self) -> dict[str, LogTable]:
        """Its table, by its name."""

    @property
    def writer(self) -> Writer:
        """What appends to it."""

    @property
    def replay(self) -> Replay:
        """What reads it from a position on."""


class ClearLog:
    """One log of the store whose events are kept in the clear."""

    def __init__(self, log: str, source: str, backend: Beneath) -> None:
        """`source` names the installation."""
        self._log = log
        self._source = f"{source}:{log}"
        self._backend = backend

    def event(self, stream: UUID, sequence: int, type_: str, metadata: EventMetadata, data: JsonObject) -> StoredEvent:
        """An event, ready to be appended. Raises NotCanonical."""
        envelope = Envelope(uuid7(), type_, self._source, stream, sequence)
        return StoredEvent(stream, sequence, type_, state_of(envelope, metadata, data))

    def append(self, events: Sequence[StoredEvent]) -> tuple[Appended, ...]:
        """Append all of the events durably, or none. Raises SequenceConflict, StoreBusy, StoreUnavailable."""
        return self._backend.writer.submit(AppendGroup({self._log: events})).result()

    def pages(self, after: int = 0) -> Iterator[list[ClearEvent]]:
        """The log behind a position, a page at a time. Raises MalformedState for a row that is no event of it."""
        for rows in self._backend.replay.pages(self._log, Selection(after=after)):
            yield [open_clear(row) for row in rows]

    def head(self) -> int:
        """The last position, 0 while the log is empty."""
        with self._backend.database.reader() as connection:
            return self._backend.tables[self._log].head(connection)[0]
