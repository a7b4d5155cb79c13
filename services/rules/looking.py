"""The adoption log as it lies in the database, for whoever looks at an installation from outside of it.

A server may have the record meanwhile: nothing is opened but for reading.
"""

import sqlite3
from contextlib import closing
from typing import Final

from domain.rules import EVENTS, Adoptions
from services.settings import Settings
from services.store.clear import open_clear
from services.store.log_table import LogTable
from services.store.postgres.database import PostgresDatabase
from services.store.postgres.migrating import require_current
from services.store.sql import Connection
from services.store.values import ADOPTION_LOG

_MOST: Final = 100_000


def adopted_in(settings: Settings) -> Adoptions:
    """What is adopted in this installation; nothing where there is no record yet.

    Raises StoreUnavailable, UnknownStoreVersion, MalformedState.
    """
    if settings.on_postgresql:
        database = PostgresDatabase(settings.database_url, pool_size=1)
        try:
            require_current(database)
            with database.reader() as connection:
                return _adopted(connection)
        finally:
            database.close()
    if not settings.database_file.exists():
        return Adoptions()
    with closing(sqlite3.connect(f"{settings.database_file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        made = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'adoption_event'").fetchone()
        return _adopted(connection) if made else Adoptions()


def _adopted(connection: Connection) -> Adoptions:
    adoptions = Adoptions()
    for row in LogTable(ADOPTION_LOG).page(connection, None, None, _MOST):
        event = open_clear(row)
        adoptions.take(event.position, event.time, EVENTS.read(event.type, event.data))
    return adoptions
