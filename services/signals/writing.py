"""Writing signals: numbered without a gap for each recipient, whichever lanes and processes they come from.

Whoever numbers holds the recipient's row until its rows are committed. So a reader never sees a number before all the
lower ones. What a recipient was told once is not told again: a walk that is repeated adds only what is missing.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from services.projection.generations import LANES, Superseded
from services.signals.tables import due, lanes, parked, parties, recipients, signals
from services.signals.walking import Standing, Walk

_MANY = 400
"""How many values stand in one condition."""


def begin(connection: Connection) -> None:
    """Every lane has its row."""
    rows = [{"lane": lane, "position": 0, "erasures": 0} for lane in LANES]
    connection.execute(_ignoring(connection, lanes), rows)


def advance(connection: Connection, stood: Mapping[int, int], position: int) -> None:
    """Move lanes on from where they stood. Raises Superseded when one is not there any more."""
    for lane, before in sorted(stood.items()):
        if before < position:
            moved = connection.execute(
                update(lanes).where(lanes.c.lane == lane, lanes.c.position == before).values(position=position)
            )
            if moved.rowcount != 1:
                raise Superseded


def standings(connection: Connection, plans: Collection[UUID]) -> dict[UUID, Standing]:
    """Who is told of these plans as the rows stand; nobody of a plan that was not met yet."""
    found = {plan: Standing() for plan in plans}
    for some in parts(list(plans)):
        told: dict[UUID, dict[str, str]] = {}
        for row in connection.execute(select(parties).where(parties.c.plan.in_(some))):
            told.setdefault(row.plan, {})[row.recipient] = row.relation
        for plan, kept in told.items():
            found[plan].parties = kept
        for row in connection.execute(select(due).where(due.c.plan.in_(some))):
            found[row.plan].due = row.day
    return found


def write(connection: Connection, walks: Sequence[Walk]) -> int:
    """Write what these walks tell and where they stand, in a transaction of the caller's; how many rows are new."""
    written = _number(connection, walks)
    plans = [walk.plan for walk in walks]
    for some in parts(plans):
        connection.execute(delete(parties).where(parties.c.plan.in_(some)))
        connection.execute(delete(due).where(due.c.plan.in_(some)))
    told = [
        {"plan": walk.plan, "recipient": recipient, "relation": relation}
        for walk in walks
        for recipient, relation in sorted(walk.standing.parties.items())
    ]
    days = [{"plan": walk.plan, "day": walk.standing.due} for walk in walks if walk.standing.due]
    for table, rows in ((parties, told), (due, days)):
        if rows:
            connection.execute(insert(table), rows)
    return written


def park(connection: Connection, plan: UUID, position: int, error: str) -> None:
    """Leave a plan alone from a position on, until somebody asks to try it again."""
    connection.execute(delete(parked).where(parked.c.plan == plan))
    connection.execute(insert(parked).values(plan=plan, position=position, error=error[:80], retry=0))


def unpark(connection: Connection, plan: UUID) -> None:
    """The plan is followed again."""
    connection.execute(delete(parked).where(parked.c.plan == plan))


def _number(connection: Connection, walks: Sequence[Walk]) -> int:
    rows: dict[str, list[dict[str, Any]]] = {}
    # In the order of the log, whichever plan an event is of.
    for told, position, time, plan in sorted(
        ((*row, walk.plan) for walk in walks for row in walk.rows), key=lambda row: row[1]
    ):
        rows.setdefault(told.recipient, []).append(
            {
                "recipient": told.recipient,
                "event": told.id,
                "position": position,
                "time": time,
                "type": told.type,
                "plan": plan,
                "version": told.version,
                "draft": told.draft,
                "relation": told.relation,
                "sections": _listed(told.sections),
                "commissioners": _listed(told.commissioners),
            }
        )
    if not rows:
        return 0
    last = _held(connection, sorted(rows))
    new = [row for recipient, mine in rows.items() for row in _missing(connection, recipient, mine)]
    for row in new:
        last[row["recipient"]] += 1
        row["number"] = last[row["recipient"]]
    if new:
        connection.execute(insert(signals), new)
        moved = [{"whose": recipient, "upto": last[recipient]} for recipient in sorted({r["recipient"] for r in new})]
        change = update(recipients).where(recipients.c.recipient == bindparam("whose")).values(last=bindparam("upto"))
        connection.execute(change, moved)
    return len(new)


def _held(connection: Connection, wanted: Sequence[str]) -> dict[str, int]:
    """The last numbers of these recipients, whose rows are held from now on; always in the same order."""
    connection.execute(_ignoring(connection, recipients), [{"recipient": one, "last": 0} for one in wanted])
    found: dict[str, int] = {}
    for some in parts(wanted):
        query = select(recipients).where(recipients.c.recipient.in_(some)).order_by(recipients.c.recipient)
        found |= {row.recipient: row.last for row in connection.execute(query.with_for_update())}
    return found


def _missing(connection: Connection, recipient: str, rows: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """Those of the rows that the recipient was not told yet."""
    known: set[UUID] = set()
    for some in parts([row["event"] for row in rows]):
        query = select(signals.c.event).where(signals.c.recipient == recipient)
        known |= set(connection.scalars(query.where(signals.c.event.in_(some))))
    return [row for row in rows if row["event"] not in known]


def _ignoring(connection: Connection, table: Any) -> Any:
    """An insert that passes over rows that are there."""
    made = postgresql if connection.dialect.name == "postgresql" else sqlite
    return made.insert(table).on_conflict_do_nothing()


def parts(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    """The values in as many parts as conditions take."""
    return (values[start : start + _MANY] for start in range(0, len(values), _MANY))


def _listed(values: Sequence[str]) -> str:
    return f",{','.join(values)}," if values else ""


def oldest(connection: Connection) -> int:
    """Up to which position every lane is routed; 0 before the first start."""
    return connection.scalar(select(func.min(lanes.c.position))) or 0
