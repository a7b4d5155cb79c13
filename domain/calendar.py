"""The legal calendar: civil dates in London, weeks and months, working days, and the birthdays that matter.

All legal dates are civil dates in Europe/London without a time. Weeks and months are calendar units:
weekends, school holidays and bank holidays count, unless a provision says "working days" (SEND Regulations
2014 regs 15(2), 16, 34, 35, 39; Tribunal Procedure (First-tier Tribunal) (HESC) Rules 2008 r.12). The bank
holidays are a value passed in, so that the same dates come out when a history is read again years later.
"""

from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct, json
from msgspec.structs import replace

LONDON: Final = ZoneInfo("Europe/London")
"""The time zone of every legal date."""

_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5
_FRIDAY: Final = 4
_MONTHS: Final = 12

DayTest = Callable[[date], bool]


class CalendarError(ValueError):
    """A date that cannot be computed: a time has no zone, or the bank-holiday list does not cover a day."""


class Holiday(Struct, frozen=True):
    """One bank holiday: its civil date and name."""

    date: date
    title: str


class HolidayList(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True, dict=True):
    """A dated edition of England's bank holidays; ``version`` is kept with every date computed from it.

    The list speaks for the days from ``covers_from`` to ``covers_to`` inclusive. Outside them the answer is
    not known. ``in_force_from`` is the day from which dates are computed with it.
    """

    id: str
    title: str
    version: str
    source: str
    source_date: str
    licence: str
    in_force_from: date
    covers_from: date
    covers_to: date
    holidays: tuple[Holiday, ...]
    note: str = ""
    sha256: str = ""

    @cached_property
    def dates(self) -> frozenset[date]:
        """The bank holidays as civil dates, for looking one up."""
        return frozenset(holiday.date for holiday in self.holidays)

    def is_working_day(self, day: date) -> bool:
        """Tell whether a day is neither a Saturday, a Sunday, Christmas Day, Good Friday nor a bank holiday.

        Raises:
            CalendarError: the list does not cover the day.
        """
        if not self.covers_from <= day <= self.covers_to:
            raise CalendarError(
                f"{self.title} ({self.version}) cover {self.covers_from} to {self.covers_to}, not {day}."
            )
        return day.weekday() < _SATURDAY and day not in self.dates


def parse_holiday_list(document: bytes, sha256: str = "") -> HolidayList:
    """Read a bank-holiday list from the bytes of its JSON file; ``sha256`` of those bytes is kept beside it.

    Raises:
        ValueError: the JSON is not of the published form, or a holiday lies outside the days that the list
            covers.
    """
    holidays = json.decode(document, type=HolidayList)
    for holiday in holidays.holidays:
        if not holidays.covers_from <= holiday.date <= holidays.covers_to:
            raise ValueError(f"{holidays.id}: {holiday.date} lies outside the days that the list covers")
    return replace(holidays, sha256=sha256)


def london_date(instant: datetime) -> date:
    """Return the civil date in London at an instant: the legal date of what was done then.

    Raises:
        CalendarError: the instant has no time zone.
    """
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise CalendarError("An instant needs a time zone before it has a date in London.")
    return instant.astimezone(LONDON).date()


def london_midnight(day: date) -> datetime:
    """Return the instant, in UTC, at which a civil date begins in London."""
    return datetime(day.year, day.month, day.day, tzinfo=LONDON).astimezone(UTC)


def add_weeks(day: date, weeks: int) -> date:
    """Return the day some weeks later (earlier when negative): "within 6 weeks of" excludes the day."""
    return day + timedelta(weeks=weeks)


def add_months(day: date, months: int) -> date:
    """Return the corresponding date some months later (earlier when negative), or that month's last day.

    The corresponding-date rule of Dodds v Walker [1981] UKHL: 31 December and two months is 28 or 29
    February.
    """
    year, month = divmod(day.year * _MONTHS + day.month - 1 + months, _MONTHS)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def last_of_days_beginning_with(first: date, days: int) -> date:
    """Return the last of some days *beginning with* a day, which is day 1 (regs 13(1)(a), 22(2)(c))."""
    return first + timedelta(days=days - 1)


def last_of_months_beginning_with(first: date, months: int) -> date:
    """Return the last day of months *beginning with* a day: the one before the corresponding date.

    Where the last month has no corresponding date, the period ends with that month.
    """
    corresponding = add_months(first, months)
    return corresponding - _DAY if corresponding.day == first.day else corresponding


