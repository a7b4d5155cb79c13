"""Copies for consulted settings: without section I, and with K as a list only.

A setting that is consulted must not see which other institution is proposed (CFA 2014 s.38(5) keeps I out of
a draft; in an amendment the standing name is masked as well), and gets the advice itself only when an officer
selects it.
"""

from collections.abc import Collection

from domain.document.json_values import JsonObject
from domain.document.merge import merge_patch

#: What a list of advice says of each entry: what it is, from whom, and when. Not the file, not what became of
#: it.
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


def mask_section_i(document: JsonObject) -> JsonObject:
    """A copy of the document for a consulted setting; the input stays as it is.

    Section I is empty, K lists the advice without files, and the unplaced notes of an import are gone, since
    they may repeat what section I said.
    """
    masked = merge_patch(document, {"unplacedNotes": None})
    masked["sections"]["I"] = {}
    for advice in masked["sections"]["K"].get("advice", {}).values():
        for field in advice.keys() - LISTED_ADVICE:
            del advice[field]
    return masked


#: What says where a contact can be found, or why that is nobody's business.
_WITHHELD = frozenset({"homeAddress", "postcode", "email", "telephone", "restrictionReason"})


def mask_withheld(document: JsonObject, restricted: Collection[str]) -> JsonObject:
    """A copy for readers outside the council; the input stays as it is.

    Contacts whose address is restricted, by the text or by their id, keep their name only; nobody reads why.
    """
    masked = merge_patch(document, {"restrictions": None})
    for contact_id, contact in masked["personalDetails"].get("contacts", {}).items():
        hidden = contact_id in restricted or contact.get("addressRestricted")
        for field in contact.keys() & (_WITHHELD if hidden else {"restrictionReason"}):
            del contact[field]
    return masked
