"""What acts about people change: names, numbers, contacts, rights, protected identities, a death."""

from msgspec.structs import replace

from domain.document.merge import diff_patch
from domain.plan.context import Context
from domain.plan.effects import CaseEffect, ClockStop, Effects, VersionEffect
from domain.plan.events import JsonObject
from domain.plan.outcomes.keeping import with_case
from domain.plan.outcomes.registry import outcome
from domain.plan.outcomes.responsible import party_changes
from domain.plan.state import Case

NUMBERS = ("nhsNumber", "upn", "uln")
#: Matters that end with a death, while they are open; an appeal, a claim or an enquiry is for others to end.
ENDED_BY_DEATH: dict[str, tuple[str, ...]] = {
    "request": ("STANDING",),
    "advice": ("ASKED",),
    "representations": ("AWAITED",),
    "preference": ("EXPRESSED",),
    "consultation": ("SENT", "ACKNOWLEDGED"),
    "review": ("SCHEDULED", "HELD", "REPORTED"),
    "early-review": ("REQUESTED",),
    "phase-transfer": ("PLANNED",),
    "amendment": ("SERVED",),
    "reassessment": ("REQUESTED", "REASSESSING"),
    "cease": ("PROPOSED", "CONSULTED", "DECIDED"),
    "transfer": ("EXPECTED",),
    "mediation": ("REQUESTED", "ARRANGED"),
    "task": ("OPEN",),
}

#: What somebody of the former family asked about the data, and nobody has answered: whoever still may, asks anew.
ENDED_BY_SEALING: dict[str, tuple[str, ...]] = {
    "subject-access": ("RECEIVED", "PREPARED", "REVIEWED"),
    "rectification": ("RECEIVED",),
}


@outcome("name")
def name(context: Context, effects: Effects) -> Effects:
    """The name from now on; the name of their time stays in the earlier texts."""
    changed: JsonObject = {key: context.data[key] for key in ("name", "preferredName") if key in context.data}
    return _person(effects, changed)


@outcome("identifier")
def identifier(context: Context, effects: Effects) -> Effects:
    """The new numbers hold; the old ones are kept with their last day, for matching what comes in."""
    current = context.state.person.get("identifiers", {})
    ended = context.data.get("ended", ())
    changed = {number: context.data[number] for number in NUMBERS if number in context.data}
    gone: JsonObject = {number: None for number in ended if number in current}
    former = {
        f"{number.lower()}-{current[number].lower()}": {
            "scheme": number,
            "value": current[number],
            "until": context.data.get("since", context.on.isoformat()),
            "reason": context.data.get("reason", ""),
        }
        for number in (*changed, *gone)
        if number in current
    }
    status = {"nhsNumberStatus": context.data["nhsNumberStatus"]} if "nhsNumberStatus" in context.data else {}
    return _person(effects, {"identifiers": {**gone, **changed, **status}, "formerIdentifiers": former})


@outcome("contact")
def contact(context: Context, effects: Effects) -> Effects:
    """The contact as it is from now on, whole."""
    contact_id = str(context.data.get("contactId", ""))
    before = context.state.person.get("contacts", {}).get(contact_id, {})
    return _person(effects, {"contacts": {contact_id: diff_patch(before, context.data.get("contact", {}))}})


@outcome("contact-restricted")
def contact_restricted(context: Context, effects: Effects) -> Effects:
    """Nothing more is sent to the contact, for the stated reason."""
    barred: JsonObject = {"mayReceive": "no", "restrictionReason": context.data.get("reason", "")}
    hidden: JsonObject = {"addressRestricted": True} if context.data.get("hideAddress") else {}
    return _person(effects, {"contacts": {str(context.data.get("contactId", "")): barred | hidden}})


@outcome("contact-unrestricted")
def contact_unrestricted(context: Context, effects: Effects) -> Effects:
    """The contact is written to again; an address that must not be shared stays hidden."""
    free: JsonObject = {"mayReceive": "yes", "restrictionReason": None}
    return _person(effects, {"contacts": {str(context.data.get("contactId", "")): free}})


@outcome("right-holder")
def right_holder(context: Context, effects: Effects) -> Effects:
    """Who holds the rights from which day."""
    since = context.act.on("since") or context.on
    holder = str(context.data.get("holder", ""))
    who = f"contact:{context.data['contactId']}" if "contactId" in context.data else holder
    before = [p.organisation for p in context.state.parties if p.role == "rightHolder" and p.until is None]
    changes = [change for old in before for change in party_changes("rightHolder", old, "", since)]
    parties = (*effects.parties, *changes, *party_changes("rightHolder", "", who, since))
    matter = CaseEffect(kind="right-holder", id="right-holder", status=holder, data=dict(context.data))
    return with_case(replace(effects, parties=parties), matter)


@outcome("sealed")
def sealed(context: Context, effects: Effects) -> Effects:
    """A new identity stands alone; the plan in force is issued anew under it, with the same number.

    What the former family asked about the data ends: nobody but a guardian is shown any more that it was asked.
    """
    patch = diff_patch(context.state.person, context.data.get("person", {}))
    current, text = context.state.current_version(), context.act.plan_text()
    version = VersionEffect(number=current.number, kind="final", basis="IDENTITY_SEALED") if current and text else None
    asked = [c for kind, open_ in ENDED_BY_SEALING.items() for c in context.state.open_cases(kind, *open_)]
    for case in asked:
        effects = with_case(effects, CaseEffect(kind=case.kind, id=case.id, status="CLOSED_BY_SEALING"))
    stops = (*effects.clock_stops, *_stopped(context, asked))
    return replace(effects, sealed=True, person=patch, version=version, clock_stops=stops)


@outcome("unsealed")
def unsealed(_context: Context, effects: Effects) -> Effects:
    """Readings of the past are open again to those who may see them."""
    return replace(effects, unsealed=True)


@outcome("matters-closed-by-death")
def matters_closed_by_death(context: Context, effects: Effects) -> Effects:
    """Every booked review, open request, consultation and notice ends with the death."""
    for kind, statuses in ENDED_BY_DEATH.items():
        for case in context.state.open_cases(kind, *statuses):
            effects = with_case(effects, CaseEffect(kind=kind, id=case.id, status="CLOSED_BY_DEATH"))
    return effects


def _stopped(context: Context, asked: list[Case]) -> tuple[ClockStop, ...]:
    matters = {f"{case.kind}/{case.id}" for case in asked}
    clocks = (c for c in context.state.clocks.values() if c.matter in matters and not c.met_on and not c.closed)
    return tuple(ClockStop(key=clock.key, closed=context.spec.title) for clock in clocks)


def _person(effects: Effects, patch: JsonObject) -> Effects:
    return replace(effects, person=patch)
