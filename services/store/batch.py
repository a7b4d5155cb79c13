"""Writing a batch of groups on SQLite, in one transaction.

Each group whole or not at all, and none at the cost of another.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from itertools import groupby, islice

from eventsourcing.persistence import IntegrityError

from services.store.database import SqliteDatabase
from services.store.errors import StoreError, StoreUnavailable
from services.store.idempotency import refuse_repeat, write_request
from services.store.key_store import KeyStore
from services.store.log_table import LogTable
from services.store.openings import opens_a_record, write_openings
from services.store.register import refuse_duplicate_references, write_changes, write_stream, write_streams
from services.store.sql import Connection
from services.store.values import DISCLOSURE_LOG, PLAN_LOG, Appended, AppendGroup, Outcome, SealedEvent

Clock = Callable[[], int]
"""The moment, in microseconds since the epoch, UTC."""


class BatchWriter:
    """Turns groups into rows. Used by one thread at a time, which owns the database's writing connection."""

    def __init__(
        self, database: SqliteDatabase, keys: KeyStore | None, logs: Mapping[str, LogTable], clock: Clock
    ) -> None:
        """`keys` is None for a log whose events bring no keys; `logs` by name."""
        self._database = database
        self._keys = keys
        self._logs = logs
        self._clock = clock

    def write(self, groups: Sequence[AppendGroup]) -> list[Outcome]:
        """One commit for all.

        Should anything unforeseen happen in it, each group gets a commit of its own.
        """
        try:
            # Held until all is on disk: no root is replaced between the look at it and the events under it.
            with self._keys.writing if self._keys else nullcontext():
                return self._write_showings(groups) or self._write_together(groups)
        except Exception as error:  # noqa: BLE001 — whatever it is, it must not end the writer
            if len(groups) == 1:
                return [_without_content(error)]
        return [self.write((group,))[0] for group in groups]

    def _write_showings(self, groups: Sequence[AppendGroup]) -> list[Outcome]:
        """Entries of the disclosure log alone, a few statements for all of them; nothing when there is anything else.

        No two of them can be in each other's way. What is wrong with one all the same fails the statement for all, and
        each then gets a commit of its own.
        """
        if not all(group.events.keys() == {DISCLOSURE_LOG} for group in groups):
            return []
        log = self._logs[DISCLOSURE_LOG]
        events = [event for group in groups for event in group.events[DISCLOSURE_LOG]]
        sealed = [event for event in events if isinstance(event, SealedEvent) and event.originator_version == 1]
        if len(sealed) < len(events) or self._keys is None or self._keys.write([sealed]) != [None]:
            return []
        with self._database.transaction() as connection:
            places = log.append(connection, sealed, self._clock())
            placed = [(event, *place) for event, place in zip(sealed, places, strict=True)]
            write_streams(connection, [(event, position) for event, position, _ in placed], log.name)
        appended = (Appended(log.name, position, time, event) for event, position, time in placed)
        return [tuple(islice(appended, len(group.events[log.name]))) for group in groups]

    def _write_together(self, groups: Sequence[AppendGroup]) -> list[Outcome]:
        refusals = self._keep_keys(groups)
        with self._database.transaction() as connection:
            return self._write_in_order(connection, list(zip(groups, refusals, strict=True)))

    def _write_in_order(
        self, connection: Connection, groups: Sequence[tuple[AppendGroup, Exception | None]]
    ) -> list[Outcome]:
        """One group after the other, but records that are opened one after the other together."""
        now, outcomes = self._clock(), list[Outcome]()
        for together, run in groupby(groups, key=lambda each: each[1] is None and opens_a_record(each[0])):
            if together:
                outcomes += write_openings(connection, self._logs[PLAN_LOG], [group for group, _ in run], now)
            else:
                outcomes += [refusal or self._write_group(connection, group, now) for group, refusal in run]
        return outcomes

    def _keep_keys(self, groups: Sequence[AppendGroup]) -> Sequence[Exception | None]:
        """Before any event is written, its child's key is on disk: an event without its key would be lost."""
        sealed = [
            [event for events in group.events.values() for event in events if isinstance(event, SealedEvent)]
            for group in groups
        ]
        if self._keys is None or not any(sealed):
            return [None] * len(groups)
        return self._keys.write(sealed)

    def _write_group(self, connection: Connection, group: AppendGroup, now: int) -> Outcome:
        try:
            self._check(connection, group)
        except (IntegrityError, StoreError) as refusal:
            return refusal
        written = [
            Appended(log, position, time, event)
            for log, events in group.events.items()
            for event, (position, time) in zip(events, self._logs[log].append(connection, events, now), strict=True)
        ]
        self._write_companions(connection, group, written, now)
        return tuple(written)

    def _check(self, connection: Connection, group: AppendGroup) -> None:
        """Everything that can be refused is looked at before the first row: nothing then needs undoing."""
        for log, events in group.events.items():
            self._logs[log].check_next(connection, events)
        if group.idempotency is not None:
            refuse_repeat(connection, group.idempotency)
        refuse_duplicate_references(connection, group.register)

    def _write_companions(self, connection: Connection, group: AppendGroup, written: list[Appended], now: int) -> None:
        if group.idempotency is not None:
            write_request(connection, group.idempotency, written, now)
        if group.register:
            write_changes(connection, group.register, written)
        for item in written:
            event = item.event
            if isinstance(event, SealedEvent) and event.opens_stream:
                write_stream(connection, event.plan, item.log, item.position, event.stream)


def _without_content(error: Exception) -> Exception:
    """An error that can be logged.

    Foreign ones may quote what they were given, so only their type is told.
    """
    if isinstance(error, (IntegrityError, StoreError)):
        return error
    if isinstance(error, sqlite3.IntegrityError):
        return IntegrityError("the group contradicts what is stored")
    if isinstance(error, (sqlite3.OperationalError, sqlite3.DatabaseError, OSError)):
        return StoreUnavailable(f"the batch could not be made durable: {type(error).__name__}")
    return StoreError(f"the group cannot be written: {type(error).__name__}")
