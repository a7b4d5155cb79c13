"""The kinds of period that the clock table is written in, and the last day of each.

The vocabulary is small on purpose: a SEND lawyer reads ``{"rule": "weeks-after", "n": 6, "of":
"receivedOn"}`` and can say whether it is right. Every kind names the facts that it `needs` and gives the day
on which it ends.
"""

from datetime import date, timedelta

from msgspec import Struct, field

from domain.calendar import (
    HolidayList,
    add_months,
    add_weeks,
    last_of_days_beginning_with,
    last_of_months_beginning_with,
    working_days_after,
    working_days_beginning_with,
)
from domain.clocks.conditions import Condition
from domain.clocks.errors import ClockError, MissingFact
from domain.clocks.facts import Facts, choice_of, day_of, days_of

_DAY = timedelta(days=1)


class YearlyDays(Struct, frozen=True, forbid_unknown_fields=True):
    """Days of every year, ``MM-DD`` to ``MM-DD`` inclusive, over the new year where the second is earlier."""

    first: str = field(name="from")
    last: str = field(name="to")

    def hold(self, day: date) -> bool:
        """Tell whether a day is one of them."""
        month_and_day = f"{day:%m-%d}"
        if self.first <= self.last:
            return self.first <= month_and_day <= self.last
        return month_and_day >= self.first or month_and_day <= self.last


class _Reckoned(Struct, frozen=True, tag_field="rule", forbid_unknown_fields=True, rename="camel"):
    """What nearly every period has: the fact that it is reckoned from, or to."""

    of: str


class _Period(_Reckoned, frozen=True):
    """What the simple periods share: they need one fact and no other."""

    @property
    def needs(self) -> frozenset[str]:
        """The facts that the period is computed from."""
        return frozenset({self.of})


class WeeksAfter(_Period, frozen=True, tag="weeks-after"):
    """Within `n` weeks of a day, which itself does not count."""

    n: int

    def ends_on(self, facts: Facts, holidays: HolidayList) -> date:  # noqa: ARG002 - one signature for all periods
        """Return the same weekday, `n` weeks later."""
        return add_weeks(day_of(facts, self.of), self.n)


class MonthsAfter(_Period, frozen=True, tag="months-after"):
    """Within `n` months of a day: the corresponding date, or the last day of a shorter month."""

    n: int

    def ends_on(self, facts: Facts, holidays: HolidayList) -> date:  # noqa: ARG002
        """Return the corresponding date."""
        return add_months(day_of(facts, self.of), self.n)


class DaysAfter(_Period, frozen=True, tag="days-after"):
    """Within `n` calendar days of a day, which itself does not count."""

    n: int

    def ends_on(self, facts: Facts, holidays: HolidayList) -> date:  # noqa: ARG002
        """Return the day `n` days later."""
        return day_of(facts, self.of) + self.n * _DAY


class DaysBeginningWith(_Period, frozen=True, tag="days-beginning-with"):
    """`n` calendar days beginning with a day, which is day 1."""

    n: int

    def ends_on(self, facts: Facts, holidays: HolidayList) -> date:  # noqa: ARG002
        """Return day `n`."""
        return last_of_days_beginning_with(day_of(facts, self.of), self.n)


class MonthsBeginningWith(_Period, frozen=True, tag="months-beginning-with"):
    """`n` months beginning with a day, which counts: they end on the day before the corresponding date."""

    n: int

    def ends_on(self, facts: Facts, holidays: HolidayList) -> date:  # noqa: ARG002
        """Return the last day of the period."""
        return last_of_months_beginning_with(day_of(facts, self.of), self.n)


class WorkingDaysBeginningWith(_Period, frozen=True, tag="working-days-beginning-with"):
    """`n` working days beginning with a day, which is day 1 if it is one."""

    n: int

    def ends_on(self, facts: Facts, holidays: HolidayList) -> date:
        """Return working day `n`."""
        return working_days_beginning_with(day_of(facts, self.of), self.n, holidays)


class WorkingDaysAfter(_Period, frozen=True, tag="working-days-after"):
    """Within `n` working days of a day, leaving out the `not_counting` days of the year."""

    n: int
    not_counting: tuple[YearlyDays, ...] = ()

    def ends_on(self, facts: Facts, holidays: HolidayList) -> date:
        """Return the `n`-th day that counts after the day."""
        return working_days_after(day_of(facts, self.of), self.n, holidays, self._left_out)

    def _left_out(self, day: date) -> bool:
        return any(days.hold(day) for days in self.not_counting)


class SchoolDaysAfter(_Reckoned, frozen=True, tag="school-days-after"):
    """Within `n` school days of a day. Only the school knows them: the fact `school_days` lists them."""

    n: int
    school_days: str

    @property
    def needs(self) -> frozenset[str]:
        """The facts that the period is computed from."""
        return frozenset({self.of, self.school_days})

    def ends_on(self, facts: Facts, holidays: HolidayList) -> date:  # noqa: ARG002
        """Return the `n`-th listed day after the day; the list must reach that far."""
        start = day_of(facts, self.of)
        later = [day for day in days_of(facts, self.school_days) if day > start]
        if len(later) < self.n:
            raise MissingFact(self.school_days)
        return later[self.n - 1]


