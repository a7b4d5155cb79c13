"""A plan's tail in one round trip: for a plan whose state is in memory nothing else is asked of the database."""

from typing import Final
from uuid import UUID

from services.store.log_table import Row
from services.store.postgres.database import PostgresDatabase
from services.store.tails import Tail

_BEHIND: Final = (
    "SELECT (SELECT count(*) FROM erasure WHERE plan = ?), e.position, e.stream, e.sequence, e.type, e.time, e.state"
    " FROM (SELECT) AS once LEFT JOIN plan_event e ON e.stream = ? AND e.sequence > ? ORDER BY e.sequence"
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
