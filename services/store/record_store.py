"""The record store: one object that the rest of the platform talks to.

In short:

    store = open_embedded(Path("var"))
    event = store.seal(plan, 1, "ehcp.plan.requested.v1", metadata, data, council="855")
    (appended,) = store.append(AppendGroup({PLAN_LOG: [event]}))
    history = store.read_plan(plan)
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from itertools import islice
from typing import Final, Self
from uuid import UUID

from domain.plan.events import HistoryEntry
from services.store import idempotency, index_keys, register, snapshots
from services.store.application import PlanEventMapper, PlanLog
from services.store.backend import Backend
from services.store.clear_log import ClearLog
from services.store.council_keys import CouncilKeys
from services.store.erasures import Erasure
from services.store.family_links import FamilyLinks
from services.store.framing import instant, leaf_hash, microseconds
from services.store.leads import children_of, forget_leads
from services.store.log_table import Row
from services.store.looks import Look, Looks
from services.store.opening import EventOpener
from services.store.provider_sign_outs import ProviderSignOuts
from services.store.recorder import LogRecorder
from services.store.replaying import Selection
from services.store.rules_content import RulesContent
from services.store.sealer import SOURCE, EventSealer
from services.store.single_use import SingleUseTable
from services.store.upcasting import Upcaster, Upcasting
from services.store.values import (
    ADOPTION_LOG,
    DELIVERY_LOG,
    DIRECTORY_LOG,
    DISCLOSURE_LOG,
    PLAN_LOG,
    RETENTION_LOG,
    Appended,
    AppendGroup,
    Outcome,
    RegisterChange,
    SealedEvent,
)
from services.store.web_sessions import SessionTable
from services.store.writer import Writer

OPENED: Final = 20
"""How many opened events `replay_pages` gives at a time: few enough that they are still in the processor's cache."""

_PAGE: Final = 1_000