def next_working_day(day: date, holidays: HolidayList, closed: DayTest | None = None) -> date:
    """Return the day if it is a working day and not ``closed``, else the first day after it that is."""
    while not _counts(day, holidays, closed):
        day += _DAY
    return day


def working_days_beginning_with(first: date, days: int, holidays: HolidayList) -> date:
    """Return the n-th working day beginning with a day, which is day 1 if it is one (reg 15(2))."""
    return working_days_after(first - _DAY, days, holidays)


def working_days_after(day: date, days: int, holidays: HolidayList, not_counted: DayTest | None = None) -> date:
    """Return the n-th working day after a day (n from 1), leaving out the days that are ``not_counted``."""
    for _ in range(days):
        day = next_working_day(day + _DAY, holidays, not_counted)
    return day


def working_days_before(day: date, days: int, holidays: HolidayList) -> date:
    """Return the n-th working day before a day (n is 1 or more)."""
    for _ in range(days):
        day -= _DAY
        while not holidays.is_working_day(day):
            day -= _DAY
    return day


def count_working_days(first: date, last: date, holidays: HolidayList) -> int:
    """Count the working days from one day to another, both included; 0 when the last is before the first."""
    days = (last - first).days + 1
    return sum(holidays.is_working_day(first + timedelta(days=n)) for n in range(days))


def birthday(born_on: date, age: int) -> date:
    """Return the day on which a person reaches an age (Family Law Reform Act 1969 s.9: at its first moment).

    Somebody born on 29 February reaches it on 1 March in a year without that day.
    """
    year = born_on.year + age
    if born_on.day > monthrange(year, born_on.month)[1]:
        return date(year, 3, 1)
    return born_on.replace(year=year)


def age_on(born_on: date, day: date) -> int:
    """Return the age in whole years on a day (negative before birth)."""
    years = day.year - born_on.year
    return years if day >= birthday(born_on, years) else years - 1


def school_year_start(day: date) -> date:
    """Return the 1 September that begins the school year in which a day lies."""
    begins = date(day.year, 9, 1)
    return begins if day >= begins else date(day.year - 1, 9, 1)


def school_leaving_date(year: int) -> date:
    """Return the school leaving date of a calendar year: the last Friday in June (SI 1997/1970)."""
    last = date(year, 6, 30)
    return last - timedelta(days=(last.weekday() - _FRIDAY) % 7)


def compulsory_school_age_ends(born_on: date) -> date:
    """Return the last day of compulsory school age (Education Act 1996 s.8).

    It is the school leaving date of the school year in which the sixteenth birthday falls. At its end the
    rights under Part 3 of the Children and Families Act 2014 pass to the young person: not on the birthday.
    """
    return school_leaving_date(school_year_start(birthday(born_on, 16)).year + 1)


def academic_year_end(day: date) -> date:
    """Return the 31 July that ends the academic year of further education in which a day lies (reg 46)."""
    ends = date(day.year, 7, 31)
    return ends if day <= ends else date(day.year + 1, 7, 31)


def young_person_until(born_on: date) -> date:
    """Return the last day as a young person: the one before the 25th birthday (CFA 2014 s.83(2))."""
    return birthday(born_on, 25) - _DAY


def plan_may_run_to(born_on: date, course_ends: date | None = None) -> date:
    """Return the last day to which a plan *may* run past the 25th birthday (CFA 2014 s.46, reg 46).

    In further education that is 31 July of the academic year of the birthday; for an apprenticeship or
    another course it is ``course_ends``. Never beyond the day before the 26th birthday (JL v Somerset [2021]
    UKUT 324 (AAC)). It is a power: nothing extends by itself.
    """
    ends = course_ends or academic_year_end(birthday(born_on, 25))
    return min(ends, birthday(born_on, 26) - _DAY)


def national_curriculum_year(born_on: date, on: date) -> int:
    """Return the curriculum year of an age: Reception is 0, year 1 goes with age 5 on 31 August before.

    A child taught outside the age group has an actual year that differs; the actual one decides in law.
    """
    return age_on(born_on, school_year_start(on) - _DAY) - 4


def _counts(day: date, holidays: HolidayList, closed: DayTest | None) -> bool:
    return holidays.is_working_day(day) and not (closed is not None and closed(day))
