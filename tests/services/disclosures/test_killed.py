"""`kill -9` while plans are read: whatever answer a reader has got, its entry is on disk. Never the other way round."""

import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest

from domain.plan.events import PlanEvent
from services.bootstrap import open_platform
from services.settings import Settings
from services.store.values import DISCLOSURE_LOG
from tests.support.served_process import ServedProcess

READERS = 8
ROUNDS = 3
SEED = int(os.environ.get("SEED", "1"))
OPENING = {
    "mode": "PERFORM",
    "effectiveOn": "2026-03-02",
    "receivedOn": "2026-03-02",
    "source": "1",
    "requestId": "request-1",
    "localReference": "KILL-1",
    "child": {"name": "Robin Quillfeather", "dateOfBirth": "2015-03-04", "sex": "notKnown"},
}


@pytest.fixture(params=["sqlite", "postgresql"])
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ServedProcess]:
    on_postgresql = request.param == "postgresql"
    url = request.getfixturevalue("migrated") if on_postgresql else f"sqlite:///{tmp_path}/var/record.sqlite"
    process = ServedProcess(tmp_path, url)
    process.start()
    try:
        yield process
    finally:
        process.kill()


def opened(served: ServedProcess) -> str:
    headers = {**served.headers(), "Idempotency-Key": str(uuid4())}
    answer = httpx.post(f"{served.address}/v1/plans/opened-by/receive-request", json=OPENING, headers=headers)
    assert answer.status_code == 201, answer.text
    plan: str = answer.json()["planId"]
    return plan


def reading(served: ServedProcess, plan: str, answered: list[str], stop: threading.Event) -> None:
    """Read without a pause, and note the correlation id of every answer that came whole."""
    with httpx.Client(base_url=served.address, headers=served.headers(), timeout=30) as http:
        while not stop.is_set():
            read = uuid4().hex
            with suppress(httpx.HTTPError):
                if http.get(f"/v1/plans/{plan}", headers={"X-Correlation-ID": read}).status_code == 200:
                    answered.append(read)


def test_every_answer_that_came_is_on_record(served: ServedProcess, tmp_path: Path) -> None:
    plan, answered, dice = opened(served), list[str](), random.Random(SEED)
    for _ in range(ROUNDS):
        stop, before = threading.Event(), len(answered)
        readers = [threading.Thread(target=reading, args=(served, plan, answered, stop)) for _ in range(READERS)]
        for reader in readers:
            reader.start()
        while len(answered) < before + 20:
            time.sleep(0.01)
        time.sleep(dice.random() / 5)
        served.kill()
        stop.set()
        for reader in readers:
            reader.join()
        served.start()
    served.kill()
    recorded = correlations(served, tmp_path, plan)
    assert set(answered) <= set(recorded)
    assert len(recorded) == len(set(recorded))
    # Those that were read at the moment of a kill may be on record without their answer.
    assert len(recorded) - len(answered) <= READERS * ROUNDS


def correlations(served: ServedProcess, folder: Path, plan: str) -> list[str]:
    settings = Settings(database_url=served.database_url, keyring=str(folder / "var" / "keyring"), _env_file=None)
    platform = open_platform(settings)
    try:
        entries = [
            event
            for page in platform.store.replay_pages(0, DISCLOSURE_LOG)
            for event in page
            if isinstance(event, PlanEvent) and event.plan == UUID(plan)
        ]
        assert [entry.position for entry in entries] == sorted({entry.position for entry in entries})
        return [entry.metadata.correlationid or "" for entry in entries]
    finally:
        platform.close()
