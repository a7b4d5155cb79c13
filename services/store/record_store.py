"""The record store: one object that the rest of the platform talks to.

In short:

    store = RecordStore(Path("var"))
    event = store.seal(plan, 1, "ehcp.plan.requested.v1", metadata, data, council="855")
    (appended,) = store.append(AppendGroup({PLAN_LOG: [event]}))
    history = store.read_plan(plan)
"""

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self, TypeVar
from uuid import UUID

from domain.plan.events import HistoryEntry
from services.store import idempotency, register, snapshots
from services.store.application import PlanEventMapper, PlanLog
from services.store.batch import BatchWriter, Clock
from services.store.database import Database
from services.store.erasures import Erasure, ErasureRegister
from services.store.errors import StoreClosed
from services.store.files import private_folder
from services.store.framing import instant, leaf_hash, microseconds
from services.store.key_store import KeyStore
from services.store.keyring import FileKeyring, Keyring
from services.store.log_table import LogTable, Row
from services.store.opening import EventOpener
from services.store.ownership import StoreLock
from services.store.recorder import Listeners, LogRecorder
from services.store.sealer import SOURCE, EventSealer
from services.store.upcasting import Upcaster, Upcasting
from services.store.values import LOGS, PLAN_LOG, Appended, AppendGroup, RegisterChange
from services.store.writer import QUEUE_LIMIT, Writer, await_append

RECORD_FILE: Final = "record.sqlite"
"""The file of the logs and the register, unless an installation names another."""

LOCK_FILE: Final = "ehcp.lock"
"""The file whose lock says which process owns the store."""

_PAGE: Final = 1_000

T = TypeVar("T")


def system_clock() -> int:
    """Microseconds since the epoch, UTC."""
    return time.time_ns() // 1_000


