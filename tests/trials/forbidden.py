"""What no sequence of performed acts may reach, each with the law that forbids it, stated apart from the guards.

Each rule looks at the state before, at what the event says, and at the state after, and yields what is wrong. The rules
are written from the Act and the Regulations and share no code with what refuses the acts.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from domain.document import text_hash
from domain.plan.state import PlanState
from tests.trials.done import FINAL, Done, Json, forbidden

#: Where a performed act can lead from each phase, besides staying there.
STEPS: dict[str, set[str]] = {
    "REQUESTED": {"ASSESSING", "ASSESSMENT_REFUSED", "WITHDRAWN", "VOIDED", "ENDED_DEATH", "MERGED"},
    "ASSESSMENT_REFUSED": {"REQUESTED", "WITHDRAWN", "VOIDED", "ENDED_DEATH", "MERGED"},
    "ASSESSING": {"DRAFTING", "ISSUE_REFUSED", "WITHDRAWN", "VOIDED", "ENDED_DEATH", "MERGED"},
    "ISSUE_REFUSED": {"DRAFTING", "ASSESSING", "REQUESTED", "WITHDRAWN", "VOIDED", "ENDED_DEATH", "MERGED"},
    "DRAFTING": {"DRAFT_ISSUED", "WITHDRAWN", "VOIDED", "ENDED_DEATH", "MERGED"},
    "DRAFT_ISSUED": {"MAINTAINED", "WITHDRAWN", "VOIDED", "ENDED_DEATH", "MERGED"},
    "MAINTAINED": {"CEASED", "ENDED_DEATH", "MERGED"},
    "CEASED": {"ENDED_DEATH", "MERGED", "REQUESTED"},
    "WITHDRAWN": {"ENDED_DEATH", "MERGED", "REQUESTED"},
    "ENDED_DEATH": {"MERGED"},
    "VOIDED": set(),
    "MERGED": set(),
}


@forbidden
def draft_names_setting(done: Done) -> Iterator[str]:
    """CFA s.38(5); reg 27(1): a draft names no school and no type; in an amendment section I stays as in force."""
    if done.event == "draft-issued" and done.text.get("I"):
        yield "section I of a draft isn't empty"
    if done.event == "amendment-notice-issued":
        in_force = done.before.document.get("sections", {}).get("I", {})
        if done.text.get("I", {}) != in_force:
            yield "section I of a proposed amendment isn't as in force"


@forbidden
def short_window(done: Done) -> Iterator[str]:
    """Regs 13(1)(a), 22(2)(c): 15 days, the day of service being the first, for whoever is served last."""
    if done.event in {"draft-issued", "amendment-notice-issued"}:
        days = [date.fromisoformat(day) for day in done.data.get("servedOn", {}).values()]
        if not days:
            yield "nobody was served"
        elif date.fromisoformat(done.data["representationsUntil"]) < max(days) + timedelta(days=14):
            yield "fewer than 15 days"


@forbidden
def final_inside_window(done: Done) -> Iterator[str]:
    """CFA s.38(2)(b): the family's time isn't cut short, unless everybody served has said that it is enough."""
    if done.event != "finalised" or not done.is_council_final:
        return
    drafts = done.before.last("draft-issued")
    if not drafts:
        if not (done.before.baseline and done.before.phase == "DRAFT_ISSUED"):
            yield "no draft was served"
    elif done.on.isoformat() <= drafts["representationsUntil"]:
        answered = max(done.before.open_cases("representations"), key=lambda case: case.opened_by)
        if not set(drafts["servedOn"]) <= set(answered.data.get("finished", ())):
            yield "the time for representations wasn't over"


@forbidden
def unagreed_health(done: Done) -> Iterator[str]:
    """Reg 12(2): no item stands in G that its commissioning body hasn't agreed to as it reads."""
    if done.is_council_final:
        for item, provision in done.text.get("G", {}).get("provisions", {}).items():
            known = done.before.health_agreements.get(item, {})
            agreed = known.get("status") == "agreed" or known.get("imported")
            if not agreed or known.get("textHash") != text_hash(provision):
                yield f"{item} isn't agreed in this text"


