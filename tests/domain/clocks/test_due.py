"""Due dates: the switches, the replacements, and what events start and meet."""

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clocks import (
    ClockDoesNotApply,
    ClockError,
    Fact,
    MissingFact,
    applies,
    clocks_of_orders,
    due,
    parse_rule_set,
    representation_window,
    started_by,
)
from services.reference_data import SCHEMAS, load_reference_data

DATA = load_reference_data()
RULES = DATA.rule_set_for(date(2026, 3, 2))
DAYS = st.dates(date(2014, 9, 1), date(2029, 6, 30))


def due_on(clock: str, **facts: date | str | tuple[date, ...]) -> date:
    return due(RULES.clock(clock), facts, DATA.holidays).due_on


def extending() -> bytes:
    """The published table with the switch for periods that end on a non-working day turned on."""
    published = json.loads((SCHEMAS / "clocks" / "england-2014.json").read_bytes())
    return json.dumps(published | {"periodMovesToWorkingDay": True}).encode()


def test_a_period_that_ends_on_a_sunday_stays_there_unless_the_rule_set_says_otherwise() -> None:
    facts = {"transferOn": date(2026, 9, 14), "lastReviewOn": date(2025, 10, 1)}
    strict = RULES.clock("D22")
    extended = parse_rule_set(extending()).clock("D22")
    assert due(strict, facts, DATA.holidays).due_on == date(2026, 12, 13)
    assert due(extended, facts, DATA.holidays).due_on == date(2026, 12, 14)


def test_the_switch_never_moves_a_duty_that_must_be_done_before_a_day() -> None:
    facts = {"transferOn": date(2027, 9, 1), "transferKind": "primary-to-secondary"}
    assert due(parse_rule_set(extending()).clock("D17"), facts, DATA.holidays).due_on == date(2027, 2, 14)


@given(DAYS, DAYS)
def test_an_appeal_window_never_closes_on_a_day_on_which_the_tribunal_is_closed(letter: date, other: date) -> None:
    found = due_on("D30", letterOn=letter, certificateOn=other)
    assert DATA.holidays.is_working_day(found)
    assert found.month != 8
    assert (found.month, found.day) != (1, 1)
    assert not (found.month == 12 and found.day >= 25)


@given(DAYS)
def test_a_certificate_never_shortens_an_appeal_window(letter: date) -> None:
    alone = due_on("D30", letterOn=letter)
    assert due_on("D30", letterOn=letter, certificateOn=letter + timedelta(days=1)) == alone
    assert due_on("D30", letterOn=letter, certificateOn=letter + timedelta(days=90)) > alone


@given(DAYS)
def test_an_answer_to_an_appeal_has_thirty_counted_days(received: date) -> None:
    end = due_on("D31", receivedOn=received)
    days = [received + timedelta(days=n) for n in range(1, (end - received).days + 1)]
    christmas = [day for day in days if (day.month, day.day) >= (12, 25) or (day.month, day.day) == (1, 1)]
    counted = [d for d in days if DATA.holidays.is_working_day(d) and d.month != 8 and d not in christmas]
    assert len(counted) == 30


@pytest.mark.parametrize(
    ("aware", "clock", "expected"),
    [
        (date(2026, 6, 1), "D19", date(2026, 7, 1)),
        (date(2026, 6, 10), "D19", date(2026, 7, 1)),
        (date(2026, 6, 11), "D20", date(2026, 7, 1)),
        (date(2026, 6, 12), "D20", date(2026, 7, 2)),
    ],
)
def test_a_plan_moves_with_the_child_when_the_council_knew_fifteen_working_days_before(
    aware: date, clock: str, expected: date
) -> None:
    facts = {"movedOn": date(2026, 7, 1), "awareOn": aware}
    other = {"D19": "D20", "D20": "D19"}[clock]
    assert due(RULES.clock(clock), facts, DATA.holidays).due_on == expected
    assert not applies(RULES.clock(other), facts, DATA.holidays)
    assert due(RULES.clock("D23"), facts, DATA.holidays).due_on == expected
    with pytest.raises(ClockDoesNotApply, match=other):
        due(RULES.clock(other), facts, DATA.holidays)


def test_a_day_directed_by_the_tribunal_takes_the_place_of_a_limit() -> None:
    found = due(RULES.clock("D35"), {"orderOn": date(2026, 7, 1), "directedOn": date(2026, 7, 20)}, DATA.holidays)
    assert found.due_on == date(2026, 7, 20)
    assert found.law == "SEND Regulations 2014 reg 44(1)"


