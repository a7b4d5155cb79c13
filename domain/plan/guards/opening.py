"""Guards of opening a record (CFA ss.23, 24, 36)."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from domain.calendar import birthday
from domain.errors import Breach
from domain.plan.asserted import WITH_FINAL, asserted_status, asserted_text_kind
from domain.plan.context import Context
from domain.plan.guards.registry import guard

#: Compulsory school age begins on the first of these days (month, day) on or after the fifth birthday.
PRESCRIBED_DAYS = ((3, 31), (8, 31), (12, 31))
FIVE = 5
TWENTY_FIVE = 25
#: The order in which the dates of an imported plan must lie, and the dates that have come before it is imported.
IN_ORDER = ("requestReceivedOn", "planMadeOn", "finalSentOn")
PAST = (*IN_ORDER, "lastReviewDecidedOn", "reviewMeetingOn")


@guard("council-known")
def council_known(context: Context) -> Iterator[Breach]:
    """A record is some council's from its first day."""
    if not (context.data.get("council") or context.state.maintaining_la):
        yield context.breach(
            "council-missing", "Say which council is responsible.", law="CFA s.24(1)", pointer="/council"
        )


@guard("within-age")
def within_age(context: Context) -> Iterator[Breach]:
    """An assessment can be asked for until the 25th birthday."""
    born = date_of_birth(context)
    if born and context.on >= birthday(born, TWENTY_FIVE):
        yield context.breach(
            "too-old", "The young person is 25 or older.", law="CFA s.36(1); s.83(2)", pointer="/child/dateOfBirth"
        )


@guard("under-school-age")
def under_school_age(context: Context) -> Iterator[Breach]:
    """The duty to notify is about children under compulsory school age."""
    born = date_of_birth(context)
    if born and context.on >= school_age_begins(born):
        yield context.breach(
            "of-school-age",
            "The child is of compulsory school age: the health body may ask for an assessment instead.",
            law="CFA s.23(1)",
            pointer="/child/dateOfBirth",
        )


@guard("parent-informed-first")
def parent_informed_first(context: Context) -> Iterator[Breach]:
    """The health body tells the parent first, and gives them an opportunity to discuss it."""
    informed = context.act.on("parentInformedOn")
    if informed is None or informed > context.on:
        yield context.breach(
            "parent-not-informed",
            "The health body informs the parent before it notifies the council: say when it did.",
            law="CFA s.23(3)",
            pointer="/parentInformedOn",
        )


@guard("child-known")
def child_known(context: Context) -> Iterator[Breach]:
    """An imported plan is somebody's: the text says whose, or the body does."""
    if context.act.plan_text() is None and "child" not in context.data:
        yield context.breach("child-missing", "Give the text of the plan, or say whose it is.", pointer="/child")


@guard("asserted-dates-in-order")
def asserted_dates_in_order(context: Context) -> Iterator[Breach]:
    """A request comes before the plan, the plan before its later text; nothing asserted lies ahead."""
    stated = {name: day for name in PAST if (day := context.act.on(name))}
    in_order = [(name, stated[name]) for name in IN_ORDER if name in stated]
    for (earlier, before), (later, after) in pairwise(in_order):
        if after < before:
            yield context.breach(
                "dates-out-of-order",
                f"{later} ({after.isoformat()}) lies before {earlier} ({before.isoformat()}).",
                pointer=f"/{later}",
            )
    for name, day in stated.items():
        if day > context.today:
            yield context.breach("not-yet", f"{name} is {day.isoformat()}, after today.", pointer=f"/{name}")
    status = asserted_status(context.data)
    if status == "MAINTAINED" and context.data.get("textKind") == "draft":
        yield context.breach("draft-is-not-law", "A maintained plan has a final text.", pointer="/textKind")
    if status not in WITH_FINAL and asserted_text_kind(context.data) == "final":
        yield context.breach("final-before-its-time", "This case hasn't come to a final text.", pointer="/textKind")


def date_of_birth(context: Context) -> date | None:
    """The date of birth that the act states, else the one on record."""
    stated = context.data.get("child", {}).get("dateOfBirth")
    return date.fromisoformat(stated) if stated else context.state.date_of_birth()


def school_age_begins(born: date) -> date:
    """The day on which compulsory school age begins (Education Act 1996 s.8(2); SI 1998/1607)."""
    fifth = birthday(born, FIVE)
    days = (date(year, month, day) for year in (fifth.year, fifth.year + 1) for month, day in PRESCRIBED_DAYS)
    return next(day for day in days if day >= fifth)
