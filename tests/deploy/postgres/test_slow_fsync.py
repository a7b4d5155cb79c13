"""The slow disk of the second profile: every fsync and fdatasync is delayed, in the server too. No clock is read."""

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from deploy.local.postgres import Cluster, private_cluster
from deploy.local.postgres.slow_fsync import compile_shim, preload

SYNC = """
import ctypes, os, tempfile
with tempfile.TemporaryFile() as file:
    for sync in (os.fsync, os.fdatasync, os.fdatasync):
        sync(file.fileno())
print(ctypes.c_ulong.in_dll(ctypes.CDLL(None), "slow_fsync_count").value)
"""


def maps(pid: int | None) -> str:
    return Path("/proc", str(pid), "maps").read_text()


@pytest.mark.parametrize(("delay_ms", "delayed"), [(0.5, "3"), (0, "0")])
def test_each_call_is_delayed_once_and_none_without_a_delay(tmp_path: Path, delay_ms: float, delayed: str) -> None:
    environment = preload(compile_shim(tmp_path), delay_ms)
    finished = subprocess.run([sys.executable, "-c", SYNC], env=environment, capture_output=True, text=True, check=True)
    assert finished.stdout.strip() == delayed


def test_a_call_that_fails_says_so(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import os; os.fsync(999)"]
    environment = preload(compile_shim(tmp_path), 0.5)
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert "Bad file descriptor" in finished.stderr


def test_the_server_has_it_loaded_also_after_a_crash(place: Path) -> None:
    with private_cluster(fsync_delay_ms=0.01, base=place) as cluster:
        for _ in range(2):
            with psycopg.connect(cluster.url()) as connection:
                backend = connection.info.backend_pid
                assert "/slow_fsync.so" in maps(cluster.pid)
                assert "/slow_fsync.so" in maps(backend)
            cluster.kill_postmaster()
            cluster.start()


def test_an_ordinary_server_has_not(postgres_cluster: Cluster) -> None:
    assert "slow_fsync" not in maps(postgres_cluster.pid)
    assert "/postgres" in maps(postgres_cluster.pid)
