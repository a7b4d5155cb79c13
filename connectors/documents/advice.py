"""Reads section K.

Who advised, when the advice came, whether it is appended; and the health body's agreement of G.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from connectors.documents.answers import Answer, read_answer, ticked_words
from connectors.documents.dates import dates_after
from connectors.documents.desk import Taken
from connectors.documents.form import is_header
from connectors.documents.labels import fold, match_label, wording
from connectors.documents.nothing import is_nothing
from connectors.documents.pairs import join_passages
from connectors.documents.places import Draft, place_text, take_date
from connectors.documents.word_values import Cell, Row

_UNTOUCHED = {"", "yes no", "y n"}
_COLUMNS = ("kind", "dateReceived", "from", "appended")
_TITLE = r"(?:(?:Dr|Mr|Mrs|Ms|Miss|Prof|Professor)\.?\s+)?"
_PERSON = r"[A-ZÀ-ÞŁŚŻ][\w’'.-]*(?:\s+(?:[a-z]{2,3}\s+)?[A-ZÀ-ÞŁŚŻ][\w’'.-]*){1,3}"
_ONE_AUTHOR = re.compile(rf"(?P<author>{_TITLE}{_PERSON}),\s+(?P<profession>[a-z][^,;:\n]{{3,80}})(?=[,:;(]|$)")
_WAITING = re.compile(
    r"\s*(?:await(?:ed|ing)|outstanding|not (?:yet )?(?:received|returned|available)|never received|nothing received|"
    r"none received|requested|asked for|chased|pending|to follow|overdue|due|tb[acd]|asap|"
    r"to be (?:confirmed|received|requested|obtained|sent|completed)|not (?:yet )?(?:requested|completed))\b",
    re.IGNORECASE,
)
_NOTHING_CAME = re.compile(r"\s*no (?:report|advice|reply|response|information|return)\b", re.IGNORECASE)
_RECEIPT = r"\b(?:received|rec['’]?d|rcvd)\b"
_RECEIVED = re.compile(r"(?<!not )(?<!yet )(?<!never )(?<!nothing )(?<!none )\breceived\b", re.IGNORECASE)
_ODS = re.compile(r"\(\s*(?:ODS(?:\s+code)?:?\s*)?(?P<code>[A-Z0-9]{3,10})\s*\)")
_AGREED_BY = re.compile(
    r"(?P<name>[^,;\n]{3,80}),\s*(?P<role>[^,;\n]{3,80}),?\s+(?:for|on behalf of|of)\s+(?P<body>[^,;()\n]{3,120})"
)


@dataclass(slots=True)
class _Columns:
    """Which cell holds what, from the header or as on the form."""

    keys: tuple[str | None, ...] = _COLUMNS

    def take(self, row: Row) -> dict[str, list[Cell]]:
        found: dict[str, list[Cell]] = {}
        for index, cell in enumerate(row.cells):
            key = self.keys[index] if index < len(self.keys) else None
            if key is not None:
                found.setdefault(key, []).append(cell)
        return found


def read_advice(rows: Sequence[Row], draft: Draft) -> None:
    """Read the rows of section K into the draft.

    A row counts when a date or an author is written in it; one in which only the kind of advice or the answer is
    written comes after those, so that nothing that was typed is lost. A kind merged over several rows is that of each.
    """
    columns, ordinary, bare = _Columns(), list[dict[str, list[Cell]]](), list[dict[str, list[Cell]]]()
    kind: list[Cell] = []
    for row in rows:
        if is_header("advice", row):
            columns = _header(row, draft)
        elif not row.is_blank and len(row.cells) > 1:
            cells = columns.take(row)
            if all(cell.continues and not cell.text for cell in cells.get("kind", [])):
                cells["kind"] = kind
            kind = cells["kind"]
            (ordinary if _is_dated(cells, draft) else bare if _is_typed(cells, draft) else []).append(cells)
    for cells in (*ordinary, *bare):
        _read_row(cells, draft)


def _header(row: Row, draft: Draft) -> _Columns:
    draft.desk.pass_over(*(cell.passage for cell in row.cells))
    matches = (match_label("advice", cell.text) for cell in row.cells)
    keys = tuple(match.key if match else None for match in matches)
    for cell, key in zip(row.cells, keys, strict=True):
        if key is None and cell.text:
            draft.desk.note(cell.text, "advice: header of a column that the form does not have")
            message = "The table has a column that the form does not have; what stands in it is kept as notes."
            draft.desk.warn("extra-column", "warning", "advice", message, cell.text)
    return _Columns(keys)


def _written(cells: Sequence[Cell], draft: Draft) -> str:
    return "\n".join(draft.desk.look(cell.passage).text for cell in cells).strip()


def _is_dated(cells: dict[str, list[Cell]], draft: Draft) -> bool:
    return bool(_written(cells.get("dateReceived", []), draft) or _written(cells.get("from", []), draft))


def _is_typed(cells: dict[str, list[Cell]], draft: Draft) -> bool:
    kind = fold(_written(cells.get("kind", []), draft))
    answer = fold(_written(cells.get("appended", []), draft))
    struck = any(cell.passage.struck for cell in cells.get("appended", []))
    return bool(kind and kind not in wording()["adviceKinds"]["template"]) or (answer not in {"", "yes no"}) or struck


def _take(cells: Sequence[Cell], path: str, draft: Draft) -> Taken:
    passages = [cell.passage for cell in cells]
    draft.desk.pass_over(*passages)
    return draft.desk.take(join_passages(passages), path)


def _read_row(cells: dict[str, list[Cell]], draft: Draft) -> None:
    number = len(draft.sections["K"].get("advice", {}))
    path = f"advice[{number}]"
    taken = {key: _take(cells.get(key, []), f"{path}.{key}", draft) for key in _COLUMNS}
    kind = draft.desk.fit(taken["kind"].text, f"{path}.kind")
    if not kind:
        draft.desk.warn("advice-kind-missing", "warning", f"{path}.kind", "The kind of advice is not stated.", "")
    item: dict[str, Any] = {"kind": kind or "Not stated"} | _category(kind)
    _read_from(taken["from"], item, path, draft)
    _read_date(taken["dateReceived"], item, path, draft)
    _read_appended(taken["appended"], item, path, draft)
    draft.add("K", "advice", f"advice-{number + 1}", item)
    if re.search(wording()["adviceKinds"]["healthAgreement"], fold(kind)):
        _agree_health(item, draft)


def _category(kind: str) -> dict[str, str]:
    """Return the paragraph of regulation 6(1) (SI 2014/1530) under which advice of this kind is sought."""
    folded = fold(kind)
    if re.search(wording()["adviceKinds"]["healthAgreement"], folded):
        return {}
    found = (code for code, pattern in wording()["adviceKinds"]["category"] if re.search(pattern, folded))
    category = next(found, None)
    return {"reg6Category": category} if category else {}


def _read_from(taken: Taken, item: dict[str, Any], path: str, draft: Draft) -> None:
    text = draft.desk.fit(taken.text, f"{path}.from")
    draft.desk.tell_struck(taken, f"{path}.from")
    place_text(item, "from", text)
    author = _ONE_AUTHOR.match(text)
    if author and " and " not in author["author"] and "\n" not in text:
        item |= {"author": author["author"], "profession": author["profession"].strip()}
    ods = _ODS.search(text)
    if ods and "ods" in ods.group().lower():
        item["odsCode"] = ods["code"]
    if re.search(r"\bnot known to (?:the|this|our) (?:service|team)\b", text, re.IGNORECASE):
        item["answer"] = "notKnownToService"
    elif re.search(r"\b(?:on (?:the|a) waiting list|waiting list until)\b", text, re.IGNORECASE):
        item["answer"] = "waitingList"


def _read_date(taken: Taken, item: dict[str, Any], path: str, draft: Draft) -> None:
    path = f"{path}.dateReceived"
    waiting = _WAITING.match(taken.text) is not None and _RECEIVED.search(taken.text) is None
    waiting = waiting or _NOTHING_CAME.match(taken.text) is not None
    days = () if waiting else _received_first(take_date(draft, taken, path), taken.text)
    place_text(item, "dateReceivedAsStated", draft.desk.fit(taken.text, path))
    if days:
        item["dateReceived"] = days[0].isoformat()
    if len(days) > 1:
        item["furtherDatesReceived"] = [day.isoformat() for day in days[1:]]
    if waiting or (not fold(taken.text) and not is_nothing(item.get("from", ""))):
        draft.desk.warn("advice-not-received", "warning", path, "Advice requested but no date received.", taken.text)


def _received_first(days: tuple[date, ...], text: str) -> tuple[date, ...]:
    """Leave the dates of requests out where the text says which date is that of receipt."""
    said = [day for day in dates_after(text, rf"{_RECEIPT}(?:\s+on)?\W*") if day in days]
    return tuple(dict.fromkeys(said)) or days


def _read_appended(taken: Taken, item: dict[str, Any], path: str, draft: Draft) -> None:
    path = f"{path}.appended"
    text = draft.desk.fit(taken.text, path)
    reading = read_answer(taken.passage, text)
    place_text(item, "appendedAsStated", text)
    item["appended"] = (reading.answer or Answer.NOT_KNOWN).value
    if reading.answer is None and not is_nothing(item.get("from", "")):
        untouched = fold(text) in _UNTOUCHED and not ticked_words(text)
        message = (
            "Neither option chosen." if untouched else "Yes or no cannot be told from this; kept as it is written."
        )
        draft.desk.warn("advice-appended-unclear", "warning", path, message, text)
    elif reading.by_strike and reading.answer is not None:
        message = f"Read as {reading.answer.value}: the other option is struck through."
        draft.desk.warn("advice-appended-by-strikethrough", "info", path, message, text)
    elif reading.by_mark and reading.answer is not None:
        message = f"Read as {reading.answer.value}: that option stands out from the other. Check it."
        draft.desk.warn("advice-appended-by-mark", "warning", path, message, text)


def _agree_health(item: dict[str, Any], draft: Draft) -> None:
    """Record on every item of G that its health body agreed it (regulation 12(2)), as section K states."""
    agreement: dict[str, str] = {"status": "agreed"}
    stated = _AGREED_BY.match(item.get("from", ""))
    if stated:
        agreement |= {
            "agreedBy": stated["name"].strip(),
            "role": stated["role"].strip(),
            "body": stated["body"].strip(),
        }
    if "odsCode" in item:
        agreement["odsCode"] = item["odsCode"]
    if "dateReceived" in item:
        agreement["agreedOn"] = item["dateReceived"]
    for provision in draft.sections["G"].get("provisions", {}).values():
        of = provision.get("commissioner", {}).get("odsCode")
        if of is None or "odsCode" not in agreement or of == agreement["odsCode"]:
            provision["healthAgreement"] = dict(agreement)
