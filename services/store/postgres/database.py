"""PostgreSQL as the store wants it: the statements of every database, binary both ways, from a pool."""

import re
import select
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final, cast

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.types.numeric import Int8BinaryDumper
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout

from services.store.errors import StoreClosed, StoreUnavailable
from services.store.sql import Cursor

SEARCH_PATH: Final = "ehcp,ehcp_keys,ehcp_views"
"""The schemas of the record, of the wrapped keys and of the read models, in this order."""

WAIT_SECONDS: Final = 10.0
"""How long a caller waits for a connection before the store counts as unavailable."""

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
)
"""What the promises rest on, whatever the server's defaults are."""


class PostgresConnection:
    """A psycopg connection that takes the store's statements."""

    __slots__ = ("_connection",)

    def __init__(self, connection: "psycopg.Connection[tuple[Any, ...]]") -> None:
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
        self._pool: ConnectionPool[psycopg.Connection[tuple[Any, ...]]] = ConnectionPool(
            self.conninfo,
            min_size=1,
            max_size=pool_size,
            timeout=WAIT_SECONDS,
            kwargs={"autocommit": True, "application_name": "ehcp-reader"},
            configure=configure,
            check=require_alive,
            open=True,
        )

    @contextmanager
    def reader(self) -> Iterator[PostgresConnection]:
        """A connection for reading; each statement sees what was committed when it starts."""
        with self._connection() as connection:
            yield PostgresConnection(connection)

    @contextmanager
    def transaction(self) -> Iterator[PostgresConnection]:
        """A connection in a transaction of its own."""
        with self._connection() as connection, connection.transaction():
            yield PostgresConnection(connection)

    @contextmanager
    def raw(self) -> "Iterator[psycopg.Connection[tuple[Any, ...]]]":
        """A connection as psycopg has it, for what only PostgreSQL can do (COPY)."""
        with self._connection() as connection:
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

    @contextmanager
    def _connection(self) -> "Iterator[psycopg.Connection[tuple[Any, ...]]]":
        try:
            with self._pool.connection() as connection:
                yield connection
        except PoolClosed:
            raise StoreClosed("the store is closed") from None
        except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout) as error:
            self._drop_broken()
            raise StoreUnavailable(f"the database cannot be reached: {type(error).__name__}") from None

    def _drop_broken(self) -> None:
        """After a server's restart every idle connection is broken: let the pool find out now, not one by one."""
        if not self._pool.closed:
            self._pool.check()


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


def configure(connection: "psycopg.Connection[tuple[Any, ...]]") -> None:
    """Send every whole number as bigint, so that a statement is prepared once and not for each size of number."""
    connection.adapters.register_dumper(int, Int8BinaryDumper)


def require_alive(connection: "psycopg.Connection[tuple[Any, ...]]") -> None:
    """Raise psycopg.OperationalError when the server has ended an idle connection, as after its restart.

    It said so when it did: one look at the socket tells, without asking the server.
    """
    idle = select.poll()
    idle.register(connection.fileno(), select.POLLIN)
    while idle.poll(0):
        connection.pgconn.consume_input()


@lru_cache(maxsize=512)
def _for_psycopg(statement: str) -> bytes:
    return re.sub(r"\?", "%s", statement).encode()