@forbidden
def need_without_provision(done: Done) -> Iterator[str]:
    """Reg 12(1)(f): every need in B has provision in F, unless a named officer gave a reason."""
    if not done.is_council_final or (done.role == "send-manager" and done.data.get("overrideReason")):
        return
    met = {need for p in done.text.get("F", {}).get("provisions", {}).values() for need in p.get("needIds", ())}
    for need, value in done.text.get("B", {}).get("needs", {}).items():
        if value.get("status", "active") == "active" and need not in met:
            yield f"{need} has no provision"


@forbidden
def unsettled_placement(done: Done) -> Iterator[str]:
    """Reg 12(1)(i); CFA ss.39, 61: a final plan names a setting or a type, or says why a school is inappropriate."""
    if not done.is_council_final:
        return
    section = done.text["I"]
    placements = section.get("placements", {}).values()
    named = [p for p in placements if {"name", "urn", "ukprn"} & p.keys()]
    match section.get("placementBasis"):
        case "NAMED":
            if not named or len([p for p in placements if p.get("rank") == 1]) != 1:
                yield "no setting is named, or not exactly one is the main one"
        case "TYPE_ONLY" | "EHE_S42_5":
            if named or not placements:
                yield "a type is promised and a name given, or nothing"
        case "EOTAS":
            if placements or not {"inappropriateBecause", "familyConsultedOn"} <= section.keys():
                yield "education otherwise than at school without its grounds"
        case _:
            yield "section I says nothing"


@forbidden
def setting_not_asked(done: Done) -> Iterator[str]:
    """CFA ss.39(2), 40(2): a setting that is newly named was consulted."""
    if not done.is_council_final:
        return
    asked = {case.data.get("organisation") for case in done.before.open_cases("consultation")}
    before = _named(done.before.document.get("sections", {}))
    for organisation in _named(done.text) - before - asked:
        yield f"{organisation} wasn't consulted"


def _named(sections: Json) -> set[str]:
    placements = sections.get("I", {}).get("placements", {}).values()
    return {f"{kind}:{p[kind]}" for p in placements for kind in ("urn", "ukprn") if kind in p}


@forbidden
def barred_recipient(done: Done) -> Iterator[str]:
    """Reg 17: nothing goes to somebody who may not have it."""
    contacts = done.before.person.get("contacts", {})
    for name in {*done.data.get("recipients", ()), *done.data.get("servedOn", {})}:
        if contacts.get(name, {}).get("mayReceive") == "no":
            yield f"{name} is barred"


@forbidden
def another_childs_text(done: Done) -> Iterator[str]:
    """UK GDPR Art 5(1)(d): the text of a record is about its own child."""
    held, said = done.before.person.get("dateOfBirth"), done.data.get("plan", {}).get("personalDetails", {})
    carries_text = done.event in {*FINAL, "draft-issued", "amendment-notice-issued"} and bool(said)
    if carries_text and held and held != said.get("dateOfBirth"):
        yield "the text has another date of birth"


@forbidden
def ceased_too_early(done: Done) -> Iterator[str]:
    """CFA s.45(4); reg 44(2)(a): a plan is maintained for two months at least, while an appeal can be or is made."""
    if done.event != "ceased":
        return
    cease = done.before.case("cease", str(done.data.get("ceaseId", "")))
    appeals = done.before.open_cases("appeal")
    if any(a.status in {"REGISTERED", "OPPOSED"} and "f" in a.data.get("about", ()) for a in appeals):
        yield "an appeal is open"
    elif not any("f" in a.data.get("about", ()) for a in appeals):
        told = cease.data.get("notifiedOn", "") if cease else ""
        if not told or done.on < date.fromisoformat(told) + timedelta(days=59):
            yield "the time for an appeal wasn't over"


