"""PostgreSQL as the store wants it: the statements of every database, binary both ways, from a pool."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final, cast

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.types.numeric import Int8BinaryDumper

from services.store.errors import StoreClosed, StoreUnavailable
from services.store.postgres.arrays import DUMPERS
from services.store.postgres.pool import ConnectionPool, PgConnection
from services.store.sql import Cursor

SEARCH_PATH: Final = "ehcp,ehcp_keys,ehcp_views"
"""The schemas of the record, of the wrapped keys and of the read models, in this order."""

POOL_SIZE: Final = 8
"""The most connections for reading that one process holds."""

_KEEPALIVE: Final = {
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
"""A server that vanished without a word is noticed within a minute, also while it owes us an answer."""

_OPTIONS: Final = (
    f"-c search_path={SEARCH_PATH} -c synchronous_commit=on -c default_transaction_isolation=read\\ committed"
    " -c jit=off"
)
"""What the promises rest on, whatever the server's defaults are. Compiling a query takes longer than any of ours."""


class PostgresConnection:
    """A psycopg connection that takes the store's statements."""

    __slots__ = ("_connection",)

    def __init__(self, connection: PgConnection) -> None:
        """`connection` is open; who made it closes it."""
        self._connection = connection

    def execute(self, statement: str, values: Sequence[Any] | Mapping[str, Any] = (), /) -> Cursor:
        """Run a statement; `?` stands for each value."""
        found = self._connection.execute(cast("Any", _for_psycopg(statement)), values, binary=True)
        return cast("Cursor", found)

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]], /) -> Cursor:
        """Run a statement for each of the rows, in one round trip."""
        cursor = self._connection.cursor(binary=True)
        cursor.executemany(cast("Any", _for_psycopg(statement)), rows)
        return cast("Cursor", cursor)


class PostgresDatabase:
    """The database behind an address `postgresql://...`, through a pool of connections for reading.

    Raises StoreUnavailable wherever the server can't be reached or ends a conversation.
    """

    def __init__(self, url: str, *, pool_size: int = POOL_SIZE) -> None:
        """Connections are made when they are needed: an unreachable server shows at first use."""
        self.conninfo = conninfo_of(url)
        self._pool = ConnectionPool(self._connect, pool_size)

    @contextmanager
    def reader(self) -> Iterator[PostgresConnection]:
        """A connection for reading; each statement sees what was committed when it starts."""
        with self._pool.connection() as connection:
            yield PostgresConnection(connection)

    @contextmanager
    def transaction(self) -> Iterator[PostgresConnection]:
        """A connection in a transaction of its own."""
        with self._pool.connection() as connection, connection.transaction():
            yield PostgresConnection(connection)

    @contextmanager
    def raw(self) -> Iterator[PgConnection]:
        """A connection as psycopg has it, for what only PostgreSQL can do (COPY)."""
        with self._pool.connection() as connection:
            yield connection

    def is_reachable(self) -> bool:
        """Whether the server answers."""
        try:
            with self.reader() as connection:
                connection.execute("SELECT 1").fetchone()
        except (StoreUnavailable, StoreClosed):
            return False
        return True

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()

    def _connect(self) -> PgConnection:
        connection = psycopg.connect(self.conninfo, autocommit=True, application_name="ehcp-reader")
        configure(connection)
        return connection


def conninfo_of(url: str) -> str:
    """The address with what every connection of the platform needs.

    Raises ValueError for what is no PostgreSQL address.
    """
    try:
        stated = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise ValueError("EHCP_DATABASE_URL must be postgresql://USER@HOST:PORT/DATABASE.") from None
    options = f"{stated.pop('options', '')} {_OPTIONS}".strip()
    return make_conninfo("", **{"connect_timeout": "5", **_KEEPALIVE, **stated, "options": options})


def configure(connection: PgConnection) -> None:
    """Send every whole number as bigint, so that a statement is prepared once and not for each size of number.

    And encoded arrays as they are.
    """
    connection.adapters.register_dumper(int, Int8BinaryDumper)
    for kind, dumper in DUMPERS:
        connection.adapters.register_dumper(kind, dumper)


@lru_cache(maxsize=512)
def _for_psycopg(statement: str) -> bytes:
    return re.sub(r"\?", "%s", statement).encode()
