"""One private Kafka cluster in one folder: start, stop, destroy, and the accidents that fault tests need."""

import fcntl
import json
import os
import re
import secrets
import shutil
import signal
import socket
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from deploy.local.kafka.errors import KafkaBrokerError
from deploy.local.kafka.processes import server_of
from deploy.local.kafka.programs import CONFIGURATION, STARTED, STORAGE, Profile, libraries, run, start_server
from deploy.local.kafka.properties import HOST, Ports, node_properties
from deploy.local.kafka.users import (
    ADMIN,
    MECHANISM,
    NODE,
    USERS,
    credentials_file,
    make_user,
    make_users,
    password_of,
    properties_file,
    write_private,
)

#: Below the ports that systems hand out to clients, as for PostgreSQL; above those that it takes.
PORTS = range(20_000, 30_000)
#: In seconds: until a server that was told to end, or killed, is gone.
GONE = 60.0


class Broker:
    """A Kafka cluster of our own on loopback ports that stay the same over restarts: one node, or three.

    In `folder`: place.json (ports), USER.json and USER.properties (who may sign in), and for each node a folder with
    its properties, data and log. A process is signalled only when it works in the node's folder; every operation may be
    repeated.
    """

    def __init__(self, folder: Path, *, nodes: int = 1, profile: Profile = "test") -> None:
        self.folder = folder.absolute()
        self.profile = profile
        self._wanted = nodes

    @property
    def nodes(self) -> list[Ports]:
        """Where the nodes listen. Raises KafkaBrokerError when the cluster was never started."""
        try:
            return [Ports(*ports) for ports in json.loads((self.folder / "place.json").read_text())]
        except FileNotFoundError as unknown:
            raise KafkaBrokerError(f"No cluster was ever started in {self.folder}.") from unknown

    @property
    def bootstrap(self) -> str:
        """The addresses for clients."""
        return ",".join(f"{HOST}:{ports.client}" for ports in self.nodes)

    @property
    def is_running(self) -> bool:
        """Whether every node runs."""
        try:
            return None not in self.pids
        except KafkaBrokerError:
            return False

    @property
    def pids(self) -> list[int | None]:
        """The process of each node, None for one that does not run."""
        return [server_of(self._node(number)) for number in range(1, len(self.nodes) + 1)]

    def credentials(self, user: str) -> Path:
        """The file by which the platform signs in as this user."""
        return credentials_file(self.folder, user)

    def tool_properties(self, user: str) -> Path:
        """The file by which Kafka's own tools sign in as this user."""
        return properties_file(self.folder, user)

    def add_user(self, user: str) -> None:
        """Let somebody else sign in, such as a subscriber; what they may do is granted by `ehcp topics apply`.

        One that is there gets a new password. Raises KafkaBrokerError for a name that can't be one, or is ours.
        """
        if user in USERS or not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,40}", user):
            raise KafkaBrokerError(f"{user!r} can't be added: small letters, digits and hyphens, and none of ours.")
        said = self.folder / f"{user}.scram"
        write_private(said, f"{MECHANISM}=password={make_user(self.folder, user)}\n")
        try:
            reaching = ("--bootstrap-server", self.bootstrap, "--command-config", self.tool_properties(ADMIN))
            whom = ("--entity-type", "users", "--entity-name", user)
            run(CONFIGURATION, *reaching, "--alter", *whom, "--add-config-file", said)
        finally:
            said.unlink()

    def start(self) -> None:
        """Start the nodes that do not run and wait until they take requests; make the cluster when there is none.

        Also the way back after a crash.
        """
        libraries()
        self.folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        with self._alone():
            self._create()
            for number, pid in enumerate(self.pids, 1):
                if pid is None:
                    self._start(number)
        self.wait_until_ready()

    def stop(self) -> None:
        """End every node in good order; one that does not obey is killed: the next start recovers all of it."""
        self._end(signal.SIGTERM)

    def kill(self, node: int | None = None) -> None:
        """`kill -9` of one node (from 1), or of all, and wait until it is gone."""
        self._end(signal.SIGKILL, node)

    def destroy(self) -> None:
        """End every node and remove the folder with all its data."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def wait_until_ready(self, seconds: float = 240) -> None:
        """Wait until every node takes requests. Raises KafkaBrokerError when one does not in time, or ends."""
        deadline = time.monotonic() + seconds
        for number in range(1, len(self.nodes) + 1):
            log = self._node(number) / "log"
            while STARTED not in log.read_text(errors="replace"):
                ended = self._has_ended(number)
                if ended or time.monotonic() > deadline:
                    what = "ended while it started" if ended else f"does not start within {seconds:.0f} seconds"
                    end = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
                    raise KafkaBrokerError(f"Kafka {what}. The end of {log}:\n{end}")
                time.sleep(0.05)

    def _has_ended(self, number: int) -> bool:
        """Whether the node's server is gone: while a process becomes another program, /proc may not show it."""
        for _ in range(3):
            if server_of(self._node(number)) is not None:
                return False
            time.sleep(0.3)
        return True

    def _create(self) -> None:
        """Make what is not there yet; a node that a killed attempt left half made is made again."""
        if (self.folder / "made").exists():
            return
        passwords = make_users(self.folder)
        nodes = _spare_ports(self._wanted)
        write_private(self.folder / "place.json", json.dumps(nodes))
        cluster = urlsafe_b64encode(uuid4().bytes).rstrip(b"=").decode()
        for number in range(1, len(nodes) + 1):
            node = self._node(number)
            shutil.rmtree(node, ignore_errors=True)
            node.mkdir(mode=0o700)
            self._write_properties(number, nodes)
            scram = [("--add-scram", f"{MECHANISM}=[name={user},password={word}]") for user, word in passwords.items()]
            options = [word for pair in scram for word in pair]
            run(STORAGE, "format", "-t", f"A{cluster[1:]}", "-c", node / "server.properties", *options)
        (self.folder / "made").touch()

    def _write_properties(self, number: int, nodes: list[Ports]) -> None:
        node = self._node(number)
        text = node_properties(number, nodes, str(node / "data"), password_of(self.folder, NODE))
        write_private(node / "server.properties", text)

    def _start(self, number: int) -> None:
        node = self._node(number)
        (node / "log").write_text("")
        start_server(node / "server.properties", node / "log", node, self.profile)
        deadline = time.monotonic() + GONE
        # until then it can't be told from one that has ended
        while server_of(node) is None and not (node / "log").stat().st_size and time.monotonic() < deadline:
            time.sleep(0.01)

    def _end(self, how: signal.Signals, node: int | None = None) -> None:
        if not (self.folder / "place.json").exists():
            return
        with self._alone():
            numbers = [node] if node else range(1, len(self.nodes) + 1)
            folders = [self._node(number) for number in numbers]
            for folder in folders:
                _signal(folder, how)
            for folder in folders:
                _wait_until_gone(folder)

    def _node(self, number: int) -> Path:
        return self.folder / f"node-{number}"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One start or stop at a time, whichever process asks for it."""
        handle = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def _signal(folder: Path, how: signal.Signals) -> None:
    pid = server_of(folder)
    if pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, how)


def _wait_until_gone(folder: Path) -> None:
    deadline = time.monotonic() + GONE
    while server_of(folder) is not None:
        if time.monotonic() > deadline:
            _signal(folder, signal.SIGKILL)
            deadline = time.monotonic() + GONE
        time.sleep(0.02)


def _spare_ports(nodes: int) -> list[Ports]:
    """Two ports for each node that nobody has at the moment, held until the last is found."""
    with ExitStack() as held:
        found: set[int] = set()
        while len(found) < 2 * nodes:
            place = held.enter_context(socket.socket())
            with suppress(OSError):
                place.bind((HOST, secrets.choice(PORTS)))
                found.add(place.getsockname()[1])
    numbers = sorted(found)
    return [Ports(*numbers[index : index + 2]) for index in range(0, 2 * nodes, 2)]
