"""What beside relation and role decides whether somebody may act: how it is said to be done, and whose matter it is."""

from collections.abc import Callable
from typing import Final

from domain.access.people import must_not_find
from domain.access.policy import RelationRule
from domain.access.relation import Relation
from domain.plan.acts import RECORD, Actor
from domain.plan.catalogue import ActSpec, CaseRule
from domain.plan.events import JsonObject
from domain.plan.state import Case, PlanState

MACHINE: Final = "service"
"""A machine of the platform, or of one council for that council."""

COUNCIL_ROLES: Final = frozenset(
    {"case-officer", "send-manager", "identity-guardian", "records-manager", "social-care"}
)
"""Roles that open records for one council only: their own."""

KEEPERS: Final = COUNCIL_ROLES | {MACHINE}
"""Roles in which it is written down what happened elsewhere. A rule that is broken is then a finding and no refusal, so
that anybody else could do by writing down what they may not do."""

OPENS_THE_PLAN: Final = "record-consent"
"""The act by which a family opens the plan to others."""

OF_ITEMS: Final = frozenset({"health-agreement"})
"""Matters that are named by an item of the text: they are with whoever is responsible for it."""

WITH_SOMEBODY: Final = frozenset({"consultation", "advice"})
"""Matters that are each with one organisation, and no business of the others."""

Same = Callable[[str, str], bool]
"""Whether two identifiers name the same organisation."""


def may_write_down(actor: Actor, mode: str) -> bool:
    """Whether the caller may act in this mode: others than those who keep a record do what they say that they do."""
    return mode != RECORD or actor.role in KEEPERS


def is_kept_from(state: PlanState, actor: Actor, spec: ActSpec, mode: str) -> str:
    """Why nobody in the caller's place may do the act in this way, whatever their relation; "" where they may."""
    if not may_write_down(actor, mode):
        return "What happened elsewhere is written down by the council: do the act itself (mode PERFORM)."
    if spec.act == OPENS_THE_PLAN and actor.role == "family" and must_not_find(state, actor.contact_id):
        return "For this plan it is the council that asks whether it may be shared."
    return ""


def is_own(
    state: PlanState, relation: Relation, rule: RelationRule, spec: ActSpec, data: JsonObject, same: Same
) -> bool:
    """Whether the matter that the act is about is the party's own: another's consultation is nobody else's.

    One with an organisation that isn't there is like another's: who tries ids must not learn who else was asked. What
    an act opens takes the place of no matter that others have opened. Staff of a council aren't kept from its own.
    """
    if spec.case is None or not spec.case.id_field:
        return not rule.own_only
    case_id = str(data.get(spec.case.id_field, ""))
    if f"{spec.case.kind}/{case_id}" in relation.matters:
        return True
    if rule.own_only or rule.roles <= KEEPERS:
        return not rule.own_only
    case = state.case(spec.case.kind, case_id)
    return _is_nobodys(spec.case) if case is None else _is_with(case, spec.case, relation, same)


def may_go_on(state: PlanState, actor: Actor, spec: ActSpec, data: JsonObject) -> bool:
    """Whether the matter isn't one that only who opened it goes on with, beside the council, and somebody else's."""
    if actor.role in KEEPERS or spec.case is None or not spec.case.own:
        return True
    case = state.case(spec.case.kind, str(data.get(spec.case.id_field, "")))
    return case is None or case.opened_org == actor.organisation


def _is_nobodys(rule: CaseRule) -> bool:
    """Whether anybody may be told that there is no such matter, or open it."""
    return not (rule.from_ and rule.kind in WITH_SOMEBODY)


def _is_with(case: Case, rule: CaseRule, relation: Relation, same: Same) -> bool:
    """Whether a matter is with the party: as it says itself, else by who opened it, where that makes a difference."""
    code = case.data.get("odsCode")
    if whose := str(case.data.get("organisation") or (f"ods:{code}" if code else "")):
        return same(whose, relation.party)
    if rule.from_ and not rule.own:
        return True
    return same(case.opened_org, relation.party) or (case.kind in OF_ITEMS and case.id in relation.items)
