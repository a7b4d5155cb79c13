"""What was acknowledged survives `kill -9`; a second process is told who has the store."""

import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest

from domain.plan.events import PlanEvent
from services.store.embedded import LOCK_FILE, open_embedded
from services.store.errors import StoreOwnedElsewhere
from services.store.ownership import StoreLock, owner_of

ROOT = Path(__file__).parents[3]

APPENDS = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from uuid import uuid4
from domain.plan.events import EventMetadata
from services.store.embedded import open_embedded
from services.store.values import PLAN_LOG, AppendGroup

store = open_embedded(Path(sys.argv[1]), base_url="http://127.0.0.1:8123")
metadata = EventMetadata(
    effectiveon="2026-09-01", actor="p", actororg="la:855", actorrole="service", mode="RECORD"
)
printing = Lock()

def append(_):
    plan = uuid4()
    for step in range(1, 1_000_000):
        event = store.seal(plan, step, "ehcp.plan.amended.v1", metadata, {"step": step}, council="855")
        (appended,) = store.append(AppendGroup({PLAN_LOG: [event]}))
        with printing:
            print(plan, step, appended.position, appended.leaf.hex(), flush=True)

with ThreadPoolExecutor(4) as pool:
    list(pool.map(append, range(4)))
"""


def started(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", APPENDS, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def killed_after(lines: int, folder: Path) -> list[str]:
    """Let it append until it has acknowledged so many, kill it, and return all that it acknowledged."""
    with started(folder) as process:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(lines)]
        process.kill()
        told += process.stdout.readlines()
    whole = [line for line in told if line.endswith("\n")]
    assert len(whole) >= lines
    return whole


@pytest.mark.parametrize("rounds", [3])
def test_everything_acknowledged_before_kill_9_is_there_and_gapless(tmp_path: Path, rounds: int) -> None:
    told: list[str] = []
    for number in range(1, rounds + 1):
        told += killed_after(40 * number, tmp_path)
    with open_embedded(tmp_path) as store:
        log = {event.position: event for event in store.replay()}
        leaves = {position: store.leaf(position) for position in log}
    assert sorted(log) == list(range(1, len(log) + 1))
    assert len(log) >= len(told)
    for line in told:
        plan, sequence, position, leaf = line.split()
        event = log[int(position)]
        assert isinstance(event, PlanEvent)
        assert (event.plan, event.sequence, event.data) == (
            UUID(plan),
            int(sequence),
            {"step": int(sequence)},
        )
        assert leaves[int(position)].hex() == leaf
    steps: dict[UUID, int] = {}
    for _, event in sorted(log.items()):
        assert event.sequence == steps.get(event.plan, 0) + 1
        steps[event.plan] = event.sequence


def test_a_second_process_is_told_where_the_first_one_serves(tmp_path: Path) -> None:
    with started(tmp_path) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(StoreOwnedElsewhere) as refusal:
            open_embedded(tmp_path)
        assert refusal.value.base_url == "http://127.0.0.1:8123"
        assert refusal.value.pid == process.pid
        process.kill()
    open_embedded(tmp_path).close()


def test_the_lock_file_follows_its_owner(tmp_path: Path) -> None:
    path = tmp_path / LOCK_FILE
    assert owner_of(path) is None
    lock = StoreLock(path)
    lock.announce("http://127.0.0.1:9000")
    found = owner_of(path)
    assert found is not None
    assert found.base_url == "http://127.0.0.1:9000"
    with pytest.raises(StoreOwnedElsewhere):
        StoreLock(path)
    lock.release()
    assert owner_of(path) is None
    StoreLock(path).release()


def test_an_owner_that_has_not_said_who_it_is_still_holds_the_lock(tmp_path: Path) -> None:
    lock = StoreLock(tmp_path / LOCK_FILE)
    (tmp_path / LOCK_FILE).write_text("")
    with pytest.raises(StoreOwnedElsewhere, match="unknown"):
        StoreLock(tmp_path / LOCK_FILE)
    lock.release()
