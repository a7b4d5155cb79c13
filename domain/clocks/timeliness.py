"""Whether a duty was performed in time, counted both ways that the Department for Education counts.

An exception relieves a council of a limit. It never moves the due date, and there is no pausing of a clock:
so a late act stays late, and is left out only of the figures "excluding exceptions".
"""

from collections.abc import Collection
from datetime import date
from enum import StrEnum

from msgspec import Struct

from domain.clocks.table import Clock, Relaxation


class Count(StrEnum):
    """How an act counts in a published figure."""

    ON_TIME = "onTime"
    LATE = "late"
    NOT_COUNTED = "notCounted"


class Timeliness(Struct, frozen=True, kw_only=True):
    """What became of a limit. ``relaxed_by`` names the relaxation that made lateness lawful (C20), if any."""

    late: bool
    excused_by: frozenset[str]
    relaxed_by: str | None = None

    @property
    def including_exceptions(self) -> Count:
        """How it counts when every case counts."""
        return Count.LATE if self.late else Count.ON_TIME

    @property
    def excluding_exceptions(self) -> Count:
        """How it counts when cases with an exception are left out of the denominator."""
        return Count.NOT_COUNTED if self.excused_by else self.including_exceptions


def timeliness(
    clock: Clock,
    due_on: date,
    met_on: date,
    recorded: Collection[str] = (),
    relaxations: Collection[Relaxation] = (),
) -> Timeliness:
    """Judge an act done on ``met_on`` against its limit.

    ``recorded`` are the codes of the circumstances that were written down for the case: only those that the
    clock or a relaxation allows count, so a shortage of staff excuses nothing. Without a recorded reason
    nothing is relaxed.
    """
    late = met_on > due_on
    relaxed_by = next(
        (r.id for r in relaxations if late and r.reason in recorded and r.covers(clock.id, due_on, met_on)),
        None,
    )
    return Timeliness(late=late, excused_by=clock.excuse_codes & set(recorded), relaxed_by=relaxed_by)
