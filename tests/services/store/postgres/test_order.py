"""A batch gives each caller exactly what it would have got alone, in order; on SQLite too."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Protocol
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from services.store import idempotency, key_rows, register
from services.store.batch import BatchWriter
from services.store.database import SqliteDatabase
from services.store.erasures import ErasureRegister
from services.store.file_keyring import FileKeyring
from services.store.key_store import KeyStore
from services.store.log_table import LogTable
from services.store.postgres import batches
from services.store.postgres.batches import PostgresBatches
from services.store.postgres.database import PostgresDatabase
from services.store.postgres.erasure_table import ErasureTable
from services.store.postgres.key_tables import key_tables
from services.store.sql import Database
from services.store.values import (
    DRAFT_LOG,
    LOGS,
    PLAN_LOG,
    Appended,
    AppendGroup,
    ChildKeyRow,
    IdempotencyRecord,
    Outcome,
    PlanMatch,
    RegisterChange,
    SealedEvent,
)
from tests.support.postgres import empty_database

KNOWN, NEW, OTHER, ERASED = range(4)
"""Plans: one with two events, two that are not there yet, one whose key was destroyed."""

NOW = 1_790_000_000_000_000
RECORD_TABLES = {
    "plan_event": "position, stream, sequence, type, time, state",
    "draft_event": "position, stream, sequence, type, time, state",
    "plan_register": "plan, council, phase, version, opened_position, updated_position, retired_into",
    "plan_match": "kind, council, blinded, plan",
    "plan_stream": "plan, log, opened_position, stream",
    "request": "request, body, plan, written, created",
}
KEY_TABLES = {
    "child_key": "plan, council, key_id, wrapped, root, rows_upto",
    "event_key": "stream, sequence, event_id, plan, wrapped",
}


class Asked(Struct, frozen=True):
    """What one caller asks for. Events are (plan or draft, first sequence, how many).

    Changes are (plan, references), None for references that stay as they were.
    """

    plans: tuple[tuple[int, int, int], ...]
    drafts: tuple[tuple[int, int, int], ...]
    request: int | None
    changes: tuple[tuple[int, tuple[int, ...] | None], ...]
    rival: bool


@st.composite
def everybody(draw: st.DrawFn) -> list[Asked]:
    """Callers who mostly fit, and now and then get in each other's way in every manner there is."""
    following: dict[tuple[str, int], int] = defaultdict(lambda: 1, {("plan", KNOWN): 3, ("plan", ERASED): 2})
    asked = []
    for _ in range(draw(st.integers(1, 12))):
        plans = tuple(_runs(draw, "plan", following, 4))
        drafts = tuple(_runs(draw, "draft", following, 3, least=0 if plans else 1))
        changed = draw(st.sets(st.sampled_from(sorted({p for p, _, _ in plans})))) if plans else set()
        free = draw(st.permutations(range(3)))
        # No reference twice in one group: that is the caller's own mistake, and each database words it its own way.
        said = [draw(st.integers(0, 3)) > 0 for _ in changed]
        changes = tuple((p, tuple(free[n : n + 1]) if said[n] else None) for n, p in enumerate(sorted(changed)))
        request = draw(st.none() | st.integers(0, 3))
        asked.append(Asked(plans, drafts, request, changes, rival=draw(st.integers(0, 9)) == 0))
    return asked


def _runs(
    draw: st.DrawFn, kind: str, following: dict[tuple[str, int], int], streams: int, least: int = 0
) -> Iterator[tuple[int, int, int]]:
    for stream in sorted(draw(st.sets(st.integers(0, streams - 1), min_size=least, max_size=2))):
        length = draw(st.integers(1, 3))
        fits = draw(st.integers(0, 5)) > 0
        first = following[kind, stream] if fits else draw(st.integers(1, 6))
        if fits:
            following[kind, stream] += length
        yield stream, first, length


