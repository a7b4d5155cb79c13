"""Where the text of an event comes from: the act's body, the draft that it names, or the text in force by a rule."""

from collections.abc import Callable

from domain.document.merge import merge_patch
from domain.identifiers import IdentifierError, parse_ukprn, parse_urn
from domain.plan.context import Context
from domain.plan.events import JsonObject
from domain.plan.redactions import text_to_go_on_from


def text_of(context: Context) -> JsonObject | None:
    """The digital plan that the act carries, None when it carries none."""
    if not context.spec.text:
        return None
    derive = DERIVED.get(context.spec.derives)
    return context.act.plan_text() or (derive(context) if derive else None)


def _with_new_placement_number(context: Context) -> JsonObject | None:
    """The text in force with the setting's new number, and its new name when it has one."""
    placement_id, data = str(context.data.get("placementId", "")), context.data
    in_force = text_to_go_on_from(context.state)
    placements = in_force.get("sections", {}).get("I", {}).get("placements", {})
    scheme, number = str(data.get("scheme", "")), str(data.get("newValue", ""))
    if placement_id not in placements or not is_number_of(scheme, number):
        return None
    changed: JsonObject = {scheme: number}
    if "newName" in data:
        changed["name"] = data["newName"]
    return merge_patch(in_force, {"sections": {"I": {"placements": {placement_id: changed}}}})


def is_number_of(scheme: str, number: str) -> bool:
    """Whether a setting's number is of that scheme: a URN has six digits, a UKPRN has eight."""
    try:
        PARSERS[scheme](number)
    except (IdentifierError, KeyError):
        return False
    return True


PARSERS: dict[str, Callable[[str], str]] = {"urn": parse_urn, "ukprn": parse_ukprn}


def _patched(context: Context) -> JsonObject | None:
    """The text in force with the change that the body gives as a merge patch (RFC 7396)."""
    patch, in_force = context.data.get("patch"), text_to_go_on_from(context.state)
    return merge_patch(in_force, patch) if patch and in_force else None


DERIVED: dict[str, Callable[[Context], JsonObject | None]] = {
    "patch": _patched,
    "placement-identifier": _with_new_placement_number,
}
