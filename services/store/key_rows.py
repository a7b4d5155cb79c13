"""The rows of the keys: how wrapped keys are written, found and deleted."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

from msgspec import convert

from services.store.sql import Connection, Database, insert_rows, placeholders
from services.store.values import ChildKeyRow, EventKeyRow, SealedEvent

STATEMENTS: Final = (
    (
        "CREATE TABLE IF NOT EXISTS child_key (plan BLOB PRIMARY KEY, council TEXT NOT NULL,"
        " key_id TEXT NOT NULL, wrapped BLOB NOT NULL, root INTEGER, rows_upto TEXT) STRICT, WITHOUT ROWID"
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

VERSION: Final = 2
"""PRAGMA user_version of the file of keys; 1 had a row for every event's key, and no roots."""

UPGRADES: Final = {
    1: ("ALTER TABLE child_key ADD COLUMN root INTEGER", "ALTER TABLE child_key ADD COLUMN rows_upto TEXT"),
}
"""What brings a file of each earlier version to the next."""

CHILD_COLUMNS: Final = "plan, council, key_id, wrapped, root, rows_upto"
"""The columns of a child's key, in the order of ChildKeyRow."""

Place = tuple[bytes, int]
"""Which event, whatever its id: stream and sequence."""

KeyPlace = tuple[bytes, int, bytes]
"""Which event a data key is for: stream, sequence, event id."""

PLACES_PER_QUERY: Final = 1_000
"""How many children or events one query asks for."""


class ChildRows(Protocol):
    """How a database is asked for the keys of many children."""

    def __call__(self, connection: Connection, plans: Sequence[bytes]) -> list[ChildKeyRow]:
        """The kept keys of these children, named by their plans' ids; one that was destroyed is missing."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """A child's key with a new root in the place of the old one, and all that has to happen in the same moment.

    `heads` are the last positions that were looked at, by log: `rows` hold the keys of the child's events up to there,
    except those `destroyed`.
    """

    old: ChildKeyRow
    new: ChildKeyRow
    heads: dict[str, int]
    rows: Sequence[EventKeyRow]
    destroyed: Sequence[Place]


@dataclass(frozen=True, slots=True)
class KeyTables:
    """The tables of keys of a database, and the logs that they belong to, which may stand in another one.

    `replace` does a Replacement whole or not at all: false when the child's row, or its logs, have changed meanwhile.
    `scrub` sees to it that no old page of the database still holds what was deleted. Raises ErasureIncomplete.
    """

    database: Database
    log: Database
    replace: Callable[[Replacement], bool]
    read: ChildRows
    scrub: Callable[[], None] = lambda: None


def tables_of(keys: Database, log: Database, scrub: Callable[[], None] = lambda: None) -> KeyTables:
    """The tables in the SQL of every database, for one process that has its logs and its keys to itself."""
    return KeyTables(keys, log, lambda change: _replaced(keys, change), child_rows, scrub)


def children_in(groups: Iterable[Iterable[SealedEvent]]) -> Iterable[ChildKeyRow]:
    """The new children's keys among these events, each once."""
    return {event.child.wrapped: event.child for group in groups for event in group if event.child is not None}.values()


def insert_children(connection: Connection, children: Sequence[ChildKeyRow]) -> set[ChildKeyRow]:
    """Keep children's keys; returns those for which another one is kept already, or the council's is being destroyed.

    The same key again is no conflict.
    """
    retired = {key_id for (key_id,) in connection.execute("SELECT key_id FROM retired_key")}
    rows = [
        (c.plan.bytes, c.council, c.key_id, c.wrapped, c.root, c.rows_upto) for c in children if c.key_id not in retired
    ]
    if insert_rows(connection, "INSERT INTO child_key", rows, "ON CONFLICT DO NOTHING") == len(children):
        return set()
    return set(children).difference(child_rows(connection, [child.plan.bytes for child in children]))


def insert_event_keys(connection: Connection, keys: Sequence[EventKeyRow]) -> None:
    """Write the keys of events down; one that is there stays."""
    rows = [(key.stream.bytes, key.sequence, key.event_id.bytes, key.plan.bytes, key.wrapped) for key in keys]
    connection.executemany("INSERT INTO event_key VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING", rows)


def delete_child(connection: Connection, plan: UUID) -> None:
    """Delete a child's key; nothing when it is gone already."""
    connection.execute("DELETE FROM child_key WHERE plan = ?", (plan.bytes,))


def delete_event_keys(connection: Connection, plan: UUID, places: Iterable[Place]) -> None:
    """Delete the keys of events of a plan, and of its snapshots if any was there."""
    gone = 0
    for place in places:
        gone += connection.execute("DELETE FROM event_key WHERE stream = ? AND sequence = ?", place).rowcount
    if gone:
        # Any snapshot may repeat what it said. One made later holds no trace of it and stays at a restart.
        delete_snapshot_keys(connection, plan)


def delete_snapshot_keys(connection: Connection, plan: UUID) -> None:
    """Delete the keys of a plan's snapshots."""
    connection.execute("DELETE FROM snapshot_key WHERE plan = ?", (plan.bytes,))


def event_keys_at(connection: Connection, places: Sequence[Place]) -> dict[KeyPlace, bytes]:
    """The wrapped data keys that are written down for these events."""
    found: dict[KeyPlace, bytes] = {}
    for start in range(0, len(places), PLACES_PER_QUERY):
        chunk = places[start : start + PLACES_PER_QUERY]
        rows = connection.execute(_keys_at_query(len(chunk)), [value for place in chunk for value in place])
        found |= {(stream, sequence, event): wrapped for stream, sequence, event, wrapped in rows.fetchall()}
    return found


def _keys_at_query(places: int) -> str:
    """The query for so many places; the cross join makes SQLite look each one up instead of scanning."""
    return (
        f"WITH wanted (stream, sequence) AS (VALUES {','.join(['(?,?)'] * places)})"  # noqa: S608 — placeholders
        " SELECT k.stream, k.sequence, k.event_id, k.wrapped FROM wanted w CROSS JOIN event_key k"
        " WHERE k.stream = w.stream AND k.sequence = w.sequence"
    )


def child_rows(connection: Connection, plans: Sequence[bytes]) -> list[ChildKeyRow]:
    """ChildRows in the SQL of every database."""
    query = f"SELECT {CHILD_COLUMNS} FROM child_key WHERE plan IN ({placeholders(plans)})"  # noqa: S608 — placeholders
    return as_child_rows(connection.execute(query, plans))


def as_child_rows(rows: Iterable[tuple[bytes, str, str, bytes, int | None, str | None]]) -> list[ChildKeyRow]:
    """Rows of the table as values."""
    return [
        ChildKeyRow(convert(plan, UUID), council, key_id, wrapped, root, rows_upto)
        for plan, council, key_id, wrapped, root, rows_upto in rows
    ]


def _replaced(database: Database, change: Replacement) -> bool:
    with database.transaction() as connection:
        new, old = change.new, change.old
        changed = connection.execute(
            "UPDATE child_key SET key_id = ?, wrapped = ?, root = ?, rows_upto = ? WHERE plan = ? AND wrapped = ?",
            (new.key_id, new.wrapped, new.root, new.rows_upto, old.plan.bytes, old.wrapped),
        ).rowcount
        if changed:
            insert_event_keys(connection, change.rows)
            delete_event_keys(connection, new.plan, change.destroyed)
            if change.destroyed:
                delete_snapshot_keys(connection, new.plan)
    return bool(changed)
