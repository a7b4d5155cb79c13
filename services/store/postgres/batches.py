"""Appending to PostgreSQL: a batch is one call of one SQL procedure, which commits by itself.

The order lock is taken, and given back, inside that call: a client that is stopped, or cut off, holds up nobody. When
the connection breaks during the call, nobody knows at first whether it was committed; then the log is read back, and
bytes that are the ones we sent mean that it was.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, cast
from uuid import UUID

import psycopg
from eventsourcing.persistence import IntegrityError

from services.store.errors import (
    DuplicateLocalReference,
    IndexKeyChanged,
    KeyConflict,
    KeyDestroyed,
    OutcomeUnknown,
    RequestAlreadyRecorded,
    SequenceConflict,
    StoreError,
    StoreUnavailable,
)
from services.store.key_store import KeyStore
from services.store.postgres.batch_arrays import batch_call
from services.store.postgres.database import configure
from services.store.postgres.pool import PgConnection, require_alive
from services.store.postgres.reading_back import ReadBack, end_backend
from services.store.values import DRAFT_LOG, PLAN_LOG, Appended, AppendGroup, Outcome, SealedEvent

RESOLVE_SECONDS: Final = 10.0
"""How long the writer tries to find out what became of a batch whose connection broke."""

BATCH_BYTES: Final = 64 * 2**20
"""How much content shares a commit at most: PostgreSQL takes no message of more than 1 GiB, and memory is finite."""

_UNKNOWING: Final = "EH001"
"""What the database says to a process that has not heard of an exchanged index key."""

_PLANNING: Final = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off"
"""Plans are made once, for any values, and by the indexes: tables are small at first and have no statistics."""

_log = logging.getLogger(__name__)


class PostgresBatches:
    """Writes batches on a connection of its own. Used by one thread at a time."""

    def __init__(
        self,
        conninfo: str,
        keys: KeyStore | None,
        clock: Callable[[], int | None] = lambda: None,
        *,
        from_zero: bool = False,
    ) -> None:
        """`keys` is None for a log whose events bring no keys; `clock` gives microseconds, None for the server's.

        `from_zero` lets streams begin with sequence 0 as well as 1.
        """
        self._conninfo = conninfo
        self._keys = keys
        self._clock = clock
        self._from_zero = from_zero
        self._connection: PgConnection | None = None
        self._backend = 0

    def write(self, groups: Sequence[AppendGroup]) -> list[Outcome]:
        """One commit for all. Should anything unforeseen happen in it, each group gets a commit of its own."""
        if len(groups) > 1 and _size(groups) > BATCH_BYTES:
            half = len(groups) // 2
            return [*self.write(groups[:half]), *self.write(groups[half:])]
        try:
            return self._write_together(groups)
        except (StoreUnavailable, OutcomeUnknown) as error:
            return [error] * len(groups)
        except Exception as error:  # noqa: BLE001 — whatever it is, it must not end the writer
            if len(groups) == 1:
                outcomes: list[Outcome] = [self._refused(groups[0], error)]
                self._tell_keys(groups, outcomes)
                return outcomes
        return [self.write((group,))[0] for group in groups]

    def close(self) -> None:
        """End the conversation."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _write_together(self, groups: Sequence[AppendGroup]) -> list[Outcome]:
        statement, values = self._asked(groups)
        connection = self._connected()
        try:
            cursor = psycopg.RawCursor(connection)
            row = cursor.execute(cast("Any", statement), values, prepare=True, binary=True).fetchone()
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            if not connection.closed and not connection.broken:
                raise
            outcomes = self._resolved(groups, error)
        else:
            outcomes = self._answered(groups, row or ())
        self._tell_keys(groups, outcomes)
        return outcomes

    def _asked(self, groups: Sequence[AppendGroup]) -> tuple[str, list[Any]]:
        """The call that appends these groups."""
        return batch_call(groups, self._clock(), from_zero=self._from_zero)

    def _answered(self, groups: Sequence[AppendGroup], row: Sequence[Any]) -> list[Outcome]:
        """What the call's answer means for each group."""
        (plan_base, plan_time, draft_base, draft_time), refused = row
        refusals = {
            group: refusal(code, bytes.fromhex(subject), *rest) for group, code, subject, *rest in refused or ()
        }
        return placed(groups, {PLAN_LOG: (plan_base, plan_time), DRAFT_LOG: (draft_base, draft_time)}, refusals)

    def _refused(self, group: AppendGroup, error: Exception) -> Outcome:
        """What a group that failed by itself is told."""
        del group
        return without_content(error)

    def _tell_keys(self, groups: Sequence[AppendGroup], outcomes: Sequence[Outcome]) -> None:
        if self._keys is not None:
            _tell(self._keys, groups, outcomes)

    def _connected(self) -> PgConnection:
        if self._connection is not None:
            try:
                require_alive(self._connection)
            except psycopg.Error:
                self.close()
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def _connect(self) -> PgConnection:
        try:
            connection = psycopg.connect(self._conninfo, autocommit=True, application_name="ehcp-writer")
            connection.execute(_PLANNING)
        except psycopg.OperationalError as error:
            raise StoreUnavailable(f"the database cannot be reached: {type(error).__name__}") from None
        # Kept now: a connection that broke no longer knows which process of the server it talked to.
        self._backend = connection.info.backend_pid
        configure(connection)
        return connection

    def _resolved(self, groups: Sequence[AppendGroup], error: Exception) -> list[Outcome]:
        """What became of a batch whose connection broke in the middle of the call."""
        pid = self._backend
        _log.warning("the connection broke during an append: %s", type(error).__name__)
        started = time.monotonic()
        while time.monotonic() - started < RESOLVE_SECONDS:
            with suppress(StoreUnavailable, psycopg.Error):
                connection = self._connected()
                if end_backend(connection, pid):
                    return ReadBack(connection).outcomes(groups)
            time.sleep(0.05)
        raise OutcomeUnknown