class RecordStore:
    """The embedded store.

    Logs, keys, register, requests and snapshots in one folder that one process owns.
    """

    def __init__(
        self,
        folder: Path,
        *,
        record_file: str = RECORD_FILE,
        keyring: Keyring | None = None,
        base_url: str | None = None,
        source: str = SOURCE,
        upcasters: Mapping[tuple[str, int], Upcaster] | None = None,
        clock: Clock = system_clock,
        queue_limit: int = QUEUE_LIMIT,
    ) -> None:
        """Open or create the store in `folder`, with a file keyring in it unless another is given.

        Raises StoreOwnedElsewhere when another process has it, KeyringPermissions, UnknownStoreVersion.
        """
        private_folder(folder)
        self.index = keyring = keyring or FileKeyring(folder / "keyring")
        with ExitStack() as opened:
            self.lock = StoreLock(folder / LOCK_FILE, base_url)
            opened.callback(self.lock.release)
            tables = {log: LogTable(log) for log in LOGS}
            self._database = Database(folder / record_file, _statements(tables.values()))
            opened.callback(self._database.close)
            erasures = ErasureRegister(folder / "erasures.ndjson")
            self.keys = KeyStore(folder / "keys.sqlite", keyring, erasures)
            opened.callback(self.keys.close)
            listeners = Listeners()
            batches = BatchWriter(self._database, self.keys, tables, clock)
            self.writer = Writer(batches, queue_limit=queue_limit, after_commit=listeners.wake)
            opened.callback(self.writer.close)
            self._opened = opened.pop_all()
        self.register = register.PlanRegister(self._database)
        self.requests = idempotency.RequestLog(self._database, keyring)
        self.snapshots = snapshots.SnapshotStore(self._database, self.writer, self.keys)
        self._tables = tables
        self._sealer = EventSealer(self.keys, source)
        self._opener = EventOpener(self.keys, self.register, Upcasting(upcasters or {}))
        self.seal = self._sealer.seal
        self.recorders = {
            log: LogRecorder(table, self._database, self.writer, listeners) for log, table in tables.items()
        }
        self.application = PlanLog(self.recorders[PLAN_LOG], PlanEventMapper(self._sealer, self._opener))

    def submit(self, group: AppendGroup) -> Future[tuple[Appended, ...]]:
        """Hand a group to the writer; raises StoreBusy or StoreClosed, everything else is in the future."""
        return self.writer.submit(group)

    def submit_all(self, groups: Sequence[AppendGroup]) -> list[Future[tuple[Appended, ...]]]:
        """Hand many groups to the writer at once: they share a commit and keep outcomes of their own."""
        return self.writer.submit_all(groups)

    def append(self, group: AppendGroup) -> tuple[Appended, ...]:
        """Append a group durably: where each of its events stands, in the order given.

        Raises SequenceConflict, DuplicateLocalReference, RequestAlreadyRecorded (all of them the library's
        IntegrityError), KeyDestroyed, StoreBusy, StoreUnavailable; nothing of the group is then written.
        """
        return self.submit(group).result()

    async def append_async(self, group: AppendGroup) -> tuple[Appended, ...]:
        """As `append`, without holding up the event loop."""
        return await await_append(self.submit(group))

    def read_plan(self, plan: UUID, after: int = 0, upto: int | None = None) -> list[HistoryEntry]:
        """The plan's events with after < sequence <= upto: one query for them, one for their keys."""
        return self.read_stream(PLAN_LOG, plan, after, upto)

    def read_stream(self, log: str, stream: UUID, after: int = 0, upto: int | None = None) -> list[HistoryEntry]:
        """The events of any stream, such as a draft's in the draft log."""
        with self._database.reader() as connection:
            rows = self._tables[log].stream(connection, stream.bytes, after, upto)
        return self._opener.open_stream(rows)

    def read_log(self, after: int = 0, limit: int = _PAGE, log: str = PLAN_LOG) -> list[HistoryEntry]:
        """At most `limit` events behind position `after`, in order of position."""
        return self._opener.open_page(self.rows(after, limit, log))

    def replay(self, after: int = 0, log: str = PLAN_LOG) -> Iterator[HistoryEntry]:
        """Every event behind position `after`, page by page, so that memory does not grow with the log."""
        while page := self.read_log(after, log=log):
            yield from page
            after = page[-1].position

    def rows(self, after: int = 0, limit: int = _PAGE, log: str = PLAN_LOG) -> list[Row]:
        """At most `limit` events behind position `after`, still sealed: for publication and proofs."""
        with self._database.reader() as connection:
            return self._tables[log].page(connection, after + 1, None, limit)

    def row(self, position: int, log: str = PLAN_LOG) -> Row:
        """The sealed event at a position. Raises LookupError when the log does not reach so far."""
        found = self.rows(position - 1, 1, log)
        if position < 1 or not found:
            raise LookupError(f"the {log} log has no position {position}")
        return found[0]

    def is_ready(self) -> bool:
        """Whether the log can be read and the writer takes appends."""
        try:
            self.head()
        except (sqlite3.Error, StoreClosed):
            return False
        return self.writer.is_alive()

    def head(self, log: str = PLAN_LOG) -> tuple[int, datetime | None]:
        """The last position of the log and when it was recorded; (0, None) while it is empty."""
        with self._database.reader() as connection:
            position, recorded = self._tables[log].head(connection)
        return position, instant(recorded) if position else None

    def leaf(self, position: int, log: str = PLAN_LOG) -> bytes:
        """The leaf hash at a position, 32 bytes. Raises LookupError when the log does not reach so far."""
        row = self.row(position, log)
        return leaf_hash(row[5], row[4])

    def data_key(self, position: int, log: str = PLAN_LOG) -> bytes | None:
        """The data key of the event at a position, None when it was destroyed.

        For evidence bundles and proofs.
        """
        return self._opener.data_key(self.row(position, log))

    def position_at(self, moment: datetime, log: str = PLAN_LOG) -> int:
        """The last position recorded at or before `moment`: what was known then. 0 before the first."""
        with self._database.reader() as connection:
            return self._tables[log].position_at(connection, microseconds(moment))

    def erase_plan(self, plan: UUID) -> Erasure:
        """Destroy the child's key: the history stays provable and says nothing any more. Not reversible.

        The plan is no longer found by an identifier either; its register row, codes only, stays.
        """
        erasure = self.keys.destroy_child(plan)
        self.snapshots.discard(plan)
        forgetting = self.writer.perform(lambda: self._in_transaction(lambda c: register.forget_identifiers(c, plan)))
        forgetting.result()
        return erasure

    def erase_event(self, plan: UUID, sequence: int, stream: UUID | None = None) -> Erasure:
        """Destroy the key of one event of the plan (`stream` names a draft's), and the plan's snapshots."""
        erasure = self.keys.destroy_event(plan, stream or plan, sequence)
        self.snapshots.discard(plan)
        return erasure

    def rebuild_register(self, changes: Iterable[tuple[RegisterChange, int]]) -> None:
        """Make the register anew from changes with their positions, as the log's events give them."""
        self.writer.perform(lambda: self._in_transaction(lambda c: register.rebuild(c, changes))).result()

    def purge_requests(self, now: datetime | None = None) -> int:
        """Forget requests older than 30 days; returns how many."""
        moment = now or datetime.now(UTC)
        purge = self.writer.perform(lambda: self._in_transaction(lambda c: idempotency.purge_expired(c, moment)))
        return purge.result()

    def close(self) -> None:
        """Write what was accepted, close the files and let the next process in."""
        self._opened.close()

    def __enter__(self) -> Self:
        """The store closes itself at the end of a `with` block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close, whatever happened."""
        self.close()

    def _in_transaction(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with self._database.transaction() as connection:
            return work(connection)


def _statements(tables: Iterable[LogTable]) -> Sequence[str]:
    logs = [statement for table in tables for statement in table.statements]
    return (*logs, *register.STATEMENTS, *idempotency.STATEMENTS, *snapshots.STATEMENTS)
