"""Periods with a first and a last day: for a family's representations, and for permitted exceptions."""

from collections.abc import Mapping
from datetime import date, timedelta

from msgspec import Struct

from domain.calendar import HolidayList, add_weeks
from domain.clocks.due import due
from domain.clocks.errors import MissingFact
from domain.clocks.table import Clock

CLOSURE_WEEKS = 4
"""How long a school or provider must be closed without a break (regs 5(4)(a), (b), 10(4)(a), (b))."""

WEEKS_AHEAD = 1
"""How long before the closure the window opens, and before the re-opening it ends (the same provisions)."""


class RepresentationWindow(Struct, frozen=True, kw_only=True):
    """How long the family may make representations: a last day for each person, and one for all."""

    by_person: dict[str, date]
    closes_on: date


class ExceptionWindow(Struct, frozen=True, kw_only=True):
    """The days on which asking a closed school's head for advice excuses lateness, both ends included."""

    first: date
    last: date

    def excuses_request_on(self, requested_on: date) -> bool:
        """Tell whether advice asked for *from that head* on a day falls inside the window."""
        return self.first <= requested_on <= self.last


def representation_window(clock: Clock, served_on: Mapping[str, date], holidays: HolidayList) -> RepresentationWindow:
    """Return the shortest lawful window when several persons are served on different days.

    ``clock`` is D5 (a draft plan) or D13 (an amendment notice). Each person has the whole period, so the
    window closes with the last one served. A council may give longer, never shorter.

    Raises:
        MissingFact: nobody was served.
    """
    fact = clock.starts[0].fact
    if not served_on:
        raise MissingFact(fact)
    by_person = {person: due(clock, {fact: day}, holidays).due_on for person, day in served_on.items()}
    return RepresentationWindow(by_person=by_person, closes_on=max(by_person.values()))


def exception_window(closed: date, reopens: date) -> ExceptionWindow | None:
    """Return the window of exception (a) or (b) for a closure, None when it is shorter than four weeks.

    ``closed`` is the first day of the continuous closure, ``reopens`` the first day after it. The exception
    helps only where advice was asked of that school's head (or that provider) inside the window.
    """
    if reopens - closed < timedelta(weeks=CLOSURE_WEEKS):
        return None
    return ExceptionWindow(first=add_weeks(closed, -WEEKS_AHEAD), last=add_weeks(reopens, -WEEKS_AHEAD))
