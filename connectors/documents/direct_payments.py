"""Reads section J.

Whether a direct payment is made, and its amount, instalments, recipient and dates where plain.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from connectors.documents.dates import dates_after
from connectors.documents.labels import fold, match_label, wording
from connectors.documents.nothing import is_nothing
from connectors.documents.pairs import join_passages, read_pairs
from connectors.documents.places import Draft, note_pair, place_text, tell_assumed
from connectors.documents.word_values import Row

_MONEY = r"£\s?(?P<pounds>\d{1,3}(?:,\d{3})+|\d{1,7})(?:\.(?P<pence>\d{2}))?(?!\d)"
_NO_PAYMENT = re.compile(
    r"no (?:direct payment|personal budget)|(?:a )?direct payments? (?:is|are|was|has|have) not|not (?:taken|requested)"
)
_TOTAL = re.compile(r"=\s*" + _MONEY)
_INSTALMENTS = re.compile(
    r"\b(?P<count>two|three|four|six|ten|twelve|\d{1,2})\s+(?:equal\s+)?instalments\s+of\s+" + _MONEY,
    re.IGNORECASE,
)
_COUNTS = {"two": 2, "three": 3, "four": 4, "six": 6, "ten": 10, "twelve": 12}
_RECIPIENT = re.compile(r"\b(?:recipient|paid to|payable to)\b\s*:?\s*(?P<who>[^.\n]+)", re.IGNORECASE)
_ROW = re.compile(r"section f\b\W+(?P<area>[^\d\n]{5,60}?)\W+row\s+(?P<row>\d{1,2})", re.IGNORECASE)
_AGREED = r"\bagreement\s+(?:was\s+)?(?:dated|signed|made)(?:\s+on)?\s*:?\s*"
_REVIEW = r"\b(?:first|next)\s+financial\s+review\s*(?:is\s+)?(?:on|due|by)?\s*:?\s*"
_MOST_INSTALMENTS = 60


def read_direct_payments(rows: Sequence[Row], draft: Draft) -> None:
    """Read the rows of section J into the draft."""
    section = draft.sections["J"]
    if not any(match_label("directPayments", cell.text) for row in rows for cell in row.cells):
        _read_loose(rows, draft)
    for pair in read_pairs("directPayments", rows, draft.desk):
        if not pair.key or pair.key in section:
            note_pair(draft.desk, pair, "")
            continue
        path = f"directPayments.{pair.key}"
        tell_assumed(draft.desk, pair, path)
        place_text(section, pair.key, draft.desk.take_plain(pair.value, path))
    _read_facts(section, draft)


def _read_loose(rows: Sequence[Row], draft: Draft) -> None:
    """Take a section without the form's labels for its details."""
    passages = [cell.passage for row in rows for cell in row.cells if cell.text]
    draft.desk.pass_over(*passages)
    place_text(draft.sections["J"], "details", draft.desk.take_plain(join_passages(passages), "directPayments.details"))


def _read_facts(section: dict[str, Any], draft: Draft) -> None:
    details, arrangements = section.get("details", ""), section.get("arrangements", "")
    whole = f"{details}\n{arrangements}"
    if not details and not arrangements:
        return
    if is_nothing(details or arrangements) or _NO_PAYMENT.match(fold(details or arrangements)):
        section["directPayments"] = "none"
        return
    if not re.search(r"\bdirect payment|£|\brecipient\b|\bnominee\b", whole, re.IGNORECASE):
        section["directPayments"] = "notKnown"
        return
    section["directPayments"] = "made"
    section |= _money(whole) | _dates(whole) | _recipient(whole, draft)
    _link_row(details, section, draft)


def _money(text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    parts = list(_INSTALMENTS.finditer(text))
    amounts = [
        each for each in re.finditer(_MONEY, text) if not any(each.start() in range(*part.span()) for part in parts)
    ]
    totals = list(_TOTAL.finditer(text)) or amounts
    if len({_pence(each) for each in totals}) == 1:
        found["amountPence"] = _pence(totals[0])
    if len(parts) == 1:
        count = _COUNTS.get(parts[0]["count"].lower()) or int(parts[0]["count"])
        found["instalmentsPence"] = [_pence(parts[0])] * min(count, _MOST_INSTALMENTS)
    return found


def _pence(match: re.Match[str]) -> int:
    return int(match["pounds"].replace(",", "")) * 100 + int(match["pence"] or 0)


def _dates(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, words in (("agreementDate", _AGREED), ("nextFinancialReview", _REVIEW)):
        on = next(dates_after(text, words), None)
        if on:
            found[key] = on.isoformat()
    return found


def _recipient(text: str, draft: Draft) -> dict[str, str]:
    match = _RECIPIENT.search(text)
    if match is None:
        return {}
    who = fold(match["who"])
    names = {fold(str(draft.personal.get(key, ""))) for key in ("name", "preferredName")} - {""}
    young = any(re.match(rf"{re.escape(name)}\b", who) for name in names) or "young person" in who
    if young:
        return {"recipient": "youngPersonWithNominee" if "nominee" in who else "youngPerson"}
    if "nominee" in who:
        return {"recipient": "nominee"}
    parents = [each for each in draft.personal.get("contacts", {}).values() if each["kind"] == "parentOrCarer"]
    named = any(who.startswith(fold(each["name"])) for each in parents)
    is_parent = named or re.search(r"\b(mother|father|parents?|carer|mum|dad)\b", who)
    return {"recipient": "parent"} if is_parent else {}


def _link_row(details: str, section: dict[str, Any], draft: Draft) -> None:
    """Tie the payment to the row of section F that it names ("section F, cognition and learning, row 3")."""
    for match in _ROW.finditer(details):
        area = next(
            (key for key in wording()["areas"] if fold(match["area"]) in wording()["titles"][f"area:{key}"]),
            None,
        )
        if area is None:
            continue
        need = f"need-{wording()['areas'][area]}-{int(match['row'])}"
        provisions = {
            key: item
            for key, item in draft.sections["F"].get("provisions", {}).items()
            if need in item.get("needIds", [])
        }
        for key, ids in (
            ("needIds", [need] if provisions else []),
            ("provisionIds", list(provisions)),
            ("outcomeIds", [each for item in provisions.values() for each in item.get("outcomeIds", [])]),
        ):
            if ids:
                section[key] = list(dict.fromkeys([*section.get(key, []), *ids]))
