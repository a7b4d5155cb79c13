"""The register of erasures as a table that every process of the platform shares. It only ever grows."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

from services.store.erasures import Erasure
from services.store.sql import Database


class ErasureTable:
    """Implements Erasures on the table `erasure`: what another process destroyed is seen at once."""

    def __init__(self, database: Database) -> None:
        """`database` is the one that holds the logs."""
        self._database = database

    def __iter__(self) -> Iterator[Erasure]:
        """Every erasure, oldest first."""
        with self._database.reader() as connection:
            rows = connection.execute("SELECT plan, at, stream, sequence FROM erasure ORDER BY number").fetchall()
        return iter([Erasure(UUID(bytes=plan), at, stream and UUID(bytes=stream), n) for plan, at, stream, n in rows])

    def is_erased(self, plan: UUID) -> bool:
        """Whether the child's key was destroyed."""
        with self._database.reader() as connection:
            found = connection.execute("SELECT 1 FROM erasure WHERE plan = ? AND sequence IS NULL", (plan.bytes,))
            return found.fetchone() is not None

    def count(self, plan: UUID) -> int:
        """How many erasures concern the plan."""
        with self._database.reader() as connection:
            (number,) = connection.execute("SELECT count(*) FROM erasure WHERE plan = ?", (plan.bytes,)).fetchone()
        return int(number)

    def child(self, plan: UUID) -> Erasure:
        """Register, durably, that the child's key is being destroyed."""
        return self._append(Erasure(plan=plan, at=datetime.now(UTC)))

    def event(self, plan: UUID, stream: UUID, sequence: int) -> Erasure:
        """Register, durably, that the key of one event is being destroyed."""
        return self._append(Erasure(plan=plan, at=datetime.now(UTC), stream=stream, sequence=sequence))

    def _append(self, entry: Erasure) -> Erasure:
        row = (entry.plan.bytes, entry.at, entry.stream and entry.stream.bytes, entry.sequence)
        with self._database.transaction() as connection:
            connection.execute("INSERT INTO erasure (plan, at, stream, sequence) VALUES (?,?,?,?)", row)
        return entry
