"""What no sequence of performed acts may do to the record, to those who are told, and to those who read.

Like `tests.trials.forbidden`, written from the law and apart from the guards.
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.access import Entitlement
from domain.plan.state import Clock, PlanState
from tests.support.access import entitled
from tests.trials.act_texts import SETTINGS
from tests.trials.done import FINAL, ORDERED, Done, Json, forbidden

OVER = {"CEASED", "ENDED_DEATH", "VOIDED", "MERGED", "WITHDRAWN"}
#: What can still be done to a record that is over for good: keep it, hold it, put it right, answer for it.
STILL_DONE = {
    "accessed", "bereavement-task-closed", "complaint-answered", "complaint-received", "correction-recorded",
    "disclosed", "dispute-stated", "dispute-withdrawn",
    "entry-erased", "entry-erasure-proposed", "entry-erasure-withdrawn", "erasure-proposed", "erasure-withdrawn",
    "event-misfiled", "identity-sealed", "identity-unsealed", "judicial-review-ended", "judicial-review-issued",
    "legal-hold-lifted", "legal-hold-set", "merge-proposed", "misfiled-entry-received", "move-entry-proposed",
    "ombudsman-decided", "ombudsman-enquired", "ombudsman-remedy-due", "ombudsman-remedy-met",
    "pre-action-letter-received", "record-absorbed", "record-released", "records-merged", "records-unmerged",
    "redaction-applied", "rectification-decided", "rectification-requested", "retention-expired", "sharing-declined",
    "subject-access-clarified", "subject-access-extended", "subject-access-prepared", "subject-access-refused",
    "subject-access-released", "subject-access-reopened", "subject-access-requested", "subject-access-reviewed",
    "subject-access-withdrawn", "unmerge-proposed",
}  # fmt: skip
#: Appeals, and what follows from them, go on after a plan has ended or a request was withdrawn.
GOES_ON = {
    "appeal-registered", "appeal-conceded", "tribunal-ordered", "tribunal-directed", "recommendation-made",
    "ombudsman-remedy-due", "further-request-received",
}  # fmt: skip
#: The orders that order a text, and the act by which it becomes law.
TEXT_ORDERS = {
    "finalised": {"MAKE_PLAN"},
    "amended": {"AMEND_CONTENTS", "AMEND_PLACEMENT", "MAINTAIN_AND_AMEND"},
}
UNDONE = {"records-unmerged", "correction-recorded", "event-misfiled", "record-released"}


@forbidden
def owed_after_the_end(done: Done) -> Iterator[str]:
    """When a record ends every duty ends, but for what is owed to whoever asks for their data.

    Afterwards only an appeal, a remedy or a new request brings one.
    """
    phase = done.after.phase
    if phase not in OVER or done.event in UNDONE:
        return
    fresh = _running(done.after).keys() - _running(done.before).keys()
    owed = _running(done.after).keys() if phase != done.before.phase else fresh if done.event not in GOES_ON else set()
    yield from (f"{key} runs on" for key in sorted(owed))


def _running(state: PlanState) -> dict[str, Clock]:
    data_rights = {"S1", "S2", "S3"}
    running = {key: clock for key, clock in state.clocks.items() if not clock.met_on and not clock.closed}
    return {key: clock for key, clock in running.items() if clock.id not in data_rights}


@forbidden
def busy_after_the_end(done: Done) -> Iterator[str]:
    """After a death, or on a record that was voided or merged, nothing is done for the child any more."""
    if done.before.phase in {"ENDED_DEATH", "VOIDED", "MERGED"} and done.event not in STILL_DONE:
        yield f"{done.event} on a record that is {done.before.phase}"


@forbidden
def letter_after_death(done: Done) -> Iterator[str]:
    """No letter goes to a bereaved family."""
    if done.before.phase == "ENDED_DEATH" and (done.data.get("recipients") or done.data.get("servedOn")):
        yield f"{done.event} names recipients"


@forbidden
def another_council_or_two(done: Done) -> Iterator[str]:
    """CFA s.42; reg 15: exactly one council maintains a plan, and it is the one that the record names."""
    councils = [p.organisation for p in done.after.parties if p.role == "maintainingCouncil" and p.until is None]
    if councils != [f"la:{done.after.maintaining_la}"]:
        yield f"maintained by {councils}, named {done.after.maintaining_la}"


@forbidden
def draft_in_force(done: Done) -> Iterator[str]:
    """CFA s.38: what is proposed isn't law; the text in force stays until another is final."""
    proposed = done.event in {"draft-issued", "amendment-notice-issued"}
    if proposed and done.before.is_final() and done.after.document != done.before.document:
        yield "a draft has displaced the text in force"


@forbidden
def final_again_without_reassessment(done: Done) -> Iterator[str]:
    """CFA s.44: a plan in force is replaced after a re-assessment, else it is amended."""
    again = done.event == "finalised" and done.before.phase == "MAINTAINED"
    if again and not done.before.open_cases("reassessment", "REASSESSING"):
        yield "nobody was assessed again"


