"""The data keys of snapshots: random, each a row of its own, so that one goes with the event that it may repeat."""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import UUID

from services.store.child_keys import KEY_LENGTH, ChildKey, snapshot_context
from services.store.erasures import Erasures
from services.store.sql import Database


class SnapshotKeys:
    """Makes them and finds them."""

    def __init__(
        self,
        database: Database,
        writing: AbstractContextManager[object],
        erasures: Erasures,
        to_write: Callable[[UUID, str | None], ChildKey],
        to_read: Callable[[UUID], ChildKey | None],
    ) -> None:
        """`to_write` and `to_read` give a child's key; `writing` is held while a transaction is written."""
        self._database = database
        self._writing = writing
        self._erasures = erasures
        self._to_write = to_write
        self._to_read = to_read

    def make(self, plan: UUID, sequence: int, snapshot_id: UUID, erasures: int) -> bytes | None:
        """A fresh data key for a snapshot, kept before it is returned.

        `erasures` is how many concerned the plan before the fold began; None when something was erased since.
        """
        data_key, context = os.urandom(KEY_LENGTH), snapshot_context(plan.bytes, sequence, snapshot_id.bytes)
        with self._writing:
            if self._erasures.count(plan) != erasures:
                return None
            wrapped = self._to_write(plan, None).wrap(data_key, context)
            with self._database.transaction() as connection:
                connection.execute(
                    "INSERT INTO snapshot_key VALUES (?,?,?,?)",
                    (plan.bytes, sequence, snapshot_id.bytes, wrapped),
                )
            # Another process that registered an erasure meanwhile either sees this key and deletes it, or is seen here.
            if self._erasures.count(plan) != erasures:
                with self._database.transaction() as connection:
                    connection.execute("DELETE FROM snapshot_key WHERE snapshot_id = ?", (snapshot_id.bytes,))
                return None
        return data_key

    def find(self, plan: UUID, sequence: int, snapshot_id: UUID) -> bytes | None:
        """The data key of a snapshot, None when it or the child's key is gone."""
        with self._database.reader() as connection:
            found = connection.execute(
                "SELECT k.wrapped FROM snapshot_key k JOIN child_key c ON c.plan = k.plan"
                " WHERE k.plan = ? AND k.sequence = ? AND k.snapshot_id = ?",
                (plan.bytes, sequence, snapshot_id.bytes),
            ).fetchone()
        child = self._to_read(plan)
        if found is None or child is None:
            return None
        return child.unwrap(found[0], snapshot_context(plan.bytes, sequence, snapshot_id.bytes))
