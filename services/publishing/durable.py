"""How far the log is durable at every copy that an installation counts on: nothing beyond is published.

What one server alone has may be lost with it. Published, it would then be known to subscribers and to nobody else.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from services.store.sql import Database
from services.store.values import PLAN_LOG


class Durable(Protocol):
    """How far the log may be published."""

    def position(self) -> int:
        """The last position that every copy has on disk."""


class Heads(Protocol):
    """What tells how long a log is."""

    def head(self, log: str, /) -> tuple[int, datetime | None]:
        """The last position and when it was recorded."""


class OneCopy:
    """The record alone: what is committed there is on disk."""

    def __init__(self, record: Heads, log: str = PLAN_LOG) -> None:
        """Ask the record for this log."""
        self._record = record
        self._log = log

    def position(self) -> int:
        """The head of the log."""
        return self._record.head(self._log)[0]


class Replicas:
    """The primary, and each of the named standbys of PostgreSQL (their application_name in pg_stat_replication).

    A standby that isn't connected holds publication up. Needs the role pg_read_all_stats (pg_monitor).
    """

    def __init__(self, database: Database, names: Sequence[str], log: str = PLAN_LOG) -> None:
        """`names` of all standbys that count."""
        self._database = database
        self._log = log
        self._names = list(names)
        self._reached = 0
        self._waiting: tuple[int, str] | None = None

    def position(self) -> int:
        """The head of the log as it was when every standby had written at least so much to its disk."""
        with self._database.reader() as connection:
            if self._waiting is None:
                # What a snapshot shows was in the write-ahead log before this place of it was asked for.
                self._waiting = connection.execute(
                    f"SELECT coalesce((SELECT max(position) FROM {self._log}_event), 0),"  # noqa: S608 - ours
                    " pg_current_wal_insert_lsn()::text"
                ).fetchone()
            head, place = self._waiting or (0, "")
            (count,) = connection.execute(
                "SELECT count(DISTINCT application_name) FROM pg_stat_replication"
                " WHERE application_name = ANY(?) AND flush_lsn >= ?::pg_lsn",
                (self._names, place),
            ).fetchone()
        if count == len(set(self._names)):
            self._reached, self._waiting = head, None
        return self._reached
