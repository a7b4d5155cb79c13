"""The rows of the key file: how wrapped keys are written, found and deleted."""

from collections.abc import Iterable, Sequence
from typing import Final, Protocol
from uuid import UUID

from msgspec import convert

from services.store.erasures import Erasure
from services.store.errors import KeyConflict
from services.store.sql import Connection
from services.store.values import ChildKeyRow, EventKeyRow, SealedEvent

STATEMENTS: Final = (
    (
        "CREATE TABLE IF NOT EXISTS child_key (plan BLOB PRIMARY KEY, council TEXT NOT NULL,"
        " key_id TEXT NOT NULL, wrapped BLOB NOT NULL) STRICT, WITHOUT ROWID"
    ),
    (
        "CREATE TABLE IF NOT EXISTS event_key (stream BLOB NOT NULL, sequence INTEGER NOT NULL,"
        " event_id BLOB NOT NULL, plan BLOB NOT NULL, wrapped BLOB NOT NULL,"
        " PRIMARY KEY (stream, sequence, event_id)) STRICT, WITHOUT ROWID"
    ),
    (
        "CREATE TABLE IF NOT EXISTS snapshot_key (plan BLOB NOT NULL, sequence INTEGER NOT NULL,"
        " snapshot_id BLOB NOT NULL, wrapped BLOB NOT NULL, PRIMARY KEY (plan, sequence, snapshot_id))"
        " STRICT, WITHOUT ROWID"
    ),
    "CREATE TABLE IF NOT EXISTS retired_key (key_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID",
)
"""What creates the tables of keys."""


def children_in(groups: Iterable[Iterable[SealedEvent]]) -> Iterable[ChildKeyRow]:
    """The new children's keys among these events, each once."""
    return {event.child.wrapped: event.child for group in groups for event in group if event.child is not None}.values()


def insert_child(connection: Connection, child: ChildKeyRow) -> bool:
    """Keep a child's key; false when another one is kept already, or the council's key is being destroyed."""
    inserted = connection.execute(
        "INSERT INTO child_key SELECT ?,?,?,? WHERE NOT EXISTS (SELECT 1 FROM retired_key WHERE key_id = ?)"
        " ON CONFLICT DO NOTHING",
        (child.plan.bytes, child.council, child.key_id, child.wrapped, child.key_id),
    ).rowcount
    return bool(inserted) or child_rows(connection, (child.plan.bytes,)) == [child]


def insert_event_keys(connection: Connection, keys: Sequence[EventKeyRow]) -> KeyConflict | None:
    """Keep the keys of a group's events.

    The same key again is no conflict, another one for the same event is.
    """
    rows = [(key.stream.bytes, key.sequence, key.event_id.bytes, key.plan.bytes, key.wrapped) for key in keys]
    inserted = connection.executemany("INSERT INTO event_key VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING", rows)
    if inserted.rowcount == len(rows):
        return None
    for key, row in zip(keys, rows, strict=True):
        (kept,) = connection.execute(
            "SELECT wrapped FROM event_key WHERE stream = ? AND sequence = ? AND event_id = ?", row[:3]
        ).fetchone()
        if kept != key.wrapped:
            return KeyConflict(key.stream)
    return None


def delete_keys(connection: Connection, entry: Erasure) -> None:
    """Delete what an erasure destroys; nothing when it is gone already."""
    if entry.stream is None:
        connection.execute("DELETE FROM child_key WHERE plan = ?", (entry.plan.bytes,))
        return
    place = (entry.stream.bytes, entry.sequence)
    if connection.execute("DELETE FROM event_key WHERE stream = ? AND sequence = ?", place).rowcount:
        # Any snapshot may repeat what it said. One made later holds no trace of it and stays at a restart.
        connection.execute("DELETE FROM snapshot_key WHERE plan = ?", (entry.plan.bytes,))


def keys_at_query(places: int) -> str:
    """The query for so many places; the cross join makes SQLite look each one up instead of scanning."""
    return (
        f"WITH wanted (stream, sequence) AS (VALUES {','.join(['(?,?)'] * places)})"  # noqa: S608 — placeholders
        " SELECT k.stream, k.sequence, k.event_id, k.plan, k.wrapped FROM wanted w CROSS JOIN event_key k"
        " JOIN child_key c ON c.plan = k.plan WHERE k.stream = w.stream AND k.sequence = w.sequence"
    )


class ChildRows(Protocol):
    """How a database is asked for the keys of many children."""

    def __call__(self, connection: Connection, plans: Sequence[bytes]) -> list[ChildKeyRow]:
        """The kept keys of these children, named by their plans' ids; one that was destroyed is missing."""


def child_rows(connection: Connection, plans: Sequence[bytes]) -> list[ChildKeyRow]:
    """ChildRows in the SQL of every database."""
    marks = ",".join("?" * len(plans))
    query = f"SELECT plan, council, key_id, wrapped FROM child_key WHERE plan IN ({marks})"  # noqa: S608 — placeholders
    return as_child_rows(connection.execute(query, plans))


def as_child_rows(rows: Iterable[tuple[bytes, str, str, bytes]]) -> list[ChildKeyRow]:
    """Rows of the table as values."""
    return [ChildKeyRow(convert(plan, UUID), council, key_id, wrapped) for plan, council, key_id, wrapped in rows]
