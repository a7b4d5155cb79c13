"""JSON import against validating, sealing and inserting the same bytes and nothing else.

The reference parses each line, validates the plan, seals it and inserts the row, 64 rows to a durable transaction. Ours
does what an import does: matching, deciding, clocks, the register, requests, the key store, both logs' rules.
"""

import asyncio
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import orjson

from domain.plan.acts import Actor
from domain.plan.events import EventMetadata
from services.bootstrap import open_platform
from services.importing.batches import TOGETHER
from services.importing.reading import NDJSON
from services.importing.report import ImportSource
from services.settings import Settings
from services.store.framing import Envelope
from services.store.sealing import seal
from services.validation import validate_plan
from tests.bench.measuring import Row, alternate, seconds
from tests.bench.setting import Bench
from tests.support.fictional import fictional_plan

OFFICER = Actor(subject="bench", organisation="la:855", role="case-officer")
METADATA = EventMetadata(
    effectiveon="2026-11-02", actor="bench", actororg="la:855", actorrole="case-officer", mode="RECORD"
)


def import_rows(bench: Bench) -> Iterator[Row]:
    """Plans a second, ours and the reference's."""
    plans = bench.size(1_000, 200)
    content = b"\n".join(orjson.dumps(fictional_plan(n, needs=12)) for n in range(plans))
    ours, reference = alternate(lambda: plans / _imported(content), lambda: plans / _bare(content), bench.rounds)
    yield Row(
        id="json-import-vs-bare", ours=ours, reference=reference, unit="plans/s", rounds=bench.rounds, at_least=0.4
    )


def _imported(content: bytes) -> float:
    with tempfile.TemporaryDirectory() as folder:
        platform = open_platform(Settings(database_url=f"sqlite:///{folder}/record/record.sqlite"))
        source = ImportSource(name="bench", media_type=NDJSON, council="855")
        taken = seconds(lambda: asyncio.run(platform.importer.take_in(content, source, OFFICER)))
        platform.close()
    return taken


def _bare(content: bytes) -> float:
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "bare.sqlite", isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE event (position INTEGER PRIMARY KEY, stream BLOB, state BLOB)")
        taken = seconds(lambda: _insert_all(connection, content.split(b"\n")))
        connection.close()
    return taken


def _insert_all(connection: sqlite3.Connection, lines: list[bytes]) -> None:
    for start in range(0, len(lines), TOGETHER):
        connection.execute("BEGIN IMMEDIATE")
        rows = [_row(line) for line in lines[start : start + TOGETHER]]
        connection.executemany("INSERT INTO event (stream, state) VALUES (?, ?)", rows)
        connection.execute("COMMIT")


def _row(line: bytes) -> tuple[bytes, bytes]:
    document = orjson.loads(line)
    if validate_plan(document):
        raise ValueError("the fictional plan isn't valid")
    plan = uuid4()
    envelope = Envelope(uuid4(), "ehcp.plan.baseline-imported.v1", "urn:bench", plan, 1)
    return plan.bytes, seal(envelope, METADATA, {"plan": document}, os.urandom(32))
