"""What an earlier release kept of messages in a table of its own becomes events of the log of deliveries.

The old table stays as it is: its rows are moved again and again until each is an event, which it becomes once.
"""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import BigInteger, Column, MetaData, Row, String, Table, Uuid, inspect, select

from domain.signals.messages import MessageAcknowledged, MessageEvent, MessageNotDelivered, MessageSent
from services.signals.database import SignalDatabase
from services.signals.message_log import ACKNOWLEDGED, NOT_DELIVERED, SENT, MessageLog
from services.signals.tables import messages
from services.store.framing import instant

OLD: Final = Table(
    "mesh_event",
    MetaData(),
    Column("message", String(80), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("subscription", Uuid),
    Column("number", BigInteger),
    Column("code", String(20)),
    Column("at", BigInteger),
)
"""The table of an earlier release: rows were added to it and never changed."""

_ORDER: Final = {SENT: 0, ACKNOWLEDGED: 1, NOT_DELIVERED: 2}


def move_messages(database: SignalDatabase, log: MessageLog) -> int:
    """Make events of what isn't one yet; how many. Safe to repeat, and to do twice at once."""
    log.fold()
    return sum(log.record(_event(row)) for row in sorted(_left(database), key=_place))


def _left(database: SignalDatabase) -> Iterator[Row[Any]]:
    with database.reading() as connection:
        if not inspect(connection).has_table(OLD.name):
            return
        same = (messages.c.message == OLD.c.message) & (messages.c.kind == OLD.c.kind)
        yield from connection.execute(select(OLD).where(~select(messages.c.kind).where(same).exists()))


def _place(row: Row[Any]) -> tuple[int, str, int]:
    """As it happened, and of one message the sending first."""
    return row.at, row.message, _ORDER[row.kind]


def _event(row: Row[Any]) -> MessageEvent:
    stated = {"message": row.message, "subscription": str(row.subscription), "number": row.number}
    known = {**stated, "at": instant(row.at), "moved": True}
    if row.kind == NOT_DELIVERED:
        return MessageNotDelivered(**known, code=row.code)
    return MessageSent(**known) if row.kind == SENT else MessageAcknowledged(**known)
