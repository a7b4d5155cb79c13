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
#: The kinds of contact that may use a right in a standing; a representative may be anybody.
WHO_STANDS = {"PARENT_FOR_CHILD": "parentOrCarer", "CHILD": "youngPerson", "YOUNG_PERSON": "youngPerson"}
#: The clock of the extended time, and what an act says of it.
EXTENDED, THREE_MONTHS, ONE_MONTH = "S2", "THREE_MONTHS", "ONE_MONTH"
#: Why an answer is taken back that had answered the request when it was given: the month runs anew.
ANSWERED_ONCE = frozenset({"HIDDEN_SINCE", "GIVEN_BY_MISTAKE"})
REFUSED_WRONGLY = "REFUSED_WRONGLY"


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
    if contact and contact.get("kind") != WHO_STANDS.get(str(standing), contact.get("kind")):
        text = "This contact isn't who uses the right in this standing."
        yield context.breach("another-standing", text, law="UK GDPR Art 12(6), 15", pointer="/standing")
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


@guard("limit-as-it-runs")
def limit_as_it_runs(context: Context) -> Iterator[Breach]:
    """A request that was extended has three months, also while it is clarified."""
    yield from _limit_is(context, _limit_of(context))


@guard("told-within-the-month")
def told_within_the_month(context: Context) -> Iterator[Breach]:
    """More time is taken once, within the first month of this request; it is two months more than that month."""
    clock, told = context.state.last_clock(context.case) if context.case else None, context.act.on("toldOn")
    if clock is None:
        return
    if clock.id == EXTENDED:
        yield context.breach("extended-already", "Two months more is all that the law gives.", pointer="/countsFrom")
    elif told and told.isoformat() > clock.due_on:
        yield context.breach("told-too-late", f"The requester had to be told by {clock.due_on}.", pointer="/toldOn")
    if context.data.get("countsFrom") != clock.started_on:
        yield context.breach("another-month", f"The month runs from {clock.started_on}.", pointer="/countsFrom")


@guard("month-of-the-answer")
def month_of_the_answer(context: Context) -> Iterator[Breach]:
    """An answer that was taken back is due as before where it never answered the request, else within a month anew."""
    case, why = context.case, context.data.get("why")
    if case is None:
        return
    if (why == REFUSED_WRONGLY) is not (case.status == "REFUSED"):
        yield context.breach("another-outcome", f"The request is {case.status}: say why it is.", pointer="/why")
    anew = why in ANSWERED_ONCE
    first = case.data.get("countsFrom") or case.data.get("receivedOn")
    runs_from = context.data.get("reopenedOn") if anew else first
    if context.data.get("countsFrom") != runs_from:
        yield context.breach("another-month", f"The month runs from {runs_from}.", pointer="/countsFrom")
    yield from _limit_is(context, ONE_MONTH if anew else _limit_of(context))


@guard("covers-the-request")
def covers_the_request(context: Context) -> Iterator[Breach]:
    """The answer covers what was held when it was asked for, and, once it was taken back, up to then."""
    asked = [move.by for move in context.case.moves if move.status == "RECEIVED"] if context.case else []
    if asked and int(context.data.get("upTo", 0)) < asked[-1]:
        yield context.breach("held-but-left-out", f"Go through everything up to entry {asked[-1]}.", pointer="/upTo")


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


@guard("package-as-reviewed")
def package_as_reviewed(context: Context) -> Iterator[Breach]:
    """What is released can be given, and is what was reviewed: the digest is that of the package (`package`)."""
    package = context.act.resolved.get("package", "")
    if not package:
        yield context.breach("nothing-to-give", "There are parts about which nobody has decided: prepare it again.")
    elif context.data.get("packageSha256") != package:
        text = "This isn't the digest of the package as it is now: look at it again, and name its own."
        yield context.breach("another-package", text, pointer="/packageSha256")


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


def _limit_of(context: Context) -> str:
    clock = context.state.last_clock(context.case) if context.case else None
    return THREE_MONTHS if clock and clock.id == EXTENDED else ONE_MONTH


def _limit_is(context: Context, limit: str) -> Iterator[Breach]:
    if context.data.get("limit", ONE_MONTH) != limit:
        yield context.breach("another-limit", f"The limit of this request is {limit}.", pointer="/limit")


def _moved(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
