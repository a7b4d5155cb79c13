"""The register of erasures as a table that every process of the platform shares. It only ever grows."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from services.store.erasures import Erasure
from services.store.postgres.arrays import bytea_array
from services.store.sql import Database

_REGISTER: Final = (
    "WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock(ehcp.order_lock()))"
    " INSERT INTO erasure (plan, at, stream, sequence) SELECT ?::bytea, ?::timestamptz, ?::bytea, ?::bigint FROM turn"
)
"""One statement, committed by itself, in turn with the appends: one that brings the child's first key is either on disk
before this (and the key is then found and deleted), or sees this and is refused."""


class ErasureTable:
    """Implements Erasures on the table `erasure`: what another process destroyed is seen at once."""

    def __init__(self, database: Database) -> None:
        """`database` is the one that holds the logs."""
        self._database = database

    def __iter__(self) -> Iterator[Erasure]:
        """Every erasure, oldest first."""
        return iter(self.since(0))

    def __len__(self) -> int:
        """How many there are: whoever follows them counts."""
        with self._database.reader() as connection:
            (number,) = connection.execute("SELECT count(*) FROM erasure").fetchone()
        return int(number)

    def since(self, handled: int) -> list[Erasure]:
        """The erasures behind the first so many, oldest first."""
        return self._entries("ORDER BY number OFFSET ?", handled)

    def head(self) -> int:
        """The number of the newest. Numbers rise in the order in which erasures are committed: they take turns."""
        with self._database.reader() as connection:
            (number,) = connection.execute("SELECT max(number) FROM erasure").fetchone()
        return int(number or 0)

    def behind(self, head: int) -> list[Erasure]:
        """The erasures registered since `head` was that, oldest first."""
        return self._entries("WHERE number > ? ORDER BY number", head)

    def is_erased(self, plan: UUID) -> bool:
        """Whether the child's key was destroyed."""
        return bool(self.erased_among((plan,)))

    def erased_among(self, plans: Collection[UUID]) -> set[UUID]:
        """Those of the plans whose child's key was destroyed, in one query."""
        statement = "SELECT plan FROM erasure WHERE plan = ANY(?) AND sequence IS NULL"
        with self._database.reader() as connection:
            rows = connection.execute(statement, (bytea_array([plan.bytes for plan in plans]),)).fetchall()
        return {UUID(bytes=plan) for (plan,) in rows}

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

    def _entries(self, which: str, value: int) -> list[Erasure]:
        statement = f"SELECT plan, at, stream, sequence FROM erasure {which}"  # noqa: S608 — said above
        with self._database.reader() as connection:
            rows = connection.execute(statement, (value,)).fetchall()
        return [Erasure(UUID(bytes=plan), at, stream and UUID(bytes=stream), n) for plan, at, stream, n in rows]

    def _append(self, entry: Erasure) -> Erasure:
        row = (entry.plan.bytes, entry.at, entry.stream and entry.stream.bytes, entry.sequence)
        with self._database.reader() as connection:
            connection.execute(_REGISTER, row)
        return entry
