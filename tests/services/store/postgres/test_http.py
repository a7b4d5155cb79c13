"""Accidents to PostgreSQL as a client of the API lives through them."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from deploy.local.postgres import Cluster
from services.store.errors import StoreBusy
from services.store.postgres import batches
from services.store.postgres.migrating import migrate
from services.store.values import AppendGroup
from tests.services.store.postgres.order_lock import order_lock, wait_for_writers
from tests.support.life import Life
from tests.support.serving import Serving, serving

PROBLEM = "application/problem+json"
ON = "2026-03-10"
ASKED = {"mode": "PERFORM", "effectiveOn": ON, "decision": "ASSESS", "notifiedOn": ON}


@pytest.fixture
def served(migrated: str, tmp_path: Path) -> Iterator[Serving]:
    with serving(tmp_path, database_url=migrated) as platform:
        yield platform


def decide(life: Life, key: str) -> Any:
    """The same request as often as it is called."""
    return life.officer.post(f"{life.path}/acts/decide-request", ASKED, Idempotency_Key=key)


def test_a_full_queue_is_a_503_that_says_when_to_come_back(served: Serving, migrated: str) -> None:
    life, key = Life(served).requested(), str(uuid4())
    served.clock.day = ON
    before = served.platform.store.head()
    with order_lock(migrated) as session:
        accepted = [served.platform.store.submit(AppendGroup({}))]
        wait_for_writers(session)
        accepted += _fill(served)
        answer = decide(life, key)
    assert (answer.status_code, answer.headers["content-type"]) == (503, PROBLEM)
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.json()["type"].endswith("/busy")
    for future in accepted:
        future.result()
    assert served.platform.store.head() == before
    assert decide(life, key).status_code == 201


def _fill(served: Serving) -> list[Any]:
    """Hand in groups until no more are taken."""
    accepted = []
    while True:
        try:
            accepted.append(served.platform.store.submit(AppendGroup({})))
        except StoreBusy:
            return accepted


def test_a_server_that_stays_away_is_a_503_and_the_repeat_makes_one_event(
    postgres_cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "RESOLVE_SECONDS", 0.2)
    postgres_cluster.create_database("record")
    url = postgres_cluster.url("record")
    migrate(url)
    with serving(tmp_path, database_url=url) as served, ThreadPoolExecutor(1) as pool:
        life, key = Life(served).requested(), str(uuid4())
        served.clock.day = ON
        with order_lock(url) as session:
            asked = pool.submit(decide, life, key)
            wait_for_writers(session)
            postgres_cluster.kill_postmaster()
            answer = asked.result()
        assert (answer.status_code, answer.headers["content-type"]) == (503, PROBLEM)
        assert answer.json()["type"].endswith("/outcome-unknown")
        assert int(answer.headers["retry-after"]) >= 1
        postgres_cluster.start()
        repeats = [decide(life, key) for _ in range(3)]
        assert {repeat.status_code for repeat in repeats} <= {200, 201}
        assert len({repeat.json()["event"]["id"] for repeat in repeats}) == 1
        assert [event.sequence for event in served.platform.store.read_plan(UUID(life.plan_id))] == [1, 2]


def test_a_restart_costs_no_request(postgres_cluster: Cluster, tmp_path: Path) -> None:
    """Connections that the restart ended are replaced before anything is asked of them."""
    postgres_cluster.create_database("record")
    url = postgres_cluster.url("record")
    migrate(url)
    with serving(tmp_path, database_url=url) as served:
        life = Life(served).requested()
        served.clock.day = ON
        for _ in range(2):
            postgres_cluster.stop()
            postgres_cluster.start()
            assert life.officer.get(life.path).status_code == 200
        postgres_cluster.stop()
        postgres_cluster.start()
        assert decide(life, str(uuid4())).status_code == 201


def test_the_same_request_twice_at_once_makes_one_event(served: Serving, migrated: str) -> None:
    life, key = Life(served).requested(), str(uuid4())
    served.clock.day = ON
    answers: list[Any] = []
    with order_lock(migrated) as session:
        first = threading.Thread(target=lambda: answers.append(decide(life, key)))
        first.start()
        wait_for_writers(session)
        second = threading.Thread(target=lambda: answers.append(decide(life, key)))
        second.start()
    first.join()
    second.join()
    assert [answer.status_code for answer in answers] in ([201, 201], [201, 200], [200, 201])
    assert len({answer.json()["event"]["id"] for answer in answers}) == 1
    assert [event.sequence for event in served.platform.store.read_plan(UUID(life.plan_id))] == [1, 2]
