"""Reading a log from some point on: what is selected, and the rows still sealed."""

from collections.abc import Iterator, Sequence
from typing import Final, Protocol
from uuid import UUID

from msgspec import Struct

from services.store.log_table import LogTable, Row
from services.store.sql import Database

PAGE: Final = 1_000
"""How many events are in memory at a time."""


class Selection(Struct, frozen=True, kw_only=True):
    """Which events of a log: after < position <= upto, of one stream (16 bytes) or of all, of these types or of any."""

    after: int = 0
    upto: int | None = None
    stream: bytes | None = None
    types: tuple[str, ...] = ()


class Replay(Protocol):
    """Reads a log in order of position, a page at a time, so that memory does not grow with the log."""

    def pages(self, log: str, wanted: Selection) -> Iterator[Sequence[Row]]:
        """Pages still sealed."""

    def stream(self, log: str, stream: UUID, after: int, upto: int | None) -> Sequence[Row]:
        """The events of a stream with after < sequence <= upto."""


class PagedReplay:
    """Reads page after page, each in a query of its own: works on every database."""

    def __init__(self, database: Database, tables: dict[str, LogTable]) -> None:
        """`tables` by log."""
        self._database = database
        self._tables = tables

    def pages(self, log: str, wanted: Selection) -> Iterator[Sequence[Row]]:
        """Pages still sealed."""
        after = wanted.after
        while page := self._page(log, wanted, after):
            yield page
            after = page[-1][0]

    def stream(self, log: str, stream: UUID, after: int, upto: int | None) -> Sequence[Row]:
        """The events of a stream."""
        with self._database.reader() as connection:
            return self._tables[log].stream(connection, stream.bytes, after, upto)

    def _page(self, log: str, wanted: Selection, after: int) -> list[Row]:
        with self._database.reader() as connection:
            return self._tables[log].page(connection, after + 1, wanted.upto, PAGE, wanted.types, wanted.stream)
