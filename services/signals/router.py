"""The router: a projector over the log that makes rows of signals, lane by lane, batch by batch.

Rows and positions of a batch are one transaction, so that an event is told exactly once whatever is killed. A plan that
can't be followed is parked and the others go on. Erasures are followed as the log is: whoever was told of the plan is
told that there is nothing to follow any more. Days on which an entitlement begins or ends are followed when they come,
and so is every other edition of the access matrix, and every succession in the directory (docs/decisions/0020).
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from prometheus_client import Counter, Gauge
from sqlalchemy import Connection, select, update

from domain.access.turns import EVER
from domain.plan.events import HistoryEntry
from domain.signals.changes import Changes
from domain.signals.routing import Routing, withdrawals
from services.projection.crews import Crew
from services.projection.folding import Folder
from services.projection.generations import LANES, LIVE, Superseded, Target
from services.projection.intake import Failure, Intake
from services.projection.lanes import LaneClaims, lane_of
from services.projection.log import PASSING, Log
from services.side_database import end_session, transaction
from services.signals import writing
from services.signals.database import SignalDatabase
from services.signals.tables import lanes, parked
from services.signals.turning import Reached, turn_lanes
from services.signals.unprompted import TOGETHER, Lanes, Unprompted
from services.signals.walking import Standing, Walk, Walker
from services.store.framing import microseconds
from services.store.log_table import Row

BATCH: Final = 500
"""How many events are read at a time."""

ROUTED: Final = Counter("ehcp_signals_written", "Signals written by this process")
POSITION: Final = Gauge("ehcp_signals_position", "Up to which position of the log this process has routed its lanes")
PARKED: Final = Counter("ehcp_signal_plans_parked", "Plans that the router had to park since the start")
_log = logging.getLogger(__name__)


class Marks(Protocol):
    """Told that signals were written, for whoever waits for them in this process."""

    def __call__(self) -> None:
        """Look again."""


class Router:
    """Works in the lanes that it can have."""

    def __init__(
        self,
        log: Log,
        database: SignalDatabase,
        routing: Routing,
        claims: LaneClaims,
        now: Callable[[], datetime],
        turns: Callable[[], Changes],
        *,
        batch: int = BATCH,
        written: Marks = lambda: None,
    ) -> None:
        """Nothing is touched before the first step.

        `now` says which days have come, `turns` what else counts from when on; `written` is told of new rows.
        """
        self._log = log
        self._database = database
        self._claims = claims
        self._now = now
        self._batch = batch
        self._written = written
        self._folder = Folder(log, lambda _plans: {})
        self._intake = Intake(log, self._folder, {})
        self._turns = turns
        self._walker = Walker(routing, self._folder, log, turns)
        self._unprompted = Unprompted(log, self._folder, self._walker, turns, now)
        self._connection: Connection | None = None
        self._seen: frozenset[int] = frozenset()

    def step(self) -> bool:
        """Do the next piece of work; false when there is none at the moment.

        Raises one of PASSING when the database or the log can't be reached; nothing is then half done.
        """
        try:
            connection = self._connected()
            held = self._claims.held(connection)
            if held != self._seen:
                self._folder.clear()
                self._unprompted.look_again()
                self._seen = held
            return bool(held) and self._work(connection, held)
        except Superseded:
            self._folder.clear()
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
        self._folder.clear()
        self._unprompted.look_again()
        self._seen = frozenset()
        connection, self._connection = self._connection, None
        if connection is not None:
            end_session(connection)

    def _connected(self) -> Connection:
        if self._connection is None or self._connection.invalidated:
            self._connection = self._database.engine.connect()
            with transaction(self._connection):
                writing.begin(self._connection)
        return self._connection

    def _work(self, connection: Connection, held: frozenset[int]) -> bool:
        with transaction(connection, writes=False):
            rows = connection.execute(select(lanes).where(lanes.c.lane.in_(held))).all()
            aside = {row.plan: bool(row.retry) for row in connection.execute(select(parked))}
        at = Lanes(
            stood={row.lane: row.position for row in rows},
            erasures={row.lane: row.erasures for row in rows},
            reached={row.lane: Reached.of(row) for row in rows},
            aside=aside,
        )
        again = [plan for plan, retry in aside.items() if retry and lane_of(plan.bytes) in held]
        return (
            self._follow_erasures(connection, at.erasures)
            or self._try_again(connection, at, again)
            or self._take_page(connection, at)
            or self._follow_turn(connection, at)
            or self._follow_days(connection, at)
        )

    def _take_page(self, connection: Connection, at: Lanes) -> bool:
        stood = at.stood
        page = self._intake.page(self._crew(stood), stood, self._batch)
        if not page:
            return False
        failures: dict[UUID, Failure] = {}
        plans: dict[UUID, list[HistoryEntry]] = {}
        for entry in self._intake.opened(self._mine(page, stood, at.aside), failures):
            plans.setdefault(entry.plan, []).append(entry)
        with transaction(connection, writes=False):
            known = writing.standings(connection, plans)
        walks = []
        for plan, entries in plans.items():
            if plan not in failures:
                walk = Walk(plan, known[plan], at.followed(plan, self._turns()))
                walks += self._walked(walk, entries, failures)
        with transaction(connection):
            # The positions first: whoever comes second waits here, and then finds that the page was taken.
            writing.advance(connection, stood, page[-1][0])
            new = writing.write(connection, walks)
            for plan, (position, error) in failures.items():
                self._park(connection, plan, position, error)
        self._folder.trim()
        POSITION.set(page[-1][0])
        self._tell(new)
        return True

    def _mine(self, page: Sequence[Row], stood: Mapping[int, int], aside: Mapping[UUID, bool]) -> list[Row]:
        return [
            row
            for row in page
            if (lane := lane_of(row[1])) in stood and stood[lane] < row[0] and UUID(bytes=row[1]) not in aside
        ]

    def _walked(
        self, walk: Walk, entries: Sequence[HistoryEntry], failures: dict[UUID, Failure], upto: datetime = EVER
    ) -> list[Walk]:
        """The plan walked through its events, and on to an instant if that is later; nothing when it can't be."""
        if entries[0].sequence == 1:  # Before it nobody was told of a plan, whatever an earlier walk has left.
            walk.standing = Standing()
        try:
            self._walker.events(walk, entries)
            if upto > entries[-1].time:
                self._walker.changes(walk, self._folder.upto(walk.plan, entries[-1].sequence + 1), upto)
        except PASSING:
            raise
        except Exception as error:  # noqa: BLE001 - this plan can't be followed; the others go on
            failures[walk.plan] = entries[0].position, type(error).__name__
            self._folder.forget(walk.plan)
            return []
        return [walk]

    def _try_again(self, connection: Connection, at: Lanes, plans: Sequence[UUID]) -> bool:
        """Follow plans that were parked from their first event: only what they were not told is then new."""
        for plan in plans:
            upto = at.position(plan)
            failures: dict[UUID, Failure] = {}
            self._folder.forget(plan)
            entries = [entry for entry in self._log.read_plan(plan) if entry.position <= upto]
            turned = at.followed(plan, self._turns())
            walks = self._walked(Walk(plan, Standing()), entries, failures, turned) if entries else []
            with transaction(connection):
                writing.unpark(connection, plan)
                self._tell(writing.write(connection, walks))
                for failed, (position, error) in failures.items():
                    self._park(connection, failed, position, error)
            self._unprompted.look_again()
        return bool(plans)

    def _follow_erasures(self, connection: Connection, handled: Mapping[int, int]) -> bool:
        first, known = min(handled.values()), len(self._log.keys.erasures)
        upto = min(known, first + TOGETHER)
        if upto <= first:
            return False
        numbered = list(enumerate(self._log.keys.erasures.since(first)[: upto - first], first))
        gone = {
            entry.plan
            for number, entry in numbered
            if entry.sequence is None and handled.get(lane_of(entry.plan.bytes), upto) <= number
        }
        for _, entry in numbered:
            self._folder.forget(entry.plan)
        place = self._log.head()[0], microseconds(self._now())
        with transaction(connection):
            known_parties = writing.standings(connection, gone)
            walks = [
                Walk(plan, Standing(), rows=[(told, *place) for told in withdrawals(plan, standing.parties)])
                for plan, standing in known_parties.items()
            ]
            new = writing.write(connection, walks)
            behind = (lanes.c.lane.in_(sorted(handled)), lanes.c.erasures < upto)
            connection.execute(update(lanes).where(*behind).values(erasures=upto))
        self._tell(new)
        return True

    def _follow_turn(self, connection: Connection, at: Lanes) -> bool:
        """Plans for which another edition of the matrix, or another organisation, has begun to count."""
        sweep = self._unprompted.turned(connection, at)
        if sweep is None:
            return False
        mine = [plan for plan in sweep.plans if plan not in at.aside]
        self._changed(connection, at, mine, sweep.turn, lambda: turn_lanes(connection, sweep))
        return True

    def _follow_days(self, connection: Connection, at: Lanes) -> bool:
        plans = self._unprompted.due(connection, at)
        if plans:
            self._changed(connection, at, plans, self._unprompted.until)
        return bool(plans)

    def _changed(
        self,
        connection: Connection,
        at: Lanes,
        plans: Sequence[UUID],
        upto: datetime,
        moved: Callable[[], None] = lambda: None,
    ) -> None:
        """Tell what has changed for these plans up to an instant without an event of theirs."""
        failures: dict[UUID, Failure] = {}
        with transaction(connection):
            moved()
            new = writing.write(connection, self._unprompted.walks(connection, at, plans, upto, failures))
            for plan, (position, error) in failures.items():
                self._park(connection, plan, position, error)
        self._tell(new)

    def _crew(self, stood: Mapping[int, int]) -> Crew:
        """The one generation that signals have, as intake knows generations."""
        return Crew((Target("signals", 1, LIVE, 0, {lane: stood.get(lane, 0) for lane in LANES}),))

    def _park(self, connection: Connection, plan: UUID, position: int, error: str) -> None:
        writing.park(connection, plan, position, error)
        PARKED.inc()
        _log.error("signals of plan %s are parked since position %d: %s", plan, position, error)

    def _tell(self, new: int) -> None:
        if new:
            ROUTED.inc(new)
            self._written()
