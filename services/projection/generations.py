"""Generations of views: the live one that is read, and one that is being built beside it.

Each generation has a position for every lane, moved in the transaction that writes its rows: an event is taken in
exactly once, whatever is killed. A rebuild is a generation that starts at position 0; when every lane of it has come as
far as the live one, one transaction makes it live.

What the log held when a generation was begun (`built_to`) is taken in plan by plan: where a plan's first event stands,
all of its events up to there are folded at once. Behind it, events are taken in as they come.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct
from sqlalchemy import Connection, and_, delete, func, insert, select, tuple_, update

from services.projection.tables import erasures, generations, parked, positions

LANES: Final = range(16)
"""The lanes of every view."""

LIVE, BUILDING, RETIRED = "live", "building", "retired"

_TURN_LOCK: Final = 4848454353
"""The advisory lock of whoever begins a generation."""


class Superseded(Exception):
    """Somebody else moved a lane on: what was prepared for it must not be written."""


class Target(Struct, frozen=True):
    """One generation of a view, and how far each lane of it is."""

    view: str
    generation: int
    state: str
    built_to: int
    positions: Mapping[int, int]

    def lowest(self, lanes: Iterable[int]) -> int:
        """The position of the lane that is furthest behind."""
        return min(self.positions[lane] for lane in lanes)


def begin(connection: Connection, views: Iterable[str], head: int) -> None:
    """Give every view that has none a live generation, and every lane its place in the register of erasures.

    `head` is the last position of the log, as far as it is known.
    """
    _take_turns(connection)
    live = {target.view for target in targets(connection, LIVE)}
    for view in sorted(set(views) - live):
        _start(connection, view, LIVE, head)
    lanes = set(connection.scalars(select(erasures.c.lane)))
    rows = [{"lane": lane, "handled": 0} for lane in LANES if lane not in lanes]
    if rows:
        connection.execute(insert(erasures), rows)


def retire_strangers(connection: Connection, head: Callable[[], int]) -> None:
    """Retire generations that are ahead of the log: made from another one, or before it came back from a backup."""
    found = targets(connection)
    # Asked for afterwards: no generation that other processes move on can be ahead of it.
    last = head()
    for target in found:
        if any(position > last for position in target.positions.values()):
            _set_state(connection, target, RETIRED)


def targets(connection: Connection, *states: str) -> list[Target]:
    """The generations in these states, by default live and building ones."""
    place = and_(generations.c.view == positions.c.view, generations.c.generation == positions.c.generation)
    query = (
        select(generations, positions.c.lane, positions.c.position)
        .join(positions, place)
        .where(generations.c.state.in_(states or (LIVE, BUILDING)))
        .order_by(generations.c.view, generations.c.generation)
    )
    found: dict[tuple[str, int, str, int], dict[int, int]] = {}
    for *generation, lane, position in connection.execute(query):
        found.setdefault(tuple(generation), {})[lane] = position
    return [Target(*generation, lanes) for generation, lanes in found.items()]


def advance(connection: Connection, crew: Sequence[Target], lanes: Collection[int], position: int) -> None:
    """Move the lanes of these generations on to a position. Raises Superseded when one is not where it was."""
    for target in crew:
        behind: dict[int, list[int]] = {}
        for lane in sorted(lanes):
            if target.positions[lane] < position:
                behind.setdefault(target.positions[lane], []).append(lane)
        for stood, some in sorted(behind.items()):
            moved = connection.execute(
                update(positions)
                .where(
                    positions.c.view == target.view,
                    positions.c.generation == target.generation,
                    positions.c.lane.in_(some),
                    positions.c.position == stood,
                )
                .values(position=position)
            )
            if moved.rowcount != len(some):
                raise Superseded


def reached(connection: Connection, view: str) -> int:
    """The position up to which the live generation of a view holds everything; 0 when it has none."""
    place = and_(generations.c.view == positions.c.view, generations.c.generation == positions.c.generation)
    query = (
        select(func.min(positions.c.position))
        .join(generations, place)
        .where(generations.c.view == view, generations.c.state == LIVE)
    )
    return connection.scalar(query) or 0


def start_rebuild(connection: Connection, view: str, head: int) -> int:
    """Begin to build a view beside the live one; the number of the generation that is being built already, if any.

    `head` is the last position of the log.
    """
    begin(connection, (view,), head)
    building: int | None = connection.scalar(
        select(generations.c.generation).where(generations.c.view == view, generations.c.state == BUILDING)
    )
    if building is not None:
        return building
    return _start(connection, view, BUILDING, head)


def swap(connection: Connection, view: str) -> bool:
    """Make the generation that is being built the live one, if it has come as far in every lane."""
    held = select(positions).where(positions.c.view == view).order_by(positions.c.generation, positions.c.lane)
    connection.execute(held.with_for_update()).all()
    found = {target.state: target for target in targets(connection) if target.view == view}
    built, live = found.get(BUILDING), found.get(LIVE)
    if built is None or (live and any(built.positions[lane] < live.positions[lane] for lane in LANES)):
        return False
    if live:
        _set_state(connection, live, RETIRED)
    _set_state(connection, built, LIVE)
    return True


def retire_positions(connection: Connection) -> list[tuple[str, int]]:
    """Close retired generations to writers that may still be at work; those whose rows can then be purged."""
    gone = connection.execute(
        select(generations.c.view, generations.c.generation).where(generations.c.state == RETIRED)
    ).all()
    places = [(view, generation) for view, generation in gone]
    if places:
        connection.execute(delete(positions).where(tuple_(positions.c.view, positions.c.generation).in_(places)))
        connection.execute(delete(parked).where(tuple_(parked.c.view, parked.c.generation).in_(places)))
    return places


def forget(connection: Connection, view: str, generation: int) -> None:
    """A retired generation has no rows any more."""
    connection.execute(delete(generations).where(generations.c.view == view, generations.c.generation == generation))


def _take_turns(connection: Connection) -> None:
    """One process at a time begins generations; for the rest of the transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_TURN_LOCK)))


def _set_state(connection: Connection, target: Target, state: str) -> None:
    place = (generations.c.view == target.view, generations.c.generation == target.generation)
    connection.execute(update(generations).where(*place).values(state=state))


def _start(connection: Connection, view: str, state: str, head: int) -> int:
    newest = connection.scalar(select(func.max(generations.c.generation)).where(generations.c.view == view)) or 0
    generation = newest + 1
    connection.execute(insert(generations).values(view=view, generation=generation, state=state, built_to=head))
    rows = [{"view": view, "generation": generation, "lane": lane, "position": 0} for lane in LANES]
    connection.execute(insert(positions), rows)
    return generation
