"""`ehcp serve --workers N`: several processes on one address, replaced when killed, stopped together."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
import pytest

from tests.services.cli.conftest import Machine
from tests.support.served_process import ServedProcess

OPENING = {"mode": "PERFORM", "effectiveOn": "2026-03-02", "receivedOn": "2026-03-02", "source": "1"}


@pytest.fixture
def served(migrated: str, tmp_path: Path) -> Iterator[ServedProcess]:
    process = ServedProcess(tmp_path, migrated, workers=2)
    process.start()
    try:
        yield process
    finally:
        process.kill()


def open_record(served: ServedProcess) -> int:
    """Open a record over a connection of its own."""
    body = {
        **OPENING,
        "requestId": "request-1",
        "localReference": uuid4().hex,
        "child": {"name": "Robin Quillfeather", "dateOfBirth": "2015-03-04", "sex": "notKnown"},
    }
    headers = {**served.headers(), "Idempotency-Key": str(uuid4())}
    answer = httpx.post(f"{served.address}/v1/plans/opened-by/receive-request", json=body, headers=headers, timeout=60)
    assert answer.status_code == 201, answer.text
    position: int = answer.json()["event"]["position"]
    return position


def writers(url: str) -> int:
    with psycopg.connect(url) as connection:
        (found,) = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ehcp-writer'"
            " AND datname = current_database()"
        ).fetchone() or (0,)
    return int(found)


def wait_until(happened: Callable[[], bool]) -> None:
    while not happened():
        time.sleep(0.02)


def test_several_workers_share_an_address_and_one_order(served: ServedProcess, migrated: str) -> None:
    positions = [open_record(served) for _ in range(30)]
    assert positions == list(range(1, 31))
    assert writers(migrated) == 2


def test_a_killed_worker_is_replaced(served: ServedProcess) -> None:
    before = served.worker_pids()
    assert len(before) == 2
    victim = min(before)
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: len(served.worker_pids() - {victim}) == 2)
    assert [open_record(served) for _ in range(20)] == list(range(1, 21))


def test_all_stop_together_cleanly(served: ServedProcess, migrated: str) -> None:
    open_record(served)
    workers = served.worker_pids()
    assert served.stop() == 0
    assert not any(is_alive(pid) for pid in workers)
    wait_until(lambda: writers(migrated) == 0)


def test_the_workers_end_when_nobody_looks_after_them(served: ServedProcess) -> None:
    workers = served.worker_pids()
    assert served.process is not None
    os.kill(served.process.pid, signal.SIGKILL)
    served.process.wait()
    wait_until(lambda: not any(is_alive(pid) for pid in workers))


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_an_address_that_somebody_has_is_not_shared(served: ServedProcess, migrated: str, machine: Machine) -> None:
    settings = {"EHCP_ENV": "development", "EHCP_BASE_URL": served.address, "EHCP_DATABASE_URL": migrated}
    ended = machine.run("serve", "--workers", "2", **settings)
    assert ended.exit_code == 1
    assert "Nothing can be served" in ended.output


def test_an_embedded_record_has_one_worker(machine: Machine) -> None:
    ended = machine.run("serve", "--workers", "2")
    assert ended.exit_code == 2
    assert "PostgreSQL" in ended.output
