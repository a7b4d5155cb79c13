"""Which edition of the access matrix counts at which instant, for whoever follows a history and must find it again.

An answer to a question is given by what is known when it is asked. What was told of a plan is told once: whoever
follows the history anew by what is known today would tell other things than were told. So at each instant that edition
counts here which was known then to count on that day, whatever was adopted later.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from domain.access.policy import Policies, Policy
from domain.calendar import london_date, london_midnight

SETTLING: Final = timedelta(seconds=10)
"""How long after it was recorded an adoption counts here: by then every process knows of it."""

EVER: Final = datetime.min.replace(tzinfo=UTC)
"""Before everything."""


class Turns:
    """The editions, by the instant from which each counts."""

    __slots__ = ("_at", "_editions")

    def __init__(self, steps: Iterable[tuple[datetime, Policy]]) -> None:
        """`steps` in the order of their instants; a step that changes nothing is none.

        Raises ValueError when there is no step.
        """
        self._at: list[datetime] = []
        self._editions: list[Policy] = []
        for instant, edition in steps:
            if not self._editions or self._editions[-1] != edition:
                self._at.append(instant)
                self._editions.append(edition)
        if not self._editions:
            raise ValueError("there is no edition of the access matrix")

    @classmethod
    def of(cls, known: Iterable[tuple[datetime, Policies]]) -> "Turns":
        """From what was known to count on which day, each from the moment at which it was recorded, in order.

        What was known first counts before that too.
        """
        said = [*known]
        begins = [EVER if place == 0 else recorded + SETTLING for place, (recorded, _) in enumerate(said)]
        ends = [*begins[1:], None][: len(said)]
        return cls(
            step
            for begin, end, (_, policies) in zip(begins, ends, said, strict=True)
            for step in _steps(policies, begin, end)
        )

    def at(self, instant: datetime) -> Policy:
        """The edition that counts at an instant."""
        return self._editions[max(bisect_right(self._at, instant) - 1, 0)]

    def after(self, instant: datetime) -> datetime | None:
        """The next instant at which another edition begins to count; None when there is none so far."""
        place = max(bisect_right(self._at, instant), 1)
        return self._at[place] if place < len(self._at) else None

    def before(self, instant: datetime) -> datetime:
        """The last such instant before this one, else EVER."""
        return max((at for at in self._at[1:] if at < instant), default=EVER)


def _steps(policies: Policies, begin: datetime, end: datetime | None) -> Iterator[tuple[datetime, Policy]]:
    """What counts from `begin` on, and from each midnight in London until `end`."""
    yield begin, policies.on(london_date(begin)) if begin > EVER else policies.editions[0]
    for day in policies.timeline.days:
        midnight = london_midnight(day)
        if begin < midnight and (end is None or midnight < end):
            yield midnight, policies.on(day)
