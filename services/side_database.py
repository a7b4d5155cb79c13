"""A database beside the record: a SQLite file of its own, or the record's PostgreSQL.

What lives in one decides how durable a commit is there: read models can be made again from the log, numbers that were
delivered cannot be taken back.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg
from sqlalchemy import URL, Connection, Engine, MetaData, create_engine, event
from sqlalchemy.exc import InterfaceError, OperationalError

from services.store.errors import OutcomeUnknown, StoreUnavailable, UnknownStoreVersion
from services.store.files import private_folder
from services.store.postgres.database import conninfo_of

_AWAY: Final = (OperationalError, InterfaceError)
_WAIT_SECONDS: Final = 10


class SideDatabase:
    """Connections to it. What is kept in it is prepared by whoever owns it."""

    def __init__(self, where: Path | str, *, durable: bool) -> None:
        """`where` is the path of a SQLite file, or the address of a database: postgresql://...

        `durable`: a commit waits for the disk.
        """
        self.is_embedded = isinstance(where, Path)
        self.engine = (
            _sqlite(where, durable=durable) if isinstance(where, Path) else _postgresql(where, durable=durable)
        )

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for reading. Raises StoreUnavailable when the database can't be reached, or is lost."""
        try:
            with self.engine.connect() as connection:
                yield connection
        except _AWAY as error:
            raise _unavailable(error) from None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection in a transaction of its own.

        Raises StoreUnavailable when the database can't be reached, or is lost before it was asked to commit, and
        OutcomeUnknown when it is lost then.
        """
        asked_to_commit = False
        try:
            with self.engine.connect() as connection, transaction(connection):
                yield connection
                asked_to_commit = True
        except _AWAY as error:
            raise (OutcomeUnknown() if asked_to_commit else _unavailable(error)) from None

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _unavailable(error: Exception) -> StoreUnavailable:
    return StoreUnavailable(f"the database cannot be reached: {type(error).__name__}")


@contextmanager
def transaction(connection: Connection, *, writes: bool = True) -> Iterator[Connection]:
    """A transaction; one that writes takes SQLite's lock at the beginning, so that nothing fails halfway."""
    with connection.execution_options(ehcp_writes=writes).begin():
        yield connection


def make_tables(
    database: SideDatabase, tables: MetaData, form: int, older: Mapping[int, Sequence[str]] | None = None
) -> None:
    """Make the tables of a file that lasts: its form stands in it, and `older` says what brings an earlier one up.

    Raises UnknownStoreVersion for a file that another release has made. PostgreSQL has migrations for this.
    """
    if not database.is_embedded:
        return
    with database.engine.connect() as connection, transaction(connection):
        found = connection.exec_driver_sql("PRAGMA user_version").scalar() or 0
        if found not in {0, form, *(older or ())}:
            name = Path(database.engine.url.database or "").name
            raise UnknownStoreVersion(f"{name} has form {found}; this release knows {form}.")
        tables.create_all(connection)
        for statement in (older or {}).get(found, ()):
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql(f"PRAGMA user_version = {form}")


def end_session(connection: Connection) -> None:
    """Close a connection for good, with the claims that its session holds: it must not go back into the pool."""
    if not connection.closed and not connection.invalidated:
        connection.rollback()
        connection.detach()
    connection.close()


def _sqlite(path: Path, *, durable: bool) -> Engine:
    private_folder(path.parent)
    path.touch(mode=0o600)
    engine = create_engine(URL.create("sqlite", database=str(path)), connect_args={"timeout": _WAIT_SECONDS})
    synchronous = "FULL" if durable else "NORMAL"

    @event.listens_for(engine, "connect")
    def prepare(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # transactions are begun below, not by the driver
        for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", "secure_delete=ON"):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("ehcp_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(url: str, *, durable: bool) -> Engine:
    conninfo = conninfo_of(url)
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(conninfo), pool_pre_ping=True)

    @event.listens_for(engine, "connect")
    def prepare(raw: Any, _record: Any) -> None:
        if not durable:
            raw.execute("SET synchronous_commit = off")
            raw.commit()

    return engine
