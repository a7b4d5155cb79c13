"""Makes the items of a row: outcomes and provisions, with what their text says plainly besides itself."""

from __future__ import annotations

import re
from typing import Any

from connectors.documents.dates import first_date
from connectors.documents.desk import Desk
from connectors.documents.items import Items
from connectors.documents.quantities import is_unquantified, is_vague, read_quantity, read_role

_COMMISSIONER = re.compile(
    r"\bcommission(?:er|ed by)\b:?\s+(?P<name>NHS [^.;,()\n]{2,80}?(?:Integrated Care Board|ICB))\b"
    r"(?:\s*\((?:ODS(?: code)?:?\s*)?(?P<ods>[A-Z0-9]{3,10})\))?",
    re.IGNORECASE,
)
_BY_DATE = re.compile(r"^\s*by\s+(?=(?:the\s+)?\d)", re.IGNORECASE)


def outcome_item(text: str, needs: list[str], area: str) -> dict[str, Any]:
    """Return an outcome; ``achievableBy`` when it begins "By" and a full date."""
    item: dict[str, Any] = {"text": text}
    if needs:
        item["needIds"] = list(needs)
    if area:
        item["area"] = area
    by = _BY_DATE.match(text)
    on = first_date(text[by.end() : by.end() + 30]) if by else None
    return item | ({"achievableBy": on.isoformat()} if on else {})


def provision_item(text: str, links: dict[str, list[str]], section: str, area: str) -> dict[str, Any]:
    """Return a provision. Health agreement of section G is unknown until a record of it is found."""
    item: dict[str, Any] = {"what": text, **{key: ids for key, ids in links.items() if ids}}
    quantity, role = read_quantity(text), read_role(text)
    if quantity:
        item["quantity"] = quantity
    if role:
        item["deliveredBy"] = {"role": role}
    if area:
        item["area"] = area
    if section == "G":
        item["healthAgreement"] = {"status": "unknown"}
    return item | _commissioner(text)


def _commissioner(text: str) -> dict[str, Any]:
    match = _COMMISSIONER.search(text)
    if match is None:
        return {}
    return {
        "commissioner": {"type": "ICB", "name": match["name"]}
        | ({"odsCode": match["ods"].upper()} if match["ods"] else {})
    }


def tell_unquantified(items: Items, path: str, desk: Desk, *, strictly: bool) -> None:
    """Point out provision without any amount.

    In section F the whole cell must state one, and each listed item that is worded vaguely; elsewhere only vague
    wording counts, since a medicine or an adaptation has no hours.
    """
    whole = is_unquantified(items.text) if strictly else is_vague(items.text)
    listed = len(items.items) > 1 and any(is_vague(item) for item in items.items)
    if whole or listed:
        raw = items.text if whole else next(item for item in items.items if is_vague(item))
        desk.warn(
            "provision-not-quantified",
            "warning",
            path,
            "Provision has no amount, frequency or duration.",
            raw,
        )
