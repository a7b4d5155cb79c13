"""The traps of deadline arithmetic: each is a mistake that has been made with a real child's plan."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from domain.calendar import add_weeks, london_date, working_days_after
from domain.clocks import (
    ClockDoesNotApply,
    Count,
    Fact,
    due,
    exception_window,
    representation_window,
    started_by,
    timeliness,
)
from services.reference_data import load_reference_data

DATA = load_reference_data()
RULES = DATA.rule_set_for(date(2026, 3, 2))


def on(clock: str, **facts: Fact) -> date:
    return due(RULES.clock(clock), facts, DATA.holidays).due_on


def test_trap_01_request_clock_counts_calendar_weeks_from_receipt() -> None:
    received = date(2026, 3, 2)
    assert on("D1", receivedOn=received) == date(2026, 4, 13)
    assert on("D3", receivedOn=received) == date(2026, 6, 22)
    assert on("D4", receivedOn=received) == date(2026, 7, 20)


def test_trap_02_christmas_is_not_skipped() -> None:
    assert on("D1", receivedOn=date(2025, 12, 22)) == date(2026, 2, 2)
    assert on("D4", receivedOn=date(2025, 12, 22)) == date(2026, 5, 11)


def test_trap_03_draft_served_minimum_15_days_inclusive() -> None:
    assert on("D5", servedOn=date(2026, 6, 12)) == date(2026, 6, 26)


def test_trap_04_bank_holidays_do_not_extend_the_window_and_it_is_a_minimum() -> None:
    assert on("D5", servedOn=date(2025, 12, 19)) == date(2026, 1, 2)
    assert RULES.clock("D5").kind == "window"


def test_trap_05_amended_plan_runs_from_the_notice_and_the_outer_bound_from_the_meeting() -> None:
    meeting = date(2025, 11, 10)
    assert on("D11", meetingOn=meeting) == date(2025, 11, 24)
    assert on("D12", meetingOn=meeting) == date(2025, 12, 8)
    assert on("D14", noticeOn=date(2025, 12, 1)) == date(2026, 1, 26)
    assert on("D15", meetingOn=meeting) == date(2026, 2, 2)


@pytest.mark.parametrize(
    ("clock", "kind", "last_lawful_day", "headline"),
    [
        ("D17", "primary-to-secondary", date(2027, 2, 14), date(2027, 2, 15)),
        ("D16", "secondary-to-post-16-institution", date(2027, 3, 30), date(2027, 3, 31)),
    ],
)
def test_trap_07_phase_transfer_is_due_before_the_day_that_guidance_names(
    clock: str, kind: str, last_lawful_day: date, headline: date
) -> None:
    facts = {"transferOn": date(2027, 9, 1), "transferKind": kind}
    found = due(RULES.clock(clock), facts, DATA.holidays)
    assert (found.due_on, found.headline_on) == (last_lawful_day, headline)


def test_trap_08_college_to_college_five_months_before() -> None:
    assert on("D18", transferOn=date(2026, 9, 1), transferKind="post-16-to-post-16") == date(2026, 4, 1)


@pytest.mark.parametrize(
    ("aware", "expected"),
    [
        (date(2026, 12, 21), date(2027, 1, 13)),
        (date(2026, 12, 19), date(2027, 1, 13)),
        (date(2026, 3, 30), date(2026, 4, 21)),
    ],
)
def test_trap_09_transfer_within_15_working_days_beginning_with_the_day_of_awareness(
    aware: date, expected: date
) -> None:
    assert on("D20", awareOn=aware) == expected


def test_trap_10_new_council_reviews_by_the_later_of_two_dates() -> None:
    assert on("D21", transferOn=date(2026, 9, 14)) == date(2026, 10, 26)
    assert on("D22", transferOn=date(2026, 9, 14), lastReviewOn=date(2025, 10, 1)) == date(2026, 12, 13)
    assert on("D22", transferOn=date(2026, 9, 14), lastReviewOn=date(2026, 7, 1)) == date(2027, 6, 30)
    assert on("D22", transferOn=date(2026, 9, 14), madeOn=date(2026, 7, 1)) == date(2027, 6, 30)
    assert on("D22", transferOn=date(2026, 9, 14)) == date(2026, 12, 13)


@pytest.mark.parametrize(
    ("letter", "certificate", "expected"),
    [
        (date(2025, 10, 1), date(2025, 11, 29), date(2026, 1, 2)),
        (date(2026, 6, 20), None, date(2026, 9, 1)),
        (date(2025, 12, 31), None, date(2026, 3, 2)),
        (date(2026, 3, 5), None, date(2026, 5, 5)),
    ],
)
def test_trap_11_appeal_window_rolls_over_christmas_august_and_weekends(
    letter: date, certificate: date | None, expected: date
) -> None:
    facts = {"letterOn": letter} if certificate is None else {"letterOn": letter, "certificateOn": certificate}
    assert on("D30", **facts) == expected


def test_trap_13_august_is_not_counted_in_the_time_to_answer_an_appeal() -> None:
    assert on("D31", receivedOn=date(2026, 7, 20)) == date(2026, 9, 29)


def test_trap_14_tribunal_orders_run_through_the_summer() -> None:
    dates = {
        clock: on(clock, orderOn=date(2026, 7, 1)) for clock in ("D36", "D35", "D33a", "D33b", "D32a", "D32b", "D32c")
    }
    assert dates == {
        "D36": date(2026, 7, 15),
        "D35": date(2026, 8, 5),
        "D33a": date(2026, 8, 5),
        "D33b": date(2026, 9, 16),
        "D32a": date(2026, 7, 15),
        "D32b": date(2026, 9, 9),
        "D32c": date(2026, 10, 7),
    }


def test_trap_15_a_dismissed_cease_appeal_ends_the_plan_that_day() -> None:
    assert on("D37", orderOn=date(2026, 7, 4)) == date(2026, 7, 4)


def test_trap_17_exception_needs_advice_asked_of_that_head_in_the_window() -> None:
    window = exception_window(date(2026, 7, 22), date(2026, 9, 2))
    assert window is not None
    assert (window.first, window.last) == (date(2026, 7, 15), date(2026, 8, 26))
    assert not window.excuses_request_on(date(2026, 7, 14))
    assert window.excuses_request_on(date(2026, 7, 15))
    assert window.excuses_request_on(date(2026, 8, 26))
    assert not window.excuses_request_on(date(2026, 8, 27))


def test_trap_17_two_weeks_of_christmas_are_never_an_exception() -> None:
    assert exception_window(date(2026, 12, 18), date(2027, 1, 4)) is None
    assert exception_window(date(2026, 7, 22), date(2026, 8, 18)) is None
    assert exception_window(date(2026, 7, 22), date(2026, 8, 19)) is not None


def test_trap_18_an_exception_moves_no_date_and_counts_both_ways() -> None:
    received = date(2026, 3, 2)
    clock = RULES.clock("D4")
    sent = add_weeks(received, 24)
    judged = timeliness(clock, on("D4", receivedOn=received), sent, recorded=["a"])
    assert judged.including_exceptions is Count.LATE
    assert judged.excluding_exceptions is Count.NOT_COUNTED
    staff_shortage = timeliness(clock, on("D4", receivedOn=received), sent, recorded=["staff-shortage"])
    assert staff_shortage.excluding_exceptions is Count.LATE
    in_time = timeliness(clock, on("D4", receivedOn=received), date(2026, 7, 20))
    assert in_time.including_exceptions is in_time.excluding_exceptions is Count.ON_TIME


@pytest.mark.parametrize(
    ("start", "expected"), [(date(2026, 12, 23), date(2026, 12, 30)), (date(2026, 4, 2), date(2026, 4, 9))]
)
def test_trap_19_three_working_days_skip_weekends_and_bank_holidays(start: date, expected: date) -> None:
    assert on("D27", informedOn=start) == on("D29", requestedOn=start) == expected
    assert working_days_after(start, 3, DATA.holidays) == expected


def test_trap_45_legal_date_is_the_civil_date_in_london() -> None:
    sent = datetime(2026, 6, 15, 0, 30, tzinfo=timezone(timedelta(hours=1)))
    assert sent.astimezone(UTC).date() == date(2026, 6, 14)
    assert london_date(sent) == london_date(sent.astimezone(UTC)) == date(2026, 6, 15)
    assert add_weeks(london_date(sent), 4) == date(2026, 7, 13)


def test_trap_46_certificate_month_that_ends_in_august_runs_to_september() -> None:
    assert on("D30", letterOn=date(2026, 5, 1), certificateOn=date(2026, 7, 10)) == date(2026, 9, 1)


def test_trap_47_a_directed_response_date_in_august_stands() -> None:
    facts = {"receivedOn": date(2026, 7, 20), "directedOn": date(2026, 8, 14)}
    found = due(RULES.clock("D31"), facts, DATA.holidays)
    assert found.due_on == date(2026, 8, 14)
    assert found.law.endswith("r.12(4)")


def test_trap_48_review_year_runs_from_the_last_review_decision() -> None:
    assert on("D7", reviewedOn=date(2025, 10, 1)) == date(2026, 9, 30)
    assert on("D7", reviewedOn=date(2026, 9, 15)) == date(2027, 9, 14)
    amended = started_by(RULES, "ehcp.plan.amended.v1", {"sentOn": "2026-11-20"}, date(2026, 11, 20))
    assert "D7" not in {one.key for one in amended}


def test_trap_49_own_sixth_form_has_no_post_16_transfer_date() -> None:
    facts = {"transferOn": date(2027, 9, 1), "transferKind": "school-sixth-form"}
    for clock in ("D16", "D17", "D18"):
        with pytest.raises(ClockDoesNotApply):
            due(RULES.clock(clock), facts, DATA.holidays)
    college = facts | {"transferKind": "secondary-to-post-16-institution"}
    assert due(RULES.clock("D16"), college, DATA.holidays).due_on == date(2027, 3, 30)


def test_trap_50_college_move_shows_headline_and_safe_date() -> None:
    facts = {"transferOn": date(2026, 9, 1), "transferKind": "post-16-to-post-16"}
    found = due(RULES.clock("D18"), facts, DATA.holidays)
    assert (found.headline_on, found.safe_on) == (date(2026, 4, 1), date(2026, 3, 31))


def test_trap_51_mediation_agreement_has_the_time_of_an_order_or_two_weeks_or_one() -> None:
    agreed = date(2026, 6, 10)
    assert on("D41a", agreedOn=agreed, asClock="D35") == date(2026, 7, 15)
    assert on("D41b", agreedOn=agreed) == date(2026, 6, 24)
    assert on("D41c", agreedOn=agreed) == date(2026, 6, 17)


def test_trap_52_a_council_that_decides_to_reassess_unasked_has_14_weeks() -> None:
    assert on("D25", decidedOn=date(2026, 5, 11)) == date(2026, 8, 17)
    data = {"decision": "REASSESS", "origin": "OWN_DECISION", "decidedOn": "2026-05-11"}
    started = started_by(RULES, "ehcp.plan.reassessment-decided.v1", data, date(2026, 5, 12))
    assert [(one.key, one.facts) for one in started] == [("D25", {"decidedOn": date(2026, 5, 11)})]


def test_trap_54_window_closes_with_the_person_served_last() -> None:
    served = {"parent-1": date(2026, 6, 12), "parent-2": date(2026, 6, 15)}
    window = representation_window(RULES.clock("D5"), served, DATA.holidays)
    assert window.closes_on == date(2026, 6, 29)
    assert window.by_person == {"parent-1": date(2026, 6, 26), "parent-2": date(2026, 6, 29)}
    assert on("D5", servedOn=tuple(served.values())) == date(2026, 6, 29)


def test_trap_77_coronavirus_relaxes_only_with_a_recorded_reason() -> None:
    received, sent = date(2020, 2, 10), date(2020, 8, 17)
    rules = DATA.rule_set_for(received)
    clock = rules.clock("D4")
    limit = due(clock, {"receivedOn": received}, DATA.holidays).due_on
    assert limit == date(2020, 6, 29)
    with_reason = timeliness(clock, limit, sent, ["coronavirus"], rules.relaxations)
    assert (with_reason.late, with_reason.relaxed_by) == (True, "england-2014-c20")
    without = timeliness(clock, limit, sent, [], rules.relaxations)
    assert (without.late, without.relaxed_by) == (True, None)


@pytest.mark.parametrize(
    ("limit", "met"),
    [
        (date(2020, 4, 30), date(2020, 8, 17)),
        (date(2020, 6, 29), date(2020, 9, 26)),
        (date(2020, 9, 26), date(2020, 10, 1)),
    ],
)
def test_trap_77_nothing_is_relaxed_outside_1_may_to_25_september_2020(limit: date, met: date) -> None:
    judged = timeliness(RULES.clock("D4"), limit, met, ["coronavirus"], RULES.relaxations)
    assert judged.relaxed_by is None


def test_trap_77_the_shortest_window_for_representations_was_not_relaxed() -> None:
    judged = timeliness(RULES.clock("D5"), date(2020, 6, 29), date(2020, 8, 17), ["coronavirus"], RULES.relaxations)
    assert judged.relaxed_by is None
