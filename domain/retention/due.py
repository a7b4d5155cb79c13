"""Until when a record is kept, by which rule, and what holds its destruction back. Pure; UK GDPR Art 5(1)(e).

A hold always wins (DPA 2018 Sch 2 para 5; Inquiries Act 2005 s.35). A matter that is still pending holds a record
back even where nobody has set a hold for it.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from msgspec import Struct

from domain.calendar import birthday
from domain.plan.state import Case, PlanState
from domain.retention.schedule import Schedules

#: Phases in which a record is at rest: nothing more is owed to the child under it.
AT_REST = frozenset({"ASSESSMENT_REFUSED", "ISSUE_REFUSED", "CEASED", "ENDED_DEATH", "WITHDRAWN", "VOIDED", "MERGED"})
#: Matters that are pending in these statuses, in words.
PENDING: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "appeal": ("An appeal is pending", ("REGISTERED", "OPPOSED")),
    "onward-appeal": ("An onward appeal is pending", ("MADE",)),
    "ombudsman": ("The Ombudsman is enquiring", ("OPEN",)),
    "claim": ("A claim is pending", ("PRE_ACTION", "ISSUED")),
    "complaint": ("A complaint isn't answered", ("RECEIVED",)),
}
HOLD_LAW = "DPA 2018 Sch 2 para 5; Inquiries Act 2005 s.35"
ERASURE_LAW = "UK GDPR Art 5(1)(e)"
#: The one rule of a record about whose child no date of birth is known.
UNKNOWN = "UNKNOWN"


class HeldBack(Struct, frozen=True, kw_only=True, rename="camel"):
    """One thing that keeps a record from being destroyed: no word of the child, ids and codes only."""

    code: str
    text: str
    law: str
    since: str = ""


class Standing(Struct, frozen=True, kw_only=True):
    """Until when a record is kept, the rule that says so, and what else holds it back on a day."""

    rule: str
    kept_until: date | None
    held_back: tuple[HeldBack, ...]

    def is_due(self, on: date) -> bool:
        """Whether the retention is over on a civil date, whatever holds the record back."""
        return self.kept_until is not None and on >= self.kept_until


def standing(state: PlanState, schedules: Schedules) -> Standing:
    """How the record stands towards the schedule of the council that is responsible for it."""
    ends = [
        (_ends(state, schedules, applies.rule), applies.rule)
        for applies in schedules.of(state.maintaining_la).applies
        if _is_so(state, applies.when)
    ]
    known = [(on, rule) for on, rule in ends if on is not None]
    # A rule whose day isn't known could be the longest: nothing is then known.
    kept_until, rule = max(known) if known and len(known) == len(ends) else (None, UNKNOWN)
    return Standing(rule=rule, kept_until=kept_until, held_back=tuple(held_back(state)))


def held_back(state: PlanState) -> Iterator[HeldBack]:
    """What keeps the record, its age apart: holds, what is pending, and that it isn't at rest."""
    for hold in state.open_cases("hold", "ON"):
        text = f"The record is held since {hold.opened_on} ({hold.id}); lift the hold first."
        yield HeldBack(code="legal-hold", text=text, law=HOLD_LAW, since=hold.opened_on)
    for kind, (words, statuses) in PENDING.items():
        for case in state.open_cases(kind, *statuses):
            yield HeldBack(code=f"{kind}-pending", text=f"{words} ({case.id}).", law=ERASURE_LAW, since=case.opened_on)
    if state.phase not in AT_REST:
        text = "The record isn't at rest: the plan is maintained, or the case is open."
        yield HeldBack(code="not-at-rest", text=text, law="CFA 2014 s.42", since=_in_phase_since(state))


def last_hold(state: PlanState) -> Case | None:
    """The hold that was set last, lifted or not."""
    return max(state.open_cases("hold"), key=lambda case: case.opened_by, default=None)


def _ends(state: PlanState, schedules: Schedules, name: str) -> date | None:
    rule = schedules.rules[name]
    start = state.date_of_birth() if rule.from_ == "dateOfBirth" else _adopted_on(state)
    return birthday(start, rule.years) if start else None


def _is_so(state: PlanState, condition: str) -> bool:
    if condition == "everLookedAfter":
        return _ever_looked_after(state)
    return condition == "always" or _adopted_on(state) is not None


def _ever_looked_after(state: PlanState) -> bool:
    """Whether anything on record says so: an act, a corporate parent, or what the family stated in the plan."""
    stated: Mapping[str, Any] = state.document.get("services", {})
    answers = (stated.get("currentlyLookedAfter"), stated.get("hasBeenLookedAfter"))
    corporate = any(party.role == "corporateParent" for party in state.parties)
    return corporate or state.happened("looked-after-changed") or any(_said_yes(answer) for answer in answers)


def _said_yes(answer: Any) -> bool:
    return isinstance(answer, dict) and answer.get("answer") == "yes"


def _adopted_on(state: PlanState) -> date | None:
    sealed = state.last("identity-sealed")
    return date.fromisoformat(sealed["sealedOn"]) if sealed.get("reason") == "ADOPTION" else None


def _in_phase_since(state: PlanState) -> str:
    return state.phases[-1].since if state.phases else ""