class World:
    """The names of one example: random, so that examples don't meet in the database that they share."""

    def __init__(self) -> None:
        self.plans = [uuid4() for _ in range(4)]
        self.drafts = [uuid4() for _ in range(3)]
        self.council = uuid4().hex
        self.salt = uuid4().bytes
        self.children = [self._child(plan) for plan in self.plans]
        self.rivals = [self._child(plan) for plan in self.plans]
        #: The plan that is there already, and the one that will be erased, each with the key of its child.
        self.seeding = [
            AppendGroup({PLAN_LOG: [self._first(plan, n) for n in range(1, upto)]})
            for plan, upto in ((KNOWN, 3), (ERASED, 2))
        ]

    def _child(self, plan: UUID) -> ChildKeyRow:
        return ChildKeyRow(plan, "855", "key-1", uuid4().bytes, uuid4().int >> 65)

    def event(self, log: str, plan: int, stream: UUID, sequence: int, *, rival: bool = False) -> SealedEvent:
        child = (self.rivals if rival else self.children)[plan]
        root = (child if plan != KNOWN else self.children[plan]).root
        brought = None if plan == KNOWN else child
        return SealedEvent(
            stream, sequence, f"{log}.changed", uuid4().bytes, uuid4(), self.plans[plan], root or 0, brought
        )

    def _first(self, plan: int, sequence: int) -> SealedEvent:
        event = self.event(PLAN_LOG, plan, self.plans[plan], sequence)
        return replace(event, child=self.children[plan])

    def group(self, asked: Asked) -> AppendGroup:
        events = {
            PLAN_LOG: [
                self.event(PLAN_LOG, plan, self.plans[plan], n, rival=asked.rival)
                for plan, first, length in asked.plans
                for n in range(first, first + length)
            ],
            DRAFT_LOG: [
                self.event(DRAFT_LOG, KNOWN, self.drafts[draft], n)
                for draft, first, length in asked.drafts
                for n in range(first, first + length)
            ],
        }
        return AppendGroup(
            {log: found for log, found in events.items() if found},
            None if asked.request is None else self._request(asked.request),
            tuple(self._change(plan, references) for plan, references in asked.changes),
        )

    def _request(self, number: int) -> IdempotencyRecord:
        return IdempotencyRecord(self.salt + bytes([number]), bytes(32), self.plans[KNOWN])

    def _change(self, plan: int, references: Sequence[int] | None) -> RegisterChange:
        matches = references and tuple(PlanMatch("localReference", self.council, bytes([n])) for n in references)
        return RegisterChange(plan=self.plans[plan], council="855", phase="DRAFTING", matches=matches)


class Batches(Protocol):
    """What is compared."""

    def write(self, groups: Sequence[AppendGroup]) -> list[Outcome]: ...


class Side:
    """One database with its writer; positions count from where the example began."""

    def __init__(self, database: Database, keys: KeyStore, batches: Batches) -> None:
        self.database = database
        self.keys = keys
        self.batches = batches

    def seed(self, world: World) -> None:
        self.base = {log: self._head(log) for log in LOGS}
        for outcome in self.batches.write(world.seeding):
            assert not isinstance(outcome, Exception), outcome
        self.keys.destroy_child(world.plans[ERASED])

    def together(self, groups: Sequence[AppendGroup]) -> list[Any]:
        return [self._told(outcome) for outcome in self.batches.write(groups)]

    def one_by_one(self, groups: Sequence[AppendGroup]) -> list[Any]:
        return [self._told(self.batches.write((group,))[0]) for group in groups]

    def tables(self, names: dict[str, str], world: World) -> dict[str, list[Any]]:
        """What the tables hold of this example."""
        found = {}
        with self.database.reader() as connection:
            for table, columns in names.items():
                rows = connection.execute(f"SELECT {columns} FROM {table}").fetchall()  # noqa: S608 — our own names
                found[table] = sorted(self._relative(table, row) for row in rows if _concerns(row, world))
        return found

    def _relative(self, table: str, row: Any) -> Any:
        columns = {**RECORD_TABLES, **KEY_TABLES}[table].split(", ")
        log = DRAFT_LOG if table in {"draft_event", "plan_stream"} else PLAN_LOG
        pairs = zip(columns, row, strict=True)
        return [repr(value - self.base[log] if "position" in name else value) for name, value in pairs]

    def _told(self, outcome: Outcome) -> Any:
        if isinstance(outcome, Exception):
            return type(outcome), vars(outcome), str(outcome)
        return [self._placed(item) for item in outcome]

    def _placed(self, item: Appended) -> Any:
        return item.log, item.position - self.base[item.log], item.time, item.event

    def _head(self, log: str) -> int:
        with self.database.reader() as connection:
            return LogTable(log).head(connection)[0]


def _concerns(row: Any, world: World) -> bool:
    names = {plan.bytes for plan in (*world.plans, *world.drafts)}
    return not names.isdisjoint(value for value in row if isinstance(value, bytes))


