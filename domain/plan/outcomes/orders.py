"""What follows from an order, a concession or a mediation agreement (regs 42, 44, 45)."""

from msgspec.structs import replace

from domain.plan.context import Context
from domain.plan.effects import CaseEffect, Effects
from domain.plan.outcomes.keeping import with_case
from domain.plan.outcomes.registry import outcome

#: A refusal that no longer stands, and the phase in which the council acts again.
ACTS_AGAIN: dict[tuple[str, str], str] = {
    ("ASSESSMENT_REFUSED", "ASSESS"): "REQUESTED",
    ("ISSUE_REFUSED", "MAKE_PLAN"): "DRAFTING",
    ("ISSUE_REFUSED", "RECONSIDER"): "ASSESSING",
}
MAINTAINED_BY_ORDER = frozenset({"MAINTAIN", "MAINTAIN_AND_AMEND"})


@outcome("decided-again")
def decided_again(context: Context, effects: Effects) -> Effects:
    """The refusal stays on record as it was made; the council now does what was ordered or agreed."""
    orders = context.data.get("orders", ())
    phase = next((p for order in orders if (p := ACTS_AGAIN.get((context.state.phase, order)))), "")
    with_phase = replace(effects, phase=context.reached(phase)) if phase else effects
    return _reassessment_ordered(context, with_phase) if "REASSESS" in orders else with_phase


def _reassessment_ordered(context: Context, effects: Effects) -> Effects:
    """A refused re-assessment waits for its decision again."""
    for refused in context.state.open_cases("reassessment", "REFUSED"):
        effects = with_case(effects, CaseEffect(kind="reassessment", id=refused.id, status="REQUESTED"))
    return effects


@outcome("cease-decided-by-tribunal")
def cease_decided_by_tribunal(context: Context, effects: Effects) -> Effects:
    """An order to maintain the plan ends the decision to cease it."""
    if MAINTAINED_BY_ORDER.isdisjoint(context.data.get("orders", ())):
        return effects
    return _cease_overturned(context, effects)


@outcome("cease-overturned-by-concession")
def cease_overturned_by_concession(context: Context, effects: Effects) -> Effects:
    """A concession of an appeal against ceasing ends the decision to cease."""
    appeal = context.case
    about_ceasing = appeal is not None and "f" in appeal.data.get("about", ())
    return _cease_overturned(context, effects) if about_ceasing else effects


def _cease_overturned(context: Context, effects: Effects) -> Effects:
    for decided in context.state.open_cases("cease", "DECIDED"):
        effects = with_case(effects, CaseEffect(kind="cease", id=decided.id, status="OVERTURNED"))
    return effects
