"""Which generations can be served by one reading of the log."""

from collections.abc import Collection, Sequence

from msgspec import Struct

from services.projection.generations import LIVE, Target
from services.projection.lanes import lane_of
from services.store.log_table import Row


class Crew(Struct, frozen=True):
    """Generations that take in the same page. `built_to` is set while that is done plan by plan."""

    targets: tuple[Target, ...]
    built_to: int | None = None

    def lowest(self, lanes: Collection[int]) -> int:
        """Where to read on: behind the lane that is furthest behind."""
        return min(target.lowest(lanes) for target in self.targets)

    def needs(self, row: Row, lanes: Collection[int]) -> bool:
        """Whether one of them, in a lane of these, has not taken the event in."""
        lane = lane_of(row[1])
        return lane in lanes and any(target.positions[lane] < row[0] for target in self.targets)

    @property
    def is_live(self) -> bool:
        """Whether somebody reads one of them."""
        return any(target.state == LIVE for target in self.targets)


def crews(targets: Sequence[Target], lanes: Collection[int]) -> list[Crew]:
    """The generations by what they need next, those that are read first.

    A generation that is being built joins the live ones once it stands where they stand.
    """
    begun: dict[int, list[Target]] = {}
    behind: dict[int, list[Target]] = {}
    live: list[Target] = []
    for target in targets:
        lowest = target.lowest(lanes)
        if lowest < target.built_to:
            begun.setdefault(target.built_to, []).append(target)
        elif target.state == LIVE:
            live.append(target)
        else:
            behind.setdefault(lowest, []).append(target)
    front = min((target.lowest(lanes) for target in live), default=None)
    if front is not None:
        for lowest in [lowest for lowest in behind if lowest >= front]:
            live += behind.pop(lowest)
    together = [Crew(tuple(live))] if live else []
    together += [Crew(tuple(some), built_to) for built_to, some in begun.items()]
    together += [Crew(tuple(some)) for some in behind.values()]
    return sorted(together, key=lambda crew: not crew.is_live)
