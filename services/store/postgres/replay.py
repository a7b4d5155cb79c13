"""Reading a log out of PostgreSQL as fast as it comes: a query in binary over a window of positions, a page at a time.

The server sends rows while the last ones are opened here. A window keeps the server's snapshot, and the connection,
for some tenths of a second only, and no more than a page of events is in memory. libpq hands rows over in chunks (since
version 17), which psycopg turns into values in C: COPY would have to be taken apart in Python, at three times the cost.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import islice
from typing import Any, Final, cast
from uuid import UUID

from services.store.log_table import Row
from services.store.postgres.database import PostgresDatabase
from services.store.replaying import PAGE, Selection

WINDOW: Final = 10_000
"""How many positions one query covers."""

_SEALED: Final = "SELECT e.position, e.stream, e.sequence, e.type, e.time, e.state FROM ehcp.{log}_event e"
_STREAM: Final = f"{_SEALED} WHERE e.stream = %s AND e.sequence > %s AND e.sequence <= %s ORDER BY e.sequence"
_LAST: Final = 2**62


class StreamedReplay:
    """Reads a log by windows of positions."""

    def __init__(self, database: PostgresDatabase) -> None:
        """`database` holds the logs."""
        self._database = database

    def pages(self, log: str, wanted: Selection) -> Iterator[Sequence[Row]]:
        """Pages still sealed."""
        last = self._last(log, wanted.upto)
        window = WINDOW if wanted.stream is None else last
        for after in range(wanted.after, last, max(window, 1)):
            yield from self._window(*_statement(log, wanted, after, min(after + window, last)))

    def stream(self, log: str, stream: UUID, after: int, upto: int | None) -> Sequence[Row]:
        """The events of a stream."""
        statement, values = _STREAM.format(log=log), (stream.bytes, after, _LAST if upto is None else upto)
        with self._database.raw() as connection, connection.cursor(row_factory=_rows) as cursor:
            return cursor.execute(cast("Any", statement), values, prepare=True, binary=True).fetchall()

    def _last(self, log: str, upto: int | None) -> int:
        with self._database.reader() as connection:
            head = connection.execute(f"SELECT max(position) FROM {log}_event").fetchone()[0] or 0  # noqa: S608 — ours
        return int(head) if upto is None else min(int(head), upto)

    def _window(self, statement: str, values: list[object]) -> Iterator[list[Row]]:
        with self._database.raw() as connection, connection.cursor(row_factory=_rows) as cursor:
            found = cast("Generator[Row]", cursor.stream(cast("Any", statement), values, binary=True, size=PAGE))
            with closing(found) as rows:
                while page := list(islice(rows, PAGE)):
                    yield page


_make: Final = cast("Callable[[Sequence[Any]], Row]", partial(tuple.__new__, Row))
"""Makes rows whose columns are selected in their order, without counting them again for each row."""


def _rows(_cursor: object) -> Callable[[Sequence[Any]], Row]:
    return _make


def _statement(log: str, wanted: Selection, after: int, upto: int) -> tuple[str, list[object]]:
    where = ["e.position > %s", "e.position <= %s"]
    values: list[object] = [after, upto]
    if wanted.stream is not None:
        where.append("e.stream = %s")
        values.append(wanted.stream)
    if wanted.types:
        where.append("e.type = ANY(%s)")
        values.append(list(wanted.types))
    return f"{_SEALED.format(log=log)} WHERE {' AND '.join(where)} ORDER BY e.position", values
