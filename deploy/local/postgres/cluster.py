"""One private PostgreSQL cluster in one folder: start, stop, destroy, and the accidents that fault tests need."""

import fcntl
import json
import os
import secrets
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from deploy.local.postgres.errors import PostgresError
from deploy.local.postgres.folders import make_folder
from deploy.local.postgres.processes import postmaster, server_processes
from deploy.local.postgres.profiles import MEMORY, Profile, server_options
from deploy.local.postgres.programs import Programs
from deploy.local.postgres.slow_fsync import compile_shim, preload

SUPERUSER = "postgres"
#: Below the ports that systems hand out to clients: while the server is down, a client that tries again could
#: otherwise be given the server's own port and connect to itself.
PORTS = range(15_000, 30_000)
#: In seconds: until every process of a killed server is gone.
GONE = 30.0


class Cluster:
    """A PostgreSQL server of our own on a loopback port that stays the same over restarts.

    In `folder`: data/ (the cluster), password (of the superuser, 0600), place.json (port and socket), log.
    Rules: a process is signalled only when it works in this data folder; every operation may be repeated; what the
    server's account can write, root neither trusts nor writes to (only data/, log and the socket's folder are its own).
    """

    def __init__(self, folder: Path, *, profile: Profile = "test", fsync_delay_ms: float = 0) -> None:
        self.folder = folder.absolute()
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        self.profile = profile
        self.fsync_delay_ms = fsync_delay_ms
        self._programs = Programs()

    @property
    def pid(self) -> int | None:
        """The postmaster's process id, None when the server does not run."""
        return postmaster(self.data)

    @property
    def is_running(self) -> bool:
        """Whether the server runs (it may still be recovering: `wait_until_ready`)."""
        return self.pid is not None

    @property
    def port(self) -> int:
        """The loopback port. Raises PostgresError when the cluster was never started."""
        return int(self._place()[0])

    @property
    def sockets(self) -> str:
        """The folder of the Unix socket, a new one at each start. Raises PostgresError when there was none yet."""
        return self._place()[1]

    def url(self, database: str = "postgres") -> str:
        """The address of a database, with the superuser's password in it."""
        port = self.port
        password = (self.folder / "password").read_text()
        return f"postgresql://{SUPERUSER}:{password}@127.0.0.1:{port}/{database}"

    def start(self) -> None:
        """Start the server and wait until it answers; make the cluster first when there is none.

        Also the way back after a crash. A server that runs already is left as it is.
        """
        make_folder(self.folder, self._programs)
        with self._alone():
            if not self.is_running:
                self._create()
                self._start()
        self.wait_until_ready()

    def stop(self) -> None:
        """Stop the server, and see to it that no process of it remains. One that does not run is left alone."""
        if not self.folder.exists():
            return
        with self._alone():
            self._end("fast")
            self._remove_sockets()

    def destroy(self) -> None:
        """End the server and remove its folder with all its data."""
        if not self.folder.exists():
            return
        with self._alone():
            # not killed: only a server that ends by itself gives its piece of System V shared memory back
            self._end("immediate")
            self._remove_sockets()
            shutil.rmtree(self.folder)

    def wait_until_ready(self, seconds: float = 60) -> None:
        """Wait until the server accepts connections. Raises PostgresError when it does not in time."""
        deadline = time.monotonic() + seconds
        while self._programs.attempt("pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)).returncode:
            if time.monotonic() > deadline:
                raise PostgresError(f"PostgreSQL does not accept connections. The end of {self.log}:\n{self._tail()}")
            time.sleep(0.02)

    def kill_backend(self, pid: int) -> None:
        """`kill -9` of one process of the server, as from `pg_backend_pid()`.

        The postmaster then ends all its other processes and recovers. That has begun when this returns, so that
        `wait_until_ready` waits for its end.
        """
        before = server_processes(self.data)
        if pid == self.pid or pid not in before:
            raise PostgresError(f"Process {pid} is no backend of the server in {self.folder}.")
        os.kill(pid, signal.SIGKILL)
        self._wait_until_gone(before - {self.pid})

    def kill_postmaster(self) -> None:
        """`kill -9` of the server's main process, and wait until those that it leaves behind have noticed."""
        pid = self.pid
        if pid is None:
            raise PostgresError(f"No server runs in {self.folder}.")
        os.kill(pid, signal.SIGKILL)
        self._wait_until_gone()

    def create_database(self, name: str) -> None:
        """Make the database unless it is there."""
        connection = ["-h", self.sockets, "-p", str(self.port), "-U", SUPERUSER]
        password = {"PGPASSWORD": (self.folder / "password").read_text()}
        listed = self._programs.run(
            "psql", *connection, "-d", "postgres", "-Atc", "SELECT datname FROM pg_database", environment=password
        )
        if name not in listed.splitlines():
            self._programs.run("createdb", *connection, name, environment=password)

    def _place(self) -> tuple[int, str]:
        try:
            place = json.loads((self.folder / "place.json").read_text())
        except FileNotFoundError as unknown:
            raise PostgresError(f"No cluster was ever started in {self.folder}.") from unknown
        return place["port"], place["sockets"]

    def _create(self) -> None:
        """Make the cluster in one step: what a killed attempt left half made is made again."""
        if self.data.exists():
            return
        making = self.folder / "data.new"
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(mode=0o700)
        self._programs.account.own(making)
        password = secrets.token_urlsafe(24)
        _write_private(self.folder / "password", password)
        with tempfile.NamedTemporaryFile("w", dir=self.folder) as given:
            given.write(password)
            given.flush()
            self._programs.account.own(Path(given.name))
            identity = [f"--username={SUPERUSER}", f"--pwfile={given.name}", "--auth=scram-sha-256"]
            self._programs.run("initdb", *identity, "--encoding=UTF8", "--locale=C", "--no-sync", "-D", making)
        making.rename(self.data)

    def _start(self) -> None:
        self._wait_until_gone()
        # a killed server that its parent has not collected yet counts as running to PostgreSQL, not to /proc
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        self.log.touch(mode=0o600)
        self._programs.account.own(self.log)
        options = server_options(self.profile, *self._settle())
        delay = preload(compile_shim(self.folder), self.fsync_delay_ms) if self.fsync_delay_ms else {}
        place: list[str | Path] = ["-D", self.data, "-l", self.log]
        started = self._programs.attempt(
            "pg_ctl", "start", "-w", *place, "-o", options, environment={**MEMORY, **delay}
        )
        if started.returncode:
            raise PostgresError(f"PostgreSQL does not start. The end of {self.log}:\n{self._tail()}")

    def _settle(self) -> tuple[int, str]:
        """The port of last time where it can be had, else another, and a folder for the socket; both written down."""
        self._remove_sockets()
        port = 0
        with suppress(PostgresError):
            port = self.port
        if not port or not _is_free(port):
            port = _spare_port()
        # short: a socket's whole path may have 107 bytes
        sockets = tempfile.mkdtemp(prefix="ehcp-pg-", dir="/tmp")
        _write_private(self.folder / "place.json", json.dumps({"port": port, "sockets": sockets}))
        self._programs.account.own(Path(sockets))
        return port, sockets

    def _end(self, mode: str) -> None:
        """Stop the server as pg_ctl's `mode` says, kill what does not obey: the next start recovers all of it."""
        if self.is_running:
            self._programs.attempt("pg_ctl", "stop", "-w", "-m", mode, "-t", "60", "-D", self.data)
        if self.is_running or mode == "immediate":
            for pid in server_processes(self.data):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self._wait_until_gone()

    def _remove_sockets(self) -> None:
        with suppress(PostgresError):
            shutil.rmtree(self.sockets, ignore_errors=True)

    def _wait_until_gone(self, processes: set[int] | None = None) -> None:
        """Wait for the end of these processes of the server, of every one when none are named."""
        deadline = time.monotonic() + GONE
        while left := self._running(processes):
            if time.monotonic() > deadline:
                raise PostgresError(f"Processes of the server in {self.folder} do not end: {sorted(left)}")
            time.sleep(0.02)

    def _running(self, processes: set[int] | None) -> set[int]:
        running = server_processes(self.data)
        return running if processes is None else running & processes

    def _tail(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(lines[-20:])

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One start or stop at a time, whichever process asks for it."""
        handle = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _spare_port() -> int:
    for _ in range(100):
        port = secrets.choice(PORTS)
        if _is_free(port):
            return port
    raise PostgresError(f"No free port between {PORTS.start} and {PORTS.stop} on 127.0.0.1.")
