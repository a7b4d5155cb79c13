"""When who answers for which identifier changes, and who answered for it as was known at an instant.

An answer to a question is given by what is known when it is asked. What was told of a plan is told once, by the names
that counted then: so that whoever follows the history anew finds the same ones, however much was recorded since. What
was recorded counts SETTLING later, when every process knows of it; a later first or last day at midnight in London.
"""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from domain.access.turns import EVER, SETTLING
from domain.calendar import london_date, london_midnight
from domain.directory.organisation import Organisation
from domain.directory.register import Register

_DAY: Final = timedelta(days=1)


class Successions:
    """Every such change that the directory's log tells of. Most organisations never have one."""

    def __init__(self) -> None:
        """None, to begin with."""
        self._instants: list[datetime] = []
        self._names: dict[datetime, set[str]] = {}
        self._of_name: defaultdict[str, list[datetime]] = defaultdict(list)
        self._learnt: list[datetime] = []
        self._known: dict[UUID, list[tuple[datetime, Organisation | None]]] = {}

    def take(self, register: Register, before: Organisation | None, after: Organisation, recorded: datetime) -> None:
        """Take in what was recorded of an organisation: as it was before and is after, as the register has it now."""
        kin = (*register.chain(after), *register.predecessors(after))
        if not (kin or _has_other_names(after)) or (before is not None and _says(before) == _says(after)):
            return
        counts = recorded + SETTLING
        self._known.setdefault(after.id, [(EVER, before)]).append((counts, after))
        insort(self._learnt, counts)
        names = frozenset(name for one in (after, *kin) for name in one.all_identifiers())
        self._note(counts, names)
        for day in {day for one in (after, *kin) for day in _days(one)}:
            if day > london_date(counts):
                self._note(london_midnight(day), names)

    def after(self, instant: datetime, names: Collection[str]) -> datetime | None:
        """The next instant at which it may be another who answers for one of these; None when there is none so far."""
        found = (_next(self._of_name[name], instant) for name in names if name in self._of_name)
        return min((one for one in found if one is not None), default=None)

    def next(self, instant: datetime) -> datetime | None:
        """The next instant at which it may be another who answers for anybody."""
        return _next(self._instants, instant)

    def before(self, instant: datetime) -> datetime:
        """The last such instant before this one, else EVER."""
        place = bisect_left(self._instants, instant)
        return self._instants[place - 1] if place else EVER

    def names(self, instant: datetime) -> Collection[str]:
        """The identifiers for which it may be another who answers from this instant on."""
        return self._names.get(instant, ())

    def learnt(self, instant: datetime) -> int:
        """How much had been learnt by an instant: what was known at two of which this is the same, was the same."""
        return bisect_right(self._learnt, instant)

    def known(self, register: Register, instant: datetime) -> Register:
        """The register with what was known at an instant of whoever answers for whom."""

        def seen(one: Organisation) -> Organisation | None:
            said = self._known.get(one.id)
            return one if said is None else said[bisect_right(said, instant, key=lambda known: known[0]) - 1][1]

        return register.seen_by(seen)

    def _note(self, instant: datetime, names: frozenset[str]) -> None:
        if instant not in self._names:
            insort(self._instants, instant)
        noted = self._names.setdefault(instant, set())
        for name in names - noted:
            insort(self._of_name[name], instant)
        noted |= names


def _has_other_names(one: Organisation) -> bool:
    """Whether an organisation has had another identifier of one kind, or will."""
    kinds = [name.partition(":")[0] for name in one.all_identifiers()]
    return len(set(kinds)) < len(kinds)


def _says(one: Organisation) -> tuple[object, ...]:
    """What of an organisation says who answers for whom."""
    named = frozenset(fact for fact in one.facts if f"{fact.attribute}:{fact.value}" in one.all_identifiers())
    return one.opened, one.closed, one.successions, named


def _days(one: Organisation) -> Iterator[date]:
    """The days on which it may begin or cease to answer for an identifier."""
    yield from (day for day in (one.opened, one.closed and one.closed + _DAY) if day)
    for fact in one.facts:
        yield from (day for day in (fact.since, fact.until and fact.until + _DAY) if day)


def _next(instants: list[datetime], instant: datetime) -> datetime | None:
    place = bisect_right(instants, instant)
    return instants[place] if place < len(instants) else None
