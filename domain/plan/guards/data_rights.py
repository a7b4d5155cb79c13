"""Guards on the rights over the data: access, rectification, statements of dispute (UK GDPR Arts 12 to 18)."""

from collections.abc import Iterator
from datetime import date, timedelta

from domain.errors import Breach
from domain.plan.context import Context
from domain.plan.guards.registry import guard
from domain.plan.rights import ALTERNATIVE_PERSON, PARENT, rights_have_passed

FAMILY = "family"
#: Standings in which a contact asks for somebody else than itself.
FOR_THE_CHILD = frozenset({"PARENT_FOR_CHILD", "REPRESENTATIVE"})
#: The clock of the first month.
MONTH = "S1"


@guard("requester-is-known")
def requester_is_known(context: Context) -> Iterator[Breach]:
    """Who asks is a contact of this record: to whom else it could be given, nobody can say."""
    if context.data.get("requester") not in context.state.person.get("contacts", {}):
        yield context.breach("unknown-contact", "This record has no such contact.", pointer="/requester")


@guard("own-request")
def own_request(context: Context) -> Iterator[Breach]:
    """A member of the family asks in their own name."""
    actor = context.act.actor
    if actor.role == FAMILY and context.data.get("requester") != actor.contact_id:
        yield context.breach("own-name-only", "Ask in your own name.", pointer="/requester")


@guard("own-matter")
def own_matter(context: Context) -> Iterator[Breach]:
    """A member of the family withdraws what is theirs."""
    actor, case = context.act.actor, context.case
    if case is None or actor.role != FAMILY:
        return
    if case.data.get("requester") != actor.contact_id or case.opened_by < context.state.sealed_from:
        yield context.breach("not-your-own", "This isn't yours to withdraw.")


@guard("standing-to-ask")
def standing_to_ask(context: Context) -> Iterator[Breach]:
    """A parent acts for a child; a young person's data are their own, unless somebody else decides for them."""
    born, standing = context.state.date_of_birth(), context.data.get("standing")
    contact = context.state.person.get("contacts", {}).get(context.data.get("requester"), {})
    if standing in FOR_THE_CHILD and contact.get("mayReceive") == "no":
        yield context.breach(
            "barred-requester",
            "This contact may not be sent the plan: it can't ask for the child's data.",
            law="reg 17(1); Children Act 1989 s.8",
            pointer="/requester",
        )
    holder = context.state.last("right-holder-changed").get("holder")
    passed = born is not None and rights_have_passed(born, context.on)
    if standing == "PARENT_FOR_CHILD" and passed and holder not in {ALTERNATIVE_PERSON, PARENT}:
        yield context.breach(
            "the-young-persons-own",
            "The rights are the young person's: they ask themselves, or agree that somebody asks for them.",
            law="UK GDPR Art 15; CFA s.83",
            pointer="/standing",
        )


@guard("clarified-days-only")
def clarified_days_only(context: Context) -> Iterator[Breach]:
    """Only the days between question and answer don't count."""
    asked, answered, counts = (context.act.on(name) for name in ("askedOn", "answeredOn", "countsFrom"))
    received = context.case.data.get("countsFrom") or context.case.data.get("receivedOn") if context.case else None
    if not (asked and answered and counts and received):
        return
    right = _moved(str(received), (answered - asked).days)
    if counts.isoformat() != right:
        yield context.breach("days-between", f"The month runs from {right} now.", pointer="/countsFrom")


@guard("told-within-the-month")
def told_within_the_month(context: Context) -> Iterator[Breach]:
    """More time is taken within the first month, or not at all; it is two months more than that month."""
    clock, told = context.state.open_clock(MONTH), context.act.on("toldOn")
    if clock and told and told.isoformat() > clock.due_on:
        yield context.breach("told-too-late", f"The requester had to be told by {clock.due_on}.", pointer="/toldOn")
    if clock and context.data.get("countsFrom") != clock.started_on:
        yield context.breach(
            "another-month", f"The month runs from {clock.started_on}.", pointer="/countsFrom"
        )  # fmt: skip


@guard("entry-on-record")
def entry_on_record(context: Context) -> Iterator[Breach]:
    """The entry stands in this record."""
    field = "upTo" if "upTo" in context.data else "entry"
    entry = int(context.data.get(field, 0))
    if not 1 <= entry <= context.state.sequence:
        yield context.breach("unknown-entry", f"This record has no entry {entry}.", pointer=f"/{field}")


@guard("exemption-for-what-is-withheld")
def exemption_for_what_is_withheld(context: Context) -> Iterator[Breach]:
    """What is withheld is withheld under an exemption that the law has."""
    for part, decided in context.data.get("decisions", {}).items():
        if decided.get("decision") == "WITHHOLD" and not decided.get("exemption"):
            yield context.breach(
                "exemption-missing", "Say under which exemption it is withheld.", pointer=f"/decisions/{part}"
            )


@guard("requester-still-there")
def requester_still_there(context: Context) -> Iterator[Breach]:
    """Nothing is given to somebody who was barred since they asked."""
    requester = str(context.case.data.get("requester", "")) if context.case else ""
    contact = context.state.person.get("contacts", {}).get(requester)
    if contact is None or contact.get("mayReceive") == "no":
        yield context.breach("barred-recipient", "Who asked may not be sent it any more.", law="reg 17(1)")
    if context.data.get("rightsExplained") is False:
        yield context.breach("rights-not-explained", "Say where to complain.", pointer="/rightsExplained")


@guard("rectified-by-an-entry")
def rectified_by_an_entry(context: Context) -> Iterator[Breach]:
    """What was put right was put right by an entry of this record that came after the request."""
    if context.data.get("decision") == "REFUSED":
        return
    entry, since = int(context.data.get("correctedBy", 0)), context.case.opened_by if context.case else 0
    if not since < entry <= context.state.sequence:
        yield context.breach(
            "correction-missing", "Name the entry by which it was put right since it was asked.", pointer="/correctedBy"
        )


@guard("refusal-has-reasons")
def refusal_has_reasons(context: Context) -> Iterator[Breach]:
    """Whoever is refused, even in part, is told why and what they can do."""
    if context.data.get("decision") == "RECTIFIED":
        return
    for name in ("reasons", "rightsExplained"):
        if not context.data.get(name):
            yield context.breach("reasons-missing", "A refusal says why, and what can be done.", pointer=f"/{name}")


def _moved(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