def _size(groups: Sequence[AppendGroup]) -> int:
    return sum(len(event.state) for group in groups for events in group.events.values() for event in events)


def _tell(keys: KeyStore, groups: Sequence[AppendGroup], outcomes: Sequence[Outcome]) -> None:
    """Let the keys know which new children are on disk now, without a question, and whose keys are others by now."""
    for group, outcome in zip(groups, outcomes, strict=True):
        if isinstance(outcome, Exception):
            keys.told_refused(outcome)
        for events in group.events.values():
            for event in events:
                if isinstance(event, SealedEvent) and event.child is not None:
                    keys.told(event.child, kept=not isinstance(outcome, Exception))


def placed(
    groups: Sequence[AppendGroup], bases: Mapping[str, tuple[int, int]], refusals: Mapping[int, Exception]
) -> list[Outcome]:
    """Where the events of each group stand, or why it was refused.

    `bases` hold the last position of each log before the batch and its time of recording, `refusals` are by number of
    group.
    """
    upto = {log: position for log, (position, _) in bases.items()}
    outcomes: list[Outcome] = []
    for number, group in enumerate(groups, 1):
        if number in refusals:
            outcomes.append(refusals[number])
            continue
        written: list[Appended] = []
        for log, events in group.events.items():
            position, moment = upto[log], bases[log][1]
            written += [Appended(log, position + nth, moment, event) for nth, event in enumerate(events, 1)]
            upto[log] = position + len(events)
        outcomes.append(tuple(written))
    return outcomes


def refusal(code: str, subject: bytes, given: int | None, expected: int | None) -> Exception:
    """What the caller of a refused group is told; the subject is a stream or a plan."""
    if code == "repeat":
        return RequestAlreadyRecorded()
    identity = UUID(bytes=subject)
    if code == "sequence":
        return SequenceConflict(identity, given or 0, expected or 0)
    if code == "reference":
        return DuplicateLocalReference(identity)
    if code == "key":
        return KeyConflict(identity)
    return KeyDestroyed(identity)


def without_content(error: Exception) -> Exception:
    """An error that can be logged: foreign ones may quote what they were given, so only their type is told."""
    if isinstance(error, (IntegrityError, StoreError)):
        return error
    if isinstance(error, psycopg.Error) and error.sqlstate == _UNKNOWING:
        return IndexKeyChanged()
    if isinstance(error, psycopg.IntegrityError):
        return IntegrityError("the group contradicts what is stored")
    if isinstance(error, psycopg.Error):
        return StoreUnavailable(f"the batch could not be made durable: {type(error).__name__}")
    return StoreError(f"the group cannot be written: {type(error).__name__}")
