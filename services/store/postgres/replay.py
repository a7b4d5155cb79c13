"""Reading a log out of PostgreSQL as fast as it comes: COPY in binary, a window of positions at a time.

The server sends rows while the last ones are opened here. A window keeps the server's snapshot, and the connection,
for some tenths of a second only, and no more than a page of events is in memory.

The form of a row: number of fields (2 bytes), then each field's length (4 bytes, -1 for null) and bytes, all
big-endian; a header of 19 bytes in front of the first row, -1 for the number of fields behind the last
(https://www.postgresql.org/docs/15/sql-copy.html, "Binary Format").
"""

import struct
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar, cast

from psycopg import sql
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn

from services.store.log_table import Row
from services.store.postgres.database import PostgresDatabase
from services.store.replaying import PAGE, KeyedRow, Selection, apart

WINDOW: Final = 10_000
"""How many positions one COPY covers."""

_HEADER: Final = 19
_END: Final = 2
_START: Final = struct.Struct("!hiqi16siqi")
_TIME: Final = struct.Struct("!iqi")
_LENGTH: Final = struct.Struct("!i")
_NO_KEY: Final = -1

_SEALED: Final = "SELECT e.position, e.stream, e.sequence, e.type, e.time, e.state FROM ehcp.{table} e WHERE {where}"
_KEYED: Final = (
    "SELECT e.position, e.stream, e.sequence, e.type, e.time, e.state, c.plan, k.wrapped FROM ehcp.{table} e"
    " LEFT JOIN (ehcp_keys.event_key k JOIN ehcp_keys.child_key c ON c.plan = k.plan)"
    " ON k.stream = e.stream AND k.sequence = e.sequence WHERE {where}"
)

T = TypeVar("T")


class CopyReplay:
    """Reads a log by COPY."""

    def __init__(self, database: PostgresDatabase) -> None:
        """`database` holds the logs and the keys."""
        self._database = database

    def sealed(self, log: str, wanted: Selection) -> Iterator[list[Row]]:
        """Pages still sealed."""
        return self._pages(_SEALED, log, wanted, _row)

    def keyed(self, log: str, wanted: Selection) -> Iterator[list[KeyedRow]]:
        """Pages with their keys."""
        return self._pages(_KEYED, log, wanted, _keyed_row)

    def _pages(self, query: str, log: str, wanted: Selection, read: Callable[[bytes], T]) -> Iterator[list[T]]:
        last = self._last(log, wanted.upto)
        window = WINDOW if wanted.stream is None else last
        for after in range(wanted.after, last, max(window, 1)):
            statement = _statement(query, log, wanted, after, min(after + window, last))
            yield from self._copied(statement, read)

    def _last(self, log: str, upto: int | None) -> int:
        with self._database.reader() as connection:
            head = connection.execute(f"SELECT max(position) FROM {log}_event").fetchone()[0] or 0  # noqa: S608 — ours
        return int(head) if upto is None else min(int(head), upto)

    def _copied(self, statement: sql.Composed, read: Callable[[bytes], T]) -> Iterator[list[T]]:
        page: list[T] = []
        with self._database.raw() as connection, connection.cursor() as cursor, cursor.copy(statement):
            for row in _rows(connection.pgconn):
                page.append(read(row))
                if len(page) == PAGE:
                    yield page
                    page = []
        if page:
            yield page


def _rows(connection: PGconn) -> Iterator[bytes]:
    """The rows of the COPY that runs on the connection, straight from libpq: psycopg's own loop costs as much again.

    Raises psycopg.OperationalError when the server ends the conversation.
    """
    skipped = _HEADER
    size, data = connection.get_copy_data(0)
    while size > 0:
        if size > skipped + _END:
            yield bytes(data[skipped:])
        skipped = 0
        size, data = connection.get_copy_data(0)
    while result := connection.get_result():
        if result.status == ExecStatus.FATAL_ERROR:
            raise error_from_result(result)


def _statement(query: str, log: str, wanted: Selection, after: int, upto: int) -> sql.Composed:
    where = [sql.SQL("e.position > {} AND e.position <= {}").format(after, upto)]
    if wanted.stream is not None:
        where.append(sql.SQL("e.stream = {}").format(wanted.stream))
    if wanted.types:
        where.append(sql.SQL("e.type = ANY({})").format(list(wanted.types)))
    selected = sql.SQL(cast("Any", query)).format(
        table=sql.Identifier(f"{log}_event"), where=sql.SQL(" AND ").join(where)
    )
    return sql.SQL("COPY ({} ORDER BY e.position) TO STDOUT (FORMAT binary)").format(selected)


def _row(data: bytes) -> Row:
    _, _, position, _, stream, _, sequence, length = _START.unpack_from(data)
    at = _START.size + length
    _, time, size = _TIME.unpack_from(data, at)
    begin = at + _TIME.size
    return Row(position, stream, sequence, data[_START.size : at].decode(), time, data[begin : begin + size])


def _keyed_row(data: bytes) -> KeyedRow:
    _, _, position, _, stream, _, sequence, length = _START.unpack_from(data)
    at = _START.size + length
    type_ = data[_START.size : at].decode()
    _, time, size = _TIME.unpack_from(data, at)
    begin = at + _TIME.size
    at = begin + size
    identity, ciphertext = apart(position, data[begin:at])
    (length,) = _LENGTH.unpack_from(data, at)
    if length == _NO_KEY:
        return KeyedRow(position, stream, sequence, type_, time, identity, ciphertext, None, None)
    end = at + _LENGTH.size + length
    plan, wrapped = data[at + _LENGTH.size : end], data[end + _LENGTH.size :]
    return KeyedRow(position, stream, sequence, type_, time, identity, ciphertext, plan, wrapped)
