"""The logs as they lie, for commands that look while a server has the record: read, never opened, never written."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from typing import Final

from services.settings import Settings
from services.store.framing import instant
from services.store.log_table import LogTable, Row
from services.store.postgres.database import PostgresDatabase
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


@contextmanager
def logs_at_rest(settings: Settings) -> Iterator[LogsAtRest]:
    """The logs, also while a server has the record. Raises sqlite3.Error or StoreUnavailable where there are none."""
    if settings.on_postgresql:
        database = PostgresDatabase(settings.database_url, pool_size=1)
        try:
            with database.reader() as connection:
                yield LogsAtRest(connection)
        finally:
            database.close()
        return
    with closing(sqlite3.connect(f"{settings.database_file.absolute().as_uri()}?mode=ro", uri=True)) as file:
        yield LogsAtRest(file)
