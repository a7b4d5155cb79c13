"""A refusal that the Tribunal has reversed, or the council has conceded, isn't made a second time (regs 42, 44, 45)."""

from collections.abc import Iterator

from domain.errors import Breach
from domain.plan.context import Context
from domain.plan.guards.registry import guard

#: Each decision that can be ordered to go one way: the event that records it, and the order.
ORDERED_DECISIONS = {
    "ehcp.plan.request-decided.v1": "ASSESS",
    "ehcp.plan.assessment-decided.v1": "MAKE_PLAN",
    "ehcp.plan.reassessment-decided.v1": "REASSESS",
}
MATTERS = ("appeal", "mediation")


@guard("decision-as-ordered")
def decision_as_ordered(context: Context) -> Iterator[Breach]:
    """What was ordered or agreed since the last decision of this kind decides the next one."""
    order = ORDERED_DECISIONS.get(context.spec.event)
    if order is None or context.data.get("decision") != "REFUSE":
        return
    decided = context.state.fact(context.spec.event)
    since = decided.last_sequence if decided else 0
    matters = (case for kind in MATTERS for case in context.state.open_cases(kind))
    if any(order in case.data.get("orders", ()) and case.changed_by > since for case in matters):
        yield context.breach(
            "decided-by-order",
            "This was ordered or agreed: it can't be refused again.",
            law="reg 44(2); reg 45; reg 42",
            pointer="/decision",
        )
