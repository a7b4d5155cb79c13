"""Following one plan through its events, one at a time: what is told of each, and who is told of the plan after it."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import Struct, field

from domain.access import Policy
from domain.access.turns import EVER
from domain.calendar import london_date, london_midnight
from domain.plan.events import Erased, HistoryEntry, PlanEvent
from domain.plan.state import PlanState, Version
from domain.signals.changes import Changes
from domain.signals.routing import ALL_SECTIONS, Outcome, Parties, Routing, Told, sections_changed
from services.projection.folding import Folder
from services.projection.log import Log
from services.store.framing import microseconds

RowOf = tuple[Told, int, int]
"""What is told, with the position and the time (microseconds) that it is told of."""


class Standing(Struct):
    """Who is told of a plan, and the next day on which that may change without an event."""

    parties: Parties = field(default_factory=dict)
    due: str = ""


def before(log: Log, instant: datetime) -> int:
    """The last position that was recorded before an instant."""
    return log.position_at(instant - timedelta(microseconds=1))


class Walk(Struct):
    """One plan in one batch: its rows in order, and where it stands in the end.

    `followed` is the last instant of which it is known that every change of matrix or directory up to it was followed.
    """

    plan: UUID
    standing: Standing
    followed: datetime = EVER
    rows: list[RowOf] = field(default_factory=list)


class Walker:
    """Walks plans. Raises whatever the fold or the matrix raises for a plan that can't be followed."""

    def __init__(self, routing: Routing, folder: Folder, log: Log, changes: Callable[[], Changes]) -> None:
        """`changes` gives the editions of the matrix, and who answers for whom, by the instants of each."""
        self._routing = routing
        self._folder = folder
        self._log = log
        self._changes = changes
        self._last: tuple[Policy, int, Routing] | None = None

    def events(self, walk: Walk, entries: Sequence[HistoryEntry]) -> None:
        """Take the next events of the plan in; what came before an event without one is followed first."""
        for entry in entries:
            if entry.sequence > 1 and (change := self._next(walk)) is not None and change <= entry.time:
                self._between(walk, entry)
            state = self._folder.fold(walk.plan, (entry,)).after.state
            routing = self._by(entry.time)
            outcome = routing.of_event(
                walk.standing.parties,
                state,
                entry,
                lambda version, e=entry, s=state: self._changed(s, version, e),  # type: ignore[misc]
            )
            self._take(walk, outcome, (entry.position, microseconds(entry.time)))
            walk.standing.due = routing.next_change(state, london_date(entry.time))
            walk.followed = entry.time

    def changes(self, walk: Walk, state: PlanState, upto: datetime) -> None:
        """Follow, in order, what changed without an event up to an instant: days that came, matrix and directory.

        What is told of it is told of as much of the log as there was before that instant.
        """
        while (change := self._next(walk)) is not None and change <= upto:
            if change == _beginning(walk.standing):
                day = date.fromisoformat(walk.standing.due)
                outcome = self._by(change).of_day(walk.standing.parties, state, day)
                walk.standing.due = self._routing.next_change(state, day)
            else:
                outcome = self._by(change).of_turn(walk.standing.parties, state, change)
                walk.followed = change
            place = (before(self._log, change) if outcome.told else 0, microseconds(change))
            self._take(walk, outcome, place)

    def _between(self, walk: Walk, entry: HistoryEntry) -> None:
        """Follow what changed between the event before and this one."""
        (last,) = self._log.read_plan(walk.plan, entry.sequence - 2, entry.sequence - 1)
        walk.followed = max(walk.followed, last.time)
        self.changes(walk, self._folder.upto(walk.plan, entry.sequence), entry.time)

    def _next(self, walk: Walk) -> datetime | None:
        """The next instant at which it may be another matter who is told of the plan; None when there is none."""
        both = (_beginning(walk.standing), self._changes().after_for(walk.followed, walk.standing.parties))
        return min((one for one in both if one is not None), default=None)

    def _by(self, instant: datetime) -> Routing:
        changes = self._changes()
        policy, learnt = changes.policy(instant), changes.learnt(instant)
        if self._last is None or self._last[0] is not policy or self._last[1] != learnt:
            self._last = policy, learnt, self._routing.by(policy, changes.directory(instant))
        return self._last[2]

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
        found = self._log.read_plan(UUID(state.plan_id), last - 1, last)
        if not found or not isinstance(found[0], PlanEvent) or "plan" not in found[0].data:
            return ALL_SECTIONS
        return sections_changed(found[0].data["plan"].get("sections", {}), entry.data["plan"].get("sections", {}))


def _beginning(standing: Standing) -> datetime | None:
    """When the day begins on which entitlements to a plan change next."""
    return london_midnight(date.fromisoformat(standing.due)) if standing.due else None
