"""What the store asks of a database: connections that run the same statements on SQLite and on PostgreSQL.

Statements are written once, in the SQL that both understand, with `?` for each value. What differs (the tables, the
append) stands with each database.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


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