@forbidden
def ceased_for_not_being_in_education(done: Done) -> Iterator[str]:
    """Reg 29: under 18, not being in education is no ground."""
    born = done.before.date_of_birth()
    if done.event not in {"cease-proposed", "cease-decided"} or done.data.get("ground") != "LEFT_EDUCATION":
        return
    if born and (done.on.year - 18, done.on.month, done.on.day) < (born.year, born.month, born.day):
        yield "the child is under 18"


@forbidden
def amended_without_notice(done: Done) -> Iterator[str]:
    """Reg 22(2): the family is told of amendments first; reg 20(10): a decision to amend goes with them."""
    notice = done.before.case("amendment", str(done.data.get("amendmentNoticeId", "")))
    if done.event == "amended" and done.is_council_final and (notice is None or notice.status != "SERVED"):
        yield "no amendment notice stands"
    if done.event == "review-decided" and done.data.get("decision") == "AMEND" and notice is None:
        yield "a decision to amend without the proposed amendments"


@forbidden
def correction_of_substance(done: Done) -> Iterator[str]:
    """Regs 22, 28: needs, educational provision and placement change by amendment only."""
    if done.event == "clerical-error-corrected":
        in_force = done.before.document.get("sections", {})
        for section in "BFI":
            if done.text.get(section) != in_force.get(section, {}):
                yield f"section {section} changed"


@forbidden
def refusal_without_reasons(done: Done) -> Iterator[str]:
    """Regs 5(3), 10(3): a refusal gives reasons and tells of the right of appeal."""
    decided = done.event in {"request-decided", "assessment-decided"} and done.data.get("decision") == "REFUSE"
    if decided and not (done.data.get("reasons") and done.data.get("rightsExplained")):
        yield "a bare refusal"


@forbidden
def two_plans_in_force(done: Done) -> Iterator[str]:
    """CFA s.37: one plan is maintained for a child; a new text takes the next number; an annulled one leaves a gap."""
    before, numbers = _final_numbers(done.before), _final_numbers(done.after)
    annulled = bool(done.after.annulled or done.after.corrected)
    gapless = set(numbers) == set(range(numbers[0], numbers[-1] + 1)) if numbers else True
    if numbers != sorted(numbers) or not (gapless or annulled):
        yield "the numbers of the final plans aren't in order"
    if done.event in FINAL and numbers != [*before, done.before.highest_final + 1]:
        yield "a final plan without the next number, or one that was used"


def _final_numbers(state: PlanState) -> list[int]:
    return [version.number for version in state.versions if version.kind == "final"]


@forbidden
def impossible_step(done: Done) -> Iterator[str]:
    """CFA ss.36 to 45: the phases follow each other, and what has ended stays ended. An import asserts any phase."""
    before, after = done.before.phase, done.after.phase
    undone = done.event == "record-restored" or bool(done.after.annulled or done.after.corrected)
    if before and after != before and after not in STEPS[before] and not undone:
        yield f"{before} to {after}"


@forbidden
def maintained_by_nobody(done: Done) -> Iterator[str]:
    """CFA s.42; reg 15: some council maintains the plan, always."""
    if not done.after.maintaining_la:
        yield "no council maintains the plan"


@forbidden
def clock_moved(done: Done) -> Iterator[str]:
    """Regs 5(4), 10(4): an exception relieves from a limit and never moves it."""
    if done.event == "time-limit-exception-recorded":
        moved = [key for key, clock in done.before.clocks.items() if done.after.clocks[key].due_on != clock.due_on]
        yield from moved


@forbidden
def dated_ahead(done: Done) -> Iterator[str]:
    """What is performed is done now or was done before: it takes effect on no later day."""
    if done.on > done.today:
        yield f"dated {done.on.isoformat()}"
