"""Tails in one round trip: for plans whose states are in memory nothing else is asked of the database."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from services.store.log_table import Row
from services.store.postgres.database import PostgresDatabase
from services.store.tails import Tail

_BEHIND: Final = (
    "SELECT (SELECT count(*) FROM erasure WHERE plan = ?), e.position, e.stream, e.sequence, e.type, e.time, e.state"
    " FROM (SELECT) AS once LEFT JOIN plan_event e ON e.stream = ? AND e.sequence > ? ORDER BY e.sequence"
)
_OF_EACH: Final = (
    "SELECT p.plan, (SELECT count(*) FROM erasure WHERE erasure.plan = p.plan),"
    " e.position, e.stream, e.sequence, e.type, e.time, e.state"
    " FROM unnest(?::bytea[], ?::bigint[]) AS p (plan, after) LEFT JOIN LATERAL"
    " (SELECT * FROM plan_event WHERE stream = p.plan AND sequence > p.after) e ON true ORDER BY p.plan, e.sequence"
)


class JoinedTails:
    """Reads erasures and events as they stood at one moment."""

    def __init__(self, database: PostgresDatabase) -> None:
        """`database` holds the log and the register of erasures."""
        self._database = database

    def behind(self, plan: UUID, after: int) -> Tail:
        """The plan's events with sequence > `after`."""
        with self._database.reader() as connection:
            found = connection.execute(_BEHIND, (plan.bytes, plan.bytes, after)).fetchall()
        return Tail(found[0][0], [Row(*row[1:]) for row in found if row[1] is not None])

    def of_each(self, plans: Mapping[UUID, int]) -> dict[UUID, Tail]:
        """The events of each of these plans behind a sequence of its own."""
        asked = [plan.bytes for plan in plans], list(plans.values())
        with self._database.reader() as connection:
            found = connection.execute(_OF_EACH, asked).fetchall()
        tails: dict[UUID, Tail] = {}
        for plan, erasures, *event in found:
            tail = tails.setdefault(UUID(bytes=bytes(plan)), Tail(erasures, []))
            if event[0] is not None:
                tail.rows.append(Row(*event))
        return tails
