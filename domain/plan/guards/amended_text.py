"""What an amended plan may name: a setting that stands in section I already, or one that was consulted."""

from collections.abc import Iterator

from domain.errors import Breach
from domain.plan.context import Context
from domain.plan.events import JsonObject
from domain.plan.guards.finalise import named_setting_consulted
from domain.plan.guards.registry import guard
from domain.plan.texts import text_of

IDENTIFIES = ("urn", "ukprn", "name")


@guard("new-setting-consulted")
def new_setting_consulted(context: Context) -> Iterator[Breach]:
    """A setting that the plan doesn't name yet is consulted before it is named (CFA ss.39(2), 40(2))."""
    proposed, in_force = _placements(text_of(context) or {}), _placements(context.state.document).values()
    known = [_identity(placement) for placement in in_force]
    for breach in named_setting_consulted(context):
        placement = proposed.get(breach.pointer.rpartition("/")[2], {})
        if _identity(placement) not in known:
            yield breach


def _placements(document: JsonObject) -> dict[str, JsonObject]:
    placements: dict[str, JsonObject] = document.get("sections", {}).get("I", {}).get("placements", {})
    return placements


def _identity(placement: JsonObject) -> tuple[str, ...]:
    return tuple(str(placement.get(name, "")) for name in IDENTIFIES)
