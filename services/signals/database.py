"""Where signals are: a SQLite file of their own beside the record, or the record's PostgreSQL.

A number that was delivered must never be given again, so a commit here waits for the disk.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, event

from services.projection.database import transaction
from services.signals.tables import metadata
from services.store.errors import UnknownStoreVersion
from services.store.files import private_folder
from services.store.postgres.database import conninfo_of

SIGNALS_FILE: Final = "signals.sqlite"
"""The file of the signals, beside the record's."""

FORM: Final = 1
"""The form of the file's tables. A later release changes an older form; it never empties it."""

_WAIT_SECONDS: Final = 10


class SignalDatabase:
    """Connections to the signals."""

    def __init__(self, where: Path | str) -> None:
        """`where` is the path of a SQLite file, or the address of a database: postgresql://...

        Raises UnknownStoreVersion for a file that another release has made.
        """
        self.is_embedded = isinstance(where, Path)
        if isinstance(where, Path):
            self.engine = _sqlite(where)
            _prepare(self.engine, where)
        else:
            self.engine = _postgresql(where)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for reading."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection in a transaction of its own, durable once it ends."""
        with self.engine.connect() as connection, transaction(connection):
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _sqlite(path: Path) -> Engine:
    private_folder(path.parent)
    path.touch(mode=0o600)
    engine = create_engine(URL.create("sqlite", database=str(path)), connect_args={"timeout": _WAIT_SECONDS})

    @event.listens_for(engine, "connect")
    def prepare(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # transactions are begun below, not by the driver
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("ehcp_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _prepare(engine: Engine, path: Path) -> None:
    with engine.connect() as connection, transaction(connection):
        form = connection.exec_driver_sql("PRAGMA user_version").scalar()
        if form not in (0, FORM):
            raise UnknownStoreVersion(f"{path.name} has form {form}; this release knows {FORM}.")
        metadata.create_all(connection)
        connection.exec_driver_sql(f"PRAGMA user_version = {FORM}")


def _postgresql(url: str) -> Engine:
    conninfo = conninfo_of(url)
    return create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(conninfo), pool_pre_ping=True)
