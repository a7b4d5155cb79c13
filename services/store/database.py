"""SQLite files as the embedded store wants them: durable, private, one writing connection, many reading ones."""

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Final

from services.store.errors import ErasureIncomplete, StoreClosed, UnknownStoreVersion
from services.store.files import private_folder, sync_folder

SCHEMA_VERSION: Final = 1
"""PRAGMA user_version of the files that this release writes, unless a file has a version of its own."""

WAIT_SECONDS: Final = 10.0
"""How long a statement waits for another connection's lock."""

PAGES_AHEAD: Final = 4_000
"""How many pages (4 KiB each) the write-ahead file takes before they are folded into the main one.

Ids are random: an index's page is written by one commit after the other, and folded the less often the longer that
waits. An import of some thousand plans folded after nearly every commit with SQLite's own 1,000.
"""

_IDLE_READERS: Final = 8

_STATEMENTS: Final = 256


class SqliteDatabase:
    """One SQLite file in write-ahead mode, synchronous=FULL: what was committed survives a power cut."""

    def __init__(
        self,
        path: Path,
        statements: Sequence[str],
        *,
        secure_delete: bool = False,
        version: int = SCHEMA_VERSION,
        upgrades: Mapping[int, Sequence[str]] = MappingProxyType({}),
    ) -> None:
        """Open or create the file and its tables.

        `secure_delete` overwrites what is deleted; `upgrades` bring a file of each earlier version to the next. Raises
        UnknownStoreVersion for a file of a later release.
        """
        private_folder(path.parent)
        path.touch(mode=0o600)
        sync_folder(path.parent)
        self.path = path
        self._secure_delete = secure_delete
        self._readers: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._closed = False
        self.writer = self._connect()
        self._prepare(statements, version, upgrades)

    @contextmanager
    def reader(self) -> Iterator[sqlite3.Connection]:
        """A connection for reading; it sees what was committed when its statement starts."""
        connection = self._take()
        try:
            yield connection
        finally:
            self._give_back(connection)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """The writing connection in a transaction of its own.

        The caller sees to it that there is one at a time.
        """
        self.writer.execute("BEGIN IMMEDIATE")
        try:
            yield self.writer
            self.writer.execute("COMMIT")
        except BaseException:
            if self.writer.in_transaction:
                self.writer.execute("ROLLBACK")
            raise

    def is_reachable(self) -> bool:
        """Whether the file can be read."""
        try:
            with self.reader() as connection:
                connection.execute("SELECT 1 FROM sqlite_schema").fetchone()
        except (sqlite3.Error, StoreClosed):
            return False
        return True

    def scrub(self) -> None:
        """Fold the write-ahead file into the main one and empty it, so that no old page stays behind.

        Raises ErasureIncomplete.
        """
        (busy, _, _) = self.writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise ErasureIncomplete("a reader kept the file busy: repeat the erasure")

    def close(self) -> None:
        """Close every connection; the write-ahead file is folded into the main one."""
        with self._lock:
            self._closed = True
            readers, self._readers = self._readers, []
        for connection in readers:
            connection.close()
        self.writer.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=_STATEMENTS,
            timeout=WAIT_SECONDS,
        )
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA wal_autocheckpoint={PAGES_AHEAD}")
        # Without it, INSERT OR REPLACE would delete a row past the triggers that guard the log.
        connection.execute("PRAGMA recursive_triggers=ON")
        if self._secure_delete:
            connection.execute("PRAGMA secure_delete=ON")
        return connection

    def _prepare(self, statements: Sequence[str], known: int, upgrades: Mapping[int, Sequence[str]]) -> None:
        (version,) = self.writer.execute("PRAGMA user_version").fetchone()
        if version > known:
            self.writer.close()
            raise UnknownStoreVersion(f"{self.path.name} has version {version}, this release knows {known}")
        older = range(version, known) if version else ()
        with self.transaction() as connection:
            for statement in (*statements, *(one for step in older for one in upgrades.get(step, ()))):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={known}")

    def _take(self) -> sqlite3.Connection:
        with self._lock:
            if self._closed:
                raise StoreClosed("the store is closed")
            if self._readers:
                return self._readers.pop()
        return self._connect()

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            if not self._closed and len(self._readers) < _IDLE_READERS:
                self._readers.append(connection)
                return
        connection.close()
