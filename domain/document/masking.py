"""What is left out of a plan's text for a reader: each function makes a copy with one thing withheld.

A setting that is consulted must not see which other institution is proposed (CFA 2014 s.38(5) keeps I out of a
draft; in an amendment the standing name is masked as well), and gets the advice itself only when an officer selects it.
"""

from collections.abc import Collection, Mapping
from typing import Any

from domain.document.json_values import JsonObject
from domain.document.merge import merge_patch

#: What a list of advice says of each entry: what it is, from whom, and when. Not the file, not what became of it.
LISTED_ADVICE: frozenset[str] = frozenset(
    {
        "order",
        "kind",
        "reg6Category",
        "from",
        "author",
        "profession",
        "odsCode",
        "dateReceived",
        "dateReceivedAsStated",
        "furtherDatesReceived",
    }
)
#: What says of a contact who it is, and nothing more.
_WHO = frozenset({"order", "kind", "name", "relationship"})
#: What says where a contact can be found, or why that is nobody's business.
_WITHHELD = frozenset({"homeAddress", "postcode", "email", "telephone", "restrictionReason"})
#: Parts of a text beside its sections that belong to the whole plan only.
_BESIDE = ("services", "unplacedNotes", "healthProvisionNotAgreed", "signOff")


def mask_section_i(document: JsonObject) -> JsonObject:
    """A copy of the document for a consulted setting: section I is empty and K lists the advice without files."""
    return list_advice(without_section_i(document))


def without_section_i(document: JsonObject) -> JsonObject:
    """A copy in which section I is empty; the unplaced notes of an import are gone, since they may repeat it."""
    return _changed(document, {"unplacedNotes": None}, {"I": {}})


def list_advice(document: JsonObject, whole: Collection[str] = ()) -> JsonObject:
    """A copy in which section K lists the advice; the entries in `whole` stay as they are."""
    listed = {
        item: advice if item in whole else {name: advice[name] for name in advice.keys() & LISTED_ADVICE}
        for item, advice in document["sections"].get("K", {}).get("advice", {}).items()
    }
    return _changed(document, {}, {"K": {"advice": listed} if listed else {}})


def only_sections(document: JsonObject, shown: Collection[str]) -> JsonObject:
    """A copy with these sections; the others are empty, and what belongs to the whole plan is gone."""
    sections = document["sections"]
    hidden: dict[str, JsonObject] = {name: {} for name in sections if name not in shown}
    partial = not sections.keys() - {"I", "J"} <= set(shown)
    return _changed(document, dict.fromkeys(_BESIDE) if partial else {}, hidden)


def only_items(document: JsonObject, sections: Collection[str], items: Collection[str]) -> JsonObject:
    """A copy in which these sections hold these items and nothing else."""
    kept = {name: _own(document["sections"].get(name, {}), items) for name in sections}
    return _changed(document, {}, kept)


def without_upn(document: JsonObject) -> JsonObject:
    """A copy without the pupil's number, the former ones and why there is none."""
    gone = dict.fromkeys(("upn", "formerUpns", "upnUnknownReason"))
    return _changed(document, {"personalDetails": {"identifiers": gone}} if _identifiers(document) else {})


def without_contact_details(document: JsonObject) -> JsonObject:
    """A copy that says of contacts only who they are."""
    contacts = _contacts(document)
    gone = {item: dict.fromkeys(contact.keys() - _WHO) for item, contact in contacts.items()}
    return _changed(document, {"personalDetails": {"contacts": gone}} if gone else {})


def without_restrictions(document: JsonObject) -> JsonObject:
    """A copy that doesn't say what is held back, nor why."""
    contacts = _contacts(document)
    gone = {item: {"restrictionReason": None} for item, contact in contacts.items() if "restrictionReason" in contact}
    return _changed(document, {"restrictions": None} | ({"personalDetails": {"contacts": gone}} if gone else {}))


def without_restricted_addresses(document: JsonObject, restricted: Collection[str]) -> JsonObject:
    """A copy that doesn't say where some contacts can be found.

    They are those of `restricted`, those whose address the text itself restricts, and those that a restriction of the
    text is about; all of them, where one is about nobody in particular. It counts until somebody lifts it.
    """
    contacts = _contacts(document)
    noted = [r for r in document.get("restrictions", {}).values() if r.get("kind") == "addressWithheld"]
    about = {r.get("subject", "") for r in noted if r.get("status") != "lifted"}
    gone = {
        item: dict.fromkeys(contact.keys() & _WITHHELD)
        for item, contact in contacts.items()
        if item in restricted or contact.get("addressRestricted") or about & {item, ""}
    }
    return _changed(document, {"personalDetails": {"contacts": gone}} if gone else {})


def _contacts(document: JsonObject) -> Mapping[str, Any]:
    contacts: JsonObject = document["personalDetails"].get("contacts", {})
    return contacts


def _identifiers(document: JsonObject) -> bool:
    return "identifiers" in document["personalDetails"]


def _own(section: JsonObject, items: Collection[str]) -> JsonObject:
    maps = {name: value for name, value in section.items() if isinstance(value, dict)}
    kept = {name: {item: entry for item, entry in value.items() if item in items} for name, value in maps.items()}
    return {name: value for name, value in kept.items() if value}


def _changed(document: JsonObject, patch: JsonObject, sections: Mapping[str, JsonObject] | None = None) -> JsonObject:
    """A copy by merge patch, with some sections replaced as a whole."""
    changed: JsonObject = merge_patch(document, patch)
    if sections:
        changed["sections"] = {**changed["sections"], **sections}
    return changed
