"""Where the read models are: a SQLite file of their own beside the record, or the record's PostgreSQL.

Nothing here is ever lost: rows and positions are committed together, and both can be made again from the log. So a
commit need not wait for the disk.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text

from services.projection.tables import metadata
from services.store.files import private_folder

VIEWS_FILE: Final = "views.sqlite"
"""The file of the read models, beside the record's."""

_WAIT_SECONDS: Final = 10


class ViewDatabase:
    """Connections to the read models."""

    def __init__(self, url: str | URL) -> None:
        """`url` is a SQLAlchemy URL: sqlite:///PATH or postgresql+psycopg://..."""
        address = make_url(url)
        self.is_embedded = address.get_backend_name() == "sqlite"
        if self.is_embedded:
            self.engine = _sqlite(Path(address.database or ""))
            metadata.create_all(self.engine)
        else:
            self.engine = _postgresql(address)

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


def _postgresql(address: URL) -> Engine:
    engine = create_engine(address.set(drivername="postgresql+psycopg"), pool_pre_ping=True)

    @event.listens_for(engine, "connect")
    def prepare(raw: Any, _record: Any) -> None:
        raw.autocommit = True
        raw.execute("SET synchronous_commit = off")
        raw.autocommit = False

    return engine


def scrub(connection: Connection) -> None:
    """After an erasure: leave no old page behind in SQLite's write-ahead file."""
    if connection.dialect.name == "sqlite":
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).fetchall()
        connection.rollback()
