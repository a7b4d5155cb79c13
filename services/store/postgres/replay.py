"""Reading a log out of PostgreSQL as fast as it comes: a query in binary over a window of positions, a page at a time.

The server sends rows while the last ones are opened here. A window keeps the server's snapshot, and the connection,
for some tenths of a second only, and no more than a page of events is in memory. libpq hands rows over in chunks (since
version 17), which psycopg turns into values in C: COPY would have to be taken apart in Python, at three times the cost.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import islice
from typing import Any, Final, TypeVar, cast
from uuid import UUID

from services.store.log_table import Row
from services.store.postgres.database import PostgresDatabase
from services.store.replaying import PAGE, KeyedRow, Selection

WINDOW: Final = 10_000
"""How many positions one query covers."""

_SEALED: Final = "SELECT e.position, e.stream, e.sequence, e.type, e.time, e.state FROM ehcp.{log}_event e"
_KEYED: Final = (
    "SELECT e.position, e.stream, e.sequence, e.type, e.time, e.state, k.plan, k.wrapped FROM ehcp.{log}_event e"
    " LEFT JOIN LATERAL (SELECT c.plan, k.wrapped FROM ehcp_keys.event_key k"
    " JOIN ehcp_keys.child_key c ON c.plan = k.plan"
    " WHERE k.stream = e.stream AND k.sequence = e.sequence LIMIT 1) k ON true"
)
"""The limit keeps the planner to one look-up an event, in order of position: to join and sort a whole window takes
longer, and nothing comes before its end."""

_STREAM: Final = (
    "SELECT e.position, e.stream, e.sequence, e.type, e.time, e.state, c.plan, k.wrapped FROM ehcp.{log}_event e"
    " LEFT JOIN (ehcp_keys.event_key k JOIN ehcp_keys.child_key c ON c.plan = k.plan)"
    " ON k.stream = e.stream AND k.sequence = e.sequence"
    " WHERE e.stream = %s AND e.sequence > %s AND e.sequence <= %s ORDER BY e.sequence"
)
_LAST: Final = 2**62

T = TypeVar("T", Row, KeyedRow)


class StreamedReplay:
    """Reads a log by windows of positions."""

    def __init__(self, database: PostgresDatabase) -> None:
        """`database` holds the logs and the keys."""
        self._database = database

    def sealed(self, log: str, wanted: Selection) -> Iterator[Sequence[Row]]:
        """Pages still sealed."""
        return self._pages(_SEALED, log, wanted, Row)

    def keyed(self, log: str, wanted: Selection) -> Iterator[Sequence[KeyedRow]]:
        """Pages with their keys."""
        return self._pages(_KEYED, log, wanted, KeyedRow)

    def stream(self, log: str, stream: UUID, after: int, upto: int | None) -> Sequence[KeyedRow]:
        """The events of a stream and their keys, in one query."""
        statement, values = _STREAM.format(log=log), (stream.bytes, after, _LAST if upto is None else upto)
        with self._database.raw() as connection, connection.cursor(row_factory=_maker(KeyedRow)) as cursor:
            return cursor.execute(cast("Any", statement), values, prepare=True, binary=True).fetchall()

    def _pages(self, query: str, log: str, wanted: Selection, kind: type[T]) -> Iterator[list[T]]:
        last = self._last(log, wanted.upto)
        window = WINDOW if wanted.stream is None else last
        for after in range(wanted.after, last, max(window, 1)):
            yield from self._window(*_statement(query, log, wanted, after, min(after + window, last)), kind)

    def _last(self, log: str, upto: int | None) -> int:
        with self._database.reader() as connection:
            head = connection.execute(f"SELECT max(position) FROM {log}_event").fetchone()[0] or 0  # noqa: S608 — ours
        return int(head) if upto is None else min(int(head), upto)

    def _window(self, statement: str, values: list[object], kind: type[T]) -> Iterator[list[T]]:
        with self._database.raw() as connection, connection.cursor(row_factory=_maker(kind)) as cursor:
            found = cast("Generator[T]", cursor.stream(cast("Any", statement), values, binary=True, size=PAGE))
            with closing(found) as rows:
                while page := list(islice(rows, PAGE)):
                    yield page


def _maker(kind: type[T]) -> Callable[[Any], Callable[[Sequence[Any]], T]]:
    """Makes rows of a kind whose columns are selected in its order, without counting them again for each row."""
    make = cast("Callable[[Sequence[Any]], T]", partial(tuple.__new__, kind))
    return lambda _cursor: make


def _statement(query: str, log: str, wanted: Selection, after: int, upto: int) -> tuple[str, list[object]]:
    where = ["e.position > %s", "e.position <= %s"]
    values: list[object] = [after, upto]
    if wanted.stream is not None:
        where.append("e.stream = %s")
        values.append(wanted.stream)
    if wanted.types:
        where.append("e.type = ANY(%s)")
        values.append(list(wanted.types))
    return f"{query.format(log=log)} WHERE {' AND '.join(where)} ORDER BY e.position", values
