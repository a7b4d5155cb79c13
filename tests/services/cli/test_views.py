"""`ehcp views` and `ehcp work`: on a record of one's own, and beside a server that has it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from services.projection.wiring import VIEW_NAMES
from services.store.embedded import open_embedded
from tests.support.recording import Recording

EHCP = (sys.executable, "-m", "services.cli.main")
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A record of its own, and an address that nobody else listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    own = {name: value for name, value in os.environ.items() if not name.startswith("EHCP_")}
    return {**own, "EHCP_DATABASE_URL": f"sqlite:///{tmp_path}/record/record.sqlite", "EHCP_BASE_URL": address}


@pytest.fixture
def ehcp(environment: dict[str, str]) -> Run:
    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*EHCP, *arguments], env=environment, capture_output=True, text=True, timeout=90, check=False
        )

    return run


@pytest.fixture
def plans(tmp_path: Path) -> int:
    """A record with some plans; how many events it holds."""
    with open_embedded(tmp_path / "record") as store:
        recording = Recording(store)
        for _ in range(20):
            recording.finalise(recording.open())
        return store.head()[0]


@pytest.fixture
def server(environment: dict[str, str], plans: int) -> Iterator[str]:  # noqa: ARG001 - it serves them
    """The address of a server that has the record."""
    process = subprocess.Popen([*EHCP, "serve"], env=environment)
    try:
        address = environment["EHCP_BASE_URL"]
        for _ in range(300):
            try:
                if httpx.get(f"{address}/readyz").is_success:
                    break
            except httpx.TransportError:
                time.sleep(0.1)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def told(run: Run) -> dict[str, dict[str, object]]:
    """The views that `ehcp views status --json` tells of, by name."""
    answer = run("views", "status", "--json")
    assert answer.returncode == 0, answer.stderr
    status = json.loads(answer.stdout)
    return {view["view"]: {**view, "logSize": status["logSize"]} for view in status["views"]}


@pytest.mark.usefixtures("plans")
def test_a_view_is_rebuilt_and_the_lag_is_told(ehcp: Run, plans: int) -> None:
    rebuilt = ehcp("views", "rebuild", "worklist")
    assert rebuilt.returncode == 0, rebuilt.stderr
    views = told(ehcp)
    assert set(views) == set(VIEW_NAMES)
    assert (views["worklist"]["generation"], views["worklist"]["position"]) == (2, plans)
    for view in views.values():
        lanes = view["lanes"]
        assert isinstance(lanes, list)
        assert [lane["lane"] for lane in lanes] == list(range(16))
        assert view["behindEvents"] == plans - int(str(view["position"]))
    assert "worklist" in ehcp("views", "status").stderr


def test_a_view_that_there_is_not_is_a_misuse(ehcp: Run) -> None:
    answer = ehcp("views", "rebuild", "needs")
    assert answer.returncode == 2
    assert all(name in answer.stderr for name in VIEW_NAMES)


def test_beside_a_server_the_servers_projector_does_the_work(ehcp: Run, server: str, plans: int) -> None:
    rebuilt = ehcp("views", "rebuild", "history")
    assert rebuilt.returncode == 0, rebuilt.stderr
    views = told(ehcp)
    assert (views["history"]["generation"], views["history"]["position"]) == (2, plans)
    assert views["history"]["behindSeconds"] == 0
    unparked = ehcp("views", "unpark")
    assert (unparked.returncode, "0 parked plans" in unparked.stderr) == (0, True)
    refused = ehcp("work", "projector")
    assert (refused.returncode, "does this work itself" in refused.stderr) == (1, True)
    assert httpx.get(f"{server}/views").json()["parkedPlans"] == 0


@pytest.mark.usefixtures("plans")
def test_a_projector_works_until_it_is_told_to_stop(ehcp: Run, environment: dict[str, str], plans: int) -> None:
    process = subprocess.Popen([*EHCP, "work", "projector"], env=environment, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert "at work" in process.stderr.readline()
    process.send_signal(signal.SIGTERM)
    _, rest = process.communicate(timeout=30)
    assert (process.returncode, rest) == (0, "")
    assert {view["position"] for view in told(ehcp).values()} <= {0, plans}
