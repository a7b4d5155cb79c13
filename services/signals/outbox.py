"""The rows of signals, as every deliverer reads them.

A deliverer is whatever brings signals to somebody: the HTTP feed, webhooks, a message broker, a mailbox. It reads the
rows of a recipient behind its own position (`after`), in order and without a gap, and keeps that position itself, in
the same transaction in which it keeps what it has done; so every channel carries the same ids in the same order. What a
row becomes on the way is `envelope.cloud_event`. A deliverer that works by itself has `step` and `close` as a
`services.projection.running.Worker`, and is run as one.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, func, select

from services.signals.database import SignalDatabase
from services.signals.tables import recipients, signals
from services.store.framing import instant


class Signal(Struct, frozen=True, kw_only=True):
    """One row: what one recipient is told of one event.

    `number` is the recipientsequence, `position` the versionid. `sections` and `commissioners` are for filters only.
    """

    recipient: str
    number: int
    id: UUID
    position: int
    time: datetime
    type: str
    plan: UUID
    version: int
    draft: int
    relation: str
    sections: frozenset[str]
    commissioners: frozenset[str]


class Outbox:
    """Reads the rows. Raises what SQLAlchemy raises when the database can't be reached (`projection.log.PASSING`)."""

    def __init__(self, database: SignalDatabase) -> None:
        """Read in this database."""
        self._database = database

    def after(self, recipient: str, number: int, limit: int) -> list[Signal]:
        """At most `limit` signals of a recipient behind a number, in order."""
        query = (
            select(signals)
            .where(signals.c.recipient == recipient, signals.c.number > number)
            .order_by(signals.c.number)
            .limit(limit)
        )
        with self._database.reading() as connection:
            return [_signal(row) for row in connection.execute(query)]

    def last(self, recipient: str) -> int:
        """The last number of a recipient; 0 before its first signal."""
        return self.heads([recipient]).get(recipient, 0)

    def heads(self, among: Collection[str] | None = None) -> dict[str, int]:
        """The last number of every recipient that has any, or of these."""
        query = select(recipients.c.recipient, recipients.c.last)
        if among is not None:
            query = query.where(recipients.c.recipient.in_(sorted(among)))
        with self._database.reading() as connection:
            return {row.recipient: row.last for row in connection.execute(query)}

    def before_position(self, recipient: str, position: int) -> int:
        """The number after which everything stands that tells of more than the log before a position."""
        return self._before(recipient, signals.c.position >= position)

    def before_time(self, recipient: str, moment: int) -> int:
        """The number after which everything stands of events from a moment on (microseconds since the epoch)."""
        return self._before(recipient, signals.c.time >= moment)

    def _before(self, recipient: str, condition: Any) -> int:
        mine = signals.c.recipient == recipient
        first = select(func.min(signals.c.number)).where(mine, condition).scalar_subquery()
        last = select(func.max(signals.c.number)).where(mine).scalar_subquery()
        with self._database.reading() as connection:
            return connection.scalar(select(func.coalesce(first - 1, last, 0))) or 0


def _signal(row: Row[Any]) -> Signal:
    return Signal(
        recipient=row.recipient,
        number=row.number,
        id=row.event,
        position=row.position,
        time=instant(row.time),
        type=row.type,
        plan=row.plan,
        version=row.version,
        draft=row.draft,
        relation=row.relation,
        sections=_listed(row.sections),
        commissioners=_listed(row.commissioners),
    )


def _listed(kept: str) -> frozenset[str]:
    return frozenset(filter(None, kept.split(",")))
