"""The tables of keys on PostgreSQL: beside the log, in a schema of their own, and used by any number of processes."""

from collections.abc import Sequence
from typing import Final

from services.store.key_rows import CHILD_COLUMNS, KeyTables, Replacement, as_child_rows
from services.store.postgres.arrays import bigint_array, bytea_array
from services.store.postgres.database import PostgresDatabase
from services.store.sql import Connection
from services.store.values import DISCLOSURE_LOG, DRAFT_LOG, PLAN_LOG, ChildKeyRow

_READ: Final = f"SELECT {CHILD_COLUMNS} FROM child_key WHERE plan = ANY(?)"  # noqa: S608 — columns of ours
_REPLACE: Final = f"CALL ehcp.replace_root({', '.join('?' * 15)}, NULL)"


def key_tables(database: PostgresDatabase) -> KeyTables:
    """The tables in this database."""
    return KeyTables(database, database, lambda change: _replaced(database, change), _children)


def _children(connection: Connection, plans: Sequence[bytes]) -> list[ChildKeyRow]:
    """The keys of many children in one array: five hundred places in a statement cost more than what they bring."""
    return as_child_rows(connection.execute(_READ, (bytea_array(plans),)).fetchall())


def _replaced(database: PostgresDatabase, change: Replacement) -> bool:
    """One call, which commits by itself: the order locks are never held while a client thinks."""
    new, rows = change.new, change.rows
    values = (
        new.plan.bytes,
        change.old.wrapped,
        new.key_id,
        new.wrapped,
        new.root,
        new.rows_upto,
        *(change.heads[log] for log in (PLAN_LOG, DRAFT_LOG, DISCLOSURE_LOG)),
        bytea_array([key.stream.bytes for key in rows]),
        bigint_array([key.sequence for key in rows]),
        bytea_array([key.event_id.bytes for key in rows]),
        bytea_array([key.wrapped for key in rows]),
        bytea_array([stream for stream, _ in change.destroyed]),
        bigint_array([sequence for _, sequence in change.destroyed]),
    )
    with database.reader() as connection:
        (done,) = connection.execute(_REPLACE, values).fetchone()
    return bool(done)
