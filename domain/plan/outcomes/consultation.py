"""What the answers of health bodies and settings change."""

from msgspec.structs import replace

from domain.plan.context import Context
from domain.plan.effects import Effects, FindingEffect
from domain.plan.events import JsonObject
from domain.plan.outcomes.registry import outcome

AGREEMENT = ("textHash", "bodyType", "odsCode", "body", "agreedBy", "role", "agreedOn")


@outcome("health-agreed")
def health_agreed(context: Context, effects: Effects) -> Effects:
    """The item is agreed in this text; another text of it isn't."""
    return _standing(context, effects, "agreed")


@outcome("health-declined")
def health_declined(context: Context, effects: Effects) -> Effects:
    """The item isn't agreed."""
    return _standing(context, effects, "notAgreed")


@outcome("health-asked")
def health_asked(context: Context, effects: Effects) -> Effects:
    """An agreement that stands goes on while a changed text is asked about."""
    return effects if _stands(context) else _standing(context, effects, "unknown")


@outcome("health-silent")
def health_silent(_context: Context, effects: Effects) -> Effects:
    """No answer is no agreement, and undoes none."""
    warning = FindingEffect(
        rule="no-deemed-agreement",
        law="reg 12(2); CFA s.42(4)",
        text="Silence is no agreement. Keep the item apart as health provision not agreed, and the plan can issue in "
        "time.",
    )
    return replace(effects, warnings=(*effects.warnings, warning))


def _stands(context: Context) -> bool:
    known = context.state.health_agreements.get(str(context.data.get("itemId", "")), {})
    return known.get("status") == "agreed"


def _standing(context: Context, effects: Effects, status: str) -> Effects:
    kept: JsonObject = {name: context.data[name] for name in AGREEMENT if name in context.data}
    item = str(context.data.get("itemId", ""))
    return replace(effects, health_agreements={**effects.health_agreements, item: {"status": status, **kept}})


@outcome("must-admit")
def must_admit(_context: Context, effects: Effects) -> Effects:
    """A named setting's refusal is kept; what it must do is shown, and the plan stays final."""
    warning = FindingEffect(
        rule="named-setting-must-admit",
        law="CFA s.43(2)",
        text="The plan names this setting, so it must admit the child. Sending the final plan met the council's duty.",
    )
    return replace(effects, warnings=(*effects.warnings, warning))
