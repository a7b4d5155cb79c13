"""Guards on the record itself: merging, misfiled and corrected entries, holds and retention."""

from collections.abc import Iterator
from datetime import date, timedelta

from domain.errors import Breach
from domain.plan.context import Context
from domain.plan.guards.registry import guard
from domain.plan.state import ENDED
from domain.retention import held_back, standing
from domain.retention.due import PENDING as MATTERS
from domain.retention.due import last_hold

#: The sequence of the entry that opened the record.
OPENING = 1
#: The entries that merge two records and undo that, on the surviving and on the retired one.
MERGING = frozenset(
    f"ehcp.plan.{name}.v1" for name in ("record-absorbed", "record-released", "records-merged", "records-unmerged")
)
#: The matters for which records are held, and the statuses in which they are pending.
PENDING = {kind: statuses for kind, (_, statuses) in MATTERS.items() if kind != "complaint"}


@guard("not-itself")
def not_itself(context: Context) -> Iterator[Breach]:
    """A record is merged with another one."""
    for name in ("retired", "survivor"):
        if context.data.get(name) == context.state.plan_id:
            yield context.breach("same-record", "A record can't be merged with itself.", pointer=f"/{name}")


@guard("second-person")
def second_person(context: Context) -> Iterator[Breach]:
    """Two people approve: whoever proposed it doesn't carry it out."""
    yield from a_person(context)
    said = context.case.data if context.case else {}
    proposer = said.get("proposedBy")
    if proposer is None or context.act.actor.may_be(proposer, said.get("proposedByIssuer")):
        yield context.breach(
            "second-person-needed", "Two people approve: somebody else than the proposer carries it out."
        )


@guard("a-person")
def a_person(context: Context) -> Iterator[Breach]:
    """Where two people decide, a system is neither of them: whoever runs it could be the other one."""
    if context.act.actor.is_system:
        yield context.breach("second-person-needed", "Two people decide this: a system isn't one of them.")


@guard("two-people-on-this-side")
def two_people_on_this_side(context: Context) -> Iterator[Breach]:
    """The other record's merge, or its undoing, was proposed and approved there; done alone, this side needs the same.

    The other record is another council's then, so nobody there can approve for this one.
    """
    if context.act.resolved.get("mirrors"):
        return
    proposer = context.data.get("proposedBy")
    if not proposer or context.act.actor.may_be(proposer, context.data.get("proposedByIssuer")):
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


@guard("merges-undone-by-two")
def merges_undone_by_two(context: Context) -> Iterator[Breach]:
    """An entry that merged two records, or undid that, isn't corrected by one person on one side."""
    if context.act.resolved.get("corrected", {}).get("type") in MERGING:
        text = "Two people undo a merge, on both records: propose to undo it, or to merge them again."
        yield context.breach("second-person-needed", text, pointer="/corrects")


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
    for held in held_back(context.state):
        if held.code == "legal-hold":
            yield context.breach(held.code, held.text, law=held.law)


@guard("nothing-holds-back")
def nothing_holds_back(context: Context) -> Iterator[Breach]:
    """Nothing of a record is destroyed while it is held, or while a matter is pending to which it is evidence."""
    for held in (*held_back(context.state), *context.act.resolved.get("merged", ())):
        if held.code not in {"not-at-rest", "merged-record-kept"}:
            yield context.breach(held.code, held.text, law=held.law)


@guard("proposal-stands")
def proposal_stands(context: Context) -> Iterator[Breach]:
    """A proposal to destroy something can be approved for some days, and for none once a hold came between."""
    proposed = context.case
    if proposed is None:
        return
    schedules = context.rules.schedules_of(context.state.maintaining_la, context.today)
    until = date.fromisoformat(proposed.opened_on) + timedelta(days=schedules.proposal_days)
    if context.on > until:
        yield context.breach("proposal-expired", f"The proposal stood until {until.isoformat()}: propose it anew.")
    hold = last_hold(context.state)
    if hold is not None and hold.opened_by > proposed.opened_by:
        text = f"The record was held after this was proposed ({hold.id}): propose it anew."
        yield context.breach("held-since-proposed", text, law="DPA 2018 Sch 2 para 5")


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


@guard("destroyed-by-two")
def destroyed_by_two(context: Context) -> Iterator[Breach]:
    """One person can hide something. To destroy it takes two: a proposal, and somebody else's approval."""
    if context.data.get("destroyContent"):
        text = "Hide it now; to destroy it, propose its erasure, which somebody else approves."
        yield context.breach("second-person-needed", text, law="UK GDPR Art 5(1)(f)", pointer="/destroyContent")


@guard("retention-over")
def retention_over(context: Context) -> Iterator[Breach]:
    """The record is kept as long as the schedule of its council says, and is destroyed by no other rule or edition."""
    schedules = context.rules.schedules_of(context.state.maintaining_la, context.today)
    found = standing(context.state, schedules)
    proposed_by = context.case.data.get("scheduleSha256") if context.case else None
    if proposed_by not in {None, schedules.sha256}:
        text = f"Another schedule was adopted since this was proposed ({schedules.version}): propose it anew."
        yield context.breach("another-schedule", text)
    stated = context.case.data.get("rule") if context.case else context.data.get("rule")
    if found.kept_until is None:
        yield context.breach("retention-unknown", "Without a date of birth the end of the retention isn't known.")
        return
    if stated is not None and stated != found.rule:
        text = f"Rule {found.rule} decides how long this record is kept, not {stated}."
        yield context.breach("another-rule", text, pointer="/rule")
    if context.on < found.kept_until:
        yield context.breach(
            "retention-not-over",
            f"The record is kept until {found.kept_until.isoformat()} (rule {found.rule}).",
            pointer="/effectiveOn",
        )
    for kept in context.act.resolved.get("merged", ()):
        if kept.code == "merged-record-kept":
            yield context.breach(kept.code, kept.text, law=kept.law)
