"""A private PostgreSQL starts, stops, and comes back from every accident with what it acknowledged."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from deploy.local.postgres import Cluster, PostgresError, private_cluster
from deploy.local.postgres.processes import server_processes
from tests.deploy.postgres.conftest import needs_root
from tests.support.postgres import require_postgres

pytestmark = pytest.mark.postgres


def put(cluster: Cluster, number: int) -> None:
    with psycopg.connect(cluster.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (number int)")
        connection.execute("INSERT INTO kept VALUES (%s)", [number])


def kept(cluster: Cluster) -> list[int]:
    with psycopg.connect(cluster.url()) as connection:
        return [number for (number,) in connection.execute("SELECT number FROM kept ORDER BY number")]


def listening(port: int) -> set[str]:
    """The local addresses, in hexadecimal, on which anything listens on the port."""
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path("/proc/net", table).read_text().splitlines()[1:]:
            _, local, _, state, *_ = line.split()
            address, _, at = local.partition(":")
            if state == "0A" and int(at, 16) == port:
                found.add(address)
    return found


@pytest.fixture(scope="module")
def standing() -> Iterator[Cluster]:
    """A server for the tests that only look at it."""
    require_postgres()
    with private_cluster() as cluster:
        yield cluster


class TestStartAndStop:
    def test_starting_again_leaves_the_server_as_it_is(self, standing: Cluster) -> None:
        first = standing.pid
        standing.start()
        assert first is not None
        assert standing.pid == first

    def test_what_was_stored_is_there_after_a_stop_at_the_same_address(self, postgres_cluster: Cluster) -> None:
        before = postgres_cluster.url()
        put(postgres_cluster, 1)
        postgres_cluster.stop()
        postgres_cluster.stop()
        assert not postgres_cluster.is_running
        assert not server_processes(postgres_cluster.data)
        postgres_cluster.start()
        assert postgres_cluster.url() == before
        assert kept(postgres_cluster) == [1]

    def test_a_port_that_somebody_took_meanwhile_is_left_to_them(self, postgres_cluster: Cluster) -> None:
        put(postgres_cluster, 1)
        postgres_cluster.stop()
        taken = postgres_cluster.port
        with socket.create_server(("127.0.0.1", taken)):
            postgres_cluster.start()
            assert postgres_cluster.port != taken
            assert kept(postgres_cluster) == [1]

    def test_a_half_made_cluster_is_made_again(self, place: Path) -> None:
        making = place / "cluster" / "data.new"
        making.mkdir(parents=True)
        (making / "PG_VERSION").write_text("15\n")
        cluster = Cluster(place / "cluster")
        try:
            cluster.start()
            put(cluster, 1)
            assert kept(cluster) == [1]
        finally:
            cluster.destroy()

    def test_destroying_leaves_no_process_and_no_file(self, place: Path) -> None:
        cluster = Cluster(place / "cluster")
        cluster.start()
        sockets = Path(cluster.sockets)
        assert list(sockets.iterdir())
        cluster.destroy()
        cluster.destroy()
        assert not server_processes(cluster.data)
        assert not sockets.exists()
        assert not list(place.iterdir())

    def test_a_cluster_that_was_never_started_has_no_address(self, place: Path) -> None:
        cluster = Cluster(place / "cluster")
        cluster.stop()
        assert not cluster.is_running
        with pytest.raises(PostgresError, match="ever started"):
            _ = cluster.port

    def test_a_process_that_happens_to_have_the_number_is_not_taken_for_the_server(self, place: Path) -> None:
        cluster = Cluster(place / "cluster")
        cluster.data.mkdir(parents=True)
        (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n")
        assert not cluster.is_running
        cluster.destroy()  # would end this test's own process if it were


class TestAccidents:
    def test_a_killed_postmaster_comes_back_with_all_that_was_acknowledged(self, postgres_cluster: Cluster) -> None:
        address = postgres_cluster.url()
        for number in range(3):
            put(postgres_cluster, number)
            killed = postgres_cluster.pid
            postgres_cluster.kill_postmaster()
            assert not postgres_cluster.is_running
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(address)
            postgres_cluster.start()
            assert postgres_cluster.pid not in {None, killed}
            assert postgres_cluster.url() == address
            assert kept(postgres_cluster) == list(range(number + 1))

    def test_a_killed_backend_takes_every_connection_with_it_but_not_the_server(
        self, postgres_cluster: Cluster
    ) -> None:
        put(postgres_cluster, 1)
        postmaster = postgres_cluster.pid
        with psycopg.connect(postgres_cluster.url()) as bystander, psycopg.connect(postgres_cluster.url()) as victim:
            postgres_cluster.kill_backend(victim.info.backend_pid)
            postgres_cluster.wait_until_ready()
            for connection in (victim, bystander):
                with pytest.raises(psycopg.OperationalError):
                    connection.execute("SELECT 1")
        assert postgres_cluster.pid == postmaster
        assert kept(postgres_cluster) == [1]

    def test_only_a_backend_of_this_server_is_killed(self, standing: Cluster) -> None:
        assert standing.pid is not None
        for other in (os.getpid(), standing.pid):
            with pytest.raises(PostgresError, match="no backend"):
                standing.kill_backend(other)
        assert standing.is_running

    def test_there_is_nothing_to_kill_in_a_stopped_server(self, postgres_cluster: Cluster) -> None:
        postgres_cluster.stop()
        with pytest.raises(PostgresError, match="No server"):
            postgres_cluster.kill_postmaster()


class TestWhoGetsIn:
    def test_it_listens_on_loopback_alone(self, standing: Cluster) -> None:
        assert listening(standing.port) == {"0100007F"}

    @pytest.mark.parametrize("way", ["tcp", "socket"])
    def test_nobody_gets_in_without_the_password(self, standing: Cluster, way: str) -> None:
        host = "127.0.0.1" if way == "tcp" else standing.sockets
        door = {"host": host, "port": standing.port, "user": "postgres", "dbname": "postgres"}
        for wrong in ("", "postgres"):
            with pytest.raises(psycopg.OperationalError, match="password"):
                psycopg.connect(password=wrong, **door)

    def test_nobody_else_can_read_the_password_the_data_and_the_socket(self, standing: Cluster) -> None:
        for private in (standing.folder / "password", standing.log, standing.data, Path(standing.sockets)):
            assert private.stat().st_mode & 0o077 == 0, private
        assert standing.folder.stat().st_mode & 0o067 == 0  # the server's user may pass

    @needs_root
    def test_what_root_reads_back_the_servers_user_cannot_change(self, standing: Cluster) -> None:
        for trusted in (standing.folder, standing.folder / "password", standing.folder / "place.json"):
            assert (trusted.stat().st_uid, trusted.stat().st_mode & 0o022) == (0, 0), trusted

    def test_it_never_runs_as_root(self, standing: Cluster) -> None:
        owner = Path("/proc", str(standing.pid)).stat().st_uid
        assert owner != 0
        assert os.geteuid() in {0, owner}


class TestProfiles:
    @pytest.fixture(params=["test", "bench"])
    def settings(self, request: pytest.FixtureRequest, place: Path) -> Iterator[dict[str, str]]:
        cluster = Cluster(place / "cluster", profile=request.param)
        try:
            cluster.start()
            with psycopg.connect(cluster.url()) as connection:
                shown = dict(connection.execute("SELECT name, current_setting(name) FROM pg_settings").fetchall())
            yield {**shown, "profile": request.param}
        finally:
            cluster.destroy()

    def test_every_profile_is_durable_and_only_the_memory_differs(self, settings: dict[str, str]) -> None:
        durable = ("fsync", "full_page_writes", "synchronous_commit")
        assert {settings[name] for name in durable} == {"on"}
        assert settings["max_connections"] == "200"
        assert settings["shared_buffers"] == {"test": "128MB", "bench": "1GB"}[settings["profile"]]
