"""Which edition counts at an instant: as was known then, from midnight in London, whatever was adopted later."""

from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from domain.access.policy import Policies, Policy
from domain.access.turns import EVER, SETTLING, Turns
from domain.calendar import london_midnight
from domain.rules import Timeline
from services.reference_data import load_policies

FIRST = load_policies().editions[-1]
SECOND, THIRD = (replace(FIRST, version=name) for name in ("second", "third"))
DAY, SUMMER = date(2027, 3, 10), date(2027, 6, 1)
START = datetime(2027, 1, 1, tzinfo=UTC)


def known(*said: tuple[date, Policy]) -> Policies:
    return Policies(Timeline(((date(2014, 9, 1), FIRST), *said)))


def of(turns: Turns, *instants: datetime) -> list[str]:
    return [turns.at(instant).version for instant in instants]


@pytest.mark.parametrize(
    ("day", "begins"), [(DAY, datetime(2027, 3, 10, tzinfo=UTC)), (SUMMER, datetime(2027, 5, 31, 23, tzinfo=UTC))]
)
def test_a_day_begins_at_midnight_in_london(day: date, begins: datetime) -> None:
    assert london_midnight(day) == begins
    turns = Turns.of([(START, known()), (START + timedelta(days=1), known((day, SECOND)))])
    assert of(turns, begins - timedelta(microseconds=1), begins) == [FIRST.version, "second"]
    assert (turns.after(EVER), turns.after(begins)) == (begins, None)
    assert (turns.before(begins), turns.before(begins + timedelta(1))) == (EVER, begins)


def test_what_was_known_first_has_always_counted() -> None:
    turns = Turns.of([(START, known((DAY, SECOND)))])
    assert of(turns, datetime(2001, 1, 1, tzinfo=UTC), START, london_midnight(DAY)) == [FIRST.version] * 2 + ["second"]


def test_what_counts_at_once_counts_when_every_process_knows_of_it() -> None:
    recorded = START + timedelta(days=3)
    turns = Turns.of([(START, known()), (recorded, known((date(2026, 1, 1), SECOND)))])
    counts = recorded + SETTLING
    assert of(turns, recorded, counts - timedelta(microseconds=1), counts) == [FIRST.version] * 2 + ["second"]
    assert turns.after(EVER) == counts


def test_an_edition_recorded_just_before_its_day_counts_when_every_process_knows_of_it() -> None:
    midnight = london_midnight(DAY)
    turns = Turns.of([(START, known()), (midnight - timedelta(seconds=1), known((DAY, SECOND)))])
    assert turns.after(EVER) == midnight - timedelta(seconds=1) + SETTLING


def test_what_is_said_later_of_earlier_days_changes_no_earlier_turn() -> None:
    later = london_midnight(SUMMER)
    said = [(START, known()), (START + timedelta(1), known((DAY, SECOND)))]
    before = Turns.of(said)
    after = Turns.of([*said, (later, known((date(2015, 1, 1), THIRD)))])
    instants = [START + timedelta(days=n) for n in range(150)]
    assert of(before, *instants) == of(after, *instants)
    assert of(after, later + SETTLING) == ["third"]


def test_what_changes_nothing_is_no_turn() -> None:
    given_up = [(START, known()), (START + timedelta(1), known((SUMMER, SECOND))), (START + timedelta(2), known())]
    assert Turns.of(given_up).after(EVER) is None
    with pytest.raises(ValueError, match="no edition"):
        Turns.of([])
