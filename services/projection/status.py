"""How far every view is, lane by lane: in events and in seconds behind the log."""

from datetime import UTC, datetime

from msgspec import Struct

from services.projection.database import ViewDatabase
from services.projection.generations import BUILDING, LANES, LIVE, start_rebuild, targets
from services.projection.log import Log
from services.projection.parking import Parked, parked_plans
from services.side_database import transaction
from services.store.framing import instant


class LaneStatus(Struct, frozen=True, rename="camel"):
    """One lane of a view; `behind_seconds` is the age of the oldest event that it has not taken in."""

    lane: int
    position: int
    behind_events: int
    behind_seconds: float


class ViewStatus(Struct, frozen=True, rename="camel"):
    """One generation of a view."""

    view: str
    generation: int
    state: str
    position: int
    behind_events: int
    behind_seconds: float
    lanes: tuple[LaneStatus, ...]


class Status(Struct, frozen=True, rename="camel"):
    """All views, against a log that reaches to `log_size`."""

    log_size: int
    views: tuple[ViewStatus, ...]
    parked: tuple[Parked, ...]


def status(log: Log, database: ViewDatabase, now: datetime | None = None) -> Status:
    """The state of every view that is read or being built."""
    moment, head = now or datetime.now(UTC), log.head()[0]
    with database.reading() as connection, transaction(connection, writes=False):
        found, parked = targets(connection, LIVE, BUILDING), parked_plans(connection)
    ages: dict[int, float] = {}

    def age(position: int) -> float:
        if position not in ages:
            rows = log.rows(position, 1)
            ages[position] = max(0.0, (moment - instant(rows[0][4])).total_seconds()) if rows else 0.0
        return round(ages[position], 3)

    views = []
    for target in found:
        lanes = tuple(
            LaneStatus(lane, position, max(0, head - position), age(position))
            for lane, position in sorted(target.positions.items())
        )
        lowest = target.lowest(LANES)
        views.append(
            ViewStatus(target.view, target.generation, target.state, lowest, max(0, head - lowest), age(lowest), lanes)
        )
    return Status(head, tuple(views), tuple(parked))


def ask_for_rebuild(log: Log, database: ViewDatabase, view: str) -> int:
    """Have a view built anew beside the live one by the projectors; the generation that is being built."""
    with database.writing() as connection:
        return start_rebuild(connection, view, log.head()[0])
