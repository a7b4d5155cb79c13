"""Guards of serving a draft and answering it (CFA s.38; regs 13(1), 27)."""

from collections.abc import Iterator
from datetime import date, timedelta

from domain.errors import Breach
from domain.plan.context import Context
from domain.plan.guards.dates import last_day
from domain.plan.guards.registry import guard

#: A letter is served when it would arrive in the ordinary course of post (Interpretation Act 1978 s.7).
POST_DAYS = 10
BY_POST = "POST"


@guard("reassessment-under-way")
def reassessment_under_way(context: Context) -> Iterator[Breach]:
    """Once a plan is maintained, a new whole text comes of a re-assessment; other changes are amendments."""
    maintained = context.state.phase == "MAINTAINED"
    if maintained and context.data.get("purpose") != "REASSESSMENT":
        yield context.breach(
            "already-final",
            "The plan is final already: propose amendments, or re-assess.",
            law="CFA s.44; reg 22",
            pointer="/purpose",
        )
    elif maintained and not context.state.open_cases("reassessment", "REASSESSING"):
        yield context.breach("no-reassessment", "No re-assessment is under way.", law="CFA s.44(2)", pointer="/purpose")
    elif not maintained and context.data.get("purpose") == "REASSESSMENT":
        yield context.breach(
            "nothing-to-reassess", "There is no final plan that could be re-assessed.", pointer="/purpose"
        )


@guard("draft-window")
def draft_window(context: Context) -> Iterator[Breach]:
    """The family has at least 15 days, the day of service being day 1, counted for whoever was served last."""
    until, served = context.act.on("representationsUntil"), service_days(context)
    earliest = last_day(context, "D5", {"servedOn": served})
    if until and earliest and until < earliest:
        yield context.breach(
            "window-too-short",
            f"Served on {max(served).isoformat()}, the family may make representations until "
            f"{earliest.isoformat()} at least; {until.isoformat()} is too early.",
            law="reg 13(1)(a)",
            pointer="/representationsUntil",
        )


def service_days(context: Context) -> tuple[date, ...]:
    """The days of service; where nobody is named, the day of the act."""
    each = context.data.get("servedOn", {})
    return tuple(date.fromisoformat(day) for day in each.values()) or (context.on,)


@guard("somebody-served")
def somebody_served(context: Context) -> Iterator[Breach]:
    """A draft is served on persons who are named, each with a day."""
    if not context.data.get("servedOn"):
        yield context.breach(
            "nobody-served", "Say who was served, and when.", law="CFA s.38(2); reg 13(1)", pointer="/servedOn"
        )


@guard("service-dates")
def service_dates(context: Context) -> Iterator[Breach]:
    """Nobody is served before the draft issues, and only the post serves later than it was sent."""
    methods = context.data.get("serviceMethods", {})
    for contact_id, stated in context.data.get("servedOn", {}).items():
        day = date.fromisoformat(stated)
        by_post = methods.get(contact_id) == BY_POST
        if day > context.on + timedelta(days=POST_DAYS) or (day > context.today and not by_post):
            yield context.breach(
                "not-served-yet",
                f"{day.isoformat()} lies ahead: only a letter is served later than it is sent.",
                law="Interpretation Act 1978 s.7",
                pointer=f"/servedOn/{contact_id}",
            )
        elif day < context.on and context.performed:
            yield context.breach(
                "served-before-issued",
                f"The draft issues on {context.on.isoformat()}: it can't have been served on {day.isoformat()}.",
                law="reg 13(1)(a)",
                pointer=f"/servedOn/{contact_id}",
            )


@guard("author-is-contact")
def author_is_contact(context: Context) -> Iterator[Breach]:
    """Who speaks is a contact of the record: a parent, the young person, or who acts for them."""
    if context.data.get("contactId") not in context.state.person.get("contacts", {}):
        yield context.breach(
            "unknown-contact", "This record has no such contact: add them first.", pointer="/contactId"
        )
