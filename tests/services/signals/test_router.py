"""The router on each database: told once, numbered without a gap, to those who may know and to nobody else."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from domain.signals.types import GRANTED, WITHDRAWN
from services.projection.generations import Superseded
from services.projection.lanes import lane_of
from services.signals import writing
from services.signals.database import SignalDatabase
from services.signals.tables import lanes, parked, signals
from services.store.embedded import open_embedded
from services.store.errors import UnknownStoreVersion
from services.store.postgres.migrating import migrate
from tests.support.recording import Recording
from tests.support.routed import SomeLanes, faults, fresh, router_of, routing, rows, told

COUNCIL, OTHER, SCHOOL = "la:855", "la:936", "urn:199101"


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Recording]:
    with open_embedded(tmp_path / "record") as store:
        yield Recording(store)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SignalDatabase]:
    if request.param == "sqlite":
        found = SignalDatabase(tmp_path / "signals.sqlite")
    else:
        address = request.getfixturevalue("postgres")
        migrate(address)
        found = SignalDatabase(address)
    yield found
    found.close()


def routed(record: Recording, database: SignalDatabase, **more: Any) -> None:
    router = router_of(record.store, database, **more)
    try:
        router.catch_up()
    finally:
        router.close()


def to(database: SignalDatabase, recipient: str) -> list[str]:
    return [row.type for row in rows(database) if row.recipient == recipient]


def consulted(record: Recording, plan: UUID, status: str = "SENT") -> None:
    case = {"kind": "consultation", "id": "c-1", "status": status, "data": {"organisation": SCHOOL}}
    kind = "setting-consulted" if status == "SENT" else "consultation-withdrawn"
    record.add(plan, kind, {"cases": [case]}, {"consultationId": "c-1"})


def test_a_random_history_is_told_without_a_gap_and_the_same_in_bites_of_any_size(
    record: Recording, database: SignalDatabase, tmp_path: Path
) -> None:
    dice = random.Random(7)
    for _ in range(6):
        for _ in range(40):
            record.random_step(dice)
        routed(record, database, batch=dice.randint(1, 60))
    found = rows(database)
    assert len(found) > 100
    assert faults(found) == []
    assert told(found) == fresh(record.store, tmp_path)


def test_routing_again_from_the_beginning_renumbers_nothing(record: Recording, database: SignalDatabase) -> None:
    dice = random.Random(8)
    for _ in range(120):
        record.random_step(dice)
    routed(record, database)
    before = [tuple(row) for row in rows(database)]
    with database.writing() as connection:
        connection.execute(update(lanes).values(position=0))
    routed(record, database)
    assert [tuple(row) for row in rows(database)] == before


def test_whoever_comes_second_with_a_page_writes_nothing(record: Recording, database: SignalDatabase) -> None:
    record.open()
    routed(record, database)
    with pytest.raises(Superseded), database.writing() as connection:
        writing.advance(connection, {lane_of(next(iter(record.sequences)).bytes): 0}, 5)


def test_a_consulted_school_is_told_of_its_matter_and_of_its_end_and_then_nothing(
    record: Recording, database: SignalDatabase
) -> None:
    plan = record.open()
    consulted(record, plan)
    consulted(record, plan, "WITHDRAWN")
    record.finalise(plan, urn="199102")
    routed(record, database)
    assert to(database, SCHOOL) == ["ehcp-consultation-opened-1", WITHDRAWN]
    assert to(database, "urn:199102") == ["ehcp-plan-finalised-1"]


def test_another_schools_consultation_is_told_to_no_school(record: Recording, database: SignalDatabase) -> None:
    plan = record.open()
    consulted(record, plan)
    data = {"organisation": "urn:199103"}
    case = {"kind": "consultation", "id": "c-2", "status": "SENT", "data": data}
    record.add(plan, "setting-consulted", {"cases": [case]}, {"consultationId": "c-2"})
    routed(record, database)
    assert to(database, SCHOOL) == ["ehcp-consultation-opened-1"]
    assert to(database, "urn:199103") == ["ehcp-consultation-opened-1"]


@pytest.mark.parametrize(
    "kind", ["identity-sealed", "restriction-decided", "sharing-declined", "disclosed", "legal-hold-set", "accessed"]
)
def test_what_must_not_be_known_is_told_to_nobody(record: Recording, database: SignalDatabase, kind: str) -> None:
    plan = record.open()
    record.finalise(plan, urn="199101")
    routed(record, database)
    before = len(rows(database))
    record.add(plan, kind, {}, {"reason": "Nobody's business"})
    routed(record, database)
    assert len(rows(database)) == before


def test_a_school_that_knew_an_identity_before_it_was_sealed_is_told_nothing_of_it_afterwards(
    record: Recording, database: SignalDatabase
) -> None:
    plan = record.open()
    consulted(record, plan)
    record.add(plan, "identity-sealed", {"sealed": {"from": 3}, "sealedFrom": 3}, {"reason": "ADOPTION"})
    routed(record, database)
    assert {row.type for row in rows(database) if row.recipient == SCHOOL} <= {"ehcp-consultation-opened-1", WITHDRAWN}


def test_an_erased_plan_is_withdrawn_from_everybody(record: Recording, database: SignalDatabase) -> None:
    plan, other = record.open(), record.open()
    record.finalise(plan, urn="199101")
    routed(record, database)
    record.store.erase_plan(plan)
    record.finalise(other, urn="199101")
    routed(record, database)
    found = [row for row in rows(database) if row.plan == plan]
    last = {row.recipient: row.type for row in found}
    assert {COUNCIL, SCHOOL} <= last.keys()
    assert set(last.values()) == {WITHDRAWN}
    versions = [row.position for row in found if row.recipient == COUNCIL]
    assert versions == sorted(versions)
    assert faults(rows(database)) == []


def test_a_plan_that_was_erased_before_it_was_told_is_told_to_nobody(
    record: Recording, database: SignalDatabase
) -> None:
    plan = record.open()
    record.store.erase_plan(plan)
    routed(record, database)
    assert [row for row in rows(database) if row.plan == plan] == []


def test_what_a_day_brings_is_told_on_that_day(record: Recording, database: SignalDatabase) -> None:
    plan = record.open()
    until = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    case = {
        "kind": "consultation",
        "id": "c-1",
        "status": "SENT",
        "data": {"organisation": SCHOOL, "accessUntil": until},
    }
    record.add(plan, "setting-consulted", {"cases": [case]}, {"consultationId": "c-1"})
    routed(record, database)
    assert to(database, SCHOOL) == ["ehcp-consultation-opened-1"]
    routed(record, database, now=lambda: datetime.now(UTC) + timedelta(days=30))
    assert to(database, SCHOOL) == ["ehcp-consultation-opened-1"]
    for _ in range(2):
        routed(record, database, now=lambda: datetime.now(UTC) + timedelta(days=32))
    assert to(database, SCHOOL) == ["ehcp-consultation-opened-1", WITHDRAWN]


def test_a_plan_that_can_not_be_followed_stops_none_of_the_others(
    record: Recording, database: SignalDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = record.open(), record.open(council="936")
    decide = type(routing()).of_event

    def failing(self: Any, before: Any, state: Any, *more: Any) -> Any:
        if state.plan_id == str(bad):
            raise LookupError("a word of a child")
        return decide(self, before, state, *more)

    with monkeypatch.context() as patched:
        patched.setattr(type(routing()), "of_event", failing)
        routed(record, database)
    assert (to(database, COUNCIL), to(database, OTHER)) == ([], [GRANTED])
    with database.writing() as connection:
        (found,) = connection.execute(select(parked))
        assert (found.plan, found.position, found.error) == (bad, 1, "LookupError")
        connection.execute(update(parked).values(retry=1))
    record.finalise(bad, urn="199101")
    routed(record, database)
    assert to(database, COUNCIL) == [GRANTED, "ehcp-plan-finalised-1"]
    assert to(database, SCHOOL) == ["ehcp-plan-finalised-1"]
    assert good != bad
    assert faults(rows(database)) == []


def test_a_file_of_another_release_is_not_touched(tmp_path: Path) -> None:
    database = SignalDatabase(tmp_path / "signals.sqlite")
    with database.writing() as connection:
        connection.exec_driver_sql("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(UnknownStoreVersion, match="form 99"):
        SignalDatabase(tmp_path / "signals.sqlite")


@pytest.mark.parametrize("form", [1, 2, 3])
def test_a_file_of_an_earlier_form_is_brought_up_and_keeps_its_signals(
    record: Recording, tmp_path: Path, form: int
) -> None:
    file = tmp_path / "signals.sqlite"
    database = SignalDatabase(file)
    record.finalise(record.open(), urn="199101")
    routed(record, database)
    before = rows(database)
    with database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE subscription DROP COLUMN issuer")
        for column in ("turn", "turned") if form < 3 else ():
            connection.exec_driver_sql(f"ALTER TABLE signal_lane DROP COLUMN {column}")
        if form == 1:
            connection.exec_driver_sql("ALTER TABLE signal ADD COLUMN sequence INTEGER NOT NULL DEFAULT 7")
        connection.exec_driver_sql(f"PRAGMA user_version = {form}")
    database.close()
    again = SignalDatabase(file)
    routed(record, again)
    assert rows(again) == before
    with again.writing() as connection:
        assert "sequence" not in [row.name for row in connection.exec_driver_sql("PRAGMA table_info(signal)")]
    again.close()


def test_numbers_are_given_once_by_two_who_write_at_the_same_time(record: Recording, database: SignalDatabase) -> None:
    """Two routers with half of the lanes each, turn by turn in bites of one event."""
    dice = random.Random(9)
    for _ in range(80):
        record.random_step(dice)
    halves = [router_of(record.store, database, SomeLanes(frozenset(range(start, 16, 2))), batch=1) for start in (0, 1)]
    working = True
    while working:
        working = sum(router.step() for router in halves) > 0
    for router in halves:
        router.close()
    found = rows(database)
    assert faults(found) == []
    with database.reading() as connection:
        assert connection.scalar(select(signals.c.number).order_by(signals.c.number.desc())) is not None
