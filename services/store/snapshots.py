"""Folded states, kept so that a long history need not be folded from its beginning. Always safe to lose.

A snapshot repeats what events said, so it is sealed under a key of its own: erasing one event of a plan
destroys the keys of the plan's snapshots with it. They are written outside the append, by the same thread.
"""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from uuid_utils.compat import uuid7

from services.store.key_store import KeyStore
from services.store.sealing import decrypt, encrypt
from services.store.sql import Aside, Connection, Database
from services.store.values import Snapshot, SnapshotErased

STATEMENTS: Final = (
    (
        "CREATE TABLE IF NOT EXISTS snapshot (plan BLOB NOT NULL, sequence INTEGER NOT NULL,"
        " state_version INTEGER NOT NULL, snapshot_id BLOB NOT NULL, sealed BLOB NOT NULL,"
        " PRIMARY KEY (plan, sequence, state_version)) STRICT"
    ),
)
"""What creates the table of snapshots."""

_PLANS_PER_QUERY: Final = 500


class SnapshotStore:
    """The snapshots of all plans."""

    def __init__(self, database: Database, aside: Aside, keys: KeyStore) -> None:
        """`database` is the one that holds the logs."""
        self._database = database
        self._aside = aside
        self._keys = keys

    def erasures_of(self, plan: UUID) -> int:
        """To be asked before the events are read that a snapshot is folded from, and handed to `put`."""
        return self._keys.erasures_of(plan)

    def put(self, snapshot: Snapshot, erasures: int) -> bool:
        """Keep a snapshot; false when an event of the plan was erased since `erasures` was asked: fold again.

        Raises KeyDestroyed when the child's key is gone.
        """
        snapshot_id = uuid7()
        key = self._keys.snapshots.make(snapshot.plan, snapshot.sequence, snapshot_id, erasures)
        if key is None:
            return False
        sealed = encrypt(key, snapshot.state, _place(snapshot.plan, snapshot.sequence, snapshot.state_version))
        row = (snapshot.plan.bytes, snapshot.sequence, snapshot.state_version, snapshot_id.bytes, sealed)
        self._aside(lambda connection: _keep(connection, row))
        return True

    def newest(self, plan: UUID, state_version: int, at_most: int | None = None) -> Snapshot | SnapshotErased | None:
        """The newest snapshot of this state version with sequence <= `at_most`; None when there is none."""
        with self._database.reader() as connection:
            row = connection.execute(
                "SELECT sequence, snapshot_id, sealed FROM snapshot"
                " WHERE plan = ? AND state_version = ? AND sequence <= ? ORDER BY sequence DESC LIMIT 1",
                (plan.bytes, state_version, 2**62 if at_most is None else at_most),
            ).fetchone()
        if row is None:
            self._keys.snapshots.find(plan, 0, plan)  # what is asked doesn't tell whether there is one
            return None
        sequence, snapshot_id, sealed = row
        key = self._keys.snapshots.find(plan, sequence, UUID(bytes=snapshot_id))
        if key is None:
            return SnapshotErased(plan, sequence)
        state = decrypt(key, sealed, _place(plan, sequence, state_version))
        return Snapshot(plan, sequence, state_version, state)

    def has(self, plans: Collection[UUID], state_version: int) -> set[UUID]:
        """Those of these plans that have a snapshot of this state version."""
        by_bytes = {plan.bytes: plan for plan in plans}
        found: set[UUID] = set()
        with self._database.reader() as connection:
            for start in range(0, len(by_bytes), _PLANS_PER_QUERY):
                some = list(by_bytes)[start : start + _PLANS_PER_QUERY]
                marks = ", ".join("?" * len(some))
                query = "SELECT DISTINCT plan FROM snapshot WHERE state_version = ?"
                query += f" AND plan IN ({marks})"
                found |= {by_bytes[bytes(plan)] for (plan,) in connection.execute(query, (state_version, *some))}
        return found

    def discard(self, plan: UUID) -> None:
        """Delete the plan's snapshots."""
        self._aside(lambda connection: connection.execute("DELETE FROM snapshot WHERE plan = ?", (plan.bytes,)))


def _keep(connection: Connection, row: tuple[bytes, int, int, bytes, bytes]) -> None:
    connection.execute(
        "INSERT INTO snapshot VALUES (?,?,?,?,?) ON CONFLICT (plan, sequence, state_version)"
        " DO UPDATE SET snapshot_id = excluded.snapshot_id, sealed = excluded.sealed",
        row,
    )


def _place(plan: UUID, sequence: int, state_version: int) -> bytes:
    return b"ehcp snapshot 1\x00" + plan.bytes + sequence.to_bytes(8, "big") + state_version.to_bytes(4, "big")
