"""Agreement of health provision, item by item: SEND Regulations 2014 reg 12(2), CFA 2014 s.42(4).

A body agrees to a text. The hash of the item's legal text says which; a changed text is not agreed, an
unchanged item keeps its agreement from version to version, and there is no deemed agreement.
"""

from hashlib import sha256

from domain.document.json_values import JsonObject, canonical_json

#: What a body agrees to arrange. Order, links, funding, codes and the agreement itself aren't part of that
#: text: they may change (an integrated care board is merged, an item is renumbered) without voiding what was
#: agreed.
LEGAL_TEXT_FIELDS: tuple[str, ...] = (
    "basis",
    "deliveredBy",
    "end",
    "equipment",
    "quantity",
    "setting",
    "start",
    "unquantifiedReason",
    "what",
)


def legal_text(provision: JsonObject) -> JsonObject:
    """The members of a provision that bind: what, how much, by whom, where and from when to when."""
    return {field: provision[field] for field in LEGAL_TEXT_FIELDS if field in provision}


def text_hash(provision: JsonObject) -> str:
    """SHA-256, in lower-case hexadecimal, of the canonical JSON of the provision's legal text."""
    return sha256(canonical_json(legal_text(provision))).hexdigest()


def agreement_stands(provision: JsonObject) -> bool:
    """Whether the responsible body has agreed to exactly the text that stands there now."""
    agreement = provision.get("healthAgreement", {})
    return bool(agreement.get("status") == "agreed" and agreement.get("textHash") == text_hash(provision))
