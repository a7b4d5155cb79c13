"""`POST act` over HTTP against the same app's route that authenticates, loads the plan, validates, and stores nothing.

Real uvicorn workers, PostgreSQL and the load generator share the machine's cores. 32 keep-alive connections, each
acting on plans of its own; the body is about 1.9 KB. Also: one worker against two and four on one port.
"""

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from urllib.request import urlopen

import msgspec

from connectors.identity.development import ISSUER, DevelopmentIssuer
from connectors.identity.tokens import Principal
from services.bootstrap import open_platform
from services.settings import Settings
from tests.bench.http_load import Load, Result
from tests.bench.long_history import plan_with
from tests.bench.measuring import Row, medians
from tests.bench.setting import Bench

CONNECTIONS = 32
PLANS_EACH = 4
AUDIENCE = "http://127.0.0.1:8080"
ACT = "note-access"
BODY = {
    "mode": "PERFORM",
    "effectiveOn": "2026-11-02",
    "reader": "la:855",
    "gateway": "CONTROLLER_INTERNAL",
    "reason": "Read before the meeting with the school about the support in lessons and at lunch. " * 21,
}
WORKERS = (1, 2, 4)


def http_rows(bench: Bench) -> Iterator[Row]:
    """Acts a second."""
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        place = Place(opened.enter_context(bench.database()), folder)
        # Each server has plans of its own: none finds that another's worker has been at them since the last round.
        plans = place.open_plans(CONNECTIONS * PLANS_EACH * len(WORKERS))
        ports = [opened.enter_context(served_by(place, workers)) for workers in WORKERS]

        def rate(server: int, prefix: str) -> float:
            own = plans[server :: len(WORKERS)]
            return _load(ports[server], bench.size(4, 1), place.token, _paths(own, prefix)).rate

        works = [partial(rate, 0, "/bench"), *(partial(rate, server, "/v1") for server in range(len(WORKERS)))]
        for work in works:
            work()  # once before it counts: caches fill, connections open
        validate_only, one, two, four = medians(works, bench.rounds)
    of = partial(Row, unit="acts/s", rounds=bench.rounds)
    yield of(id="http-act-vs-validate-only", ours=one, reference=validate_only, at_least=0.6)
    yield of(id="http-act-2-workers-vs-1", ours=two, reference=one, at_least=1.0)
    yield of(id="http-act-4-workers-vs-1", ours=four, reference=one, at_least=1.0)


def _paths(plans: Sequence[str], prefix: str) -> list[list[str]]:
    paths = [f"{prefix}/plans/{plan}/acts/{ACT}" for plan in plans]
    return [paths[start : start + PLANS_EACH] for start in range(0, len(paths), PLANS_EACH)]


class Place:
    """A platform's settings, and an officer's token for it."""

    def __init__(self, url: str, folder: Path) -> None:
        issuer = DevelopmentIssuer.ephemeral()
        issuers = folder / "issuers.json"
        issuers.write_text(json.dumps([{"issuer": ISSUER, "jwks": issuer.public_keys().as_dict()}]))
        self.environment = {
            "EHCP_CALLS_PER_MINUTE": "0",
            "EHCP_DATABASE_URL": url,
            "EHCP_KEYRING": str(folder / "keyring"),
            "EHCP_ISSUERS": str(issuers),
            "EHCP_BASE_URL": AUDIENCE,
        }
        self._settings = Settings(
            database_url=url, keyring=str(folder / "keyring"), issuers=issuers, base_url=AUDIENCE, _env_file=None
        )
        officer = Principal(subject="bench-officer", organisation="la:855", role="case-officer")
        self._issuer = issuer
        self.token = self.token_of(officer)

    def token_of(self, principal: Principal) -> str:
        """A token for somebody."""
        return self._issuer.issue(principal, audience=AUDIENCE, now=int(time.time()))

    def open_plans(self, count: int) -> list[str]:
        """Plans with a text, and two events each."""
        platform = open_platform(self._settings)
        plans = [str(asyncio.run(plan_with(platform, 2, number))) for number in range(1, count + 1)]
        platform.close()
        return plans


@contextmanager
def served_by(place: Place, workers: int) -> Iterator[int]:
    """The port of so many workers."""
    port = _free_port()
    command = [sys.executable, "-m", "tests.bench.http_server", str(port)]
    running = [subprocess.Popen(command, env={**os.environ, **place.environment}) for _ in range(workers)]
    try:
        for _ in range(workers * 3):  # the system spreads connections over the workers: each is met, most likely
            _wait_until_ready(port)
        yield port
    finally:
        for worker in running:
            worker.terminate()
        for worker in running:
            worker.wait(timeout=30)


def _wait_until_ready(port: int, patience: float = 30) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _load(port: int, seconds: float, token: str, paths: list[list[str]]) -> Result:
    """Every answer must be 201."""
    load = Load(port=port, seconds=seconds, token=token, body=json.dumps(BODY), paths=paths)
    command = [sys.executable, "-m", "tests.bench.http_load"]
    told = subprocess.run(
        command, input=msgspec.json.encode(load), capture_output=True, check=True, timeout=seconds + 60
    )
    result = msgspec.json.decode(told.stdout, type=Result)
    if set(result.statuses) != {201}:
        raise RuntimeError(f"not every act was done: {result.statuses}")
    return result
