"""The frame of trials that kill workers: `ehcp work KIND` as processes, and rounds that are told of in one line."""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, text

from deploy.local.postgres import shared_server
from services.projection.lanes import PRESENCE_LOCK
from tests.support.postgres import empty_database

_END = 60.0
_PRESENT = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid::bigint = :presence AND granted"


class Workers:
    """Processes of one kind of worker, any of which may be killed and started anew."""

    def __init__(self, kind: str, environment: Mapping[str, str], log: Path) -> None:
        self._kind = kind
        self._environment = {**os.environ, **environment}
        self._log = log
        self._processes: list[subprocess.Popen[bytes]] = []

    def __len__(self) -> int:
        """How many there are."""
        return len(self._processes)

    def start(self) -> None:
        """One more."""
        command = [sys.executable, "-m", "services.cli.main", "work", self._kind]
        with self._log.open("ab") as log:
            self._processes.append(subprocess.Popen(command, env=self._environment, stdout=log, stderr=log))

    def kill(self, number: int = 0) -> None:
        """`kill -9` of one of them, counted from the oldest. Raises RuntimeError when it has ended by itself."""
        process = self._processes.pop(number)
        if process.poll() is not None:
            raise RuntimeError(f"a {self._kind} ended by itself with {process.returncode}:\n{self.said()}")
        os.kill(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> bool:
        """Ask all of them to end; whether they did so cleanly."""
        ended, self._processes = self._processes, []
        for process in ended:
            process.terminate()
        codes = [process.wait(_END) for process in ended]
        return not any(codes)

    def close(self) -> None:
        """End what is left."""
        while self._processes:
            process = self._processes.pop()
            process.kill()
            process.wait()

    def said(self) -> str:
        """The end of their log."""
        return self._log.read_text(errors="replace")[-4_000:]


def at_work(connection: Connection, work: int = 0) -> int:
    """How many processes share the lanes of a kind of work: each holds the lock that says so."""
    return connection.scalar(text(_PRESENT), {"presence": PRESENCE_LOCK + 2 * work}) or 0


class Trial(Protocol):
    """One round: something grows while workers are killed."""

    def run(self, kills: int) -> None:
        """Until so many were killed."""

    def found(self) -> dict[str, Any]:
        """What is there when all is quiet."""

    def close(self) -> None:
        """End what was started."""


def run_rounds(
    about: str | None, make: Callable[[Path, str, random.Random], Trial], sound: Callable[[dict[str, Any]], bool]
) -> int:
    """Each round in an empty database and a folder of its own; prints one line of JSON; the exit code."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--kills", type=int, default=6)
    arguments = parser.parse_args()
    started = time.monotonic()
    rounds = []
    with shared_server(f"trial-{os.getpid()}") as server:
        for number in range(arguments.rounds):
            dice = random.Random(f"{arguments.seed}/{number}")
            with (
                tempfile.TemporaryDirectory() as folder,
                empty_database(server) as address,
                closing(make(Path(folder), address, dice)) as trial,
            ):
                trial.run(arguments.kills)
                rounds.append(trial.found())
    good = all(sound(found) for found in rounds)
    print(json.dumps({"sound": good, "seconds": round(time.monotonic() - started, 1), "rounds": rounds}))
    return 0 if good else 1
