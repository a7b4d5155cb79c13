"""Reading a log from some point on: what is selected, and the rows with the keys that open them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple, Protocol
from uuid import UUID

from msgspec import Struct

from services.store.errors import MalformedState
from services.store.framing import identity_and_ciphertext
from services.store.key_store import NO_KEY, KeptKey, KeyPlace, KeyStore
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


class KeyedRow(NamedTuple):
    """A row of a log with its wrapped data key.

    `plan` is the plan whose child's key wraps it; both are None where a key was destroyed.
    """

    position: int
    stream: bytes
    sequence: int
    type: str
    time: int
    state: bytes
    plan: bytes | None
    wrapped: bytes | None


def with_keys(rows: Sequence[Row], kept: Mapping[KeyPlace, KeptKey]) -> list[KeyedRow]:
    """The rows with their keys. A key that was kept for another event of the same sequence is not theirs."""
    return [KeyedRow(*row, *kept.get((row[1], row[2], _event(row)), NO_KEY)) for row in rows]


def _event(row: Row) -> bytes:
    """The event's id: of nothing where the state can't be taken apart, which whoever opens it will say."""
    try:
        return identity_and_ciphertext(row[5])[0].bytes
    except MalformedState:
        return b""


class Replay(Protocol):
    """Reads a log in order of position, a page at a time, so that memory does not grow with the log."""

    def sealed(self, log: str, wanted: Selection) -> Iterator[Sequence[Row]]:
        """Pages still sealed: for publication and proofs."""

    def keyed(self, log: str, wanted: Selection) -> Iterator[Sequence[KeyedRow]]:
        """Pages with the keys that open them."""

    def stream(self, log: str, stream: UUID, after: int, upto: int | None) -> Sequence[KeyedRow]:
        """The events of a stream with after < sequence <= upto, with the keys that open them."""


class PagedReplay:
    """Reads page after page, each in a query of its own: works on every database."""

    def __init__(self, database: Database, tables: dict[str, LogTable], keys: KeyStore) -> None:
        """`tables` by log; `keys` may stand in another database."""
        self._database = database
        self._tables = tables
        self._keys = keys

    def sealed(self, log: str, wanted: Selection) -> Iterator[Sequence[Row]]:
        """Pages still sealed."""
        after = wanted.after
        while page := self._page(log, wanted, after):
            yield page
            after = page[-1][0]

    def keyed(self, log: str, wanted: Selection) -> Iterator[Sequence[KeyedRow]]:
        """Pages with their keys."""
        for page in self.sealed(log, wanted):
            yield with_keys(page, self._keys.keys_at([(row[1], row[2]) for row in page]))

    def stream(self, log: str, stream: UUID, after: int, upto: int | None) -> Sequence[KeyedRow]:
        """The events of a stream, then their keys: asked for also where there is no event, so that nobody can tell."""
        with self._database.reader() as connection:
            rows = self._tables[log].stream(connection, stream.bytes, after, upto)
        return with_keys(rows, self._keys.stream_keys(stream, after, upto))

    def _page(self, log: str, wanted: Selection, after: int) -> list[Row]:
        with self._database.reader() as connection:
            return self._tables[log].page(connection, after + 1, wanted.upto, PAGE, wanted.types, wanted.stream)
