"""What showing a plan leaves behind: an organisation that can open it itself until a day."""

from domain.plan.context import Context
from domain.plan.effects import CaseEffect, Effects
from domain.plan.events import JsonObject
from domain.plan.outcomes.keeping import with_case
from domain.plan.outcomes.registry import outcome

OPENED_TO = "opened-to"


@outcome("opened-to")
def opened_to(context: Context, effects: Effects) -> Effects:
    """With a last day, the organisation is opened those sections under that basis; without one it was shown once."""
    data = context.data
    if "organisation" not in data or "until" not in data:
        return effects
    case_id = f"{data['organisation']}/{data.get('gateway', '')}".replace(":", "-").replace("_", "-").lower()
    kept: JsonObject = {name: data[name] for name in ("organisation", "gateway", "sections", "until") if name in data}
    return with_case(effects, CaseEffect(kind=OPENED_TO, id=case_id.replace("/", "-")[:63], status="OPEN", data=kept))
