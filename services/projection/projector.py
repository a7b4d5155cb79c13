"""The projector: takes the log into every view, lane by lane, batch by batch.

Rows and positions of a batch are one transaction, so that an event is taken in exactly once. A plan that can't be taken
in is parked, and the others go on. Erasures are followed as the log is: the plan's rows are made anew without what was
erased.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from prometheus_client import Counter
from sqlalchemy import Connection

from services.projection import generations
from services.projection.crews import Crew, crews
from services.projection.database import ViewDatabase
from services.projection.folding import Folder
from services.projection.generations import Superseded
from services.projection.intake import Intake
from services.projection.kept import Kept
from services.projection.lanes import LaneClaims
from services.projection.log import Log
from services.projection.mending import Mending
from services.projection.parking import parked_plans
from services.projection.upkeep import Upkeep
from services.projection.view import View
from services.projection.writing import write
from services.side_database import end_session, transaction

BATCH: Final = 1_000
"""How many events are read at a time."""

PROJECTED: Final = Counter("ehcp_view_events", "Events taken into the read models by this process")


class Projector:
    """Works for all views of an installation, in the lanes that it can have."""

    def __init__(
        self,
        log: Log,
        database: ViewDatabase,
        views: Sequence[View],
        lanes: LaneClaims,
        *,
        batch: int = BATCH,
    ) -> None:
        """Nothing is touched before the first step."""
        self._log = log
        self._database = database
        self._views = {view.name: view for view in views}
        self._lanes = lanes
        self._batch = batch
        self._connection: Connection | None = None
        self._seen: frozenset[int] = frozenset()
        # What is being built stands elsewhere in the log than what is read: each has a memory of its own.
        load = Kept(database, log.keys).load
        self._folders = {is_live: Folder(log, load) for is_live in (True, False)}
        self._intakes = {is_live: Intake(log, folder, self._views) for is_live, folder in self._folders.items()}
        self._mending = Mending(log, self._intakes)
        self._upkeep = Upkeep(self._views)

    def step(self) -> bool:
        """Do the next piece of work; false when there is none at the moment.

        Raises one of PASSING when the database or the log can't be reached; nothing is then half done.
        """
        try:
            connection = self._connected()
            lanes = self._lanes.held(connection)
            if lanes != self._seen:
                self._forget()
                self._seen = lanes
            return bool(lanes) and self._work(connection, lanes)
        except Superseded:
            self._forget()
            return True
        except BaseException:
            self.close()
            raise

    def catch_up(self) -> None:
        """Work until there is nothing left to do."""
        while self.step():
            pass

    def close(self) -> None:
        """Let go of the lanes and of the connection; a later step takes them up again."""
        self._forget()
        self._seen = frozenset()
        connection, self._connection = self._connection, None
        if connection is not None:
            end_session(connection)

    def _work(self, connection: Connection, lanes: frozenset[int]) -> bool:
        with transaction(connection, writes=False):
            targets = generations.targets(connection)
            parked = parked_plans(connection)
        if self._mending.done(connection, targets, parked, lanes):
            self._forget()
            return True
        aside: dict[tuple[str, int], set[UUID]] = {}
        for place in parked:
            aside.setdefault((place.view, place.generation), set()).add(place.plan)
        worked = [self._take(connection, crew, lanes, aside) for crew in crews(targets, lanes)]
        return any(worked) or self._upkeep.done(connection, targets)

    def _take(
        self,
        connection: Connection,
        crew: Crew,
        lanes: frozenset[int],
        parked: Mapping[tuple[str, int], set[UUID]],
    ) -> bool:
        """Take the next page in for these generations; false when the log has no more for them."""
        intake = self._intakes[crew.is_live]
        page = intake.page(crew, lanes, self._batch)
        if not page:
            return False
        folds = intake.folds(crew, [row for row in page if crew.needs(row, lanes)])
        nothing: set[UUID] = set()
        taken = [intake.taken(folds, t, parked.get((t.view, t.generation), nothing)) for t in crew.targets]
        write(connection, taken, lanes, page[-1][0])
        self._folders[crew.is_live].trim()
        PROJECTED.inc(len(page))
        return True

    def _connected(self) -> Connection:
        if self._connection is None or self._connection.invalidated:
            self._connection = self._database.engine.connect()
            with transaction(self._connection):
                generations.retire_strangers(self._connection, lambda: self._log.head()[0])
                generations.begin(self._connection, self._views, self._log.head()[0])
        return self._connection

    def _forget(self) -> None:
        for folder in self._folders.values():
            folder.clear()
