"""The states of plans: the current one from a bounded cache or a snapshot and its tail, earlier ones from a prefix."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import datetime
from time import monotonic
from typing import NamedTuple
from uuid import UUID

import msgspec
from msgspec import Struct

from domain.plan.events import Erased, HistoryEntry, JsonObject, PlanEvent
from domain.plan.evolve import HistoryNeeded, annulments, as_counted, fold
from domain.plan.state import PlanState, Version
from services.errors import PlanErased, PlanUnknown, TextErased
from services.store.framing import instant
from services.store.looks import Look
from services.store.record_store import RecordStore
from services.store.values import Snapshot, SnapshotErased

#: Raised with every change of `PlanState`'s form, so that an old snapshot is folded anew instead of misread.
STATE_VERSION = 3
#: A snapshot is taken when this many events have followed the last one.
SNAPSHOT_EVERY = 50
#: How long acts ask the log before they decide, once another process was found to act on the same plans.
ASK_FIRST_SECONDS = 10.0
#: How many current states are kept in memory.
CACHED_PLANS = 2_000
#: Behind the last sequence of any plan.
NEVER = 2**31 - 1


class Known(Struct, frozen=True, kw_only=True):
    """How much of the log counts: up to a position, or up to an instant (both inclusive)."""

    position: int | None = None
    instant: datetime | None = None

    def includes(self, entry: HistoryEntry) -> bool:
        """Whether the entry was on record by then."""
        if self.position is not None:
            return entry.position <= self.position
        return self.instant is None or entry.time <= self.instant


class Remembered(NamedTuple):
    """A state in memory, and how many erasures concerned the plan before it was made."""

    state: PlanState
    erasures: int


class Plans:
    """Loads states. The cache is only ever a head start: every load reads the events that came after.

    Only `remembered` does not, and is for those who find out by themselves that it was old.
    """

    def __init__(self, store: RecordStore) -> None:
        """Load from this store. `when_unknown` is done before nothing is said to be on record of a plan."""
        self._store = store
        self._cache: OrderedDict[UUID, Remembered] = OrderedDict()
        self._alone_from = 0.0
        self.when_unknown: Callable[[], object] = lambda: None
        self._look = threading.local()
        self._decode = msgspec.json.Decoder(PlanState)
        self._encode = msgspec.json.Encoder()

    def current(self, plan_id: UUID) -> PlanState:
        """The state now. Raises PlanUnknown when nothing is on record, PlanErased when its key was destroyed."""
        known = self._cache.get(plan_id)
        erasures, tail = self._store.read_tail(plan_id, known.state.sequence if known else NEVER)
        if known is not None and erasures == known.erasures:
            self._look.kind = Look.TAIL
            return self._continued(plan_id, known.state, tail, erasures)
        self._look.kind = Look.ALL_BUT_CHILD if self._store.remembers_child(plan_id) else Look.ALL
        return self._loaded(plan_id)

    def current_of(self, plan_ids: Collection[UUID]) -> dict[UUID, PlanState]:
        """The states of many plans now, in a few queries for all of them; those that can't be read are left out.

        One at a time are loaded only those of which something was erased since they were remembered, and those that are
        long enough for a snapshot and not in memory.
        """
        known = {plan: found for plan in plan_ids if (found := self._cache.get(plan)) is not None}
        others = set(plan_ids) - known.keys()
        long = self._store.snapshots.has(others, STATE_VERSION) if others else set()
        starts = {plan: found.state.sequence for plan, found in known.items()} | dict.fromkeys(others - long, 0)
        alone, states = set(long), dict[UUID, PlanState]()
        for plan, (erasures, tail) in self._store.read_tails(starts).items() if starts else ():
            found = known.get(plan)
            if found is not None and found.erasures != erasures:
                alone.add(plan)
                continue
            with suppress(PlanUnknown, PlanErased):
                states[plan] = (
                    self._continued(plan, found.state, tail, erasures) if found else self._begun(plan, tail, erasures)
                )
        for plan in alone:
            with suppress(PlanUnknown, PlanErased):
                states[plan] = self.current(plan)
        return states

    def refusal(self, plan_id: UUID) -> PlanUnknown:
        """What to raise for a caller who must not learn that the plan exists, once its state was looked at.

        The database has then been asked the same for a plan that isn't the caller's as for one that isn't there,
        whatever was in memory of it.
        """
        self._store.look_for(plan_id, self._look.kind)
        return PlanUnknown()

    def _loaded(self, plan_id: UUID) -> PlanState:
        """The state from the newest snapshot and its tail, or from the whole history."""
        erasures = self._store.snapshots.erasures_of(plan_id)
        base = self._from_snapshot(plan_id)
        tail = self.history(plan_id, base.sequence if base else 0)
        if base is not None:
            return self._continued(plan_id, base, tail, erasures)
        return self._begun(plan_id, tail, erasures)

    def remembered(self, plan_id: UUID) -> PlanState | None:
        """The state as this process last knew it, for whoever checks its sequence in the end, as an append does.

        None where nothing is remembered, and for a while after another process came first: to ask is then cheaper than
        to decide twice.
        """
        known = self._cache.get(plan_id) if monotonic() >= self._alone_from else None
        self._look.kind = Look.LATER
        return known.state if known else None

    def overtaken(self, plan_id: UUID) -> None:
        """Another process has acted on the plan since it was remembered."""
        self.forget(plan_id)
        self._alone_from = monotonic() + ASK_FIRST_SECONDS

    def as_known(self, plan_id: UUID, known: Known) -> PlanState:
        """The state as it was known then. Raises PlanUnknown when nothing was on record yet."""
        return self._folded(plan_id, [entry for entry in self.history(plan_id) if known.includes(entry)])

    def moment_of(self, known: Known) -> datetime | None:
        """The instant up to which that much of the log was on record; None for everything."""
        if known.position is None:
            return known.instant
        found = self._store.rows(max(known.position, 1) - 1, 1)
        return instant(found[0][4]) if found else None

    def before(self, plan_id: UUID, sequence: int) -> PlanState:
        """The state just before an event, as the plan's history stood then."""
        return fold(str(plan_id), [entry for entry in self.history(plan_id) if entry.sequence < sequence])

    def history(self, plan_id: UUID, after: int = 0) -> list[HistoryEntry]:
        """The plan's events in order, opened."""
        return self._store.read_plan(plan_id, after=after)

    def recorded(self, state: PlanState, version: Version) -> datetime:
        """When the event that carries one of the state's versions came on record."""
        carrier = self._store.read_plan(UUID(state.plan_id), after=version.sequence - 1, upto=version.sequence)
        return carrier[0].time

    def text(self, state: PlanState, version: Version) -> JsonObject:
        """The digital plan of one of the state's versions, corrected if it was. Raises TextErased when it is gone."""
        if version == state.current_version():
            return state.document
        plan_id = UUID(state.plan_id)
        whole = version.sequence in state.corrected
        entries = (
            self._store.read_plan(plan_id)
            if whole
            else self._store.read_plan(plan_id, after=version.sequence - 1, upto=version.sequence)
        )
        carrier = next(entry for entry in entries if entry.sequence == version.sequence)
        event = as_counted(carrier, annulments([e for e in entries if e.sequence <= state.sequence]))
        if event is None:
            raise TextErased
        text: JsonObject = event.data["plan"]
        return text

    def advance(self, before: PlanState, after: PlanState) -> None:
        """An event was put on disk: keep the state that it led to, when it is known what the one before rested on."""
        known = self._cache.get(UUID(after.plan_id))
        if before.sequence == 0:
            self._remember(after, 0)
        elif known is not None and known.state is before:
            self._remember(after, known.erasures)

    def _remember(self, state: PlanState, erasures: int) -> None:
        """Keep a state as a head start for the next load.

        `erasures` is how many there had been before its events were read: after another one, by whatever process, the
        state no longer counts.
        """
        plan_id = UUID(state.plan_id)
        known = self._cache.get(plan_id)
        if known is None or known.erasures != erasures or known.state.sequence <= state.sequence:
            self._cache[plan_id] = Remembered(state, erasures)
            self._cache.move_to_end(plan_id)
        while len(self._cache) > CACHED_PLANS:
            self._cache.popitem(last=False)

    def forget(self, plan_id: UUID) -> None:
        """Drop what is kept in memory of a plan: its keys are about to change or to be destroyed."""
        self._cache.pop(plan_id, None)

    def folded_with(self, state: PlanState, event: PlanEvent) -> PlanState:
        """The state after one more event that changes what an earlier one means: the whole history folded anew."""
        plan_id = UUID(state.plan_id)
        return fold(state.plan_id, [*self._store.read_plan(plan_id, upto=state.sequence), event])

    def _continued(self, plan_id: UUID, base: PlanState, tail: list[HistoryEntry], erasures: int) -> PlanState:
        try:
            state = fold(str(plan_id), tail, base) if tail else base
        except HistoryNeeded:
            state = self._folded(plan_id, self.history(plan_id), erasures)
        else:
            self._take_snapshot(plan_id, state, base.sequence, erasures)
        self._remember(state, erasures)
        return state

    def _begun(self, plan_id: UUID, entries: list[HistoryEntry], erasures: int) -> PlanState:
        """The state from the whole history."""
        state = self._folded(plan_id, entries, erasures)
        self._remember(state, erasures)
        return state

    def _folded(self, plan_id: UUID, entries: list[HistoryEntry], erasures: int | None = None) -> PlanState:
        if not entries:
            self.when_unknown()
            raise PlanUnknown
        if all(isinstance(entry, Erased) for entry in entries):
            raise PlanErased
        state = fold(str(plan_id), entries)
        if erasures is not None:
            self._take_snapshot(plan_id, state, 0, erasures)
        return state

    def _from_snapshot(self, plan_id: UUID) -> PlanState | None:
        snapshot = self._store.snapshots.newest(plan_id, STATE_VERSION)
        if snapshot is None or isinstance(snapshot, SnapshotErased):
            return None
        return self._decode.decode(snapshot.state)

    def _take_snapshot(self, plan_id: UUID, state: PlanState, since: int, erasures: int) -> None:
        if state.sequence - since >= SNAPSHOT_EVERY:
            content = self._encode.encode(state)
            self._store.snapshots.put(Snapshot(plan_id, state.sequence, STATE_VERSION, content), erasures)
