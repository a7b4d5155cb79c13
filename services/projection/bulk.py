"""Many rows of one table at once, as each database takes them fastest."""

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple, cast
from uuid import UUID

import psycopg
from psycopg import sql
from sqlalchemy import BigInteger, Connection, Integer, LargeBinary, SmallInteger, String, Table, Uuid

from services.projection.view import RowValues

#: PostgreSQL's names of the types that read models have: the narrower before the wider, which they derive from.
_TYPES: Final = (
    (SmallInteger, "int2"),
    (BigInteger, "int8"),
    (Integer, "int4"),
    (Uuid, "uuid"),
    (LargeBinary, "bytea"),
    (String, "varchar"),
)


class _Copy(NamedTuple):
    statement: sql.Composed
    types: tuple[str, ...]


def add(connection: Connection, table: Table, generation: int, rows: Sequence[RowValues]) -> None:
    """Put rows in, in a transaction of the caller's. Raises one of REFUSED when a row can't be taken."""
    if connection.dialect.name == "postgresql":
        _copy(_raw(connection), table, generation, rows)
        return
    marks = ",".join("?" * len(table.columns))
    insert = f"INSERT INTO {table.name} VALUES ({marks})"  # noqa: S608 - our own table's name, and question marks
    uuids = _uuids(table)
    kept = [(generation, *_as_text(row, uuids)) for row in rows]
    connection.exec_driver_sql(insert, kept)


def empty(connection: Connection, table: Table, generation: int, plans: Collection[UUID]) -> None:
    """Take the rows of these plans out."""
    if connection.dialect.name == "postgresql":
        statement = sql.SQL("DELETE FROM {} WHERE generation = %s AND plan = ANY(%s)").format(
            sql.Identifier(table.name)
        )
        _raw(connection).execute(statement, (generation, list(plans)))
        return
    delete = f"DELETE FROM {table.name} WHERE generation = ? AND plan = ?"  # noqa: S608 - as above
    connection.exec_driver_sql(delete, [(generation, plan.hex) for plan in plans])


def _copy(connection: "psycopg.Connection[Any]", table: Table, generation: int, rows: Sequence[RowValues]) -> None:
    copy = _copy_into(table)
    with connection.cursor() as cursor, cursor.copy(copy.statement) as sink:
        sink.set_types(copy.types)
        for row in rows:
            sink.write_row((generation, *row))


def _raw(connection: Connection) -> "psycopg.Connection[Any]":
    """The driver's own connection, in the same transaction."""
    return cast("psycopg.Connection[Any]", connection.connection.driver_connection)


@lru_cache
def _copy_into(table: Table) -> _Copy:
    names = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(sql.Identifier(table.name), names)
    types = [next(name for kind, name in _TYPES if isinstance(column.type, kind)) for column in table.columns]
    return _Copy(statement, tuple(types))


@lru_cache
def _uuids(table: Table) -> tuple[int, ...]:
    """Which columns hold UUIDs, counted without `generation`: SQLAlchemy keeps them as hexadecimal digits in SQLite."""
    return tuple(place for place, column in enumerate(table.columns, -1) if isinstance(column.type, Uuid))


def _as_text(row: RowValues, uuids: tuple[int, ...]) -> RowValues:
    values = list(row)
    for place in uuids:
        values[place] = values[place].hex
    return tuple(values)
