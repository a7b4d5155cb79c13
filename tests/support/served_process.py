"""`ehcp serve` as a process of its own, that a test may kill and start again."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx

from connectors.identity.development import DevelopmentIssuer
from connectors.identity.tokens import Principal

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
"""How long the process may take until it answers, in seconds."""


class ServedProcess:
    """The command with the record in a database of either kind; it works in `folder`, which keeps keyring and log."""

    def __init__(self, folder: Path, database_url: str, workers: int = 1, **settings: str) -> None:
        self.folder = folder
        self.address = f"http://127.0.0.1:{spare_port()}"
        self.workers = workers
        self.database_url = database_url
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "EHCP_ENV": "development",
            "EHCP_CALLS_PER_MINUTE": "0",
            "EHCP_DATABASE_URL": database_url,
            "EHCP_BASE_URL": self.address,
            **settings,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it takes acts."""
        command = [sys.executable, "-m", "services.cli.main", "serve", "--workers", str(self.workers)]
        with (self.folder / "served.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self.folder, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + PATIENCE
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.folder / "served.log").read_text()[-2_000:])
            time.sleep(0.02)

    def is_ready(self) -> bool:
        """Whether it takes acts."""
        with suppress(httpx.HTTPError):
            return httpx.get(f"{self.address}/readyz", timeout=5).status_code == 200
        return False

    def kill(self) -> None:
        """`kill -9`, of the workers with it when there are several."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        if self.process is None:
            return 0
        with suppress(ProcessLookupError):
            self.process.terminate()
        return self.process.wait(PATIENCE)

    def worker_pids(self) -> set[int]:
        """The processes of the workers, when there are several."""
        if self.process is None:
            return set()
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return {int(pid) for pid in found if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()}

    def headers(
        self, role: str = "case-officer", organisation: str = "la:855", name: str = "officer"
    ) -> dict[str, str]:
        """The headers of somebody who is signed in."""
        issuer = DevelopmentIssuer.load_or_create(self.folder / "var" / "development-issuer.json")
        principal = Principal(subject=name, organisation=organisation, role=role, plan_id="", contact_id="")
        return {"Authorization": f"Bearer {issuer.issue(principal, audience=self.address, now=int(time.time()))}"}


def spare_port() -> int:
    """A port of loopback that nobody has, outside the range that systems give to clients."""
    while True:
        port = 15_000 + secrets.randbelow(15_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
