"""Where signals are: a SQLite file of their own beside the record, or the record's PostgreSQL.

A number that was delivered must never be given again, so a commit here waits for the disk.
"""

from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from services.side_database import SideDatabase, transaction
from services.signals.tables import metadata
from services.store.errors import UnknownStoreVersion

SIGNALS_FILE: Final = "signals.sqlite"
"""The file of the signals, beside the record's."""

FORM: Final = 2
"""The form of the file's tables. A later release changes an older form; it never empties it.

1: with the plan's own sequence beside each signal.
"""


class SignalDatabase(SideDatabase):
    """Connections to the signals."""

    def __init__(self, where: Path | str) -> None:
        """`where` is the path of a SQLite file, or the address of a database: postgresql://...

        Raises UnknownStoreVersion for a file that another release has made.
        """
        super().__init__(where, durable=True)
        if isinstance(where, Path):
            _prepare(self.engine, where.name)


def _prepare(engine: Engine, name: str) -> None:
    with engine.connect() as connection, transaction(connection):
        form = connection.exec_driver_sql("PRAGMA user_version").scalar()
        if form not in (0, 1, FORM):
            raise UnknownStoreVersion(f"{name} has form {form}; this release knows {FORM}.")
        metadata.create_all(connection)
        if form == 1:
            connection.exec_driver_sql("ALTER TABLE signal DROP COLUMN sequence")
        connection.exec_driver_sql(f"PRAGMA user_version = {FORM}")
