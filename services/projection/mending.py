"""Making a plan's rows anew: after an erasure, and when a parked plan is to be tried again."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection, select, update

from services.projection.database import scrub
from services.projection.generations import LIVE, Target
from services.projection.intake import Intake
from services.projection.lanes import lane_of
from services.projection.log import Log
from services.projection.parking import Parked, unpark
from services.projection.tables import erasures
from services.projection.writing import write_singly
from services.side_database import transaction

TOGETHER = 50
"""How many erasures are followed in one transaction."""


class Mending:
    """Makes rows of single plans anew, in the lanes of this process."""

    def __init__(self, log: Log, intakes: Mapping[bool, Intake]) -> None:
        """`intakes` for what is read (True) and for what is being built (False)."""
        self._log = log
        self._intakes = intakes

    def done(
        self, connection: Connection, targets: Sequence[Target], parked: Sequence[Parked], lanes: frozenset[int]
    ) -> bool:
        """Whether there was something to make anew, which is then done."""
        return self._follow_erasures(connection, targets, lanes) or self._try_again(connection, targets, parked, lanes)

    def _follow_erasures(self, connection: Connection, targets: Sequence[Target], lanes: frozenset[int]) -> bool:
        with transaction(connection, writes=False):
            rows = connection.execute(select(erasures.c.lane, erasures.c.handled).where(erasures.c.lane.in_(lanes)))
            handled: dict[int, int] = {row.lane: row.handled for row in rows}
        first = min(handled.values())
        upto = min(len(self._log.keys.erasures), first + TOGETHER)
        if upto <= first:
            return False
        numbered = list(enumerate(self._log.keys.erasures.since(first)[: upto - first], first))
        entries = [entry for number, entry in numbered if handled.get(lane_of(entry.plan.bytes), upto) <= number]
        plans = {entry.plan for entry in entries}
        # An erasure is registered before its key is deleted: what is read now must not be readable any more.
        self._log.keys.carry_out(entries)
        with transaction(connection):
            for plan in plans:
                for target in targets:
                    self._make_anew(connection, target, plan)
            behind = (erasures.c.lane.in_(lanes), erasures.c.handled < upto)
            connection.execute(update(erasures).where(*behind).values(handled=upto))
        if plans:
            scrub(connection)
        return True

    def _try_again(
        self, connection: Connection, targets: Sequence[Target], parked: Sequence[Parked], lanes: frozenset[int]
    ) -> bool:
        asked = [place for place in parked if place.retry and lane_of(place.plan.bytes) in lanes]
        if not asked:
            return False
        by_place = {(target.view, target.generation): target for target in targets}
        with transaction(connection):
            for place in asked:
                target = by_place.get((place.view, place.generation))
                if target is not None:
                    self._make_anew(connection, target, place.plan)
        return True

    def _make_anew(self, connection: Connection, target: Target, plan: UUID) -> None:
        """The plan's rows, from its events as far as the target has come; one that it has not met is left alone."""
        position = target.positions[lane_of(plan.bytes)]
        intake = self._intakes[target.state == LIVE]
        folds = intake.plan_by_plan({plan: position}, max(position, target.built_to))
        if any(fold.entries[0].position > position for fold in folds.folded):
            return
        unpark(connection, ((target.view, target.generation, plan),))
        write_singly(connection, intake.taken(folds, target, (), anew=True))
