"""The processes of the trial of erasures: the API and every worker, at debug level, killed and started again."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from connectors.identity.development import DevelopmentIssuer
from deploy.local.kafka import PLATFORM
from services.settings import Settings
from tests.support.published import Installation
from tests.support.served_process import ServedProcess

WORKERS: Final = ("projector", "router", "publisher", "deliverer")


class Processes:
    """`ehcp serve` and, beside PostgreSQL, `ehcp work ...`: the embedded record has one process, which does it all."""

    def __init__(self, folder: Path, address: str, installation: Installation | None) -> None:
        """Work in `folder`, which keeps what a machine has beside the database: keyring and logs."""
        self.folder = folder
        self.kafka = installation is not None
        settings = {"EHCP_LOG_LEVEL": "debug", "EHCP_WEBHOOK_NETWORKS": "127.0.0.0/8"}
        if installation is not None:
            subscribers = folder / "subscribers.json"
            subscribers.write_text('[{"kind": "la", "code": "855", "principal": "User:la-855"}]')
            settings |= {
                "EHCP_KAFKA_BOOTSTRAP": installation.broker.bootstrap,
                "EHCP_KAFKA_CREDENTIALS": str(installation.broker.credentials(PLATFORM)),
                "EHCP_KAFKA_PREFIX": installation.prefix,
                "EHCP_KAFKA_SUBSCRIBERS": str(subscribers),
            }
        self.embedded = address.startswith("sqlite")
        self.api = ServedProcess(folder, address, 1 if self.embedded else 2, **settings)
        self.workers: dict[str, subprocess.Popen[bytes]] = {}
        self.killed: dict[str, int] = {}

    def start(self) -> None:
        """All of them, and wait until the API takes acts."""
        self.api.start()
        for name in () if self.embedded else WORKERS:
            if name != "publisher" or self.kafka:
                self.workers[name] = self._started(name)

    @property
    def issuer(self) -> DevelopmentIssuer:
        return DevelopmentIssuer.load_or_create(self.folder / "var" / "development-issuer.json")

    @property
    def settings(self) -> Settings:
        """The record as the processes open it, for whoever looks at it when they have ended."""
        keyring = self.folder / "var" / "keyring"
        return Settings(database_url=self.api.database_url, keyring=str(keyring))

    @contextmanager
    def at_rest(self) -> Iterator[None]:
        """The embedded record with nobody who has it; what shares a database works on."""
        if not self.embedded:
            yield
            return
        self.api.stop()
        yield
        self.api.start()

    def kill_something(self, dice: random.Random) -> None:
        """One of the API's workers, all of the API, or one of the other processes; what is killed is started again."""
        name = dice.choices(["an API worker", "the API", *self.workers], [6, 2, *[1] * len(self.workers)])[0]
        if name in self.workers:
            self.workers[name].kill()
            self.workers[name].wait()
            self.workers[name] = self._started(name)
        elif name == "the API" or self.embedded or not self._kill_a_worker(dice):
            name = "the API"
            self.api.kill()
            self.api.start()
        self.killed[name] = self.killed.get(name, 0) + 1

    def command(self, *arguments: str) -> str:
        """What `ehcp` says. Raises when it fails."""
        command = [sys.executable, "-m", "services.cli.main", *arguments]
        done = subprocess.run(
            command, cwd=self.folder, env=self.api.environment, capture_output=True, text=True, timeout=300, check=False
        )
        if done.returncode:
            raise RuntimeError(f"ehcp {arguments[0]} {arguments[1]}: {done.stderr[-1000:]}")
        return done.stdout

    def stop(self) -> bool:
        """End them all; whether they ended well."""
        for process in self.workers.values():
            process.terminate()
        codes = [self.api.stop(), *(process.wait(timeout=60) for process in self.workers.values())]
        self.workers = {}
        return codes == [0] * len(codes)

    def close(self) -> None:
        """Leave nothing behind."""
        for process in self.workers.values():
            process.kill()
            process.wait()
        self.api.kill()

    def _kill_a_worker(self, dice: random.Random) -> bool:
        pids = sorted(self.api.worker_pids())
        with suppress(ProcessLookupError):
            if pids:
                os.kill(dice.choice(pids), signal.SIGKILL)
        return bool(pids)

    def _started(self, name: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "services.cli.main", "work", name]
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(command, cwd=self.folder, env=self.api.environment, stdout=log, stderr=log)
