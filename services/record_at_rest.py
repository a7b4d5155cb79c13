"""The record as it lies, for whoever looks while a server may have it: read, never opened, never written."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from typing import Final

from services.settings import Settings
from services.store.clear import ClearEvent, open_clear
from services.store.embedded import KEY_FILE
from services.store.framing import instant
from services.store.log_table import LogTable, Row
from services.store.postgres.database import PostgresDatabase
from services.store.postgres.migrating import require_current
from services.store.sql import Connection

_PAGE: Final = 1_000


class LogsAtRest:
    """Reads an installation's logs through a connection of its own."""

    def __init__(self, connection: Connection) -> None:
        """`connection` may do no more than read."""
        self._connection = connection

    def head(self, log: str, /) -> tuple[int, datetime | None]:
        """The last position and when it was recorded."""
        position, recorded = LogTable(log).head(self._connection)
        return position, instant(recorded) if position else None

    def sealed_pages(self, after: int, log: str, /, *, upto: int | None) -> Iterator[Sequence[Row]]:
        """A log behind a position, a page at a time."""
        while page := LogTable(log).page(self._connection, after + 1, upto, _PAGE):
            yield page
            after = page[-1][0]

    def clear(self, log: str, /) -> Iterator[ClearEvent]:
        """The events of a log in the clear, in order; none of a log that a file of an earlier release lacks yet.

        Raises MalformedState.
        """
        if _has_table(self._connection, f"{log}_event"):
            for page in self.sealed_pages(0, log, upto=None):
                yield from map(open_clear, page)


def has_record(settings: Settings) -> bool:
    """Whether there is anything to read; of a server's database that is only found out by asking it."""
    return settings.on_postgresql or settings.database_file.is_file()


@contextmanager
def record_at_rest(settings: Settings) -> Iterator[Connection]:
    """A connection that may do no more than read. Raises sqlite3.Error, StoreUnavailable, UnknownStoreVersion."""
    if settings.on_postgresql:
        database = PostgresDatabase(settings.database_url, pool_size=1)
        try:
            require_current(database)
            with database.reader() as connection:
                yield connection
        finally:
            database.close()
        return
    with closing(sqlite3.connect(f"{settings.database_file.resolve().as_uri()}?mode=ro", uri=True)) as file:
        yield file


@contextmanager
def keys_at_rest(settings: Settings) -> Iterator[Connection]:
    """The same for the children's keys. Raises as `record_at_rest`."""
    if settings.on_postgresql:
        with record_at_rest(settings) as connection:
            yield connection
        return
    file = settings.data_folder / KEY_FILE
    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        yield connection


@contextmanager
def logs_at_rest(settings: Settings) -> Iterator[LogsAtRest]:
    """The logs. Raises as `record_at_rest`."""
    with record_at_rest(settings) as connection:
        yield LogsAtRest(connection)


def _has_table(connection: Connection, name: str) -> bool:
    """PostgreSQL's tables are those of this release: it was asked before the connection was given out."""
    if not isinstance(connection, sqlite3.Connection):
        return True
    return connection.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (name,)).fetchone() is not None
