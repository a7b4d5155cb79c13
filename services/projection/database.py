"""Where the read models are: a SQLite file of their own beside the record, or the record's PostgreSQL.

Nothing here is ever lost: rows and positions are committed together, and both can be made again from the log. So a
commit need not wait for the disk.
"""

from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine

from services.projection.tables import metadata
from services.side_database import SideDatabase, transaction

VIEWS_FILE: Final = "views.sqlite"
"""The file of the read models, beside the record's."""

FORM: Final = 4
"""Raised with every change of the tables: a file of another form is emptied, and filled again from the log."""


class ViewDatabase(SideDatabase):
    """Connections to the read models."""

    def __init__(self, where: Path | str) -> None:
        """`where` is the path of a SQLite file, or the address of a database: postgresql://..."""
        super().__init__(where, durable=False)
        if self.is_embedded:
            _renew(self.engine)
            metadata.create_all(self.engine)


def _renew(engine: Engine) -> None:
    with engine.connect() as connection, transaction(connection):
        if connection.exec_driver_sql("PRAGMA user_version").scalar() != FORM:
            metadata.drop_all(connection)
            connection.exec_driver_sql(f"PRAGMA user_version = {FORM}")


def scrub(connection: Connection) -> None:
    """After an erasure: leave no old page behind in SQLite's write-ahead file. Not possible inside a transaction."""
    raw: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
