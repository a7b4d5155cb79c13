"""Who may see and do what: deny by default, and a relation to the plan for everything else.

A relation follows from the plan's own state (who maintains it, who is named in section I, who was consulted, who
commissions section G), never from the kind of organisation alone. CFA 2014 ss.38-43; SEND Regulations 2014 regs 13, 17.
"""

from collections.abc import Iterator

from msgspec import Struct

from domain.plan.acts import Actor
from domain.plan.catalogue import ActSpec
from domain.plan.events import JsonObject
from domain.plan.state import PlanState, Version

COUNCIL_ROLES = frozenset({"case-officer", "send-manager", "identity-guardian"})

#: How a setting is named: by its URN or its UKPRN.
SETTING_KINDS = ("urn", "ukprn")
#: In which relations to a plan an organisation can stand, by the role of those who act for it.
RELATIONS_OF = {
    "school": frozenset({"named-setting", "consulted-setting"}),
    "health": frozenset({"health-body", "asked-health-body"}),
}


class Reading(Struct, frozen=True, kw_only=True):
    """What a caller may read of a plan: drafts or only finals, with or without section I, before a sealing or not.

    `history` is the list of what was done and when; `details` is what was said in doing it, and what is withheld from
    some: another person's address, why somebody is barred, disclosures that the family isn't shown.
    """

    drafts: bool = False
    finals: bool = False
    masked: bool = False
    history: bool = False
    details: bool = False
    before_sealing: bool = False

    def allows(self, version: Version, sealed_from: int) -> bool:
        """Whether this legal text may be shown."""
        if sealed_from and version.sequence < sealed_from and not self.before_sealing:
            return False
        return self.drafts if version.kind == "draft" else self.finals


NOTHING = Reading()


def relations(state: PlanState, actor: Actor) -> frozenset[str]:
    """The relations in which the caller stands to the plan; empty for a stranger."""
    return frozenset(_relations(state, actor))


def _relations(state: PlanState, actor: Actor) -> Iterator[str]:
    if actor.role in COUNCIL_ROLES and actor.organisation == f"la:{state.maintaining_la}":
        yield "maintaining-council"
    if actor.role == "auditor":
        yield "auditor"
    if actor.role in RELATIONS_OF:
        for relation, organisation in related_organisations(state):
            if relation in RELATIONS_OF[actor.role] and organisation == actor.organisation:
                yield relation
    if actor.role == "family" and _is_recipient(state, actor):
        yield "family"


def related_organisations(state: PlanState) -> frozenset[tuple[str, str]]:
    """Every relation in which a setting or health body stands to the plan, as ("named-setting", "urn:199101")."""
    named = named_settings(state.document) if state.is_final() else ()
    return frozenset(
        {("named-setting", setting) for setting in named}
        | {("consulted-setting", setting) for setting in _consulted(state)}
        | {("health-body", body) for body in health_bodies(state)}
        | {("asked-health-body", body) for body in _asked_to_agree(state)}
    )


def reading(state: PlanState, actor: Actor) -> Reading:
    """What the caller may read of this plan; NOTHING for a stranger, who must not learn that the child exists."""
    held = relations(state, actor)
    if "maintaining-council" in held or "auditor" in held:
        guardian = actor.role == "identity-guardian"
        return Reading(drafts=True, finals=True, history=True, details=True, before_sealing=guardian)
    if "family" in held:
        return Reading(drafts=True, finals=True, history=True)
    if held & {"named-setting", "health-body", "asked-health-body"}:
        return Reading(finals=held != {"asked-health-body"}, drafts="asked-health-body" in held)
    if "consulted-setting" in held:
        return Reading(drafts=True, masked=True)
    return NOTHING


def may_see(state: PlanState, actor: Actor) -> bool:
    """Whether the caller may know that this plan exists."""
    return bool(relations(state, actor))


def may_act(state: PlanState, actor: Actor, spec: ActSpec) -> bool:
    """Whether the caller's role may do this act on this plan, being related to it."""
    return actor.role in spec.by and bool(relations(state, actor) - {"auditor"})


def may_open(actor: Actor, spec: ActSpec, council: str) -> bool:
    """Whether the caller may open a record with this act, for this council (LA code)."""
    if actor.role not in spec.by:
        return False
    return actor.role not in COUNCIL_ROLES or actor.organisation == f"la:{council}"


def named_settings(document: JsonObject) -> frozenset[str]:
    """The organisations named in section I, written as "urn:199101" or "ukprn:10099801"."""
    placements = document.get("sections", {}).get("I", {}).get("placements", {}).values()
    return frozenset(f"{kind}:{p[kind]}" for p in placements for kind in SETTING_KINDS if kind in p)


def health_bodies(state: PlanState) -> frozenset[str]:
    """The bodies that commission section G of a final plan, or hold the plan as its health body, as "ods:QJK"."""
    text = state.document if state.is_final() else {}
    provisions = text.get("sections", {}).get("G", {}).get("provisions", {}).values()
    commissioners = {f"ods:{code}" for p in provisions if (code := p.get("commissioner", {}).get("odsCode"))}
    held = {p.organisation for p in state.parties if p.role == "healthBody" and p.until is None}
    return frozenset(commissioners | held)


def _consulted(state: PlanState) -> Iterator[str]:
    """The settings whose answer to a consultation is awaited; a matter may name the setting by its own id."""
    for case in state.open_cases("consultation", "SENT", "ACKNOWLEDGED"):
        if "organisation" in case.data:
            yield case.data["organisation"]
        kind, _, code = case.id.partition("-")
        if kind in SETTING_KINDS:
            yield f"{kind}:{code}"


def _asked_to_agree(state: PlanState) -> Iterator[str]:
    """The bodies whose agreement to an item of section G is awaited (reg 12(2))."""
    for case in state.open_cases("health-agreement", "ASKED", "UNANSWERED"):
        if "odsCode" in case.data:
            yield f"ods:{case.data['odsCode']}"


def _is_recipient(state: PlanState, actor: Actor) -> bool:
    contacts = state.person.get("contacts", {})
    contact = contacts.get(actor.contact_id)
    return actor.plan_id == state.plan_id and contact is not None and contact.get("mayReceive") != "no"
