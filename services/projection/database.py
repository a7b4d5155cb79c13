"""Where the read models are: a SQLite file of their own beside the record, or the record's PostgreSQL.

Nothing here is ever lost: rows and positions are committed together, and both can be made again from the log. So a
commit need not wait for the disk.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, event

from services.projection.tables import metadata
from services.store.files import private_folder
from services.store.postgres.database import conninfo_of

VIEWS_FILE: Final = "views.sqlite"
"""The file of the read models, beside the record's."""

FORM: Final = 2
"""Raised with every change of the tables: a file of another form is emptied, and filled again from the log."""

_WAIT_SECONDS: Final = 10


class ViewDatabase:
    """Connections to the read models."""

    def __init__(self, where: Path | str) -> None:
        """`where` is the path of a SQLite file, or the address of a database: postgresql://..."""
        self.is_embedded = isinstance(where, Path)
        if isinstance(where, Path):
            self.engine = _sqlite(where)
            _renew(self.engine)
            metadata.create_all(self.engine)
        else:
            self.engine = _postgresql(where)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for reading."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection in a transaction of its own."""
        with self.engine.connect() as connection, transaction(connection):
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


@contextmanager
def transaction(connection: Connection, *, writes: bool = True) -> Iterator[Connection]:
    """A transaction; one that writes takes SQLite's lock at the beginning, so that nothing fails halfway."""
    with connection.execution_options(ehcp_writes=writes).begin():
        yield connection


def end_session(connection: Connection) -> None:
    """Close a connection for good, with the claims that its session holds: it must not go back into the pool."""
    if not connection.closed and not connection.invalidated:
        connection.rollback()
        connection.detach()
    connection.close()


def _sqlite(path: Path) -> Engine:
    private_folder(path.parent)
    path.touch(mode=0o600)
    engine = create_engine(URL.create("sqlite", database=str(path)), connect_args={"timeout": _WAIT_SECONDS})

    @event.listens_for(engine, "connect")
    def prepare(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # transactions are begun below, not by the driver
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON"):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("ehcp_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _renew(engine: Engine) -> None:
    with engine.connect() as connection, transaction(connection):
        if connection.exec_driver_sql("PRAGMA user_version").scalar() != FORM:
            metadata.drop_all(connection)
            connection.exec_driver_sql(f"PRAGMA user_version = {FORM}")


def _postgresql(url: str) -> Engine:
    conninfo = conninfo_of(url)
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(conninfo), pool_pre_ping=True)

    @event.listens_for(engine, "connect")
    def prepare(raw: Any, _record: Any) -> None:
        raw.execute("SET synchronous_commit = off")
        raw.commit()

    return engine


def scrub(connection: Connection) -> None:
    """After an erasure: leave no old page behind in SQLite's write-ahead file. Not possible inside a transaction."""
    raw: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
