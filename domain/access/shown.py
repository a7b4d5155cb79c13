"""The text as a grant shows it: its sections, without what it withholds."""

from collections.abc import Callable, Collection, Mapping

from domain.access.entitlement import SECTIONS, Grant
from domain.document.json_values import JsonObject
from domain.document.masking import (
    list_advice,
    only_items,
    only_sections,
    without_contact_details,
    without_restricted_addresses,
    without_restrictions,
    without_section_i,
    without_upn,
)
from domain.document.whereabouts import without_whereabouts
from domain.plan.state import PlanState


def shown_text(text: JsonObject, grant: Grant, state: PlanState, names: Collection[str] = ()) -> JsonObject:
    """A copy of a legal text for the party of a grant. `names` are councils' names that tell where the child is.

    Of a text that a redaction took the sections or the person out of, only who sees everything is shown what is left.
    """
    if grant.sections >= SECTIONS and not grant.withholds and not grant.own:
        return text
    if "sections" not in text or "personalDetails" not in text:
        return {}
    withholding: Mapping[str, Callable[[JsonObject], JsonObject]] = {
        "location": lambda text: without_contact_details(without_whereabouts(text, names)),
        "section-i": without_section_i,
        "advice": lambda text: list_advice(text, grant.advice),
        "upn": without_upn,
        "restricted-addresses": lambda text: without_restricted_addresses(text, _restricted(state)),
        "contact-details": without_contact_details,
        "restrictions": without_restrictions,
    }
    for name, without in withholding.items():
        if name in grant.withholds:
            text = without(text)
    if grant.own:
        text = only_items(text, grant.own, grant.items)
    return only_sections(text, grant.sections)


def _restricted(state: PlanState) -> frozenset[str]:
    """The contacts whose address the record withholds: by their own entry, or by an officer's decision."""
    contacts = state.person.get("contacts", {}).items()
    return frozenset(contact_id for contact_id, contact in contacts if contact.get("addressRestricted"))
