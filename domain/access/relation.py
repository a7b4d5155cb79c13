"""A relation between a party and a plan: from which day, until which, resting on which event, about which matters."""

from collections.abc import Collection, Iterator
from datetime import date, timedelta

from msgspec import Struct

from domain.plan.state import Case

#: The party of a relation in which an organisation of the platform itself stands: it is nobody's in particular.
PLATFORM = ""


class Relation(Struct, frozen=True, kw_only=True):
    """A party stands to a plan in a named relation from `since` on; from the day `ended` it doesn't any more.

    `by` is the entry that it rests on. `matters` are the party's own, as "consultation/c1", `items` the items of the
    text that are its own, `advice` reports of section K that it is given whole. `sections` and `gateway` are those
    recorded with it, where a record says so. A former party has `held` (first and last day) and `before`: texts of
    entries from that one on came after its time.
    """

    name: str
    party: str
    since: str = ""
    ended: str = ""
    by: int = 0
    matters: frozenset[str] = frozenset()
    items: frozenset[str] = frozenset()
    advice: frozenset[str] = frozenset()
    sections: frozenset[str] | None = None
    gateway: str = ""
    held: tuple[str, str] | None = None
    before: int = 0

    def holds_on(self, day: str) -> bool:
        """Whether the party stands in it on a civil date (YYYY-MM-DD)."""
        return self.since <= day and (not self.ended or day < self.ended)


class Window(Struct, frozen=True):
    """A matter was in one of some statuses from a day on, and from the day `ended` it wasn't; "" while it is."""

    since: str
    ended: str
    by: int


def windows(case: Case, statuses: Collection[str]) -> Iterator[Window]:
    """When the matter was in one of these statuses."""
    opened: tuple[str, int] | None = None
    for move in case.moves:
        if move.status in statuses and opened is None:
            opened = (move.on, move.by)
        elif move.status not in statuses and opened is not None:
            yield Window(opened[0], move.on, opened[1])
            opened = None
    if opened is not None:
        yield Window(opened[0], "", opened[1])


def day_after(day: str | None) -> str:
    """The next civil date; "" for none."""
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat() if day else ""


def day_before(day: str) -> str:
    """The civil date before."""
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def earlier(*ends: str) -> str:
    """The first of the days on which something ended; "" when nothing did."""
    return min((end for end in ends if end), default="")
