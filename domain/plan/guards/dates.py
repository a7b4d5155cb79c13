"""Dates inside an act: what has happened can't lie ahead; the last day of a duty by the clock table."""

from collections.abc import Iterator
from datetime import date

from domain.calendar import CalendarError
from domain.clocks import ClockDoesNotApply, ClockError, Fact, MissingFact, due
from domain.errors import Breach
from domain.plan.context import Context
from domain.plan.guards.registry import guard

#: Dates that may lie ahead of the act that states them.
AHEAD = frozenset(
    {
        "representationsUntil",
        "replyBy",
        "reviewBy",
        "until",
        "dueOn",
        "directedOn",
        "otherwiseAgreedOn",
        "courseEndsOn",
        "section41ApprovedTo",
        "movedOn",
    }
)


@guard("dates-have-come")
def dates_have_come(context: Context) -> Iterator[Breach]:
    """What the act says has happened has happened by today (the letter was sent, the meeting was held)."""
    for name, schema in context.spec.body.items():
        if schema.get("format") != "date" or name in AHEAD:
            continue
        stated = context.act.on(name)
        if stated and stated > context.today:
            yield context.breach(
                "not-yet",
                f"'{schema['title']}' is {stated.isoformat()}, after today ({context.today.isoformat()}).",
                pointer=f"/{name}",
            )


def last_day(context: Context, clock_id: str, facts: dict[str, Fact]) -> date | None:
    """The last day of a duty or window under the rules in force at the earliest of the facts.

    None where it can't be computed: a fact is missing, or no table or holiday list covers the time.
    """
    stated = [fact for fact in facts.values() if isinstance(fact, date)]
    days = stated or [day for fact in facts.values() if isinstance(fact, tuple) for day in fact]
    if not days:
        return None
    try:
        rule_set = context.rules.rule_set_for(min(days))
        return due(rule_set.clock(clock_id), facts, context.rules.holidays_on(context.today)).due_on
    except (ClockError, ClockDoesNotApply, MissingFact, CalendarError):
        return None
