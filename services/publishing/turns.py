"""Which process publishes a log: one at a time, and the next as soon as it is gone.

Kafka itself sees to it that two that believe it is their turn do not both write; this keeps them from taking it from
each other for ever.
"""

from typing import Final
from zlib import crc32

import psycopg

from services.store.postgres.database import conninfo_of
from services.store.postgres.pool import PgConnection

_LOCK: Final = 0x45484360
"""The first half of the key of a log's advisory lock; the second is a digest of its name."""


class Alone:
    """The one process that owns an embedded record."""

    def is_ours(self) -> bool:
        """Always."""
        return True

    def release(self) -> None:
        """Nobody waits for it."""


class SharedTurn:
    """A turn by an advisory lock of a session of PostgreSQL: it ends with the session, however the process ends."""

    def __init__(self, url: str, name: str) -> None:
        """`url` of the record, `name` of what is done in turns."""
        self._conninfo = conninfo_of(url)
        self._key = (_LOCK, crc32(name.encode()) - 2**31)
        self._session: PgConnection | None = None

    def is_ours(self) -> bool:
        """Whether this session holds the lock now. Raises psycopg.OperationalError while the server is away."""
        if self._session is not None:
            try:
                self._session.execute("SELECT 1")
            except psycopg.Error:
                self.release()
                raise
            return True
        session = psycopg.connect(self._conninfo, autocommit=True, application_name="ehcp-publisher")
        locked = session.execute("SELECT pg_try_advisory_lock(%s::int, %s::int)", self._key).fetchone()
        if locked != (True,):
            session.close()
            return False
        self._session = session
        return True

    def release(self) -> None:
        """End the session."""
        session, self._session = self._session, None
        if session is not None:
            session.close()
