"""What became of each message in MESH: events of the log of deliveries, and the view that is folded from them.

The view follows the log within the transaction that draws the consequences: a message that nobody collected becomes a
dead letter of its subscription once, whoever folds, and however often.
"""

import threading
from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite

from domain.calendar import london_date
from domain.plan.acts import RECORD
from domain.plan.events import EventMetadata
from domain.signals.messages import EVENTS, MessageAcknowledged, MessageEvent, MessageNotDelivered, MessageSent
from services.signals.database import SignalDatabase
from services.signals.tables import dead_letters, messages
from services.store.clear import ClearEvent
from services.store.clear_log import ClearLog
from services.store.errors import SequenceConflict
from services.store.framing import microseconds

SENT: Final = "sent"
ACKNOWLEDGED: Final = "acknowledged"
NOT_DELIVERED: Final = "not-delivered"

NAMESPACE: Final = UUID("5d1c8c5e-0d0b-5c4e-8f67-6a9d5a7a2d11")
"""In which a message's id names its stream."""

ATTEMPTS: Final = 5
"""How often an event is made again when another one about the same message came first."""

_KINDS: Final[dict[type[MessageEvent], str]] = {
    MessageSent: SENT,
    MessageAcknowledged: ACKNOWLEDGED,
    MessageNotDelivered: NOT_DELIVERED,
}


class MessageLog:
    """Records what became of messages, and keeps the view up."""

    def __init__(self, log: ClearLog, database: SignalDatabase) -> None:
        """Over the log of deliveries; the view is among the signals."""
        self._log = log
        self._database = database
        self._lock = threading.Lock()

    def record(self, event: MessageEvent) -> bool:
        """Have it on disk that this happened to a message; false when it was on record already.

        Raises StoreBusy, StoreUnavailable, SequenceConflict for a message to which too much happens at once.
        """
        stream, kind = uuid5(NAMESPACE, event.message), _KINDS[type(event)]
        for attempt in range(1, ATTEMPTS + 1):
            known = self._kinds_of(event.message)
            if kind in known:
                return False
            made = self._log.event(
                stream, len(known) + 1, EVENTS.type_of(event), _metadata(event), EVENTS.data_of(event)
            )
            try:
                self._log.append([made])
            except SequenceConflict:
                if attempt == ATTEMPTS:
                    raise
                self.fold()
                continue
            break
        self.fold()
        return True

    def fold(self) -> None:
        """Bring the view up to the log. Raises StoreUnavailable, MalformedState."""
        with self._lock:
            with self._database.reading() as connection:
                reached = connection.scalar(select(func.max(messages.c.position))) or 0
            if self._log.head() <= reached:
                return
            for page in self._log.pages(reached):
                with self._database.writing() as connection:
                    for event in page:
                        _take(connection, event)

    def _kinds_of(self, message: str) -> set[str]:
        with self._database.reading() as connection:
            return set(connection.scalars(select(messages.c.kind).where(messages.c.message == message)))


def unsettled(connection: Connection, since: int, after: str, limit: int) -> list[str]:
    """Messages sent from a moment on (microseconds) of which nothing is known yet, in the order of their ids."""
    settled = select(messages.c.message).where(messages.c.kind != SENT)
    query = (
        select(messages.c.message)
        .where(messages.c.kind == SENT, messages.c.at >= since, messages.c.message > after)
        .where(messages.c.message.not_in(settled))
        .order_by(messages.c.message)
        .limit(limit)
    )
    return list(connection.scalars(query))


def about(connection: Connection, message: str) -> tuple[UUID, int] | None:
    """The subscription and the number of the signal that a message was sent about."""
    columns = (messages.c.subscription, messages.c.number)
    row = connection.execute(
        select(*columns).where(messages.c.message == message, messages.c.kind == SENT)
    ).one_or_none()
    return (row.subscription, row.number) if row else None


def counted(connection: Connection, subscription: UUID, kinds: Iterable[str]) -> dict[str, int]:
    """How many messages of a subscription have come to each of these."""
    query = (
        select(messages.c.kind, func.count().label("many"))
        .where(messages.c.subscription == subscription, messages.c.kind.in_(list(kinds)))
        .group_by(messages.c.kind)
    )
    return {row.kind: row.many for row in connection.execute(query)}


def _take(connection: Connection, event: ClearEvent) -> None:
    """A row for the event, and a dead letter where nobody collected; nothing where another process was first."""
    said = EVENTS.read(event.type, event.data)
    code = said.code if isinstance(said, MessageNotDelivered) else ""
    row = {
        "message": said.message,
        "kind": _KINDS[type(said)],
        "subscription": UUID(said.subscription),
        "number": said.number,
        "code": code,
        "at": microseconds(said.at),
        "position": event.position,
    }
    is_new = _inserted(connection, messages, row)
    if is_new and isinstance(said, MessageNotDelivered) and not said.moved:
        letter = {"subscription": row["subscription"], "number": said.number, "error": f"mesh-{code}"}
        _inserted(connection, dead_letters, {**letter, "attempts": 1, "since": event.time, "replay": 0})


def _inserted(connection: Connection, table: Any, row: dict[str, Any]) -> bool:
    made: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    return bool(connection.execute(made.insert(table).values(**row).on_conflict_do_nothing()).rowcount)


def _metadata(event: MessageEvent) -> EventMetadata:
    """Told by MESH, on the day on which it happened."""
    return EventMetadata(
        effectiveon=london_date(event.at).isoformat(),
        actor="mesh",
        actororg="platform",
        actorrole="service",
        mode=RECORD,
    )
