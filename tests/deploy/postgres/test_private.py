"""Clusters go with those who use them, also when these are killed."""

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from deploy.local.postgres import EXISTING_SERVER, Cluster, private_cluster, shared_server
from deploy.local.postgres.processes import server_processes

pytestmark = pytest.mark.postgres

HOLDER = """
import sys, time
from pathlib import Path
from deploy.local.postgres import private_cluster, shared_server
base = Path(sys.argv[2])
with private_cluster(base=base) if sys.argv[1] == "private" else shared_server("run", base=base):
    print("up", flush=True)
    time.sleep(600)
"""


def answers(address: str) -> bool:
    with psycopg.connect(address) as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


@pytest.fixture(autouse=True)
def _no_existing_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(EXISTING_SERVER, raising=False)


@pytest.mark.parametrize("kind", ["private", "shared"])
def test_what_a_killed_run_left_is_stopped_and_removed_by_the_next(place: Path, kind: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != EXISTING_SERVER}
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, kind, str(place)], stdout=subprocess.PIPE, text=True, env=environment
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "up\n"
        holder.kill()
    left = Cluster(next(path for path in place.iterdir() if path.is_dir()))
    assert left.is_running

    with private_cluster(base=place) as cluster:
        assert not server_processes(left.data)
        assert not left.folder.exists()
        assert answers(cluster.url())
    assert not list(place.iterdir())


def test_a_cluster_in_use_is_none_of_the_next_ones_business(place: Path) -> None:
    with private_cluster(base=place) as mine:
        with private_cluster(base=place) as other:
            assert other.port != mine.port
        assert answers(mine.url())
    assert not list(place.iterdir())


def test_those_who_share_a_server_get_the_same_until_the_last_has_left(place: Path) -> None:
    with ExitStack() as last:
        with shared_server("run", base=place) as first:
            second = last.enter_context(shared_server("run", base=place))
            assert second == first
        assert answers(second)
    assert not list(place.iterdir())


def test_runs_of_different_names_do_not_share(place: Path) -> None:
    with shared_server("one", base=place) as one, shared_server("two", base=place) as two:
        assert one != two


def test_an_existing_server_is_used_and_none_started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    address = "postgresql://somebody:secret@127.0.0.1:5432/postgres"
    monkeypatch.setenv(EXISTING_SERVER, address)
    with shared_server("run", base=tmp_path) as given:
        assert given == address
    assert not list(tmp_path.iterdir())


def test_a_cluster_is_destroyed_when_its_user_fails(place: Path) -> None:
    with pytest.raises(ZeroDivisionError), private_cluster(base=place) as cluster:
        _ = 1 / 0
    assert not server_processes(cluster.data)
    assert not list(place.iterdir())
