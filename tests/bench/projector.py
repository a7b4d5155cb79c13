"""Catching up with the log: the projector against the library's ProjectionRunner, on one view, on one PostgreSQL.

Both read the same sealed log, open the same events with the same keys, fold the same plans with the same fold, seal the
same rows of the view of current plans and write them into tables of one form. The runner does so as the library has it:
event by event, each with its tracking record in a transaction of its own. The projector takes the events in as they
came; `rebuild-vs-runner` is the same view made anew, plan by plan.
"""

import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import psycopg
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from eventsourcing.utils import EnvType
from psycopg.sql import SQL, Identifier
from sqlalchemy import text

from domain.plan.events import HistoryEntry
from services.projection.current import CurrentPlans
from services.projection.database import ViewDatabase
from services.projection.folding import Folder
from services.projection.generations import begin
from services.projection.lanes import SharedLanes
from services.projection.projector import Projector
from services.projection.sealing import seal
from services.store.application import PlanLog
from services.store.file_keyring import FileKeyring
from services.store.postgres.store import open_postgres
from services.store.record_store import RecordStore
from tests.bench.measuring import Row, alternate, seconds
from tests.bench.setting import Bench
from tests.support.projected import shared_views
from tests.support.recording import Recording, opening, random_event

EVENTS, PLANS = 6_000, 600
TOGETHER = 200


def projector_rows(bench: Bench) -> Iterator[Row]:
    """Events a second, ours and the runner's."""
    with bench.empty_database() as url, tempfile.TemporaryDirectory() as folder:
        database = shared_views(url)
        with open_postgres(url, keyring=FileKeyring(Path(folder) / "keyring")) as store:
            _fill(store)
            for name, built_to in (("projector-vs-runner", 0), ("rebuild-vs-runner", EVENTS)):
                ours, reference = alternate(
                    lambda built_to=built_to: EVENTS / _projected(store, database, built_to),
                    lambda: EVENTS / _run(store, url),
                    bench.rounds,
                )
                yield Row(id=name, ours=ours, reference=reference, unit="events/s", rounds=bench.rounds, at_least=10)
        database.close()


def _fill(store: RecordStore) -> None:
    """Plans that grow side by side, as they do in a council."""
    recording, dice = Recording(store), random.Random(1)
    plans: list[UUID] = []
    for start in range(0, EVENTS, TOGETHER):
        events = []
        for number in range(start, start + TOGETHER):
            if number % (EVENTS // PLANS) == 0:
                plans.append(uuid4())
                effects = opening("Aled Ottershaw", "2014-03-02", "855")
                events.append(recording.sealed(plans[-1], "assessment-requested", {"effects": effects}))
                continue
            plan = dice.choice(plans)
            kind, effects, data = random_event(dice, recording.sequences[plan])
            effects.pop("annuls", None)  # a plan folded anew is not what is compared
            events.append(recording.sealed(plan, kind, {**data, "effects": effects}))
        recording.append(*events)


def _projected(store: RecordStore, database: ViewDatabase, built_to: int) -> float:
    with database.writing() as connection:
        for table in ("view_generation", "view_position", "view_current"):
            connection.execute(text(f"TRUNCATE {table}"))
        begin(connection, ["current"], built_to)
    projector = Projector(store, database, [CurrentPlans()], SharedLanes())
    taken = seconds(projector.catch_up)
    projector.close()
    return taken


class RunnerView(PostgresTrackingRecorder):
    """The view of current plans as the library's documentation has views: rows and tracking in one transaction."""

    table: ClassVar = SQL("runner_current")

    def __init__(self, datastore: PostgresDatastore, **more: Any) -> None:
        super().__init__(datastore, **more)
        self.sql_create_statements.append(
            SQL(
                "CREATE TABLE IF NOT EXISTS runner_current (generation int4, plan uuid, sequence int4,"
                " council varchar(3), phase varchar(30), version int4, text int4, sealed bytea,"
                " PRIMARY KEY (generation, plan))"
            )
        )

    def upsert(self, row: tuple[Any, ...], tracking: Tracking) -> None:
        """One plan's row, and how far the view is."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(
                "INSERT INTO runner_current VALUES (1,%s,%s,%s,%s,%s,%s,%s)"
                " ON CONFLICT (generation, plan) DO UPDATE SET"
                " sequence = excluded.sequence, council = excluded.council, phase = excluded.phase,"
                " version = excluded.version, text = excluded.text, sealed = excluded.sealed",
                row,
                prepare=True,
            )


class RunnerProjection(Projection[RunnerView]):
    """Folds and seals as ours does, event by event."""

    name = "current"
    topics = ()
    store: ClassVar[RecordStore]

    def __init__(self, view: RunnerView) -> None:
        super().__init__(view)
        self._folder = Folder(self.store, lambda _plans: {})

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        entry: HistoryEntry = domain_event
        fold = self._folder.fold(entry.plan, [entry])
        key = self.store.keys.children((entry.plan,))[entry.plan]
        changes = CurrentPlans().changes(fold, lambda t, n, content: seal(key, t, entry.plan, n, content))
        for _, row in changes.added:
            self.view.upsert(row, tracking)


def _run(store: RecordStore, address: str) -> float:
    class Log(PlanLog):
        """The store's log, as the runner asks for an application."""

        def __init__(self, env: EnvType | None = None) -> None:  # noqa: ARG002 - the runner's signature
            given = store.application
            super().__init__(given.recorder, given.mapper)

        def close(self) -> None:
            """The store stays open."""

    RunnerProjection.store = store
    place = urlsplit(address)
    env = {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": place.path.lstrip("/"),
        "POSTGRES_HOST": place.hostname or "",
        "POSTGRES_PORT": str(place.port),
        "POSTGRES_USER": place.username or "",
        "POSTGRES_PASSWORD": place.password or "",
    }

    def catch_up() -> None:
        with ProjectionRunner(
            application_class=Log, projection_class=RunnerProjection, view_class=RunnerView, env=env
        ) as runner:
            runner.wait(EVENTS, timeout=600)

    taken = seconds(catch_up)
    with _cleared(address):
        return taken


@contextmanager
def _cleared(address: str) -> Iterator[None]:
    """The runner starts from nothing in the next round."""
    with psycopg.connect(address, autocommit=True) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            connection.execute(SQL("DROP TABLE {}").format(Identifier(table)))
    yield
