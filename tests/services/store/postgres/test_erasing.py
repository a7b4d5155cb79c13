"""An erasure by one process, in the middle of what another is doing: what was erased stays erased."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from domain.plan.events import Erased
from services.store.errors import KeyDestroyed
from services.store.file_keyring import FileKeyring
from services.store.postgres.store import open_postgres
from services.store.values import PLAN_LOG, AppendGroup, Snapshot, SnapshotErased
from tests.services.store.conftest import Clock, Record


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
