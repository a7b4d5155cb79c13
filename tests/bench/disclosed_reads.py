"""A read over HTTP whose showing is recorded first, against the same read that leaves no record.

One uvicorn worker, the database and the load generator share the machine's cores. 32 keep-alive connections, each
reading plans of its own with a dozen needs.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import msgspec

from tests.bench.http_acts import CONNECTIONS, PLANS_EACH, Place, served_by
from tests.bench.http_load import Load, Result
from tests.bench.http_server import PREFIX
from tests.bench.measuring import Row, alternate
from tests.bench.setting import Bench


def disclosed_read_rows(bench: Bench) -> Iterator[Row]:
    """Reads a second, on both databases."""
    for database in ("postgresql", "sqlite"):
        with ExitStack() as opened:
            folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
            kept = (
                opened.enter_context(bench.database()) if database == "postgresql" else f"sqlite:///{folder}/r.sqlite"
            )
            place = Place(kept, folder)
            plans = place.open_plans(CONNECTIONS * PLANS_EACH)
            port = opened.enter_context(served_by(place, 1))
            works = [partial(rate, port, bench.size(4, 1), place.token, plans, prefix) for prefix in ("", PREFIX)]
            for work in works:
                work()  # once before it counts: caches fill, connections open
            recorded, unrecorded = alternate(*works, bench.rounds)
        yield Row(
            id=f"read-with-disclosure-{database}",
            ours=recorded,
            reference=unrecorded,
            unit="reads/s",
            rounds=bench.rounds,
            at_least=0.6,
        )


def rate(port: int, seconds: float, token: str, plans: Sequence[str], prefix: str, status: int = 200) -> float:
    """Reads a second; every answer must have this status."""
    paths = [f"{prefix}/v1/plans/{plan}" for plan in plans]
    each = [paths[start : start + PLANS_EACH] for start in range(0, len(paths), PLANS_EACH)]
    load = Load(port=port, seconds=seconds, token=token, body="", paths=each, method="GET")
    command = [sys.executable, "-m", "tests.bench.http_load"]
    told = subprocess.run(
        command, input=msgspec.json.encode(load), capture_output=True, check=True, timeout=seconds + 60
    )
    result = msgspec.json.decode(told.stdout, type=Result)
    if set(result.statuses) != {status}:
        raise RuntimeError(f"not every answer was {status}: {result.statuses}")
    return result.rate
