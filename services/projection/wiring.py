"""The projection of one process, put together."""

from datetime import datetime
from pathlib import Path
from typing import Final

from msgspec import Struct

from services.projection.current import CurrentPlans
from services.projection.database import ViewDatabase
from services.projection.history import Histories
from services.projection.lanes import AllLanes, SharedLanes
from services.projection.log import Log
from services.projection.projector import Projector
from services.projection.reading import Lists
from services.projection.running import Listeners, RunningProjector
from services.projection.status import Status, ask_for_rebuild, status
from services.projection.versions import PlanVersions
from services.projection.view import View
from services.projection.worklist import Worklist
from services.store.blind_index import BlindIndex

SHARED_POLL_SECONDS: Final = 0.1
"""How often a projector looks for what other processes have appended."""


class Projection(Struct, frozen=True):
    """The read models, a projector for them, and what is read from them."""

    log: Log
    database: ViewDatabase
    running: RunningProjector
    lists: Lists

    def status(self, now: datetime | None = None) -> Status:
        """How far every view is."""
        return status(self.log, self.database, now)

    def ask_for_rebuild(self, view: str) -> int:
        """Have a view built anew; the number of the generation."""
        return ask_for_rebuild(self.log, self.database, view)

    def close(self) -> None:
        """Finish the batch in hand, then close."""
        self.running.stop()
        self.database.close()


def all_views(index: BlindIndex) -> tuple[View, ...]:
    """Every view of the platform."""
    return (CurrentPlans(), PlanVersions(), Histories(), Worklist(index))


VIEW_NAMES: Final = (CurrentPlans.name, PlanVersions.name, Histories.name, Worklist.name)
"""The views that can be rebuilt by name."""


def open_projection(log: Log, index: BlindIndex, listeners: Listeners, where: Path | str) -> Projection:
    """The projection on a database: embedded (SQLite), where this process does all the work, or shared (PostgreSQL)."""
    database = ViewDatabase(where)
    if database.is_embedded:
        running = RunningProjector(Projector(log, database, all_views(index), AllLanes()), listeners)
        return Projection(log, database, running, Lists(database, index, running.hurry))
    projector = Projector(log, database, all_views(index), SharedLanes())
    running = RunningProjector(projector, listeners, poll=SHARED_POLL_SECONDS, gather=0.0)
    return Projection(log, database, running, Lists(database, index, _nobody_here))


def _nobody_here() -> None:
    """The projectors are other processes: they look often enough by themselves."""
