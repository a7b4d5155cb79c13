"""Who is responsible for a plan: maintaining council, health body, corporate parent, payer."""

from datetime import date, timedelta

from msgspec.structs import replace

from domain.plan.context import Context
from domain.plan.effects import CaseEffect, Effects, PartyEffect, VersionEffect
from domain.plan.events import JsonObject
from domain.plan.outcomes.keeping import with_case
from domain.plan.outcomes.registry import outcome

MAINTAINING = "maintainingCouncil"
HEALTH_BODY = "healthBody"
TASK = "task"


def party_changes(role: str, old: str, new: str, since: date) -> tuple[PartyEffect, ...]:
    """One organisation gives a role up the day before another takes it on; either may be "" (not known)."""
    changes: tuple[PartyEffect, ...] = ()
    if old:
        changes = (PartyEffect(role=role, organisation=old, until=(since - timedelta(days=1)).isoformat()),)
    if new:
        changes = (*changes, PartyEffect(role=role, organisation=new, since=since.isoformat()))
    return changes


def _council(code: str) -> str:
    return f"la:{code}" if code else ""


@outcome("maintained-by-new-council")
def maintained_by_new_council(context: Context, effects: Effects) -> Effects:
    """From the day of transfer the new council maintains the plan."""
    to_la = str(context.data.get("toLa", ""))
    since = context.act.on("transferOn") or context.on
    changes = party_changes(MAINTAINING, _council(context.state.maintaining_la), _council(to_la), since)
    return replace(effects, maintaining_la=to_la, parties=(*effects.parties, *changes))


@outcome("taken-over")
def taken_over(context: Context, effects: Effects) -> Effects:
    """A plan from a council outside the platform: its text, its person, and who maintains it now."""
    text = context.act.plan_text() or {}
    since = (context.act.on("transferOn") or context.on).isoformat()
    current = context.state.current_version()
    number = current.number + 1 if current else 1
    version = VersionEffect(number=number, kind="final", basis="TRANSFER", effective_on=since) if text else None
    taken = maintained_by_new_council(context, effects)
    return replace(
        taken,
        version=version,
        person=text.get("personalDetails", {}),
        local_reference=str(context.data.get("localReference", "")),
    )


@outcome("health-body-changed")
def health_body_changed(context: Context, effects: Effects) -> Effects:
    """The new body is responsible from its day; texts from before keep the body of their time."""
    old, new = (f"ods:{code}" if (code := context.data.get(name)) else "" for name in ("fromOds", "toOds"))
    since = context.act.on("since") or context.on
    return replace(effects, parties=(*effects.parties, *party_changes(HEALTH_BODY, old, new, since)))


@outcome("responsible-body")
def responsible_body(context: Context, effects: Effects) -> Effects:
    """The body that commissions one provision; while that isn't settled nobody takes the role on and a task is left."""
    code = context.data.get("odsCode")
    if context.data.get("status") != "RESOLVED" or not code:
        return with_case(effects, _task(context, "OPEN"))
    since = (context.act.on("since") or context.on).isoformat()
    held = any(p.organisation == f"ods:{code}" and p.until is None for p in context.state.parties)
    taken_on = () if held else (PartyEffect(role=HEALTH_BODY, organisation=f"ods:{code}", since=since),)
    settled = replace(effects, parties=(*effects.parties, *taken_on))
    asked = context.state.case(TASK, _task_id(context))
    return with_case(settled, _task(context, "DONE")) if asked and asked.status == "OPEN" else settled


def _task(context: Context, status: str) -> CaseEffect:
    what: JsonObject = {"what": "Settle which body commissions this provision", "provisionId": context.case_id}
    return CaseEffect(kind=TASK, id=_task_id(context), status=status, data=what)


def _task_id(context: Context) -> str:
    return f"responsible-body-for-{context.case_id}"[:63]


@outcome("corporate-parent")
def corporate_parent(context: Context, effects: Effects) -> Effects:
    """The council that looks after the child: apart from the one that maintains the plan."""
    code = str(context.data.get("corporateParentLa", "")) if context.data.get("lookedAfter") else ""
    return _role_passes(context, effects, "corporateParent", _council(code))


@outcome("funding-council")
def funding_council(context: Context, effects: Effects) -> Effects:
    """The council that pays."""
    return _role_passes(context, effects, "fundingCouncil", _council(str(context.data.get("fundingLa", ""))))


def _role_passes(context: Context, effects: Effects, role: str, new: str) -> Effects:
    """A role of which there is one holder at a time passes from whoever has it now."""
    since = context.act.on("since") or context.on
    holders = [p.organisation for p in context.state.parties if p.role == role and p.until is None]
    changes = [change for old in holders for change in party_changes(role, old, "", since)]
    return replace(effects, parties=(*effects.parties, *changes, *party_changes(role, "", new, since)))
