"""When a duty is due: the one computation behind every clock of the table."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from msgspec import Struct

from domain.calendar import HolidayList, next_working_day
from domain.clocks.errors import ClockDoesNotApply
from domain.clocks.facts import Fact, Facts, day_of
from domain.clocks.periods import Period, SameAs
from domain.clocks.table import Clock, RuleSet, Start


class Due(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A due date with everything that it rests on.

    `due_on` is the last day for the act by the strict reading (of a window: its earliest last day).
    `headline_on` is the date that practice and guidance name where it differs in form; `safe_on` satisfies
    every reading of the rule.
    """

    clock: str
    due_on: date
    law: str
    calendar_version: str
    rule_set: str
    headline_on: date | None = None
    safe_on: date | None = None


class Started(Struct, frozen=True, kw_only=True):
    """A duty that an event starts: the clock, a key unique within that event, and the facts it gives.

    `started_on` is the day from which it runs; of several persons served on different days, the last.
    """

    key: str
    clock: Clock
    facts: dict[str, Fact]
    started_on: date


def due(clock: Clock, facts: Facts, holidays: HolidayList) -> Due:
    """Compute when a duty is due from the facts of the case and a bank-holiday list.

    Raises:
        ClockDoesNotApply: the duty does not exist in a case with these facts.
        MissingFact: a fact that the period needs is not given.
        CalendarError: the holiday list does not cover the days in question.
    """
    if not applies(clock, facts, holidays):
        raise ClockDoesNotApply(clock.id)
    for replacement in clock.replaced_by:
        if replacement.fact in facts:
            return _due(clock, day_of(facts, replacement.fact), replacement.law, holidays)
    ends_on = _moved(clock, clock.period.ends_on(facts, holidays), holidays)
    return _due(
        clock,
        ends_on,
        clock.cited,
        holidays,
        headline_on=_other(clock.headline, facts, holidays),
        safe_on=_other(clock.safe, facts, holidays),
    )


def applies(clock: Clock, facts: Facts, holidays: HolidayList) -> bool:
    """Tell whether a duty exists in a case with these facts.

    Raises:
        MissingFact: a fact that decides it is not given.
    """
    return clock.applies_if is None or clock.applies_if.holds(facts, holidays)


def started_by(rule_set: RuleSet, event_type: str, data: Mapping[str, Any], effective_on: date) -> tuple[Started, ...]:
    """Return the duties that an event starts, with its facts; the caller adds what it knows of the plan.

    A concession or a mediation agreement starts one duty for each order that it stands for: ``D39/D35``.
    Whether each one applies (`applies`) depends on facts that the event alone may not hold.
    """
    found: list[Started] = []
    for clock, starts in rule_set.starting.get(event_type, ()):
        if start := _first_fitting(starts, data):
            facts = clock.facts_in(start, data, effective_on)
            found.extend(_instances(rule_set, clock, data, facts, day_of(facts, start.fact)))
    return tuple(found)


def clocks_of_orders(rule_set: RuleSet, orders: tuple[str, ...]) -> tuple[Clock, ...]:
    """Return the duties that follow from Tribunal orders (codes of the set ``tribunal-orders``)."""
    return tuple(clock for clock in rule_set.clocks if clock.started_by(TRIBUNAL_ORDERED, {"orders": orders}))


TRIBUNAL_ORDERED = "ehcp.plan.tribunal-ordered.v1"
"""The event whose orders the clocks of reg 44 start from, and to which regs 42 and 45 refer."""


def _first_fitting(starts: Sequence[Start], data: Mapping[str, Any]) -> Start | None:
    for start in starts:
        if start.fits(data):
            return start
    return None


def _instances(
    rule_set: RuleSet, clock: Clock, data: Mapping[str, Any], facts: dict[str, Fact], started_on: date
) -> list[Started]:
    if not isinstance(clock.period, SameAs):
        return [Started(key=clock.id, clock=clock, facts=facts, started_on=started_on)]
    choice = clock.period.choice
    stood_for = [rule_set.clock(name) for name in clock.period.clocks]
    return [
        Started(
            key=f"{clock.id}/{other.id}",
            clock=clock,
            facts=facts | {choice: other.id},
            started_on=started_on,
        )
        for other in stood_for
        if other.started_by(TRIBUNAL_ORDERED, data)
    ]


def _moved(clock: Clock, ends_on: date, holidays: HolidayList) -> date:
    moves = clock.extends if clock.non_working_day_end == "as-rule-set" else clock.non_working_day_end != "stays"
    if not moves:
        return ends_on
    return next_working_day(ends_on, holidays, lambda day: any(days.hold(day) for days in clock.never_ends_in))


def _other(period: Period | None, facts: Facts, holidays: HolidayList) -> date | None:
    return period.ends_on(facts, holidays) if period is not None else None


def _due(
    clock: Clock,
    due_on: date,
    law: str,
    holidays: HolidayList,
    *,
    headline_on: date | None = None,
    safe_on: date | None = None,
) -> Due:
    return Due(
        clock=clock.id,
        due_on=due_on,
        law=law,
        calendar_version=holidays.version,
        rule_set=clock.rule_set,
        headline_on=headline_on,
        safe_on=safe_on,
    )
