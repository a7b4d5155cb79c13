"""Looking for what was destroyed: as bytes wherever something lasts, and as text that any remaining key still opens.

The second is tried on a copy of the record from which the register of erasures and the certificates were taken out:
what is unreadable there is so because its key is gone, and not because somebody remembers that it should be.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
from kafka import TopicPartition
from msgspec import to_builtins

from connectors.kafka.clients import consumer
from connectors.kafka.connection import KafkaConnection
from domain.plan.events import PlanEvent
from services.keyrings import open_keyring
from services.plans import STATE_VERSION
from services.projection.database import VIEWS_FILE, ViewDatabase
from services.settings import Settings
from services.store.embedded import open_embedded
from services.store.postgres.store import open_postgres
from services.store.record_store import RecordStore
from services.store.values import DISCLOSURE_LOG, DRAFT_LOG, PLAN_LOG, Snapshot
from tests.services.store.postgres.test_privacy import copied
from tests.support.postgres import empty_database
from tests.support.projected import live_rows
from tests.support.published import opened_state

Texts = Iterator[tuple[str, str]]
#: The schema of PostgreSQL, and the file, in which every key is.
KEYS_SCHEMA, KEYS_FILE = "ehcp_keys", "keys.sqlite"
_RECORD: Final = "var"


def forms(word: str) -> Iterator[bytes]:
    """A word as it could stand somewhere: plain, in capitals, UTF-16, hexadecimal, and in base64 at any place."""
    plain = word.encode()
    for one in (plain, word.capitalize().encode(), word.upper().encode(), word.encode("utf-16-le")):
        yield one
        yield one.hex().encode()
    for shift in range(3):
        coded = b64encode(b"\0" * shift + plain)
        yield coded[(0, 2, 3)[shift] : len(coded) - 4]


class Words:
    """What is looked for in bytes."""

    def __init__(self, words: Iterable[str]) -> None:
        self._forms = sorted({form for word in words for form in forms(word)})

    def within(self, content: bytes) -> list[bytes]:
        """The forms that are there."""
        return [form for form in self._forms if form in content]


def tables(settings: Settings) -> Iterator[tuple[str, bytes]]:
    """Every table as bytes."""
    if settings.on_postgresql:
        with psycopg.connect(settings.database_url, autocommit=True) as connection:
            yield from copied(connection)
        return
    for path in sorted(settings.data_folder.glob("*.sqlite")):
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
                rows = connection.execute(f"SELECT * FROM {name}").fetchall()  # noqa: S608 — a table of our own
                values = (value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row)
                yield f"{path.name} {name}", b"\x00".join(values)


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file under a folder; what a broker sets aside for its indexes, empty as yet, is left out."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and (content := path.read_bytes().rstrip(b"\0")):
            yield str(path.relative_to(folder)), content


def topics(connection: KafkaConnection, names: Iterable[str]) -> dict[str, list[Any]]:
    """Every record that topics hold, also of transactions that were never committed."""
    found: dict[str, list[Any]] = {}
    with closing(consumer(connection, isolation_level="read_uncommitted")) as reader:
        for name in names:
            partitions = [TopicPartition(name, number) for number in reader.partitions_for_topic(name) or ()]
            ends = reader.end_offsets(partitions)
            reader.assign(partitions)
            reader.seek_to_beginning(*partitions)
            records = found.setdefault(name, [])
            while any(reader.position(partition) < ends[partition] for partition in partitions):
                for page in reader.poll(timeout_ms=200).values():
                    records.extend(page)
    return found


def bytes_of(record: Any) -> bytes:
    """All that a record of a topic holds."""
    headers = [part for name, value in record.headers for part in (name.encode(), value)]
    return b"\x00".join([record.key or b"", record.value or b"", *headers])


@contextmanager
def copy_of(settings: Settings, server: str) -> Iterator[Settings]:
    """A copy of a record that nobody has open, as settings that open it."""
    if settings.on_postgresql:
        database = urlsplit(settings.database_url).path.removeprefix("/")
        with empty_database(server, template=database) as address:
            yield settings.model_copy(update={"database_url": address})
        return
    with TemporaryDirectory() as folder:
        copied_to = shutil.copytree(settings.data_folder, Path(folder) / "var")
        yield Settings(database_url=f"sqlite:///{copied_to}/record.sqlite", keyring=str(copied_to / "keyring"))


def forget_what_was_destroyed(settings: Settings) -> None:
    """Take the register of erasures and the certificates out of a copy."""
    if settings.on_postgresql:
        with psycopg.connect(settings.database_url, autocommit=True) as connection:
            for table in ("erasure", "retention_event"):
                connection.execute(f"ALTER TABLE ehcp.{table} DISABLE TRIGGER USER".encode())
                connection.execute(f"DELETE FROM ehcp.{table}".encode())  # noqa: S608 — named above
        return
    os.truncate(settings.data_folder / "erasures.ndjson", 0)


class OldKeys:
    """All keys as they were at a moment, as a copy of the database that somebody has kept would hold them."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._folder = folder / "old-keys"
        self._folder.mkdir()
        if settings.on_postgresql:
            with psycopg.connect(settings.database_url) as connection:
                for table in _key_tables(connection):
                    with connection.cursor().copy(f"COPY {KEYS_SCHEMA}.{table} TO STDOUT (FORMAT binary)") as copy:
                        (self._folder / table).write_bytes(b"".join(bytes(part) for part in copy))
            return
        with (
            closing(sqlite3.connect(settings.data_folder / KEYS_FILE)) as source,
            closing(sqlite3.connect(self._folder / KEYS_FILE)) as target,
        ):
            source.backup(target)

    def come_back_to(self, settings: Settings) -> None:
        """Put back every key that is missing in a copy of the record."""
        if settings.on_postgresql:
            with psycopg.connect(settings.database_url) as connection:
                for path in sorted(self._folder.iterdir()):
                    connection.execute(f"CREATE TEMP TABLE old (LIKE {KEYS_SCHEMA}.{path.name}) ON COMMIT DROP")
                    with connection.cursor().copy("COPY old FROM STDIN (FORMAT binary)") as copy:
                        copy.write(path.read_bytes())
                    named = f"{KEYS_SCHEMA}.{path.name}"
                    connection.execute(f"INSERT INTO {named} SELECT * FROM old ON CONFLICT DO NOTHING")  # noqa: S608 — ours
                    connection.execute("DROP TABLE old")
            return
        with closing(sqlite3.connect(settings.data_folder / KEYS_FILE, isolation_level=None)) as connection:
            connection.execute("ATTACH ? AS old", (str(self._folder / KEYS_FILE),))
            for (name,) in connection.execute("SELECT name FROM old.sqlite_schema WHERE type = 'table'").fetchall():
                connection.execute(f"INSERT OR IGNORE INTO main.{name} SELECT * FROM old.{name}")  # noqa: S608 — ours


