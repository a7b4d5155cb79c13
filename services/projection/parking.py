"""Parked plans: one event that can't be taken in stops its own plan in that view, never the others.

What is kept is which plan, since which position, and the type of the error: no content, because an error may quote what
it was given.
"""

import logging
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from msgspec import Struct
from prometheus_client import Counter
from sqlalchemy import Connection, delete, insert, select, tuple_, update

from services.projection.generations import Target
from services.projection.tables import parked

PARKED: Final = Counter("ehcp_view_plans_parked", "Plans that a read model had to park since the start", ["view"])
_log = logging.getLogger(__name__)

Place = tuple[str, int, UUID]
"""A plan in one generation of a view."""


class Parked(Struct, frozen=True, rename="camel"):
    """A plan that a view leaves alone."""

    view: str
    generation: int
    plan: UUID
    position: int
    error: str
    retry: bool


def parked_plans(connection: Connection) -> list[Parked]:
    """All of them."""
    rows = connection.execute(select(parked).order_by(parked.c.view, parked.c.position, parked.c.plan))
    return [Parked(r.view, r.generation, r.plan, r.position, r.error, bool(r.retry)) for r in rows]


def park(connection: Connection, target: Target, plan: UUID, position: int, error: str) -> None:
    """Leave the plan alone in this view from a position on, and say so loudly."""
    unpark(connection, ((target.view, target.generation, plan),))
    row = {"view": target.view, "generation": target.generation, "plan": plan, "position": position, "error": error}
    connection.execute(insert(parked).values(retry=0, **row))
    PARKED.labels(target.view).inc()
    _log.error("plan %s is parked in view %s since position %d: %s", plan, target.view, position, error)


def unpark(connection: Connection, places: Iterable[Place]) -> None:
    """The plan's rows are being made anew."""
    key = tuple_(parked.c.view, parked.c.generation, parked.c.plan)
    for place in places:
        connection.execute(delete(parked).where(key == tuple_(*place)))


def ask_again(connection: Connection, view: str | None, plan: UUID | None) -> int:
    """Have parked plans tried again by the projectors (all, of a view, or one); how many."""
    asked = update(parked).values(retry=1)
    if view:
        asked = asked.where(parked.c.view == view)
    if plan:
        asked = asked.where(parked.c.plan == plan)
    return connection.execute(asked).rowcount
