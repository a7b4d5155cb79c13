"""Which PostgreSQL is taken, and what a person is told when there is none or it can't get at its folder."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.postgres import Cluster, PostgresError, PostgresMissingError, programs
from deploy.local.postgres.programs import NEEDED, find_programs
from tests.deploy.postgres.conftest import needs_root

WITHOUT_POSTGRES = """
import sys
from pathlib import Path
import pytest
from deploy.local.postgres import programs
programs.DEBIAN = Path("/nowhere")
sys.exit(pytest.main(sys.argv[1:]))
"""


def install(folder: Path, *, leave_out: str = "") -> Path:
    folder.mkdir(parents=True)
    for name in set(NEEDED) - {leave_out}:
        (folder / name).touch(mode=0o755)
    return folder


@pytest.fixture
def debian(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with no PostgreSQL yet."""
    monkeypatch.setattr(programs, "DEBIAN", tmp_path / "debian")
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    return tmp_path / "debian"


def test_the_newest_version_is_taken_by_number(debian: Path) -> None:
    install(debian / "9.6" / "bin")
    newest = install(debian / "15" / "bin")
    assert find_programs() == newest


def test_a_version_with_the_client_alone_does_not_count(debian: Path) -> None:
    server = install(debian / "15" / "bin")
    install(debian / "17" / "bin", leave_out="postgres")
    assert find_programs() == server


@pytest.mark.usefixtures("debian")
def test_elsewhere_it_is_found_by_the_path(tmp_path: Path) -> None:
    folder = install(tmp_path / "path")
    assert find_programs() == folder


def test_without_it_one_sentence_says_what_to_install(debian: Path) -> None:
    with pytest.raises(PostgresMissingError, match=r"not installed: .*apt-get install postgresql"):
        Cluster(debian)


@pytest.mark.parametrize(("ci", "status"), [("true", 1), ("", 0)])
def test_tests_without_it_fail_in_ci_and_are_skipped_loudly_elsewhere(tmp_path: Path, ci: str, status: int) -> None:
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "EHCP_TEST_"))}
    finished = subprocess.run(
        [sys.executable, "-c", WITHOUT_POSTGRES, "-p", "no:cacheprovider", "tests/deploy/postgres/test_fixtures.py"],
        env={**outside, "CI": ci, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == status, finished.stdout
    assert "apt-get install postgresql" in finished.stdout
    assert ("NOT TESTED ON POSTGRESQL" in finished.stdout) == (not ci)


@needs_root
def test_a_folder_that_the_servers_user_cannot_reach_is_refused_with_the_way_out(place: Path) -> None:
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(PostgresError, match=r"cannot reach .*/closed/cluster: name another folder"):
        Cluster(closed / "cluster").start()
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@needs_root
def test_folders_made_on_the_way_let_the_servers_user_pass_and_nobody_else(place: Path) -> None:
    cluster = Cluster(place / "made" / "on-the-way" / "cluster")
    try:
        cluster.start()
        for folder in (place / "made", place / "made" / "on-the-way", cluster.folder):
            found = folder.stat()
            assert (stat.S_IMODE(found.st_mode), found.st_uid) == (0o710, 0)
            assert found.st_gid == cluster.data.stat().st_gid
    finally:
        cluster.destroy()