def _key_tables(connection: psycopg.Connection[Any]) -> list[str]:
    found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", (KEYS_SCHEMA,)).fetchall()
    return [name for (name,) in found]


@contextmanager
def store_of(settings: Settings) -> Iterator[RecordStore]:
    """The store alone, without the platform's start, which would look at the certificates."""
    keyring = open_keyring(settings)
    if settings.on_postgresql:
        store = open_postgres(settings.database_url, keyring=keyring)
    else:
        store = open_embedded(settings.data_folder, record_file=settings.database_file.name, keyring=keyring)
    with closing(keyring), store:
        yield store


def opened(settings: Settings, published: dict[str, list[Any]]) -> Texts:
    """All that the keys of a record open, as text: logs, snapshots, views, and what was published of states."""
    with store_of(settings) as store:
        for log in (PLAN_LOG, DRAFT_LOG, DISCLOSURE_LOG):
            for entry in store.replay(log=log):
                if isinstance(entry, PlanEvent):
                    yield f"{log} {entry.plan} {entry.sequence}", f"{entry.metadata} {entry.data}"
        plans = {entry.plan for entry in store.replay()}
        yield from _snapshots(store, plans)
        yield from _views(store, settings)
        for topic, records in published.items():
            if topic.endswith("plan-state.v1"):
                yield from _states(store, records)


def _snapshots(store: RecordStore, plans: Iterable[UUID]) -> Texts:
    for plan in plans:
        found = store.snapshots.newest(plan, STATE_VERSION)
        if isinstance(found, Snapshot):
            yield f"snapshot {plan}", found.state.decode()


def _views(store: RecordStore, settings: Settings) -> Texts:
    where = settings.database_url if settings.on_postgresql else settings.data_folder / VIEWS_FILE
    database = ViewDatabase(where)
    try:
        for table, rows in live_rows(store, database).items():
            for row in rows:
                yield f"view {table}", str(row)
    finally:
        database.close()


def _states(store: RecordStore, records: Iterable[Any]) -> Texts:
    for record in records:
        state = opened_state(store, record)
        if state is not None:
            yield f"plan-state {record.key.decode()} at {record.offset}", str(to_builtins(state))
