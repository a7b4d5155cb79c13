"""What opening a record sets: whose it is, who is responsible, and what an import asserts."""

from datetime import date

from msgspec.structs import replace

from domain.document import text_hash
from domain.plan.asserted import asserted_status, asserted_text_kind, last_reviewed, review_waiting
from domain.plan.context import Context
from domain.plan.effects import CaseEffect, Effects, FindingEffect, PartyEffect, VersionEffect
from domain.plan.events import JsonObject
from domain.plan.outcomes.keeping import with_case
from domain.plan.outcomes.registry import outcome
from domain.plan.outcomes.responsible import HEALTH_BODY, MAINTAINING, party_changes

FIRST_REQUEST = "request-1"
#: Phases in which a request waits for its plan.
UNDER_WAY = frozenset({"REQUESTED", "ASSESSING", "DRAFTING", "DRAFT_ISSUED"})
NOT_IN_REQUEST = frozenset({"child", "requestId", "plan"})
#: Fields of an opening act that name an organisation, the role it takes on, and how its code is written.
RESPONSIBLE = (
    ("corporateParentLa", "corporateParent", "la"),
    ("fundingLa", "fundingCouncil", "la"),
    ("healthBody", HEALTH_BODY, "ods"),
)


@outcome("record-opened")
def record_opened(context: Context, effects: Effects) -> Effects:
    """The record is the council's and about this child; the request that opened it stands."""
    request_id = str(context.data.get("requestId", FIRST_REQUEST))
    data = {key: value for key, value in context.data.items() if key not in NOT_IN_REQUEST}
    stands = CaseEffect(kind="request", id=request_id, status="STANDING", data=data)
    return with_case(_belonging(context, effects, context.data.get("child", {}), context.on), stands)


@outcome("baseline")
def baseline(context: Context, effects: Effects) -> Effects:
    """The plan as the council asserts it. Whether health bodies agreed to section G isn't known."""
    text, since = context.act.plan_text(), _text_since(context)
    person = {**(text or {}).get("personalDetails", {}), **context.data.get("child", {})}
    opened = _belonging(context, effects, person, since)
    reference = str(context.data.get("localReference") or (text or {}).get("localReference", ""))
    status = asserted_status(context.data)
    lasted = since.isoformat() if status == "MAINTAINED" and since < context.on else ""
    opened = replace(opened, phase=status, phase_since=lasted, local_reference=reference)
    if text:
        kind = asserted_text_kind(context.data)
        version = VersionEffect(number=1, kind=kind, basis="BASELINE", effective_on=since.isoformat())
        opened = replace(opened, version=version, health_agreements=_unknown(text))
    return _with_matters(context, _review_warning(context, opened))


def _text_since(context: Context) -> date:
    stated = (context.act.on(name) for name in ("finalSentOn", "planMadeOn"))
    return next((day for day in stated if day), context.on)


def _belonging(context: Context, effects: Effects, person: JsonObject, since: date) -> Effects:
    council = str(context.data.get("council") or context.state.maintaining_la)
    parties = _maintained(context, f"la:{council}" if council else "", since)
    for field, role, scheme in RESPONSIBLE:
        code = context.data.get(field)
        parties += party_changes(role, "", f"{scheme}:{code}" if code else "", since)
    return replace(
        effects,
        maintaining_la=council,
        local_reference=str(context.data.get("localReference", "")),
        person=person,
        parties=(*effects.parties, *parties),
    )


def _maintained(context: Context, council: str, since: date) -> tuple[PartyEffect, ...]:
    """Who has maintained the plan since it was made: the council, or another one until it was transferred."""
    made, moved = context.act.on("planMadeOn") or since, context.act.on("transferredInOn")
    former = context.data.get("transferredFrom")
    if moved is None or former is None or moved <= made:
        return party_changes(MAINTAINING, "", council, moved or made)
    before = party_changes(MAINTAINING, "", f"la:{former}", made)
    return (*before, *party_changes(MAINTAINING, f"la:{former}", council, moved))


def _unknown(text: JsonObject) -> dict[str, JsonObject]:
    provisions = text["sections"]["G"].get("provisions", {})
    return {
        item: {"status": "unknown", "imported": True, "textHash": text_hash(provision)}
        for item, provision in provisions.items()
    }


def _review_warning(context: Context, effects: Effects) -> Effects:
    if asserted_status(context.data) != "MAINTAINED" or last_reviewed(context):
        return effects
    unknown = FindingEffect(
        rule="last-review-unknown",
        law="CFA s.44(1)",
        text="Nothing says when the plan was made or last reviewed: the year to the next review is counted from "
        "the import.",
    )
    return replace(effects, warnings=(*effects.warnings, unknown))


def _with_matters(context: Context, effects: Effects) -> Effects:
    """A request, a review or a move between phases that was under way goes on here."""
    if asserted_status(context.data) in UNDER_WAY:
        received = context.act.on("requestReceivedOn")
        asked = {"receivedOn": received.isoformat()} if received else {}
        effects = with_case(effects, CaseEffect(kind="request", id=FIRST_REQUEST, status="STANDING", data=asked))
    if met := review_waiting(context):
        held = {"meetingOn": met.isoformat()}
        effects = with_case(effects, CaseEffect(kind="review", id="imported-review", status="HELD", data=held))
    if moves := context.act.on("transferOn"):
        planned = {"transferOn": moves.isoformat(), "transferKind": context.data.get("transferKind", "")}
        case = CaseEffect(kind="phase-transfer", id="imported-transfer", status="PLANNED", data=planned)
        effects = with_case(effects, case)
    return effects
