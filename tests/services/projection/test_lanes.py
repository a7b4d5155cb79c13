"""Lanes on PostgreSQL: shared fairly, none twice, and taken over at once from a process that is gone."""

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, text

from services.projection.database import ViewDatabase
from services.projection.generations import LANES
from services.projection.lanes import SharedLanes, lane_of
from services.side_database import end_session
from tests.services.projection.conftest import Start
from tests.support.projected import fresh, live_rows, shared_views
from tests.support.recording import Recording


@pytest.fixture
def database(postgres: str) -> Iterator[ViewDatabase]:
    views = shared_views(postgres)
    yield views
    views.close()


class Process:
    """A projector's claims, on a session of its own."""

    def __init__(self, database: ViewDatabase) -> None:
        self.connection: Connection = database.engine.connect()
        self.claims = SharedLanes(refresh=0)

    def held(self) -> frozenset[int]:
        return self.claims.held(self.connection)


def settled(*processes: Process) -> list[int]:
    """How many lanes each has once all have looked a few times; no lane is held twice at any time."""
    held = [process.held() for process in processes]
    for _ in range(4):
        for index, process in enumerate(processes):
            held[index] = process.held()
            assert max(Counter(lane for lanes in held for lane in lanes).values()) == 1
    return sorted(len(lanes) for lanes in held)


def test_a_lane_follows_from_the_plan_alone() -> None:
    assert lane_of(UUID(int=0).bytes) == 0x37 % 16
    assert {lane_of(uuid4().bytes) for _ in range(500)} == set(LANES)


def test_processes_share_the_lanes_and_take_over_those_of_the_dead(database: ViewDatabase) -> None:
    first, second, third = (Process(database) for _ in range(3))
    assert settled(first) == [16]
    assert settled(first, second) == [8, 8]
    assert settled(first, second, third) == [4, 6, 6]
    with database.writing() as connection:
        pid = second.connection.connection.driver_connection.info.backend_pid
        connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    assert settled(first, third) == [8, 8]
    end_session(first.connection)
    assert settled(third) == [16]
    second.connection.invalidate()
    for process in (second, third):
        end_session(process.connection)


def test_projectors_that_share_the_lanes_make_the_same_views(
    record: Recording, start: Start, database: ViewDatabase, tmp_path: Path
) -> None:
    dice = random.Random(21)
    projectors = [start(record.store, database, lanes=SharedLanes(refresh=0)) for _ in range(2)]
    for _ in range(60):
        record.random_step(dice)
        dice.choice(projectors).step()
        if dice.random() < 0.05:
            dice.choice(projectors).close()
    for _ in range(100):
        if not any([projector.step() for projector in projectors]):  # noqa: C419 - both are to step
            break
    assert live_rows(record.store, database) == fresh(record.store, tmp_path)
