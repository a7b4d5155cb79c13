"""Which of several values counts on which day."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from typing import Generic, TypeVar

T = TypeVar("T")


class Timeline(Generic[T]):
    """Values by the civil date from which each counts. Of two that could count, the one that was said later does."""

    __slots__ = ("days", "values")

    def __init__(self, said: Iterable[tuple[date, T]] = ()) -> None:
        """`said` in the order in which it was said: each speaks for every day from its own on."""
        steps: list[tuple[date, T]] = []
        for day, value in said:
            while steps and steps[-1][0] >= day:
                steps.pop()
            steps.append((day, value))
        self.days = tuple(day for day, _ in steps)
        self.values = tuple(value for _, value in steps)

    def __bool__(self) -> bool:
        """Whether anything ever counts."""
        return bool(self.values)

    def on(self, day: date) -> T | None:
        """What counts on a day; None before the first."""
        place = bisect_right(self.days, day)
        return self.values[place - 1] if place else None

    def at(self, day: date) -> T:
        """What counts on a day, and before the first what counts first. Raises IndexError when nothing ever does."""
        return self.values[max(bisect_right(self.days, day) - 1, 0)]