def test_parties_to_mediation_may_agree_another_time_in_writing() -> None:
    facts = {"agreedOn": date(2026, 6, 10), "otherwiseAgreedOn": date(2026, 9, 1), "asClock": "D35"}
    assert due_on("D41a", **facts) == date(2026, 9, 1)
    assert due_on("D41b", agreedOn=date(2026, 6, 10), otherwiseAgreedOn=date(2026, 9, 1)) == date(2026, 9, 1)


def test_a_concession_gives_the_time_of_the_order_that_it_stands_for() -> None:
    assert due_on("D39", concededOn=date(2026, 7, 1), asClock="D36") == date(2026, 7, 15)
    assert due_on("D39", concededOn=date(2026, 7, 1), asClock="D33b") == date(2026, 9, 16)
    with pytest.raises(ClockError, match="asClock names none"):
        due_on("D39", concededOn=date(2026, 7, 1), asClock="D4")


def test_school_days_are_those_of_the_school() -> None:
    weekdays = [date(2026, 7, 13) + timedelta(days=n) for n in range(5)]
    autumn = [date(2026, 9, 7) + timedelta(days=n) for n in range(30) if n % 7 < 5]
    assert due_on("D42", leftRollOn=date(2026, 7, 15), schoolDays=(*autumn, *weekdays)) == date(2026, 9, 23)
    with pytest.raises(MissingFact, match="schoolDays"):
        due_on("D42", leftRollOn=date(2026, 7, 15), schoolDays=tuple(weekdays))


def test_advice_on_young_children_names_both_ends_and_is_not_law() -> None:
    facts = {"reviewedOn": date(2026, 1, 15), "dateOfBirth": date(2021, 1, 16)}
    found = due(RULES.clock("D8"), facts, DATA.holidays)
    assert (found.safe_on, found.due_on) == (date(2026, 4, 15), date(2026, 7, 15))
    assert RULES.clock("D8").kind == "advice"


def test_advice_on_young_children_ends_on_the_fifth_birthday() -> None:
    facts = {"reviewedOn": date(2026, 1, 15), "dateOfBirth": date(2021, 1, 15)}
    with pytest.raises(ClockDoesNotApply):
        due(RULES.clock("D8"), facts, DATA.holidays)


def test_a_request_starts_its_three_clocks_on_the_day_it_was_received() -> None:
    started = started_by(RULES, "ehcp.plan.request-received.v1", {"receivedOn": "2026-03-02"}, date(2026, 3, 4))
    assert [one.key for one in started] == ["D1", "D3", "D4"]
    assert {one.facts["receivedOn"] for one in started} == {date(2026, 3, 2)}


def test_the_legal_date_of_the_act_stands_in_for_a_date_that_the_event_does_not_carry() -> None:
    started = started_by(RULES, "ehcp.plan.request-received.v1", {}, date(2026, 3, 4))
    assert started[0].facts == {"receivedOn": date(2026, 3, 4)}


def test_everybody_served_with_an_amendment_notice_counts_and_the_last_one_decides() -> None:
    served = {"servedOn": {"mother": "2026-06-12", "father": "2026-06-15"}, "noticeOn": "2026-06-11"}
    started = {
        one.key: due(one.clock, one.facts, DATA.holidays).due_on
        for one in started_by(RULES, "ehcp.plan.amendment-notice-issued.v1", served, date(2026, 6, 11))
    }
    assert started == {"D13": date(2026, 6, 29), "D14": date(2026, 8, 6)}


def test_a_duty_to_several_persons_runs_from_the_day_on_which_the_last_was_served() -> None:
    data = {"servedOn": {"mother": "2026-06-12", "father": "2026-06-15"}, "noticeOn": "2026-06-11"}
    started = started_by(RULES, "ehcp.plan.amendment-notice-issued.v1", data, date(2026, 6, 11))
    assert {one.key: one.started_on for one in started} == {
        "D13": date(2026, 6, 15),
        "D14": date(2026, 6, 11),
    }


def test_a_window_needs_somebody_who_was_served() -> None:
    with pytest.raises(MissingFact, match="servedOn"):
        representation_window(RULES.clock("D5"), {}, DATA.holidays)


def test_an_order_on_the_placement_joined_with_the_contents_has_one_clock() -> None:
    assert [clock.id for clock in clocks_of_orders(RULES, ("AMEND_PLACEMENT",))] == ["D36"]
    assert [clock.id for clock in clocks_of_orders(RULES, ("AMEND_CONTENTS", "AMEND_PLACEMENT"))] == ["D35"]


def test_a_concession_starts_a_clock_for_each_order_that_it_stands_for() -> None:
    started = started_by(RULES, "ehcp.plan.appeal-conceded.v1", {"orders": ["ASSESS"]}, date(2026, 7, 1))
    dates = {one.key: due(one.clock, one.facts, DATA.holidays).due_on for one in started}
    assert dates == {
        "D39/D32a": date(2026, 7, 15),
        "D39/D32b": date(2026, 9, 9),
        "D39/D32c": date(2026, 10, 7),
    }


