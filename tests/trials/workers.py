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
from itertools import count
from pathlib import Path
from typing import Any, Protocol

from deploy.local.postgres import shared_server
from tests.support.postgres import empty_database

_END = 60.0
_STARTED = "at work"


class Workers:
    """Processes of one kind of worker, any of which may be killed and started anew."""

    def __init__(self, kind: str, environment: Mapping[str, str], folder: Path) -> None:
        self._kind = kind
        self._environment = {**os.environ, **environment}
        self._logs = (folder / f"{kind}-{number}.log" for number in count(1))
        self._processes: list[tuple[subprocess.Popen[bytes], Path]] = []

    def __len__(self) -> int:
        """How many there are."""
        return len(self._processes)

    def start(self) -> None:
        """One more."""
        command, file = [sys.executable, "-m", "services.cli.main", "work", self._kind], next(self._logs)
        with file.open("wb") as log:
            self._processes.append((subprocess.Popen(command, env=self._environment, stdout=log, stderr=log), file))

    def kill(self, number: int = 0) -> None:
        """`kill -9` of one of them, counted from the oldest. Raises RuntimeError when it has ended by itself."""
        process, log = self._processes.pop(number)
        if process.poll() is not None:
            raise RuntimeError(f"a {self._kind} ended by itself with {process.returncode}:\n{_end_of(log)}")
        os.kill(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> bool:
        """Ask all of them to end; whether they did so cleanly. They have to be at work."""
        ended, self._processes = self._processes, []
        for process, _ in ended:
            process.terminate()
        failed = [log for process, log in ended if process.wait(_END)]
        for log in failed:
            sys.stderr.write(_end_of(log))
        return not failed

    def close(self) -> None:
        """End what is left."""
        while self._processes:
            process, _ = self._processes.pop()
            process.kill()
            process.wait()

    def are_at_work(self) -> bool:
        """Whether the last of them has started."""
        return all(_STARTED in log.read_text(errors="replace") for _, log in self._processes)

    def said(self) -> str:
        """The end of what each has said."""
        return "\n".join(_end_of(log) for _, log in self._processes)


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-4_000:]


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
