"""An erasure by one process, in the middle of what another is doing: what was erased stays erased."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.persistence import IntegrityError

from domain.plan.events import Erased, PlanEvent
from services.store.errors import KeyConflict, KeyDestroyed, SequenceConflict
from services.store.file_keyring import FileKeyring
from services.store.key_rows import Replacement
from services.store.postgres.store import open_postgres
from services.store.values import DRAFT_LOG, PLAN_LOG, AppendGroup, SealedEvent, Snapshot, SnapshotErased
from tests.services.store.conftest import METADATA, Clock, Record


@pytest.fixture
def near(on_postgresql: Record, migrated: str, tmp_path: Path, clock: Clock) -> Iterator[Record]:
    """The record as a second process has it; `on_postgresql` is the first one's."""
    assert on_postgresql.folder == tmp_path
    with open_postgres(migrated, keyring=FileKeyring(tmp_path / "keyring"), clock=clock) as store:
        yield Record(store, tmp_path, clock)


@contextmanager
def held(url: str, table: str) -> Iterator["psycopg.Connection[tuple[int]]"]:
    """Nobody adds a row to the table meanwhile; reading goes on."""
    with psycopg.connect(url) as session:
        session.execute(f"LOCK TABLE {table} IN SHARE MODE".encode())
        yield session


def wait_for_blocked(session: "psycopg.Connection[tuple[int]]", number: int) -> None:
    """Until so many sessions wait for a lock of any kind."""
    while True:
        row = session.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        ).fetchone()
        if row is not None and row[0] >= number:
            return
        session.execute("SELECT pg_stat_clear_snapshot()")
        time.sleep(0.01)


def test_a_childs_first_key_does_not_come_back(on_postgresql: Record, near: Record, migrated: str, plan: UUID) -> None:
    event = on_postgresql.seal(plan, 1)
    with ThreadPoolExecutor(1) as pool:
        with held(migrated, "ehcp_keys.child_key") as session:
            appending = on_postgresql.store.submit(AppendGroup({PLAN_LOG: [event]}))
            wait_for_blocked(session, 1)
            erasing = pool.submit(near.store.erase_plan, plan)
            wait_for_blocked(session, 2)
        appending.result()
        erasing.result()
    for record in (near, on_postgresql):
        assert [type(entry) for entry in record.store.read_plan(plan)] == [Erased]
    with psycopg.connect(migrated) as connection:
        assert connection.execute("SELECT count(*) FROM ehcp_keys.child_key").fetchone() == (0,)
    with pytest.raises(KeyDestroyed):
        on_postgresql.append(on_postgresql.seal(plan, 2))


def test_a_snapshot_of_what_is_being_erased_is_not_kept(
    on_postgresql: Record, near: Record, migrated: str, plan: UUID
) -> None:
    on_postgresql.grow(plan, 3)
    snapshots = on_postgresql.store.snapshots
    erasures = snapshots.erasures_of(plan)
    with ThreadPoolExecutor(2) as pool:
        with held(migrated, "ehcp_keys.snapshot_key") as session:
            keeping = pool.submit(snapshots.put, Snapshot(plan, 3, 1, b"what event 2 said"), erasures)
            wait_for_blocked(session, 1)
            erasing = pool.submit(near.store.erase_event, plan, 2)
            wait_for_blocked(session, 2)
        keeping.result()
        erasing.result()
    for record in (near, on_postgresql):
        found = record.store.snapshots.newest(plan, 1)
        assert found is None or isinstance(found, SnapshotErased)
    with psycopg.connect(migrated) as connection:
        assert connection.execute("SELECT count(*) FROM ehcp_keys.snapshot_key").fetchone() == (0,)


def test_another_process_forgets_the_key_too(on_postgresql: Record, near: Record, plan: UUID) -> None:
    on_postgresql.grow(plan, 2)
    assert near.store.read_plan(plan)
    assert near.store.keys.children((plan,))
    on_postgresql.store.erase_plan(plan)
    while near.store.keys.children((plan,)):
        time.sleep(0.05)
    with pytest.raises(KeyDestroyed):
        near.seal(plan, 3)


def test_what_was_registered_and_not_carried_out_is_carried_out_by_another_process(
    on_postgresql: Record, near: Record, migrated: str, plan: UUID
) -> None:
    """As when a process dies between the two."""
    on_postgresql.grow(plan, 1)
    on_postgresql.store.keys.erasures.child(plan)
    with psycopg.connect(migrated, autocommit=True) as connection:
        while connection.execute("SELECT count(*) FROM ehcp_keys.child_key").fetchone() != (0,):
            time.sleep(0.05)
    assert [type(entry) for entry in near.store.read_plan(plan)] == [Erased]


def test_a_replay_says_nothing_of_a_child_that_another_process_erased_this_moment(
    on_postgresql: Record, near: Record, plan: UUID
) -> None:
    on_postgresql.append(*(on_postgresql.seal(plan, sequence) for sequence in (1, 2)))
    assert on_postgresql.store.remembers_child(plan)
    near.store.erase_plan(plan)
    assert [type(entry) for entry in on_postgresql.store.replay()] == [Erased, Erased]
    assert [type(entry) for entry in on_postgresql.store.read_plan(plan)] == [Erased, Erased]