def test_a_refusal_not_to_issue_meets_its_own_clock_and_closes_that_of_the_plan() -> None:
    data = {"decision": "REFUSE"}
    assert RULES.clock("D3").is_met_by("ehcp.plan.assessment-decided.v1", data)
    assert RULES.clock("D4").is_closed_by("ehcp.plan.assessment-decided.v1", data)
    assert not RULES.clock("D4").is_closed_by("ehcp.plan.assessment-decided.v1", {"decision": "ISSUE"})


def test_a_plan_that_comes_in_runs_from_the_dates_that_the_council_states_and_from_no_others() -> None:
    def started(**data: str) -> dict[str, date]:
        found = started_by(RULES, "ehcp.plan.baseline-imported.v1", data, date(2026, 11, 1))
        return {one.key: one.started_on for one in found}

    assert started(status="MAINTAINED") == {}
    made = {"status": "MAINTAINED", "planMadeOn": "2024-05-01"}
    assert started(**made) == {"D7": date(2024, 5, 1), "D8": date(2024, 5, 1)}
    reviewed = date(2026, 5, 20)
    assert started(**made, lastReviewDecidedOn="2026-05-20") == {"D7": reviewed, "D8": reviewed}
    assert started(status="ASSESSING", requestReceivedOn="2026-09-01") == {
        "D3": date(2026, 9, 1),
        "D4": date(2026, 9, 1),
    }


def test_a_withdrawn_request_ends_the_clocks_only_when_no_other_stands() -> None:
    assert RULES.closes_everything("ehcp.plan.request-withdrawn.v1", {"phase": "WITHDRAWN"})
    assert not RULES.closes_everything("ehcp.plan.request-withdrawn.v1", {"requestId": "request-2"})


def test_a_death_ends_every_clock_of_the_plan() -> None:
    assert RULES.closes_everything("ehcp.plan.death-recorded.v1", {})
    assert not RULES.closes_everything("ehcp.plan.review-held.v1", {})


@pytest.mark.parametrize(
    ("clock", "facts", "expected"),
    [
        ("D2", {"requestedOn": date(2026, 3, 2)}, date(2026, 4, 13)),
        ("D6", {"consultedOn": date(2026, 3, 2)}, date(2026, 3, 17)),
        ("D9", {"meetingOn": date(2026, 3, 30)}, date(2026, 3, 16)),
        ("D10", {"meetingOn": date(2026, 3, 30)}, date(2026, 3, 16)),
        ("D13", {"servedOn": date(2026, 3, 2)}, date(2026, 3, 16)),
        ("D23b", {"awareOn": date(2026, 3, 30)}, date(2026, 4, 21)),
        ("D24", {"receivedOn": date(2026, 3, 2)}, date(2026, 3, 17)),
        ("D26", {"letterOn": date(2025, 12, 31)}, date(2026, 2, 28)),
        ("D26", {"letterOn": date(2026, 4, 10)}, date(2026, 6, 10)),
        ("D30", {"letterOn": date(2026, 4, 10)}, date(2026, 6, 10)),
        ("D30", {"letterOn": date(2026, 4, 10), "certificateOn": date(2026, 5, 12)}, date(2026, 6, 12)),
        ("D28a", {"requestedOn": date(2026, 3, 2)}, date(2026, 4, 1)),
        ("D28b", {"informedOn": date(2026, 3, 2)}, date(2026, 4, 1)),
        ("D34", {"orderOn": date(2026, 7, 1)}, date(2026, 7, 15)),
        ("D38", {"orderOn": date(2026, 7, 1)}, date(2026, 8, 5)),
        ("D40", {"recommendedOn": date(2026, 7, 1)}, date(2026, 8, 5)),
        ("D43", {"termStartsOn": date(2026, 9, 2)}, date(2026, 8, 19)),
    ],
)
def test_each_remaining_duty_has_the_time_that_the_law_gives(
    clock: str, facts: dict[str, Fact], expected: date
) -> None:
    assert due(RULES.clock(clock), facts, DATA.holidays).due_on == expected


@pytest.mark.parametrize(("clock", "before"), [("D9", "meetingOn"), ("D10", "meetingOn"), ("D43", "termStartsOn")])
def test_two_clear_weeks_before_a_day_are_safe(clock: str, before: str) -> None:
    found = due(RULES.clock(clock), {before: date(2026, 3, 30)}, DATA.holidays)
    assert (found.due_on, found.safe_on) == (date(2026, 3, 16), date(2026, 3, 15))