class RecordStore:
    """Logs, keys, register, requests and snapshots, on whatever backend."""

    def __init__(
        self,
        backend: Backend,
        *,
        source: str = SOURCE,
        upcasters: Mapping[tuple[str, int], Upcaster] | None = None,
    ) -> None:
        """Stand on an open backend, which the store closes with itself."""
        self._backend = backend
        self._database = backend.database
        self._tables = backend.tables
        self.index = backend.index
        self.keys = backend.keys
        self.council_keys = CouncilKeys(self.keys)
        self.writer = backend.writer
        self._disclosing = backend.disclosing
        self.listeners = backend.listeners
        self.register = register.PlanRegister(self._database)
        self.requests = idempotency.RequestLog(self._database, self.index)
        self.snapshots = snapshots.SnapshotStore(self._database, backend.aside, self.keys)
        self._looks = Looks(backend.replay, self.keys, self.snapshots)
        self.index_keys = index_keys.IndexKeys(self._database, backend.aside, self.index, backend.add_identifiers)
        self.single_use = SingleUseTable(backend.aside, self.index)
        self.web_sessions = SessionTable(self._database, backend.aside, self.index)
        self.provider_sign_outs = ProviderSignOuts(self._database, backend.aside, self.index)
        self.family_links = FamilyLinks(self._database, backend.aside, self.index, self.keys)
        self._sealer = EventSealer(self.keys, source)
        self._opener = EventOpener(self.keys, self.register, Upcasting(upcasters or {}))
        self.seal = self._sealer.seal
        self.directory = ClearLog(DIRECTORY_LOG, source, backend)
        self.retention = ClearLog(RETENTION_LOG, source, backend)
        self.delivery = ClearLog(DELIVERY_LOG, source, backend)
        self.adoption = ClearLog(ADOPTION_LOG, source, backend)
        self.rules_content = RulesContent(self._database, backend.aside)
        self.seal_disclosure = self._sealer.seal_disclosure
        self.recorders = {
            log: LogRecorder(table, self._database, self._writer_of(log), backend.listeners)
            for log, table in self._tables.items()
        }
        self.application = PlanLog(self.recorders[PLAN_LOG], PlanEventMapper(self._sealer, self._opener))
        self._forget_leads(children_of(self.keys.erasures))

    def submit(self, group: AppendGroup) -> Future[tuple[Appended, ...]]:
        """Hand a group to the writer; raises StoreBusy or StoreClosed, everything else is in the future."""
        return self.writer.submit(group)

    def submit_all(self, groups: Sequence[AppendGroup]) -> Future[list[Outcome]]:
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
        return await self.writer.append(group)

    def disclose(self, events: Sequence[SealedEvent]) -> Future[tuple[Appended, ...]]:
        """Hand entries to the disclosure log's writer: all of them or none. Raises StoreBusy or StoreClosed at once."""
        return self._disclosing.submit(AppendGroup({DISCLOSURE_LOG: events}))

    async def disclose_async(self, events: Sequence[SealedEvent]) -> tuple[Appended, ...]:
        """As `disclose`, without holding up the event loop, until the entries are on disk."""
        return await self._disclosing.append(AppendGroup({DISCLOSURE_LOG: events}))

    def disclosures(self, record: UUID, after: int = 0, limit: int = _PAGE) -> list[HistoryEntry]:
        """At most `limit` entries about a record behind a position of the disclosure log, in order."""
        with self._database.reader() as connection:
            rows = self._tables[DISCLOSURE_LOG].of_plan(connection, record.bytes, after, limit)
        return self._opener.open_page(rows, DISCLOSURE_LOG)

    def read_plan(self, plan: UUID, after: int = 0, upto: int | None = None) -> list[HistoryEntry]:
        """The plan's events with after < sequence <= upto, in one query."""
        return self.read_stream(PLAN_LOG, plan, after, upto)

    def read_tail(self, plan: UUID, after: int) -> tuple[int, list[HistoryEntry]]:
        """How many erasures concern the plan, and its events behind a sequence: what is new to a state."""
        tail = self._backend.tails.behind(plan, after)
        return tail.erasures, self._opener.open_page(tail.rows, PLAN_LOG) if tail.rows else []

    def read_tails(self, plans: Mapping[UUID, int]) -> dict[UUID, tuple[int, list[HistoryEntry]]]:
        """The same of many plans, each behind a sequence of its own, in as many queries as of one."""
        tails = self._backend.tails.of_each(plans)
        found: dict[UUID, tuple[int, list[HistoryEntry]]] = {plan: (tail.erasures, []) for plan, tail in tails.items()}
        for entry in self._opener.open_page([row for tail in tails.values() for row in tail.rows], PLAN_LOG):
            found[entry.plan][1].append(entry)
        return found

    def remembers_child(self, plan: UUID) -> bool:
        """Whether the child's key is in memory."""
        return self.keys.remembers(plan)

    def look_for(self, plan: UUID, done: Look) -> None:
        """Ask what loading a plan asks and a load that has asked `done` left out: a refusal looks like any other."""
        self._looks.complete(plan, done)

    def read_stream(self, log: str, stream: UUID, after: int = 0, upto: int | None = None) -> list[HistoryEntry]:
        """The events of any stream, such as a draft's in the draft log."""
        rows = self._backend.replay.stream(log, stream, after, upto)
        return self._opener.open_plan(rows, stream) if log == PLAN_LOG else self._opener.open_page(rows, log)

    def read_log(self, after: int = 0, limit: int = _PAGE, log: str = PLAN_LOG) -> list[HistoryEntry]:
        """At most `limit` events behind position `after`, in order of position."""
        return self._opener.open_page(self.rows(after, limit, log), log)

    def replay(
        self,
        after: int = 0,
        log: str = PLAN_LOG,
        *,
        upto: int | None = None,
        plan: UUID | None = None,
        types: Sequence[str] = (),
    ) -> Iterator[HistoryEntry]:
        """Every event with after < position <= upto, of one plan or all, of these types or any.

        Memory does not grow with the log. `position_at` turns an instant into a position.
        """
        wanted = Selection(after=after, upto=upto, stream=plan.bytes if plan else None, types=tuple(types))
        for page in self._backend.replay.pages(log, wanted):
            yield from self._opener.opened(page, log)

    def replay_pages(
        self,
        after: int = 0,
        log: str = PLAN_LOG,
        *,
        upto: int | None = None,
        plan: UUID | None = None,
        types: Sequence[str] = (),
    ) -> Iterator[list[HistoryEntry]]:
        """As `replay`, some events at a time."""
        events = self.replay(after, log, upto=upto, plan=plan, types=types)
        while page := list(islice(events, OPENED)):
            yield page

    def sealed_pages(self, after: int = 0, log: str = PLAN_LOG, *, upto: int | None = None) -> Iterator[Sequence[Row]]:
        """The log behind a position still sealed, a page at a time: for publication and proofs."""
        return self._backend.replay.pages(log, Selection(after=after, upto=upto))

    def rows(self, after: int = 0, limit: int = _PAGE, log: str = PLAN_LOG) -> list[Row]:
        """At most `limit` events behind position `after`, still sealed: for publication and proofs."""
        with self._database.reader() as connection:
            return self._tables[log].page(connection, after + 1, None, limit)

    def open_rows(self, rows: Sequence[Row], log: str = PLAN_LOG) -> list[HistoryEntry]:
        """Open events that `rows` gave, or some of them: a few queries for all their keys."""
        return self._opener.open_page(rows, log)

    def row(self, position: int, log: str = PLAN_LOG) -> Row:
        """The sealed event at a position. Raises LookupError when the log does not reach so far."""
        found = self.rows(position - 1, 1, log)
        if position < 1 or not found:
            raise LookupError(f"the {log} log has no position {position}")
        return found[0]

    def refuse_writes(self, why: str) -> None:
        """From now on no act is taken, nor anything else that decides. The first reason stays."""
        self.writer.refused = self.writer.refused or why

    @property
    def writes_refused(self) -> str:
        """Why no act is taken; empty while all is well."""
        return self.writer.refused

    def is_ready(self) -> bool:
        """Whether the log can be read and the writer takes appends."""
        return self.writer.is_alive() and self._database.is_reachable()

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
        return self._opener.data_key(self.row(position, log), log)

    def position_at(self, moment: datetime, log: str = PLAN_LOG) -> int:
        """The last position recorded at or before `moment`: what was known then. 0 before the first."""
        with self._database.reader() as connection:
            return self._tables[log].position_at(connection, microseconds(moment))

    def plans(self, after: UUID | None = None, limit: int = _PAGE) -> list[UUID]:
        """At most `limit` plans that have events, in the order of their ids, behind one or from the first on."""
        with self._database.reader() as connection:
            streams = self._tables[PLAN_LOG].streams(connection, after.bytes if after else None, limit)
        return [UUID(bytes=stream) for stream in streams]

    def erase_plan(self, plan: UUID) -> Erasure:
        """Destroy the child's key: the history stays provable and says nothing any more. Not reversible.

        The plan is no longer found by an identifier either; its register row, codes only, stays.
        """
        erasure = self.keys.destroy_child(plan)
        self._forget_leads((plan,))
        return erasure

    def forget_identifiers(self, plan: UUID) -> None:
        """The plan is no longer found by any identifier."""
        self._backend.aside(lambda connection: register.forget_identifiers(connection, plan))

    def erase_event(self, plan: UUID, sequence: int, stream: UUID | None = None) -> Erasure:
        """Destroy the key of one event of the plan (`stream` names a draft's), and the plan's snapshots."""
        erasure = self.keys.destroy_event(plan, stream or plan, sequence)
        self.snapshots.discard(plan)
        return erasure

    def rebuild_register(self, changes: Iterable[tuple[RegisterChange, int]]) -> None:
        """Make the register anew from changes with their positions, as the log's events give them."""
        self._backend.aside(lambda connection: register.rebuild(connection, changes))

    def purge_requests(self, now: datetime | None = None) -> int:
        """Forget requests older than 30 days; returns how many."""
        moment = now or datetime.now(UTC)
        return self._backend.aside(lambda connection: idempotency.purge_expired(connection, moment))

    def _forget_leads(self, plans: Collection[UUID]) -> None:
        if plans:
            self._backend.aside(lambda connection: forget_leads(connection, plans))

    def _writer_of(self, log: str) -> Writer:
        return self._disclosing if log == DISCLOSURE_LOG else self.writer

    def close(self) -> None:
        """Write what was accepted, then let go of the backend."""
        self._backend.close()

    def __enter__(self) -> Self:
        """The store closes itself at the end of a `with` block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close, whatever happened."""
        self.close()
