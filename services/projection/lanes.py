"""Lanes: how projectors share the plans, so that each plan has one projector at a time and none is left out.

On PostgreSQL a lane is held by an advisory lock of the session that writes: when the process ends, however it ends,
the server drops the session and the next process takes the lane. Every process announces itself with a lock that all
of them share, so that each can tell how many there are and keep no more than its part. (Session locks don't survive a
pooler in transaction mode: projectors connect directly.)
"""

import time
from collections.abc import Callable
from hashlib import sha256
from typing import Final, Protocol

from sqlalchemy import Connection, text

from services.projection.generations import LANES

_LANE_LOCK: Final = 0x45484350
"""The first half of the key of a lane's advisory lock; the second is its number."""

PRESENCE_LOCK: Final = 0x45484351
"""The first half of the key that every projector holds, shared."""

REFRESH_SECONDS: Final = 0.5
"""How often a projector looks whether lanes have become free, or others have come."""


def lane_of(plan: bytes) -> int:
    """The lane of a plan: the first byte of SHA-256 of its id, modulo 16."""
    return sha256(plan).digest()[0] % len(LANES)


class LaneClaims(Protocol):
    """Which lanes this process may write."""

    def held(self, connection: Connection) -> frozenset[int]:
        """The lanes that are this process's now; claims are renewed on the connection that writes."""

    def release(self, connection: Connection) -> None:
        """Let go of every lane."""


class AllLanes:
    """The one process that owns an embedded record has every lane."""

    def held(self, connection: Connection) -> frozenset[int]:  # noqa: ARG002 - nothing to claim
        """All of them."""
        return frozenset(LANES)

    def release(self, connection: Connection) -> None:
        """Nobody waits for them."""


class SharedLanes:
    """Lanes shared with other processes through advisory locks."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, refresh: float = REFRESH_SECONDS, work: int = 0
    ) -> None:
        """`clock` gives seconds; `refresh` is how long a claim is taken for granted.

        `work` tells the lanes of one kind of work from those of another: 0 for the read models.
        """
        self._lane_lock, self._presence_lock = _LANE_LOCK + 2 * work, PRESENCE_LOCK + 2 * work
        self._clock = clock
        self._refresh = refresh
        self._session: object = None
        self._held: frozenset[int] = frozenset()
        self._looked = float("-inf")

    def held(self, connection: Connection) -> frozenset[int]:
        """This process's fair part of the lanes, as far as others have let go of theirs."""
        session = connection.connection.driver_connection
        if session is not self._session:
            self._session, self._held, self._looked = session, frozenset(), float("-inf")
            self._call(connection, "SELECT pg_advisory_lock_shared(:lock, 0)", lock=self._presence_lock)
        if self._clock() - self._looked >= self._refresh:
            self._balance(connection)
            self._looked = self._clock()
        return self._held

    def release(self, connection: Connection) -> None:
        """End every claim of the session."""
        self._call(connection, "SELECT pg_advisory_unlock_all()")
        self._session, self._held = None, frozenset()

    def _balance(self, connection: Connection) -> None:
        present, taken = self._look(connection)
        part = -(-len(LANES) // max(1, present))
        surplus = sorted(self._held)[part:]
        for lane in surplus:
            self._call(connection, "SELECT pg_advisory_unlock(:lock, :lane)", lock=self._lane_lock, lane=lane)
        self._held -= frozenset(surplus)
        free = [lane for lane in LANES if lane not in taken]
        for lane in free[: part - len(self._held)]:
            if self._call(connection, "SELECT pg_try_advisory_lock(:lock, :lane)", lock=self._lane_lock, lane=lane):
                self._held |= {lane}

    def _look(self, connection: Connection) -> tuple[int, set[int]]:
        """How many projectors there are, and which lanes are held."""
        locks = connection.execute(
            text(
                "SELECT classid::bigint, objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND granted"
                " AND objsubid = 2 AND classid::bigint IN (:lane, :presence)"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            ),
            {"lane": self._lane_lock, "presence": self._presence_lock},
        ).all()
        connection.commit()
        return sum(kind == self._presence_lock for kind, _ in locks), {
            lane for kind, lane in locks if kind == self._lane_lock
        }

    def _call(self, connection: Connection, statement: str, **values: int) -> bool:
        answer = connection.scalar(text(statement), values)
        connection.commit()
        return bool(answer)
