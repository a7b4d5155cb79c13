"""What changes for plans without an event of theirs: days come, other editions of the matrix and other names count.

All are followed SETTLING after they came, by lanes that have everything that was recorded before; so whoever follows
the log anew finds them at the same places between the events.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Connection, select

from domain.access.turns import SETTLING
from domain.calendar import london_date, london_midnight
from domain.signals.changes import Changes
from services.projection.folding import Folder, NotMet
from services.projection.intake import Failure
from services.projection.lanes import lane_of
from services.projection.log import PASSING, Log
from services.side_database import transaction
from services.signals import writing
from services.signals.tables import due
from services.signals.turning import Pages, Reached, Sweep, next_sweep
from services.signals.walking import Standing, Walk, Walker, before

TOGETHER: Final = 50
"""How many plans are looked at in one transaction."""


class Lanes(Struct, frozen=True, kw_only=True):
    """Where a router's lanes stand: in the log, in the erasures, in the turns; and who is parked."""

    stood: Mapping[int, int]
    erasures: Mapping[int, int]
    reached: Mapping[int, Reached]
    aside: Mapping[UUID, bool]

    def position(self, plan: UUID) -> int:
        """How far the plan's lane has come in the log."""
        return self.stood[lane_of(plan.bytes)]

    def followed(self, plan: UUID, turns: Changes) -> datetime:
        """Up to which instant the turns are followed for a plan."""
        return self.reached[lane_of(plan.bytes)].followed(plan, turns)


class Unprompted:
    """Finds the plans, and follows them."""

    def __init__(
        self, log: Log, folder: Folder, walker: Walker, turns: Callable[[], Changes], now: Callable[[], datetime]
    ) -> None:
        """`now` gives the moment, `turns` what counts from when on."""
        self._log = log
        self._folder = folder
        self._walker = walker
        self._turns = turns
        self._now = now
        self._day = ""

    @property
    def until(self) -> datetime:
        """The instant up to which everything is followed now."""
        return self._now() - SETTLING

    def look_again(self) -> None:
        """Plans may be waiting for a day that was looked at already."""
        self._day = ""

    def turned(self, connection: Connection, lanes: Lanes) -> Sweep | None:
        """The next plans for which something else counts; None when every turn that came is followed."""
        plans = Pages(self._log, connection, TOGETHER)
        return next_sweep(plans, lanes.stood, lanes.reached, self._turns(), self.until)

    def due(self, connection: Connection, lanes: Lanes) -> list[UUID]:
        """Plans whose day has come; looked for once on each day, and as long as there are any."""
        today = london_date(self.until)
        if self._day == today.isoformat():
            return []
        with transaction(connection, writes=False):
            waiting = connection.scalars(select(due.c.plan).where(due.c.day <= today.isoformat())).all()
        mine = [plan for plan in waiting if lane_of(plan.bytes) in lanes.stood and plan not in lanes.aside]
        if not mine:
            self._day = today.isoformat()
            return []
        known = before(self._log, london_midnight(today))
        return [plan for plan in mine if lanes.position(plan) >= known][:TOGETHER]

    def walks(
        self,
        connection: Connection,
        lanes: Lanes,
        plans: Sequence[UUID],
        upto: datetime,
        failures: dict[UUID, Failure],
    ) -> list[Walk]:
        """These plans as far as their lanes have come, followed on to an instant; those that can't be are noted."""
        known = writing.standings(connection, plans)
        walks = []
        for plan in plans:
            walk = Walk(plan, known[plan], lanes.followed(plan, self._turns()))
            try:
                walks.append(self._followed(walk, lanes.position(plan), upto))
            except PASSING:
                raise
            except Exception as error:  # noqa: BLE001 - this plan can't be followed; the others go on
                failures[plan] = lanes.position(plan), type(error).__name__
                self._folder.forget(plan)
        return walks

    def _followed(self, walk: Walk, position: int, upto: datetime) -> Walk:
        try:
            fold = self._folder.whole(walk.plan, position)
        except NotMet:
            return Walk(walk.plan, Standing())
        walk.followed = max(walk.followed, fold.entries[-1].time)
        self._walker.changes(walk, fold.after.state, upto)
        return walk
