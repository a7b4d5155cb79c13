"""`python -m deploy.local.postgres`, as `make services` calls it."""

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

pytestmark = pytest.mark.postgres


def call(place: Path, what: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "deploy.local.postgres", what, "--folder", str(place / "cluster")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_it_starts_tells_its_address_and_state_stops_and_destroys(place: Path) -> None:
    assert call(place, "status").returncode == 1
    try:
        started = call(place, "start")
        assert started.returncode == 0, started.stderr
        address = call(place, "url").stdout.strip()
        assert f"EHCP_DATABASE_URL={address}" in started.stdout.splitlines()
        assert call(place, "start").stdout == started.stdout
        with psycopg.connect(address) as connection:
            assert connection.execute("SELECT current_database()").fetchone() == ("ehcp",)
        status = call(place, "status")
        assert (status.returncode, status.stdout) == (0, started.stdout.splitlines(keepends=True)[0])
        for _ in range(2):
            assert call(place, "stop").stdout == "PostgreSQL does not run\n"
        assert call(place, "status").returncode == 1
    finally:
        assert call(place, "destroy").returncode == 0
    assert not list(place.iterdir())


def test_the_address_of_a_cluster_that_is_not_there_is_a_sentence_on_stderr(place: Path) -> None:
    asked = call(place, "url")
    assert (asked.returncode, asked.stdout) == (1, "")
    assert asked.stderr.startswith("No cluster was ever started")
