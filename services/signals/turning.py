"""Something else begins to count, without an event of any plan: which plans a router looks at for it, each once.

Of another edition of the matrix those are all plans, of a succession in the directory those that are told to whom it
concerns.

Lane by lane it is kept which turn is being followed and up to which plan, in the order of their ids. That moves in the
transaction that writes what is told, so that a router that was killed goes on where the last one came to.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Connection, Row, select, update

from domain.access.turns import EVER
from domain.signals.changes import Changes
from services.projection.generations import Superseded
from services.projection.lanes import lane_of
from services.projection.log import Log
from services.side_database import transaction
from services.signals.tables import lanes, parties
from services.signals.walking import before
from services.signals.writing import parts
from services.store.framing import instant, microseconds

EVERY: Final = None
"""Where a lane stands in a turn that was followed for every plan."""


class Reached(Struct, frozen=True):
    """The turn that a lane follows or has followed last, up to which plan; without one, for every plan."""

    turn: datetime
    plan: UUID | None

    @classmethod
    def of(cls, row: Row[Any]) -> "Reached":
        """As a lane's row says."""
        return cls(instant(row.turn) if row.turn else EVER, row.turned)

    def followed(self, plan: UUID, turns: Changes) -> datetime:
        """Up to which instant the turns are followed for a plan of this lane."""
        return self.turn if self.plan is EVERY or plan <= self.plan else turns.before(self.turn)

    def next(self, turns: Changes) -> datetime | None:
        """The turn that is to be followed now; None when there is none so far."""
        return turns.after(self.turn) if self.plan is EVERY else self.turn


class Sweep(Struct, frozen=True):
    """The next plans that are looked at because of a turn, and where the lanes that have them come to with that."""

    turn: datetime
    plans: Sequence[UUID]
    lanes: Mapping[int, Reached]
    upto: UUID | None


class Pages(Struct, frozen=True):
    """Pages of plans, in the order of their ids."""

    log: Log
    connection: Connection
    limit: int

    def of(self, names: Collection[str] | None, after: UUID | None) -> Sequence[UUID]:
        """The next plans behind one that are told to one of these organisations; None: of all plans."""
        if names is None:
            return self.log.plans(after, self.limit)
        with transaction(self.connection, writes=False):
            found = {plan for some in parts(sorted(names)) for plan in self._told(some, after)}
        return sorted(found)[: self.limit]

    def _told(self, names: Sequence[str], after: UUID | None) -> Sequence[UUID]:
        query = select(parties.c.plan).where(parties.c.recipient.in_(names)).distinct().order_by(parties.c.plan)
        behind = query.where(parties.c.plan > after) if after is not None else query
        return self.connection.scalars(behind.limit(self.limit)).all()


def next_sweep(
    pages: Pages, stood: Mapping[int, int], reached: Mapping[int, Reached], turns: Changes, until: datetime
) -> Sweep | None:
    """The next plans to look at, a page at most; None when every turn up to an instant is followed.

    A lane follows a turn when it has everything that was recorded before it.
    """
    ahead = {lane: turn for lane, one in reached.items() if (turn := one.next(turns)) is not None and turn <= until}
    if not ahead:
        return None
    turn = min(ahead.values())
    known = before(pages.log, turn)
    mine = {lane: reached[lane] for lane, theirs in ahead.items() if theirs == turn and stood[lane] >= known}
    if not mine:
        return None
    begun = {lane: one.plan for lane, one in mine.items() if one.turn == turn}
    after = _lowest([begun.get(lane) for lane in mine])
    page = pages.of(turns.concerns(turn), after)
    plans = [plan for plan in page if (lane := lane_of(plan.bytes)) in mine and _is_behind(plan, begun.get(lane))]
    return Sweep(turn, plans, mine, page[-1] if len(page) == pages.limit else EVERY)


def turn_lanes(connection: Connection, sweep: Sweep) -> None:
    """Move the lanes on with what was looked at. Raises Superseded when one isn't there any more."""
    for lane, one in sorted(sweep.lanes.items()):
        stands = lanes.c.turned.is_(None) if one.plan is EVERY else lanes.c.turned == one.plan
        at = 0 if one.turn == EVER else microseconds(one.turn)
        moved = connection.execute(
            update(lanes)
            .where(lanes.c.lane == lane, lanes.c.turn == at, stands)
            .values(turn=microseconds(sweep.turn), turned=_further(sweep.upto, one, sweep.turn))
        )
        if moved.rowcount != 1:
            raise Superseded


def _further(upto: UUID | None, one: Reached, turn: datetime) -> UUID | None:
    """Where a lane comes to: it may have been further than the others."""
    if upto is EVERY or one.turn != turn or one.plan is EVERY:
        return upto
    return max(upto, one.plan)


def _lowest(plans: Collection[UUID | None]) -> UUID | None:
    return None if None in plans else min(plan for plan in plans if plan is not None)


def _is_behind(plan: UUID, reached: UUID | None) -> bool:
    return reached is None or plan > reached
