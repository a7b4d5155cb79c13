"""What happens to a request for assessment: joined, withdrawn, decided; and what answers to advice leave to do."""

from msgspec.structs import replace

from domain.plan.context import Context
from domain.plan.effects import CaseEffect, Effects, FindingEffect
from domain.plan.outcomes.keeping import with_case
from domain.plan.outcomes.registry import outcome

DECIDED = {"ASSESS": "ASSESSING", "REFUSE": "ASSESSMENT_REFUSED"}
ISSUED = {"ISSUE": "DRAFTING", "REFUSE": "ISSUE_REFUSED"}


@outcome("request-joined")
def request_joined(context: Context, effects: Effects) -> Effects:
    """A further request stands beside the first; the time goes on from the first."""
    data = {key: value for key, value in context.data.items() if key != "requestId"}
    request_id = str(context.data.get("requestId", ""))
    return with_case(effects, CaseEffect(kind="request", id=request_id, status="STANDING", data=data))


@outcome("further-request")
def further_request(context: Context, effects: Effects) -> Effects:
    """The earlier requests have had their answer: withdrawing the new one ends the case."""
    for case in context.state.open_cases("request", "STANDING"):
        effects = with_case(effects, CaseEffect(kind="request", id=case.id, status="ANSWERED"))
    return request_joined(context, effects)


@outcome("request-withdrawn")
def request_withdrawn(context: Context, effects: Effects) -> Effects:
    """The case ends when nobody's request stands any more."""
    request_id = str(context.data.get("requestId", ""))
    standing = {case.id for case in context.state.open_cases("request", "STANDING")} - {request_id}
    data = {key: value for key, value in context.data.items() if key != "requestId"}
    withdrawn = CaseEffect(kind="request", id=request_id, status="WITHDRAWN", data=data)
    ended = effects if standing else replace(effects, phase=context.reached("WITHDRAWN"))
    return with_case(ended, withdrawn)


@outcome("request-decided")
def request_decided(context: Context, effects: Effects) -> Effects:
    """The assessment begins, or is refused."""
    return replace(effects, phase=context.reached(DECIDED.get(str(context.data.get("decision")), "")))


@outcome("assessment-decided")
def assessment_decided(context: Context, effects: Effects) -> Effects:
    """A plan is written, or is refused."""
    return replace(effects, phase=context.reached(ISSUED.get(str(context.data.get("decision")), "")))


@outcome("advice-answered")
def advice_answered(context: Context, effects: Effects) -> Effects:
    """Any answer meets the adviser's six weeks; where it isn't advice, the council's own duty to have it goes on."""
    if context.data.get("answer") == "advice":
        return effects
    warning = FindingEffect(
        rule="advice-still-needed",
        law="reg 6(1); reg 8(1)",
        text="The adviser has answered without advice: list it in section K as such, and seek the advice elsewhere "
        "where it is needed.",
    )
    return replace(effects, warnings=(*effects.warnings, warning))
