"""SQLite set up to be durable, and to forget what it is told to forget."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.store.database import SqliteDatabase

TABLE = ("CREATE TABLE IF NOT EXISTS t (n INTEGER) STRICT",)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SqliteDatabase]:
    opened = SqliteDatabase(tmp_path / "d.sqlite", TABLE, secure_delete=True)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("recursive_triggers", 1), ("secure_delete", 1)],
)
def test_every_commit_is_on_disk_before_it_is_acknowledged(
    database: SqliteDatabase, pragma: str, value: object
) -> None:
    assert database.writer.execute(f"PRAGMA {pragma}").fetchone() == (value,)


def test_a_transaction_that_fails_leaves_nothing_behind_and_can_be_followed_by_another(
    database: SqliteDatabase,
) -> None:
    with pytest.raises(sqlite3.IntegrityError), database.transaction() as connection:
        connection.executemany("INSERT INTO t VALUES (?)", [(1,), ("text",)])
    with database.transaction() as connection:
        connection.execute("INSERT INTO t VALUES (2)")
    with database.reader() as connection:
        assert connection.execute("SELECT n FROM t").fetchall() == [(2,)]


def test_a_transaction_that_sqlite_has_undone_itself_is_not_undone_twice(database: SqliteDatabase) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no transaction"), database.transaction() as connection:
        connection.executescript("ROLLBACK; ROLLBACK")


def test_readers_see_what_was_committed_and_not_what_is_being_written(database: SqliteDatabase) -> None:
    with database.transaction() as writing:
        writing.execute("INSERT INTO t VALUES (1)")
        with database.reader() as reading:
            assert reading.execute("SELECT count(*) FROM t").fetchone() == (0,)
    with database.reader() as reading:
        assert reading.execute("SELECT count(*) FROM t").fetchone() == (1,)


def test_many_readers_at_once_each_have_a_connection_and_are_closed_with_the_database(
    database: SqliteDatabase,
) -> None:
    readers = [database.reader() for _ in range(20)]
    connections = [reader.__enter__() for reader in readers]
    assert len(set(map(id, connections))) == 20
    for reader in readers:
        reader.__exit__(None, None, None)
    database.close()
    for connection in connections:
        with pytest.raises(sqlite3.ProgrammingError):
            connection.execute("SELECT 1")
