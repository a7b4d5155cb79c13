"""What became of each message in MESH: sent, acknowledged by its recipient, given up. Written once, never changed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite

from services.signals.tables import mesh_events
from services.store.framing import microseconds

SENT: Final = "sent"
ACKNOWLEDGED: Final = "acknowledged"
NOT_DELIVERED: Final = "not-delivered"


def note(
    connection: Connection,
    kind: str,
    message: str,
    about: tuple[UUID, int],
    *,
    at: datetime | None = None,
    code: str = "",
) -> bool:
    """Keep that this happened to a message about a subscription's signal; false when it was known already."""
    made: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    subscription, number = about
    row = {"message": message, "kind": kind, "subscription": subscription, "number": number, "code": code}
    moment = microseconds(at or datetime.now().astimezone())
    written = connection.execute(made.insert(mesh_events).values(**row, at=moment).on_conflict_do_nothing())
    return bool(written.rowcount)


def unsettled(connection: Connection, since: int, after: str, limit: int) -> list[str]:
    """Messages sent from a moment on (microseconds) of which nothing is known yet, in the order of their ids."""
    settled = select(mesh_events.c.message).where(mesh_events.c.kind != SENT)
    query = (
        select(mesh_events.c.message)
        .where(mesh_events.c.kind == SENT, mesh_events.c.at >= since, mesh_events.c.message > after)
        .where(mesh_events.c.message.not_in(settled))
        .order_by(mesh_events.c.message)
        .limit(limit)
    )
    return list(connection.scalars(query))


def about(connection: Connection, message: str) -> tuple[UUID, int] | None:
    """The subscription and the number of the signal that a message was sent about."""
    columns = (mesh_events.c.subscription, mesh_events.c.number)
    row = connection.execute(
        select(*columns).where(mesh_events.c.message == message, mesh_events.c.kind == SENT)
    ).one_or_none()
    return (row.subscription, row.number) if row else None


def counted(connection: Connection, subscription: UUID, kinds: Iterable[str]) -> dict[str, int]:
    """How many messages of a subscription have come to each of these."""
    query = (
        select(mesh_events.c.kind, func.count().label("many"))
        .where(mesh_events.c.subscription == subscription, mesh_events.c.kind.in_(list(kinds)))
        .group_by(mesh_events.c.kind)
    )
    return {row.kind: row.many for row in connection.execute(query)}
