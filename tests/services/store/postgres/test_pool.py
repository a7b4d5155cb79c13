"""Connections that are kept: nobody waits for a server that is away, or gets a connection that has ended."""

from collections.abc import Callable, Iterator

import psycopg
import pytest

from services.store.errors import StoreClosed, StoreUnavailable
from services.store.postgres import pool as pools
from services.store.postgres.pool import ConnectionPool, PgConnection


class Server:
    """Connects, or is away."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.away = False
        self.asked = 0

    def __call__(self) -> PgConnection:
        self.asked += 1
        if self.away:
            raise psycopg.OperationalError
        return psycopg.connect(self.url, autocommit=True)


@pytest.fixture
def server(postgres: str) -> Server:
    return Server(postgres)


@pytest.fixture
def pool(server: Server) -> Iterator[ConnectionPool]:
    opened = ConnectionPool(server, 2)
    yield opened
    opened.close()


def process_of(pool: ConnectionPool) -> int:
    with pool.connection() as connection:
        return connection.info.backend_pid


def refused(pool: ConnectionPool) -> bool:
    try:
        process_of(pool)
    except StoreUnavailable:
        return True
    return False


def test_a_connection_is_used_again(pool: ConnectionPool, server: Server) -> None:
    assert process_of(pool) == process_of(pool)
    assert server.asked == 1


def test_who_is_refused_at_once_may_try_again_at_once(pool: ConnectionPool, server: Server) -> None:
    server.away = True
    assert refused(pool)
    server.away = False
    assert not refused(pool)


def test_after_a_long_attempt_that_failed_nobody_tries_for_a_while(
    pool: ConnectionPool, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 5.0, 6.0, 10.1])
    monkeypatch.setattr(pools.time, "monotonic", lambda: next(clock))
    server.away = True
    assert refused(pool)
    server.away = False
    assert refused(pool)
    assert server.asked == 1
    assert not refused(pool)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda connection: connection.execute("SELECT pg_terminate_backend(pg_backend_pid())"),
        lambda connection: connection.execute("BEGIN"),
    ],
    ids=["ended", "in a transaction"],
)
def test_a_spoilt_connection_is_not_handed_on(pool: ConnectionPool, spoil: Callable[[PgConnection], object]) -> None:
    first = process_of(pool)
    try:
        with pool.connection() as connection:
            spoil(connection)
    except StoreUnavailable:
        pass
    assert process_of(pool) != first


def test_a_closed_pool_gives_nothing(pool: ConnectionPool) -> None:
    process_of(pool)
    pool.close()
    with pytest.raises(StoreClosed), pool.connection():
        pass
