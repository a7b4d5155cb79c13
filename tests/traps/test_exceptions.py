"""Traps of exceptions to time limits: what a council marks as excused stays visible beside the figures without it."""

from collections.abc import Sequence
from datetime import date

from domain.clocks import Count, Timeliness, timeliness
from domain.plan.state import Clock
from tests.domain.plan.journey import Journey
from tests.domain.plan.keeping.history import rules

PERSONAL = {"code": "c", "impracticalBecause": "A death in the family"}
REQUESTED, ISSUED = date(2026, 3, 2), date(2026, 8, 17)


def _twenty_weeks(*, excused: bool) -> Clock:
    """The 20 weeks of a case that was asked for on 2 March 2026, with or without a recorded exception."""
    journey = Journey.assessing()
    if excused:
        journey.perform("record-exception", "2026-05-11", exceptionId="exception-1", **PERSONAL)
    return journey.clock("D4")


def _judged(clock: Clock) -> Timeliness:
    rule = rules().rule_set_for(REQUESTED).clock(clock.id)
    return timeliness(rule, date.fromisoformat(clock.due_on), ISSUED, clock.excuses)


def _exception_rate(clocks: Sequence[Clock]) -> float:
    return sum(bool(clock.excuses) for clock in clocks) / len(clocks)


def test_trap_79_marking_every_plan_as_an_exception_leaves_nothing_to_count_and_the_rate_says_so() -> None:
    clocks = [_twenty_weeks(excused=True) for _ in range(3)]
    assert {_judged(clock).excluding_exceptions for clock in clocks} == {Count.NOT_COUNTED}
    assert {_judged(clock).including_exceptions for clock in clocks} == {Count.LATE}
    assert _exception_rate(clocks) == 1.0


def test_trap_79_the_rate_is_of_recorded_exceptions_not_of_lateness() -> None:
    clocks = [_twenty_weeks(excused=True), _twenty_weeks(excused=False)]
    assert {clock.due_on for clock in clocks} == {"2026-07-20"}
    assert _exception_rate(clocks) == 0.5