@forbidden
def decided_without_advice(done: Done) -> Iterator[str]:
    """Reg 6(1): the council decides on the advice of parents, school, health, psychologist and social care."""
    if done.event != "assessment-decided":
        return
    again = done.before.fact("further-request-received")
    since = again.last_sequence if again else 0
    sought = {case.data.get("category") for case in done.before.open_cases("advice") if case.opened_by > since}
    yield from (f"advice {category} wasn't sought" for category in "abcde" if category not in sought)


@forbidden
def ordered_without_order(done: Done) -> Iterator[str]:
    """Regs 42, 44, 45: a text issues as ordered once for each order of such a text."""
    basis = done.data.get("basis")
    if done.event not in FINAL or basis not in ORDERED:
        return
    kind = "mediation" if basis == "MEDIATION_AGREEMENT" else "appeal"
    wanted = TEXT_ORDERS[done.event]
    orders = [case for case in done.before.open_cases(kind) if wanted & set(case.data.get("orders", ()))]
    event = f"ehcp.plan.{done.event}.v1"
    issued = {v.number for v in done.before.versions if v.event_type == event and v.basis == basis}
    if len(issued) >= len(orders):
        yield f"{len(orders)} orders and already {len(issued)} texts"


@forbidden
def end_untold(done: Done) -> Iterator[str]:
    """Reg 31: family and setting are consulted before the decision, and told of it with the right of appeal."""
    if done.event != "cease-decided":
        return
    before = done.before.case("cease", str(done.data.get("ceaseId", "")))
    if before is None or not before.data.get("familyConsultedOn"):
        yield "the family wasn't consulted"
    if not done.data.get("recipients") or not done.data.get("rightsExplained"):
        yield "the family wasn't told, or not of its rights"
    placements = done.before.document.get("sections", {}).get("I", {}).get("placements", {}).values()
    schools = {f"urn:{placement['urn']}" for placement in placements if "urn" in placement}
    yield from (f"{school} wasn't told" for school in schools - set(done.data.get("notifiedOrganisations", ())))


@forbidden
def final_without_rights(done: Done) -> Iterator[str]:
    """Regs 14(1), 22(5): a final plan goes with notice of the right of appeal."""
    if done.event in FINAL and not done.data.get("rightsExplained"):
        yield "nothing was said of the right of appeal"


@forbidden
def done_alone(done: Done) -> Iterator[str]:
    """Two people merge records, undo it, take an entry out of one, or answer for what is held."""
    kind, name = {
        "record-absorbed": ("merge", "retired"),
        "record-released": ("merge", "retired"),
        "event-misfiled": ("misfiled", "misfiledId"),
        "subject-access-reviewed": ("subject-access", "accessId"),
    }.get(done.event, ("", ""))
    matter = done.before.case(kind, str(done.data.get(name, "")))
    if kind and (matter is None or matter.data.get("proposedBy") in {None, done.subject}):
        yield "one person did it alone"


@forbidden
def school_reads_too_much(done: Done) -> Iterator[str]:
    """Reg 17; CFA s.38(5): a setting reads the final that names it, or, while it is asked, a copy without section I."""
    named = _named(done.after.document) if done.after.is_final() else set()
    asked = {c.data.get("organisation") for c in done.after.open_cases("consultation", "SENT", "ACKNOWLEDGED")}
    for organisation in SETTINGS:
        allowed = entitled(done.after, "school", organisation, done.today.isoformat())
        current = done.after.current_version()
        if organisation not in named | asked and current and allowed.versions(current) and not _own_part(allowed):
            yield f"{organisation} reads a plan that isn't its pupil's"
        drafts = [allowed.showing(version) for version in done.after.versions if version.kind == "draft"]
        if any("section-i" not in grant.withholds for grant in drafts if grant):
            yield f"{organisation} reads where a child may go next"


def _own_part(allowed: Entitlement) -> bool:
    """Whether it is shown its own items, what was in force in its own time, or what somebody consented to."""
    return all(
        grant.own or grant.relation in {"former-named-setting", "consented-recipient"} for grant in allowed.grants
    )


def _named(document: Json) -> set[str]:
    placements = document.get("sections", {}).get("I", {}).get("placements", {}).values()
    return {f"{kind}:{placement[kind]}" for placement in placements for kind in ("urn", "ukprn") if kind in placement}


@forbidden
def barred_parent_reads(done: Done) -> Iterator[str]:
    """Reg 17: whoever may receive nothing reads nothing."""
    for contact_id, contact in done.after.person.get("contacts", {}).items():
        allowed = entitled(done.after, "family", "family", done.today.isoformat(), contact_id)
        if contact.get("mayReceive") == "no" and allowed.allowed:
            yield f"{contact_id} reads on"
