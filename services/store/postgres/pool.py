"""Connections to PostgreSQL that are kept for the next who asks, and never waited for while the server is away.

A pool that connects in the background, again and again with growing pauses, makes callers wait for a server that is
gone, and for longer than it is gone. Here who needs a connection makes one, in some milliseconds, or is told at once
that the server can't be reached.
"""

import select
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from psycopg.pq import TransactionStatus

from services.store.errors import StoreClosed, StoreUnavailable

WAIT_SECONDS: Final = 10.0
"""How long a caller waits while all connections are in use before the store counts as unavailable."""

LONG_ATTEMPT: Final = 0.5
"""An attempt to connect that fails sooner, in seconds, has held up nobody: the next caller may try again at once."""

PgConnection = psycopg.Connection[tuple[Any, ...]]


class ConnectionPool:
    """At most so many connections at a time. Safe to use from several threads."""

    def __init__(self, connect: Callable[[], PgConnection], limit: int) -> None:
        """`connect` makes a connection. None is made before it is needed."""
        self._connect = connect
        self._free = threading.BoundedSemaphore(limit)
        self._lock = threading.Lock()
        self._idle: list[PgConnection] = []
        self._closed = False
        self._not_before = 0.0

    @contextmanager
    def connection(self) -> Iterator[PgConnection]:
        """A connection that was alive a moment ago.

        Raises StoreUnavailable when the server can't be reached, also when it ends the conversation; StoreClosed.
        """
        if self._closed:
            raise StoreClosed("the store is closed")
        if not self._free.acquire(timeout=WAIT_SECONDS):
            raise StoreUnavailable("every connection to the database is in use")
        connection = None
        try:
            connection = self._kept() or self._made()
            yield connection
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise StoreUnavailable(f"the database cannot be reached: {type(error).__name__}") from None
        finally:
            if connection is not None:
                self._keep(connection)
            self._free.release()

    def close(self) -> None:
        """Close what nobody uses, and the rest when it comes back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _kept(self) -> PgConnection | None:
        """The connection that was used last, which is the warmest, passing over those that the server has ended."""
        while True:
            with self._lock:
                if not self._idle:
                    return None
                connection = self._idle.pop()
            try:
                require_alive(connection)
            except psycopg.Error:
                connection.close()
            else:
                return connection

    def _made(self) -> PgConnection:
        """A new connection. After a long attempt that failed there is a rest as long: not all time is for trying."""
        started = time.monotonic()
        if started < self._not_before:
            raise StoreUnavailable("the database cannot be reached: it could not a moment ago")
        try:
            return self._connect()
        except psycopg.Error:
            now = time.monotonic()
            if now - started > LONG_ATTEMPT:
                self._not_before = now + (now - started)
            raise

    def _keep(self, connection: PgConnection) -> None:
        sound = connection.info.transaction_status == TransactionStatus.IDLE
        with self._lock:
            if sound and not self._closed:
                self._idle.append(connection)
                return
        connection.close()


def require_alive(connection: PgConnection) -> None:
    """Raise psycopg.OperationalError when the server has ended an idle connection, as after its restart.

    It said so when it did: one look at the socket tells, without asking the server.
    """
    idle = select.poll()
    idle.register(connection.fileno(), select.POLLIN)
    while idle.poll(0):
        connection.pgconn.consume_input()
