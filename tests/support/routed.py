"""Routers beside a store, without the platform around them, and what their rows hold."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select

from domain.access import Access
from domain.access.turns import EVER, Turns
from domain.signals.changes import Changes
from domain.signals.routing import Routing
from services.directory.service import DirectoryService
from services.projection.lanes import AllLanes, LaneClaims
from services.reference_data import load_catalogue, load_policies, load_signal_types
from services.rules.adopting import AdoptedRules
from services.rules.in_force import RulesInForce
from services.signals.database import SignalDatabase
from services.signals.router import Router
from services.signals.tables import signals
from services.store.record_store import RecordStore


class Told(NamedTuple):
    """What a row says, without the number that it was given."""

    recipient: str
    event: UUID
    position: int
    type: str
    plan: UUID
    version: int
    draft: int
    relation: str
    sections: str
    commissioners: str


class SomeLanes:
    """These lanes and no other."""

    def __init__(self, some: frozenset[int]) -> None:
        self.some = some

    def held(self, _connection: Any) -> frozenset[int]:
        return self.some

    def release(self, _connection: Any) -> None:
        pass


def routing() -> Routing:
    """Who is told what, by the published types and the matrix."""
    catalogue = load_catalogue()
    return Routing(load_signal_types(), Access(load_policies(), catalogue), catalogue)


def router_of(
    store: RecordStore,
    database: SignalDatabase,
    lanes: LaneClaims | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    batch: int = 7,
) -> Router:
    """A router that takes small bites."""
    return Router(store, database, routing(), lanes or AllLanes(), now, changes_of(store), batch=batch)


def changes_of(store: RecordStore) -> Callable[[], Changes]:
    """Which matrix counts when, by what this store has adopted, else the published one; who answers for whom."""
    first = Turns.of([(EVER, load_policies())])
    rules = RulesInForce(AdoptedRules(store.adoption, store.rules_content), lambda: datetime.now(UTC))
    directory = directory_of(store)

    def changes() -> Changes:
        turns = rules.turns() if any(rules.adopted.current(anew=True).all("access-matrix")) else first
        return Changes(turns, directory.organisations(), directory.successions())

    return changes


def directory_of(store: RecordStore) -> DirectoryService:
    """The directory as another process has it: each answer is fresh."""
    seconds = count(0, 60)
    return DirectoryService(store.directory, lambda: datetime.now(UTC), clock=lambda: float(next(seconds)))


def rows(database: SignalDatabase) -> list[Any]:
    """Every row, by recipient and number."""
    with database.reading() as connection:
        return list(connection.execute(select(signals).order_by(signals.c.recipient, signals.c.number)))


def told(found: list[Any]) -> set[Told]:
    """What rows say."""
    return {Told(*(getattr(row, name) for name in Told._fields)) for row in found}


def faults(found: list[Any]) -> list[str]:
    """What must not be, whatever happened: a gap, a signal told twice, a plan's order turned round."""
    wrong = []
    last: dict[str, int] = {}
    versions: dict[tuple[str, UUID], int] = {}
    events: set[tuple[str, UUID]] = set()
    for row in found:
        if row.number != last.get(row.recipient, 0) + 1:
            wrong.append(f"{row.recipient} has {row.number} after {last.get(row.recipient, 0)}")
        if row.position < versions.get((row.recipient, row.plan), 0):
            wrong.append(f"{row.recipient} is told of {row.plan} out of order at {row.number}")
        if (row.recipient, row.event) in events:
            wrong.append(f"{row.recipient} is told twice of {row.event}")
        events.add((row.recipient, row.event))
        last[row.recipient] = row.number
        versions[row.recipient, row.plan] = row.position
    return wrong


def fresh(store: RecordStore, folder: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> set[Told]:
    """What a router tells that begins with the log's first event."""
    (folder / "fresh.sqlite").unlink(missing_ok=True)
    database = SignalDatabase(folder / "fresh.sqlite")
    router = router_of(store, database, batch=500, now=now)
    router.catch_up()
    router.close()
    found = told(rows(database))
    database.close()
    return found
