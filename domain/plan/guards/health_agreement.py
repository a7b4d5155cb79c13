"""Health provision stands in a final plan only as its commissioning body agreed it (CFA s.42(4); reg 12(2))."""

import re
from collections.abc import Iterator

from domain.document import agreement_stands, text_hash
from domain.errors import Breach
from domain.plan.context import Context
from domain.plan.events import JsonObject
from domain.plan.guards.registry import guard
from domain.plan.texts import text_of

LAW = "reg 12(2); CFA s.42(4)"
#: Nursing of school-age children is commissioned by the council's public health, not by the board.
PUBLIC_HEALTH_NURSING = re.compile(
    r"\b(school|health visit\w*|0[- ]?(to|-)[- ]?19) ?nurs\w*|\bhealth visitor", re.IGNORECASE
)


@guard("health-provision-agreed")
def health_provision_agreed(context: Context) -> Iterator[Breach]:
    """Each item of section G is agreed in exactly the text that issues; there is no deemed agreement.

    That holds for an ordered text too: what the Tribunal says of health is a recommendation (SI 2017/1306).
    """
    for item_id, provision in _section_g(text_of(context)).items():
        if not stands_agreed(context, item_id, provision):
            yield context.breach(
                "health-not-agreed",
                "The responsible commissioning body hasn't agreed to this item as it reads now. Keep it apart as "
                "health provision not agreed, and the plan can issue in time.",
                law=LAW,
                pointer=f"/plan/sections/G/provisions/{item_id}",
            )


def stands_agreed(context: Context, item_id: str, provision: JsonObject) -> bool:
    """Whether the item is agreed as it reads, or came with an imported final plan and hasn't changed since."""
    known = context.state.health_agreements.get(item_id, {})
    if known.get("textHash") == text_hash(provision):
        return known.get("status") == "agreed" or (known.get("status") == "unknown" and bool(known.get("imported")))
    return not context.performed and agreement_stands(provision)


@guard("body-fits-item")
def body_fits_item(context: Context) -> Iterator[Breach]:
    """Agreement is the responsible body's: public health for school nursing, else who commissions the item."""
    provision = _section_g(context.state.document).get(str(context.data.get("itemId", "")), {})
    kind, asked = responsible_kind(provision), context.data.get("bodyType")
    if kind and asked != kind:
        yield context.breach(
            "another-body-is-responsible",
            f"This item is {IN_WORDS.get(kind, kind)} provision: the agreement is that body's to give.",
            law=LAW,
            pointer="/bodyType",
        )


IN_WORDS = {"PUBLIC_HEALTH": "public health", "ICB": "integrated care board", "NHSE": "NHS England", "LA": "council"}


def responsible_kind(provision: JsonObject) -> str:
    """Which kind of body commissions the item, as stated, or as its words tell; "" where neither does."""
    stated = provision.get("commissioner", {}).get("type")
    if stated:
        return str(stated)
    role = provision.get("deliveredBy", {}).get("role", "")
    nursing = PUBLIC_HEALTH_NURSING.search(f"{role}\n{provision.get('what', '')}")
    return "PUBLIC_HEALTH" if nursing else ""


def _section_g(document: JsonObject | None) -> dict[str, JsonObject]:
    provisions: dict[str, JsonObject] = (document or {}).get("sections", {}).get("G", {}).get("provisions", {})
    return provisions
