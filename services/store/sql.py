"""What the store asks of a database: connections that run the same statements on SQLite and on PostgreSQL.

Statements are written once, in the SQL that both understand, with `?` for each value. What differs (the tables, the
append) stands with each database.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from contextlib import AbstractContextManager
from functools import cache
from itertools import chain
from typing import Any, Final, Protocol, TypeVar

T = TypeVar("T")

_ROWS_TOGETHER: Final = 128
"""How many rows one statement inserts at most: below any database's limit of values for rows of the store's width."""


class Cursor(Protocol):
    """What a statement found."""

    @property
    def rowcount(self) -> int:
        """How many rows it changed."""

    def fetchone(self) -> Any:
        """The next row, None behind the last."""

    def fetchall(self) -> list[Any]:
        """All rows that are left."""

    def __iter__(self) -> Iterator[Any]:
        """Row by row."""


class Connection(Protocol):
    """One conversation with the database."""

    def execute(self, statement: str, values: Sequence[Any] | Mapping[str, Any] = (), /) -> Cursor:
        """Run a statement; `?` stands for each value."""

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]], /) -> Cursor:
        """Run a statement for each of the rows."""


class Database(Protocol):
    """Where the logs and what belongs to them are kept."""

    def reader(self) -> AbstractContextManager[Connection]:
        """A connection for reading; it sees what was committed when its statement starts.

        Raises StoreClosed, StoreUnavailable.
        """

    def transaction(self) -> AbstractContextManager[Connection]:
        """A connection in a transaction of its own, rolled back when the block fails."""

    def is_reachable(self) -> bool:
        """Whether it answers."""

    def close(self) -> None:
        """Close every connection."""


class Aside(Protocol):
    """Other writing than appends (snapshots, purges, rebuilds), wherever a database allows it."""

    def __call__(self, work: Callable[[Connection], T]) -> T:
        """Do `work` in a transaction and return what it returns."""


def insert_rows(connection: Connection, into: str, rows: Sequence[Sequence[Any]], conflict: str = "") -> int:
    """Insert rows by few statements ("INSERT INTO ..." before the values, `conflict` behind); returns how many went in.

    A statement for each row lets other threads run after each and waits until it may go on: among threads that have
    much to do that costs more than the row. Statements are for 128, 64, 32 ... rows, so that a few are kept ready.
    """
    inserted = start = 0
    while left := len(rows) - start:
        together = min(_ROWS_TOGETHER, 1 << (left.bit_length() - 1))
        some = rows[start : start + together]
        statement = f"{into} VALUES {_marks(together, len(some[0]))} {conflict}"
        inserted += connection.execute(statement, list(chain.from_iterable(some))).rowcount
        start += together
    return inserted


def placeholders(values: Sized) -> str:
    """A question mark for each of these values: what is inside `IN (...)`."""
    return ",".join("?" * len(values))


@cache
def _marks(rows: int, columns: int) -> str:
    return ",".join([f"({','.join('?' * columns)})"] * rows)
