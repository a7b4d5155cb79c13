"""A log of sealed events for benchmarks: fictional amendments of some 2 KB, children in random order."""

import random
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg

from domain.plan.events import EventMetadata
from services.store.file_keyring import FileKeyring
from services.store.postgres.store import open_postgres
from services.store.record_store import RecordStore
from services.store.values import PLAN_LOG, AppendGroup, Outcome
from tests.bench.setting import Bench

TYPE = "ehcp.plan.amended.v1"
COUNCIL = "855"
METADATA = EventMetadata(
    effectiveon="2026-09-01", actor="bench-officer", actororg="la:855", actorrole="case-officer", mode="PERFORM"
)
TOGETHER = 500


def content(dice: random.Random) -> dict[str, Any]:
    """What an event says: about 2 KB of text that repeats itself as plans do, and some effects."""
    text = " ".join(f"need {n} speech and language {dice.randint(0, 10**9)}" for n in range(40))
    return {"text": text, "effects": {"clocks": {f"k{n}": {"dueOn": "2026-01-01", "n": n} for n in range(5)}}}


def in_random_order(children: int, events: int, dice: random.Random) -> Iterator[tuple[UUID, int]]:
    """Places of so many events: each child has one, then any child has the next."""
    plans = [uuid4() for _ in range(children)]
    sequences = dict.fromkeys(plans, 0)
    for number in range(events):
        plan = plans[number] if number < children else dice.choice(plans)
        sequences[plan] += 1
        yield plan, sequences[plan]


@contextmanager
def sealed_log(bench: Bench, *, children: int, events: int) -> Iterator[tuple[RecordStore, str, FileKeyring]]:
    """An open store with so many events, its address and its keyring."""
    dice = random.Random(1)
    with bench.database() as url, tempfile.TemporaryDirectory() as folder:
        keyring = FileKeyring(Path(folder) / "keyring")
        with open_postgres(url, keyring=keyring) as store:
            waiting = []
            for plan, sequence in in_random_order(children, events, dice):
                sealed = store.seal(plan, sequence, TYPE, METADATA, content(dice), council=COUNCIL)
                waiting.append(AppendGroup({PLAN_LOG: [sealed]}))
                if len(waiting) == TOGETHER:
                    _append(store, waiting)
                    waiting = []
            _append(store, waiting)
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("VACUUM ANALYZE")
            yield store, url, keyring


def _append(store: RecordStore, groups: list[AppendGroup]) -> None:
    require_written(store.submit_all(groups))


def require_written(appending: Future[list[Outcome]] | None) -> None:
    """Wait for what was handed in; raises the first of whatever went wrong."""
    for outcome in appending.result() if appending else ():
        if isinstance(outcome, Exception):
            raise outcome
