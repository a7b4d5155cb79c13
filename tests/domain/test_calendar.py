"""The legal calendar: dates in London, periods, working days and birthdays."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import (
    CalendarError,
    academic_year_end,
    add_months,
    add_weeks,
    age_on,
    birthday,
    compulsory_school_age_ends,
    count_working_days,
    last_of_days_beginning_with,
    last_of_months_beginning_with,
    london_date,
    national_curriculum_year,
    next_working_day,
    parse_holiday_list,
    plan_may_run_to,
    school_leaving_date,
    working_days_after,
    working_days_before,
    working_days_beginning_with,
    young_person_until,
)
from services.reference_data import load_reference_data

HOLIDAYS = load_reference_data().holidays
DAYS = st.dates(date(2014, 9, 1), date(2029, 12, 31))
INSTANTS = st.integers(0, 4_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
BIRTHS = st.dates(date(1989, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 3, 29, 23, 0, tzinfo=UTC), date(2026, 3, 30)),
        (datetime(2026, 3, 28, 23, 59, tzinfo=UTC), date(2026, 3, 28)),
        (datetime(2026, 10, 24, 23, 0, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 23, 59, tzinfo=UTC), date(2026, 10, 25)),
    ],
)
def test_a_legal_date_is_the_civil_date_in_london_across_the_clock_changes(instant: datetime, expected: date) -> None:
    assert london_date(instant) == expected


def test_a_time_without_its_zone_has_no_legal_date() -> None:
    with pytest.raises(CalendarError, match="time zone"):
        london_date(datetime(2026, 6, 15))  # noqa: DTZ001 - the point of the test


@given(INSTANTS, st.integers(-14, 14))
def test_the_legal_date_does_not_depend_on_how_the_instant_was_written(instant: datetime, hours: int) -> None:
    assert london_date(instant.astimezone(timezone(timedelta(hours=hours)))) == london_date(instant)


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2027, 12, 31), 2, date(2028, 2, 29)),
        (date(2026, 10, 31), 1, date(2026, 11, 30)),
        (date(2026, 1, 15), 12, date(2027, 1, 15)),
        (date(2026, 9, 1), -5, date(2026, 4, 1)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
    ],
)
def test_months_run_to_the_corresponding_date_or_the_end_of_a_shorter_month(
    start: date, months: int, expected: date
) -> None:
    assert add_months(start, months) == expected


@pytest.mark.parametrize(
    ("first", "months", "last"),
    [
        (date(2025, 10, 1), 12, date(2026, 9, 30)),
        (date(2026, 9, 14), 3, date(2026, 12, 13)),
        (date(2027, 3, 1), 12, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
    ],
)
def test_months_beginning_with_a_day_end_before_the_corresponding_date(first: date, months: int, last: date) -> None:
    assert last_of_months_beginning_with(first, months) == last


@given(DAYS, st.integers(1, 60))
def test_a_period_beginning_with_a_day_holds_exactly_its_days(first: date, days: int) -> None:
    last = last_of_days_beginning_with(first, days)
    assert (last - first).days + 1 == days


@given(DAYS, st.integers(0, 60))
def test_weeks_are_calendar_weeks(day: date, weeks: int) -> None:
    assert add_weeks(day, weeks).weekday() == day.weekday()
    assert (add_weeks(day, weeks) - day).days == 7 * weeks


@given(DAYS, st.integers(1, 40))
def test_working_days_counted_again_give_the_same_number(day: date, days: int) -> None:
    last = working_days_after(day, days, HOLIDAYS)
    assert HOLIDAYS.is_working_day(last)
    assert count_working_days(day + timedelta(days=1), last, HOLIDAYS) == days


@given(DAYS, st.integers(1, 40))
def test_working_days_beginning_with_a_day_count_that_day_if_it_is_one(day: date, days: int) -> None:
    last = working_days_beginning_with(day, days, HOLIDAYS)
    assert count_working_days(day, last, HOLIDAYS) == days


@given(DAYS.filter(HOLIDAYS.is_working_day), st.integers(1, 30))
def test_working_days_back_undo_working_days_forward(day: date, days: int) -> None:
    assert working_days_before(working_days_after(day, days, HOLIDAYS), days, HOLIDAYS) == day


@given(DAYS)
def test_the_next_working_day_is_the_first_one(day: date) -> None:
    found = next_working_day(day, HOLIDAYS)
    assert HOLIDAYS.is_working_day(found)
    assert count_working_days(day, found, HOLIDAYS) == 1


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2020, 5, 8), "VE Day"),
        (date(2022, 6, 2), "Platinum Jubilee"),
        (date(2022, 6, 3), "Platinum Jubilee"),
        (date(2022, 9, 19), "State funeral"),
        (date(2023, 5, 8), "Coronation"),
        (date(2026, 12, 28), "Boxing Day"),
        (date(2027, 12, 27), "Christmas Day"),
        (date(2028, 1, 3), "New Year's Day"),
    ],
)
def test_moved_and_proclaimed_holidays_are_not_working_days(day: date, name: str) -> None:
    assert not HOLIDAYS.is_working_day(day)
    assert any(name in holiday.title for holiday in HOLIDAYS.holidays if holiday.date == day)


def test_the_day_from_which_ve_day_was_moved_was_a_working_day() -> None:
    assert HOLIDAYS.is_working_day(date(2020, 5, 4))


@pytest.mark.parametrize("year", range(2014, 2031))
def test_every_year_has_its_eight_holidays_all_on_weekdays(year: int) -> None:
    days = sorted(holiday.date for holiday in HOLIDAYS.holidays if holiday.date.year == year)
    extra = {2022: 2, 2023: 1}.get(year, 0)
    assert len(days) == 8 + extra
    assert all(day.weekday() < 5 for day in days)


@pytest.mark.parametrize("day", [date(2013, 12, 31), date(2031, 1, 1)])
def test_a_day_outside_the_list_is_not_guessed(day: date) -> None:
    with pytest.raises(CalendarError, match="cover 2014-01-01 to 2030-12-31"):
        HOLIDAYS.is_working_day(day)


def test_a_holiday_outside_the_days_that_a_list_covers_is_refused() -> None:
    document = (
        b'{"id":"x","title":"x","version":"1","source":"x","sourceDate":"x","licence":"x","inForceFrom":"2026-01-01",'
        b'"coversFrom":"2026-01-01","coversTo":"2026-12-31","holidays":[{"date":"2027-01-01","title":"New Year"}]}'
    )
    with pytest.raises(ValueError, match="outside"):
        parse_holiday_list(document)


@pytest.mark.parametrize(
    ("year", "expected"), [(2024, date(2024, 6, 28)), (2026, date(2026, 6, 26)), (2028, date(2028, 6, 30))]
)
def test_the_school_leaving_date_is_the_last_friday_in_june(year: int, expected: date) -> None:
    assert school_leaving_date(year) == expected


@given(BIRTHS)
def test_compulsory_school_age_ends_on_a_friday_in_june_of_the_year_of_the_sixteenth_birthday(
    born_on: date,
) -> None:
    ends = compulsory_school_age_ends(born_on)
    assert (ends.month, ends.weekday()) == (6, 4)
    assert date(ends.year - 1, 9, 1) <= birthday(born_on, 16) <= date(ends.year, 8, 31)


def test_somebody_born_on_29_february_comes_of_age_on_1_march() -> None:
    assert birthday(date(2008, 2, 29), 25) == date(2033, 3, 1)
    assert birthday(date(2008, 2, 29), 16) == date(2024, 2, 29)
    assert age_on(date(2008, 2, 29), date(2033, 2, 28)) == 24


@given(BIRTHS, st.integers(0, 26))
def test_an_age_begins_on_its_birthday(born_on: date, age: int) -> None:
    day = birthday(born_on, age)
    assert age_on(born_on, day) == age
    assert age_on(born_on, day - timedelta(days=1)) == age - 1


def test_a_person_is_a_young_person_until_the_day_before_the_25th_birthday() -> None:
    assert young_person_until(date(2001, 9, 5)) == date(2026, 9, 4)


@pytest.mark.parametrize(
    ("day", "expected"), [(date(2026, 7, 31), date(2026, 7, 31)), (date(2026, 8, 1), date(2027, 7, 31))]
)
def test_the_academic_year_of_further_education_ends_on_31_july(day: date, expected: date) -> None:
    assert academic_year_end(day) == expected


@given(BIRTHS, st.dates(date(2014, 1, 1), date(2060, 1, 1)))
def test_no_plan_runs_past_the_day_before_the_26th_birthday(born_on: date, course_ends: date) -> None:
    assert plan_may_run_to(born_on, course_ends) < birthday(born_on, 26)


@pytest.mark.parametrize(
    ("born_on", "on", "year"),
    [
        (date(2021, 8, 31), date(2025, 9, 1), 0),
        (date(2021, 9, 1), date(2025, 9, 1), -1),
        (date(2020, 8, 31), date(2026, 8, 31), 1),
        (date(2010, 8, 31), date(2026, 6, 1), 11),
        (date(2010, 9, 1), date(2026, 6, 1), 10),
    ],
)
def test_the_curriculum_year_goes_by_age_on_31_august_before(born_on: date, on: date, year: int) -> None:
    assert national_curriculum_year(born_on, on) == year