class WeeksBefore(_Period, frozen=True, tag="weeks-before"):
    """At least `n` weeks before a day; `clear` leaves one more day between, to satisfy every reading."""

    n: int
    clear: bool = False

    def ends_on(self, facts: Facts, holidays: HolidayList) -> date:  # noqa: ARG002
        """Return the last day for the act."""
        return add_weeks(day_of(facts, self.of), -self.n) - self.clear * _DAY


class MonthsBefore(_Period, frozen=True, tag="months-before"):
    """At least `n` months before a day; `clear` leaves one more day between, to satisfy every reading."""

    n: int
    clear: bool = False

    def ends_on(self, facts: Facts, holidays: HolidayList) -> date:  # noqa: ARG002
        """Return the last day for the act."""
        return add_months(day_of(facts, self.of), -self.n) - self.clear * _DAY


class DayOfYear(_Period, frozen=True, tag="day-of-year"):
    """A fixed day and month in the year of a fact."""

    month: int
    day: int

    def ends_on(self, facts: Facts, holidays: HolidayList) -> date:  # noqa: ARG002
        """Return that day."""
        return date(day_of(facts, self.of).year, self.month, self.day)


class BeforeDayOfYear(_Period, frozen=True, tag="before-day-of-year"):
    """*Before* a fixed day and month in the year of a fact: the last lawful day is the day before."""

    month: int
    day: int

    def ends_on(self, facts: Facts, holidays: HolidayList) -> date:  # noqa: ARG002
        """Return the day before."""
        return date(day_of(facts, self.of).year, self.month, self.day) - _DAY


class OnTheDay(_Period, frozen=True, tag="on-the-day"):
    """On the day of a fact itself, at once."""

    def ends_on(self, facts: Facts, holidays: HolidayList) -> date:  # noqa: ARG002
        """Return that day."""
        return day_of(facts, self.of)


class LaterOf(Struct, frozen=True, tag_field="rule", tag="later-of", forbid_unknown_fields=True):
    """Whichever of several periods ends later; one whose facts are `optional` and absent is left out."""

    periods: tuple["Period", ...]
    optional: tuple[str, ...] = ()

    @property
    def needs(self) -> frozenset[str]:
        """The facts that the periods are computed from."""
        return frozenset[str]().union(*(period.needs for period in self.periods))

    def ends_on(self, facts: Facts, holidays: HolidayList) -> date:
        """Return the later end."""
        absent = set(self.optional) - facts.keys()
        return max(period.ends_on(facts, holidays) for period in self.periods if not period.needs & absent)


class IfThen(Struct, frozen=True, tag_field="rule", tag="if", forbid_unknown_fields=True):
    """One period where a condition holds, another where it does not."""

    condition: Condition
    then: "Period"
    otherwise: "Period"

    @property
    def needs(self) -> frozenset[str]:
        """The facts that the condition and both periods are computed from."""
        return self.condition.needs | self.then.needs | self.otherwise.needs

    def ends_on(self, facts: Facts, holidays: HolidayList) -> date:
        """Return the end of the period that the condition picks."""
        chosen = self.then if self.condition.holds(facts, holidays) else self.otherwise
        return chosen.ends_on(facts, holidays)


class SameAs(_Reckoned, frozen=True, tag="same-as"):
    """The period of another clock, reckoned from this one's day: the fact `choice` says which of `clocks`.

    The table is resolved when it is read: `periods` then holds each clock's own period (regs 42(2) and 45).
    """

    choice: str
    clocks: tuple[str, ...]
    periods: dict[str, "Period"] = {}

    @property
    def needs(self) -> frozenset[str]:
        """The facts that the period is computed from."""
        return frozenset({self.of, self.choice})

    def ends_on(self, facts: Facts, holidays: HolidayList) -> date:
        """Return the end of the chosen clock's period."""
        choice = choice_of(facts, self.choice)
        if choice not in self.periods:
            raise ClockError(f"{self.choice} names none of the clocks {', '.join(self.clocks)}")
        return self.periods[choice].ends_on(facts, holidays)


Period = (
    WeeksAfter
    | MonthsAfter
    | DaysAfter
    | DaysBeginningWith
    | MonthsBeginningWith
    | WorkingDaysBeginningWith
    | WorkingDaysAfter
    | SchoolDaysAfter
    | WeeksBefore
    | MonthsBefore
    | DayOfYear
    | BeforeDayOfYear
    | OnTheDay
    | LaterOf
    | IfThen
    | SameAs
)
"""Any period of the table, told apart by its ``rule``."""