@pytest.fixture(scope="module")
def sides(
    postgres_server: str, migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Side]]:
    """Two databases of PostgreSQL and one of SQLite."""
    folder = tmp_path_factory.mktemp("sides")
    keyring = FileKeyring(folder / "keyring")
    tables = {log: LogTable(log) for log in LOGS}
    statements = [*register.STATEMENTS, *idempotency.STATEMENTS]
    statements += [statement for table in tables.values() for statement in table.statements]
    file = SqliteDatabase(folder / "record.sqlite", statements)
    key_file = SqliteDatabase(folder / "keys.sqlite", key_rows.STATEMENTS)
    keys = KeyStore(key_rows.tables_of(key_file, file), keyring, ErasureRegister(folder / "erasures.ndjson"))
    embedded = Side(file, keys, BatchWriter(file, keys, tables, lambda: NOW))
    with (
        empty_database(postgres_server, migrated_template) as one,
        empty_database(postgres_server, migrated_template) as two,
    ):
        servers = [_on_postgresql(url, keyring) for url in (one, two)]
        yield [*servers, embedded]
        for side in servers:
            side.batches.close()  # type: ignore[attr-defined]
            side.database.close()
    file.close()
    key_file.close()


def _on_postgresql(url: str, keyring: FileKeyring) -> Side:
    database = PostgresDatabase(url)
    keys = KeyStore(key_tables(database), keyring, ErasureTable(database))
    return Side(database, keys, PostgresBatches(database.conninfo, keys, lambda: NOW))


@given(asked=everybody())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_a_batch_gives_each_caller_what_it_would_have_got_alone(sides: list[Side], asked: list[Asked]) -> None:
    batch, single, embedded = sides
    world = World()
    for side in sides:
        side.seed(world)
    groups = [world.group(one) for one in asked]
    told = batch.together(groups)
    assert told == single.one_by_one(groups)
    every = {**RECORD_TABLES, **KEY_TABLES}
    assert batch.tables(every, world) == single.tables(every, world)
    if any(one.rival for one in asked):
        return  # SQLite keeps a child's first key even if its group is then refused; only one of two can win anyway
    assert told == embedded.one_by_one(groups)
    assert batch.tables(RECORD_TABLES, world) == embedded.tables(RECORD_TABLES, world)


def test_the_examples_meet_every_kind_of_refusal(sides: list[Side]) -> None:
    """The property above would prove little if its callers never got in each other's way."""
    batch = sides[0]
    world = World()
    batch.seed(world)
    asked = [
        Asked(plans=((KNOWN, 3, 2),), drafts=((0, 1, 2),), request=0, changes=((KNOWN, (0,)),), rival=False),
        Asked(plans=((KNOWN, 3, 1),), drafts=(), request=None, changes=(), rival=False),
        Asked(plans=((KNOWN, 5, 1),), drafts=(), request=0, changes=(), rival=False),
        Asked(plans=((NEW, 1, 1),), drafts=(), request=None, changes=((NEW, (0,)),), rival=False),
        Asked(plans=((NEW, 1, 1),), drafts=(), request=None, changes=((NEW, (1,)),), rival=False),
        Asked(plans=((NEW, 2, 1),), drafts=(), request=None, changes=(), rival=True),
        Asked(plans=((ERASED, 2, 1),), drafts=(), request=None, changes=(), rival=False),
        Asked(plans=((KNOWN, 5, 1),), drafts=((0, 3, 1),), request=1, changes=(), rival=False),
    ]
    told = batch.together([world.group(one) for one in asked])
    names = [found[0].__name__ if isinstance(found, tuple) else len(found) for found in told]
    assert names == [
        4, "SequenceConflict", "RequestAlreadyRecorded", "DuplicateLocalReference", 1, "KeyConflict", "KeyDestroyed", 2,
    ]  # fmt: skip


def test_large_content_is_spread_over_several_commits(sides: list[Side], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH_BYTES", 100)
    batch = sides[0]
    world = World()
    batch.seed(world)
    (before,) = _transactions(batch)
    groups = [world.group(Asked(((KNOWN, n, 1),), (), None, (), rival=False)) for n in range(3, 23)]
    told = batch.together(groups)
    assert [found[0][1] for found in told] == list(range(4, 24))
    (after,) = _transactions(batch)
    assert 3 <= after - before <= 8


def _transactions(side: Side) -> tuple[int]:
    """In how many transactions the plan log was written."""
    with side.database.reader() as connection:
        found: tuple[int] = connection.execute("SELECT count(DISTINCT xmin::text) FROM plan_event").fetchone()
    return found
