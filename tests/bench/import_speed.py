"""JSON import against validating, sealing and inserting the same bytes and nothing else.

The reference parses each line, validates the plan by the same rules, seals it, wraps its key (what is sealed and can't
be opened again is not stored) and inserts one row, as many to a durable transaction as ours. Ours does what an import
does: strict reading, matching, deciding, clocks, the register, requests, the key store, both logs' rules.

Ours writes on another thread than it prepares on: the second row counts the processor time of both.
"""

import asyncio
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from uuid import uuid4

import orjson

from domain.plan.acts import Actor
from domain.plan.events import EventMetadata
from services.bootstrap import open_platform
from services.importing.batches import TOGETHER
from services.importing.reading import NDJSON
from services.importing.report import ImportSource
from services.keeper.bodies import plan_faults
from services.settings import Settings
from services.store.child_keys import KEY_LENGTH, ChildKey, event_context
from services.store.framing import Envelope
from services.store.sealing import seal
from tests.bench.measuring import Row, alternate, seconds
from tests.bench.setting import Bench
from tests.support.fictional import fictional_plan

OFFICER = Actor(subject="bench", organisation="la:855", role="case-officer")
METADATA = EventMetadata(
    effectiveon="2026-11-02", actor="bench", actororg="la:855", actorrole="case-officer", mode="RECORD"
)
CHILD = ChildKey(uuid4(), os.urandom(KEY_LENGTH))
Clock = Callable[[], float]
CLOCKS: Mapping[str, Clock] = {
    "json-import-vs-bare": time.perf_counter,
    "json-import-vs-bare-processor": time.process_time,
}


def import_rows(bench: Bench) -> Iterator[Row]:
    """Plans a second, ours and the reference's."""
    plans = bench.size(1_000, 200)
    content = b"\n".join(orjson.dumps(fictional_plan(n, needs=12)) for n in range(plans))
    for name, clock in CLOCKS.items():
        ours, reference = alternate(
            lambda clock=clock: plans / _imported(content, clock),  # type: ignore[misc]
            lambda clock=clock: plans / _bare(content, clock),  # type: ignore[misc]
            bench.rounds,
        )
        yield Row(id=name, ours=ours, reference=reference, unit="plans/s", rounds=bench.rounds, at_least=0.4)


def _imported(content: bytes, clock: Clock) -> float:
    with tempfile.TemporaryDirectory() as folder:
        platform = open_platform(Settings(database_url=f"sqlite:///{folder}/record/record.sqlite"))
        source = ImportSource(name="bench", media_type=NDJSON, council="855")
        taken = seconds(lambda: asyncio.run(platform.importer.take_in(content, source, OFFICER)), clock)
        platform.close()
    return taken


def _bare(content: bytes, clock: Clock) -> float:
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "bare.sqlite", isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE event (position INTEGER PRIMARY KEY, stream BLOB, key BLOB, state BLOB)")
        taken = seconds(lambda: _insert_all(connection, content.split(b"\n")), clock)
        connection.close()
    return taken


def _insert_all(connection: sqlite3.Connection, lines: list[bytes]) -> None:
    for start in range(0, len(lines), TOGETHER):
        connection.execute("BEGIN IMMEDIATE")
        rows = [_row(line) for line in lines[start : start + TOGETHER]]
        connection.executemany("INSERT INTO event (stream, key, state) VALUES (?, ?, ?)", rows)
        connection.execute("COMMIT")


def _row(line: bytes) -> tuple[bytes, bytes, bytes]:
    document = orjson.loads(line)
    if plan_faults(document):
        raise ValueError("the fictional plan isn't valid")
    plan = uuid4()
    data_key = os.urandom(KEY_LENGTH)
    wrapped = CHILD.wrap(data_key, event_context(plan.bytes, 1, plan.bytes))
    envelope = Envelope(plan, "ehcp.plan.baseline-imported.v1", "urn:bench", plan, 1)
    return plan.bytes, wrapped, seal(envelope, METADATA, {"plan": document}, data_key)
