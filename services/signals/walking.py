"""Following one plan through its events, one at a time: what is told of each, and who is told of the plan after it."""

from collections.abc import Callable, Sequence
from datetime import date
from uuid import UUID

from msgspec import Struct, field

from domain.calendar import london_date
from domain.plan.events import Erased, HistoryEntry, PlanEvent
from domain.plan.state import PlanState, Version
from domain.signals.routing import ALL_SECTIONS, Outcome, Parties, Routing, Told, sections_changed
from services.projection.folding import Folder
from services.store.framing import microseconds

RowOf = tuple[Told, int, int]
"""What is told, with the position and the time (microseconds) that it is told of."""


class Standing(Struct):
    """Who is told of a plan, and the next day on which that may change without an event."""

    parties: Parties = field(default_factory=dict)
    due: str = ""


class Walk(Struct):
    """One plan in one batch: its rows in order, and where it stands in the end."""

    plan: UUID
    standing: Standing
    rows: list[RowOf] = field(default_factory=list)


class Walker:
    """Walks plans. Raises whatever the fold or the matrix raises for a plan that can't be followed."""

    def __init__(
        self, routing: Routing, folder: Folder, read_plan: Callable[[UUID, int, int], Sequence[HistoryEntry]]
    ) -> None:
        """`read_plan` gives the events of a plan with first < sequence <= second."""
        self._routing = routing
        self._folder = folder
        self._read_plan = read_plan

    def events(self, walk: Walk, entries: Sequence[HistoryEntry]) -> None:
        """Take the next events of the plan in; days that have come before an event are followed first."""
        for entry in entries:
            on = london_date(entry.time)
            if walk.standing.due and walk.standing.due <= on.isoformat():
                before = self._folder.upto(walk.plan, entry.sequence)
                self.days(walk, before, on, (entry.position, microseconds(entry.time)))
            state = self._folder.fold(walk.plan, (entry,)).after.state
            outcome = self._routing.of_event(
                walk.standing.parties,
                state,
                entry,
                lambda version, e=entry, s=state: self._changed(s, version, e),  # type: ignore[misc]
            )
            self._take(walk, outcome, (entry.position, microseconds(entry.time)))
            walk.standing.due = self._routing.next_change(state, on)

    def days(self, walk: Walk, state: PlanState, upto: date, place: tuple[int, int]) -> None:
        """Follow every day up to this one on which somebody's entitlement began or ended."""
        while walk.standing.due and walk.standing.due <= upto.isoformat():
            day = date.fromisoformat(walk.standing.due)
            self._take(walk, self._routing.of_day(walk.standing.parties, state, day), place)
            walk.standing.due = self._routing.next_change(state, day)

    def _take(self, walk: Walk, outcome: Outcome, place: tuple[int, int]) -> None:
        walk.rows += [(told, *place) for told in outcome.told]
        walk.standing.parties = outcome.parties

    def _changed(self, state: PlanState, version: Version, entry: HistoryEntry) -> tuple[str, ...]:
        """The sections in which a text differs from the one of its kind before it; all of a first one."""
        if isinstance(entry, Erased) or "plan" not in entry.data:
            return ALL_SECTIONS
        earlier = [v for v in state.versions if v.kind == version.kind and v.sequence < version.sequence]
        if not earlier:
            return ALL_SECTIONS
        last = max(earlier, key=lambda v: (v.effective_on, v.sequence)).sequence
        found = self._read_plan(UUID(state.plan_id), last - 1, last)
        if not found or not isinstance(found[0], PlanEvent) or "plan" not in found[0].data:
            return ALL_SECTIONS
        return sections_changed(found[0].data["plan"].get("sections", {}), entry.data["plan"].get("sections", {}))