def test_an_append_in_the_middle_of_a_puncture_is_looked_at_too(
    on_postgresql: Record, near: Record, plan: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever another process writes after the child's events were looked at, in any log, is written down as well."""
    on_postgresql.grow(plan, 2)
    draft = uuid4()
    keys = near.store.keys
    meanwhile: list[Callable[[], object]] = [
        lambda: on_postgresql.grow(plan, 3, start=3),
        lambda: on_postgresql.store.append(AppendGroup({DRAFT_LOG: [on_postgresql.seal(plan, 1, draft=draft)]})),
        lambda: on_postgresql.store.append(AppendGroup({DRAFT_LOG: [on_postgresql.seal(plan, 2, draft=draft)]})),
        lambda: on_postgresql.store.disclose([shown(on_postgresql, plan)]).result(),
        lambda: on_postgresql.store.keys.rewrap(plan, "936"),
    ]
    answers: list[bool] = []

    def late(change: Replacement) -> bool:
        if len(answers) < len(meanwhile):
            meanwhile[len(answers)]()
        answers.append(keys.tables.replace(change))
        return answers[-1]

    monkeypatch.setattr(keys._puncturing, "_tables", replace(keys.tables, replace=late))  # noqa: SLF001
    near.store.erase_event(plan, 1)
    assert answers == [False] * len(meanwhile) + [True]
    for record in (near, on_postgresql):
        assert [type(entry) for entry in record.store.read_plan(plan)] == [Erased, PlanEvent, PlanEvent]
        assert [type(entry) for entry in record.store.read_stream(DRAFT_LOG, draft)] == [PlanEvent] * 2
        assert [type(entry) for entry in record.store.disclosures(plan)] == [PlanEvent]


def test_whoever_writes_of_a_child_waits_while_one_of_its_keys_is_destroyed(
    on_postgresql: Record, plan: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the destruction, which looks again at whatever was appended meanwhile, would never come to its end."""
    on_postgresql.grow(plan, 2)
    keys, other = on_postgresql.store.keys, uuid4()
    on_postgresql.grow(other, 1)
    begun, written = threading.Event(), list[Future[SealedEvent]]()

    def sealed() -> SealedEvent:
        begun.set()
        return on_postgresql.seal(plan, 3)

    def slow(change: Replacement) -> bool:
        written.append(pool.submit(sealed))
        begun.wait()
        time.sleep(0.2)  # without the rule it is sealed by now, under the root that is to go
        assert not written[0].done()
        on_postgresql.seal(other, 2)  # nobody else waits
        return keys.tables.replace(change)

    monkeypatch.setattr(keys._puncturing, "_tables", replace(keys.tables, replace=slow))  # noqa: SLF001
    with ThreadPoolExecutor(1) as pool:
        on_postgresql.store.erase_event(plan, 1)
    on_postgresql.append(written[0].result())
    assert [type(entry) for entry in on_postgresql.store.read_plan(plan)] == [Erased, PlanEvent, PlanEvent]


def shown(record: Record, plan: UUID) -> SealedEvent:
    return record.store.seal_disclosure(plan, uuid4(), "ehcp.disclosure.recorded.v1", METADATA, {"what": "plan"})


def test_processes_that_append_and_destroy_at_once_lose_nothing_that_was_acknowledged(
    on_postgresql: Record, near: Record, plan: UUID
) -> None:
    on_postgresql.grow(plan, 1)
    over = threading.Event()

    def acting(record: Record) -> set[int]:
        """Appends what comes next until it is over; which of them it was told are on disk."""
        acknowledged: set[int] = set()
        while not over.is_set():
            try:
                sequence = record.store.read_plan(plan)[-1].sequence + 1
                record.append(record.seal(plan, sequence))
            except (KeyConflict, SequenceConflict):
                continue
            acknowledged.add(sequence)
        return acknowledged

    def reading(record: Record) -> int:
        entries = 0
        while not over.is_set():
            with suppress(IntegrityError):
                entries += len(record.store.disclose([shown(record, plan)]).result())
        return entries

    with ThreadPoolExecutor(4) as pool:
        acts = [pool.submit(acting, record) for record in (on_postgresql, near)]
        reads = [pool.submit(reading, record) for record in (on_postgresql, near)]
        destroyed = set()
        try:
            for number in range(12):
                sequence = 1 + near.store.read_plan(plan)[-1].sequence * (number % 5) // 5
                (near, on_postgresql)[number % 2].store.erase_event(plan, sequence)
                destroyed.add(sequence)
        finally:
            over.set()
        acknowledged = {1}.union(*(found.result() for found in acts))
        disclosed = sum(found.result() for found in reads)
    for record in (near, on_postgresql):
        found = {entry.sequence for entry in record.store.read_plan(plan) if isinstance(entry, PlanEvent)}
        assert found == acknowledged - destroyed
        entries = record.store.disclosures(plan, limit=disclosed + 1)
        assert [type(entry) for entry in entries] == [PlanEvent] * disclosed


def test_a_writer_that_remembers_a_replaced_root_is_refused_by_the_append_itself(
    on_postgresql: Record, near: Record, plan: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_postgresql.grow(plan, 2)
    monkeypatch.setattr(on_postgresql.store.keys, "follow", lambda: None)
    near.store.erase_event(plan, 1)
    late = on_postgresql.seal(plan, 3)
    with pytest.raises(KeyConflict):
        on_postgresql.append(late)
    on_postgresql.append(on_postgresql.seal(plan, 3))
    assert [type(entry) for entry in near.store.read_plan(plan)] == [Erased, PlanEvent, PlanEvent]
