"""What a subscriber keeps about what it has read, in the database of its own work: so that both hold or neither.

One file serves every instance of a subscriber: whichever gets the topic's partition goes on where the last one stopped.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from connectors.subscriber.signals import Signal

REMEMBERED: Final = 100_000
"""How many ids of signals are remembered: far more than any repetition reaches back."""

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS followed (source TEXT PRIMARY KEY, offset INTEGER NOT NULL, number INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS seen_number ON seen (number);
CREATE TABLE IF NOT EXISTS plan_version (plan TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS parked (
    source TEXT NOT NULL, offset INTEGER NOT NULL, reason TEXT NOT NULL, record BLOB, PRIMARY KEY (source, offset)
) STRICT;
"""


class Books:
    """The subscriber's own database. Not for several threads."""

    def __init__(self, file: Path | str) -> None:
        """Open it, and make its tables where they are missing."""
        self.connection = sqlite3.connect(file, isolation_level=None, timeout=30)
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = FULL")
        self.connection.executescript(_TABLES)

    def close(self) -> None:
        """Close it."""
        self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Everything in it counts together, or nothing does."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield self.connection
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def place(self, source: str) -> tuple[int, int]:
        """The next offset to read of a topic, and the last recipientsequence that is dealt with; (0, 0) at first."""
        row = self.connection.execute("SELECT offset, number FROM followed WHERE source = ?", (source,)).fetchone()
        return row or (0, 0)

    def is_new(self, source: str) -> bool:
        """Whether nothing of a topic was dealt with yet."""
        return not self.connection.execute("SELECT 1 FROM followed WHERE source = ?", (source,)).fetchone()

    def has_seen(self, signal: Signal) -> bool:
        """Whether the signal is dealt with already."""
        return bool(self.connection.execute("SELECT 1 FROM seen WHERE id = ?", (signal.id,)).fetchone())

    def is_old_news(self, signal: Signal) -> bool:
        """Whether something newer about the same plan is dealt with already."""
        newest = "SELECT 1 FROM plan_version WHERE plan = ? AND version > ?"
        return bool(self.connection.execute(newest, (signal.subject, signal.version)).fetchone())

    def note(self, signal: Signal) -> None:
        """The signal is dealt with."""
        number = signal.recipientsequence
        self.connection.execute("INSERT INTO seen VALUES (?, ?)", (signal.id, number))
        self.connection.execute("DELETE FROM seen WHERE number <= ?", (number - REMEMBERED,))
        self.know(signal.subject, signal.version)

    def know(self, plan: str, version: int) -> None:
        """So much is known of a plan: what has a lower `versionid` is older news."""
        newest = (
            "INSERT INTO plan_version VALUES (?, ?) ON CONFLICT DO UPDATE SET version = max(version, excluded.version)"
        )
        self.connection.execute(newest, (plan, version))

    def move(self, source: str, offset: int, number: int) -> None:
        """Everything before `offset` of the topic, and up to this recipientsequence, is dealt with."""
        moved = (
            "INSERT INTO followed VALUES (?, ?, ?) ON CONFLICT DO UPDATE"
            " SET offset = max(offset, excluded.offset), number = max(number, excluded.number)"
        )
        self.connection.execute(moved, (source, offset, number))

    def park(self, source: str, place: int, reason: str, record: bytes | None) -> None:
        """Put something aside that can't be dealt with, so that the rest goes on.

        `place` is the offset of a record that is no signal, and of a signal its recipientsequence, negative.
        """
        self.connection.execute("INSERT OR REPLACE INTO parked VALUES (?, ?, ?, ?)", (source, place, reason, record))

    def parked(self) -> list[tuple[str, int, str]]:
        """What was put aside: topic, place (as in `park`), reason."""
        return self.connection.execute("SELECT source, offset, reason FROM parked ORDER BY 1, 2").fetchall()

    def put_aside(self, source: str) -> list[bytes]:
        """The signals of a topic that were put aside, in order."""
        query = "SELECT record FROM parked WHERE source = ? AND offset < 0 ORDER BY offset DESC"
        return [record for (record,) in self.connection.execute(query, (source,))]

    def take_back(self, source: str, signal: Signal) -> None:
        """The signal isn't put aside any more."""
        mine = (source, -signal.recipientsequence)
        self.connection.execute("DELETE FROM parked WHERE source = ? AND offset = ?", mine)
