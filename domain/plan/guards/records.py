"""Guards on the record itself: merging, misfiled and corrected entries, holds and retention."""

from collections.abc import Iterator

from domain.calendar import birthday
from domain.errors import Breach
from domain.plan.context import Context
from domain.plan.guards.registry import guard
from domain.plan.state import ENDED

#: The sequence of the entry that opened the record.
OPENING = 1
#: How long a record is kept, in years from the date of birth.
YEARS_KEPT = {"DOB_31": 31, "DOB_45": 45, "DOB_75": 75}
#: The matters for which records are held, and the statuses in which they are pending.
PENDING = {
    "appeal": ("REGISTERED", "OPPOSED"),
    "onward-appeal": ("MADE",),
    "ombudsman": ("OPEN",),
    "claim": ("PRE_ACTION", "ISSUED"),
}


@guard("not-itself")
def not_itself(context: Context) -> Iterator[Breach]:
    """A record is merged with another one."""
    for name in ("retired", "survivor"):
        if context.data.get(name) == context.state.plan_id:
            yield context.breach("same-record", "A record can't be merged with itself.", pointer=f"/{name}")


@guard("second-person")
def second_person(context: Context) -> Iterator[Breach]:
    """Two people approve: whoever proposed it doesn't carry it out."""
    proposer = context.case.data.get("proposedBy") if context.case else None
    if proposer is None or proposer == context.act.actor.subject:
        yield context.breach(
            "second-person-needed", "Two people approve: somebody else than the proposer carries it out."
        )


@guard("two-people-on-this-side")
def two_people_on_this_side(context: Context) -> Iterator[Breach]:
    """The other record's merge, or its undoing, was proposed and approved there; done alone, this side needs the same.

    The other record is another council's then, so nobody there can approve for this one.
    """
    if context.act.resolved.get("mirrors"):
        return
    proposer = context.data.get("proposedBy")
    if not proposer or proposer == context.act.actor.subject:
        yield context.breach(
            "second-person-needed",
            "Two people approve: name whoever proposed it, somebody else than you.",
            pointer="/proposedBy",
        )


@guard("entry-exists")
def entry_exists(context: Context) -> Iterator[Breach]:
    """The entry stands in this record and hasn't been taken out of it."""
    field = "corrects" if "corrects" in context.data else "entry"
    entry = int(context.data.get(field, 0))
    if not 1 <= entry <= context.state.sequence:
        yield context.breach("unknown-entry", f"This record has no entry {entry}.", pointer=f"/{field}")
    elif entry in context.state.annulled:
        yield context.breach(
            "entry-does-not-count", f"Entry {entry} doesn't count any more already.", pointer=f"/{field}"
        )


@guard("opening-entry-stays")
def opening_entry_stays(context: Context) -> Iterator[Breach]:
    """Without the entry that opened it a record is nobody's: it is corrected, or the record is voided."""
    field = "corrects" if "corrects" in context.data else "entry"
    corrected = bool(context.act.resolved.get("replacement"))
    if context.data.get(field) == OPENING and not corrected:
        yield context.breach(
            "opening-entry",
            "This entry opened the record and can't be taken out of it: correct what it says, or void the record.",
            pointer=f"/{field}",
        )


@guard("same-entry")
def same_entry(context: Context) -> Iterator[Breach]:
    """What is carried out is what was proposed."""
    proposed = context.case.data.get("entry") if context.case else None
    if proposed is not None and proposed != context.data.get("entry"):
        yield context.breach("another-entry-proposed", f"The proposal is about entry {proposed}.", pointer="/entry")


@guard("reopening-needs-manager")
def reopening_needs_manager(context: Context) -> Iterator[Breach]:
    """A correction of a record that has ended may open it again, so a named officer makes it."""
    if context.state.phase in ENDED and context.act.actor.role != "send-manager":
        yield context.breach("named-officer-needed", "This record has ended: a named officer corrects it.")


@guard("nothing-final")
def nothing_final(context: Context) -> Iterator[Breach]:
    """A record with a final plan wasn't opened in error: it is merged, corrected or ceased."""
    if context.state.is_final():
        yield context.breach("final-plan-exists", "This record holds a final plan and can't be voided.", law="CFA s.42")


@guard("no-hold")
def no_hold(context: Context) -> Iterator[Breach]:
    """A held record isn't taken away: the hold wins."""
    for hold in context.state.open_cases("hold", "ON"):
        yield context.breach(
            "legal-hold",
            f"The record is held since {hold.opened_on} ({hold.id}); lift the hold first.",
            law="DPA 2018 Sch 2 para 5",
        )


@guard("nothing-pending-for-hold")
def nothing_pending_for_hold(context: Context) -> Iterator[Breach]:
    """A hold stands as long as the appeal, enquiry or claim for which it was set is pending."""
    data = context.case.data if context.case else {}
    kind = str(data.get("because", ""))
    matter = context.state.case(kind, str(data.get("of", "")))
    if matter and matter.status in PENDING.get(kind, ()):
        yield context.breach(
            "still-pending",
            f"The record is held for {kind.replace('-', ' ')} {matter.id}, which is still pending.",
            pointer="/holdId",
        )


@guard("retention-over")
def retention_over(context: Context) -> Iterator[Breach]:
    """The record is kept for so many years from the date of birth."""
    born = context.state.date_of_birth()
    years = YEARS_KEPT.get(str(context.data.get("rule")))
    if born is None or years is None:
        yield context.breach("retention-unknown", "Without a date of birth the end of the retention isn't known.")
    elif context.on < birthday(born, years):
        yield context.breach(
            "retention-not-over",
            f"The record is kept until {birthday(born, years).isoformat()}.",
            pointer="/effectiveOn",
        )
