"""Reads section I: the setting or its type, a change of setting on a date, a second placement in spare rows.

Nothing is invented: an empty section I stays empty (every first draft; education otherwise than at school).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from connectors.documents.dates import first_date, read_dates
from connectors.documents.details import scan_identifiers
from connectors.documents.identifiers_in_text import find_identifiers
from connectors.documents.labels import fold, match_label, wording
from connectors.documents.nothing import names_no_setting
from connectors.documents.pairs import Pair, read_pairs
from connectors.documents.places import Draft
from connectors.documents.word_values import Row

_OTHERWISE = re.compile(
    r"\b(EOTAS|EOTIS|EOTC|education otherwise than|otherwise than at (?:a )?(?:school|college)|section 61)\b",
    re.IGNORECASE,
)
_HOME = re.compile(r"\b(elective(?:ly)? home|home[- ]educat\w+|EHE)\b", re.IGNORECASE)
_BEFORE = re.compile(
    r"\s*(?P<word>until|to|up to|till|from|starting)\b(?P<when>[^:\n]{0,40}\d{2,4})(?:\s*:|\s+[-–])\s+", re.IGNORECASE
)
_BEHIND = re.compile(
    r"[\s,(–-]+(?P<word>until|up to|till|from|starting)\s+(?P<when>[^()\n:]{4,30}\d{2,4})\)?[.\s]*$", re.IGNORECASE
)
_SINCE_WORDS = {"from", "starting"}
_PLACEMENT_LABEL = re.compile(
    r"\b(placement|school|setting|college|institution|second|additional|from|until|dual|name|type)\b", re.IGNORECASE
)
_NUMBERS = re.compile(
    r"\s*\(\s*(?:URN|UKPRN|LAESTAB|DfE)\b[^)]*\)\s*"
    r"|[\s,;–-]*\b(?:URN|UKPRN|LAESTAB|DfE)(?:\s+(?:no|number))?[\s:.#]*\d[\d/ ]*\d\s*",
    re.IGNORECASE,
)
_TYPE_BEHIND = re.compile(r"type only\s*[:–—,-]\s*(?P<type>.+)", re.IGNORECASE | re.DOTALL)
_MARKER = re.compile(r"\s*(?:\(?\d{1,2}[.)]|[•●▪–-])\s+")
_NEXT_SETTING = re.compile(r"(?<=\d\))\s*(?:[,;/]|\band\b|&)\s*(?=[A-Z])")
_SPARE_FROM = 2
_WORDS_OF_A_DATE = 4
_MAX_RANK = 20


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the name or type, without a "from" or "until" before or behind it; their dates where they are full."""

    typed: str
    text: str
    dated: bool = False
    since: date | None = None
    until: date | None = None


@dataclass(slots=True)
class _Entry:
    """A placement while its rows are read: what is typed, and the labels that are not the form's."""

    name: str = ""
    type: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    from_labels: bool = False


def read_placement(rows: Sequence[Row], draft: Draft) -> None:
    """Read the rows of section I into the draft."""
    entries = _entries(read_pairs("placement", rows, draft.desk), draft)
    if len(entries) > 1:
        message = "A second placement was typed into the spare rows of section I."
        draft.desk.warn("placement-spare-rows-used", "info", "placement", message)
    section = draft.sections["I"]
    for entry in entries:
        _write_entry(entry, draft)
    placements = section.get("placements", {})
    if "placementBasis" not in section and placements:
        named = any("name" in each for each in placements.values())
        section["placementBasis"] = "NAMED" if named else "TYPE_ONLY"


def _entries(pairs: Sequence[Pair], draft: Draft) -> list[_Entry]:
    entries = [_Entry()]
    for index, pair in enumerate(pairs):
        path = f"placement.{pair.key}" if pair.key and len(entries) == 1 else "placement"
        text = _without_dash(draft.desk.take_plain(pair.value, path))
        scan_identifiers(text, path, draft)
        if not text and _stands_left(pair, entries):
            _take_left(pair, entries)
        elif text and not pair.key and not _is_placement(pair, text):
            _note_fact(pair, text, draft)
        elif text:
            key = _key_of(pair, entries[-1])
            if getattr(entries[-1], key):
                entries.append(_Entry())
            setattr(entries[-1], key, text)
            _keep_label(pair, key, entries[-1])
        elif index >= _SPARE_FROM or not pair.key:
            _note_empty(pair, draft)
    return [entry for entry in entries if entry.name or entry.type]


def _stands_left(pair: Pair, entries: Sequence[_Entry]) -> bool:
    """Tell whether a setting or its type was typed where the form has its labels: a number tells the setting."""
    label = pair.label.text
    return bool(label) and not pair.key and (entries[-1].from_labels or bool(find_identifiers(label)))


def _take_left(pair: Pair, entries: list[_Entry]) -> None:
    if not entries[-1].from_labels or entries[-1].type:
        entries.append(_Entry(name=pair.label.text, from_labels=True))
    else:
        entries[-1].type = pair.label.text


def _without_dash(text: str) -> str:
    """Return a text, empty when it is only a dash that stands for nothing."""
    return text if re.search(r"\w", text) else ""


def _is_placement(pair: Pair, text: str) -> bool:
    """Tell whether a row with a label that is not the form's holds a placement, and not a date or another fact."""
    label = pair.label.text
    only_a_date = first_date(text) is not None and len(text.split()) <= _WORDS_OF_A_DATE
    return not only_a_date and (not label or _PLACEMENT_LABEL.search(label) is not None)


def _note_fact(pair: Pair, text: str, draft: Draft) -> None:
    section = draft.sections["I"]
    fact = f"{pair.label.text}\n{text}".strip()
    section["note"] = f"{section['note']}\n{fact}" if "note" in section else fact


def _key_of(pair: Pair, entry: _Entry) -> str:
    if pair.key:
        return pair.key
    folded = fold(pair.label.text)
    if folded.split(" ")[0] in {"name", "type"}:
        return folded.split(" ")[0]
    return "type" if entry.name and not entry.type else "name"


def _keep_label(pair: Pair, key: str, entry: _Entry) -> None:
    """Keep a label that says more than the form's: "Name (second placement)"."""
    label = pair.label.text
    match = match_label("placement", label)
    known = fold(label) in wording()["fields"]["placement"][key]
    if label and not known and (match is None or ("(" in label and not match.rest)):
        entry.labels[key] = label


def _note_empty(pair: Pair, draft: Draft) -> None:
    if pair.label.text and not pair.key:
        draft.desk.note(pair.label.text, f"{pair.label.place}: a label without a value in section I")


def _write_entry(entry: _Entry, draft: Draft) -> None:
    section = draft.sections["I"]
    whole = f"{entry.name}\n{entry.type}"
    unnamed, type_ = names_no_setting(entry.name or "none"), _type_of(entry)
    if _OTHERWISE.search(whole) or _HOME.search(whole) or (unnamed and not type_):
        _write_none(entry, whole, draft)
        return
    if unnamed and entry.name:
        _add(_Line(entry.name, ""), _Line(entry.type, type_), entry.labels, draft)
        return
    names, types = _dated(entry.name), _dated(entry.type)
    if len(names) == 1 and len(settings := _settings(entry.name)) > 1:
        message = f"{len(settings)} placements in one cell: split."
        draft.desk.warn("placement-multiple", "info", "placement", message)
        names, types = settings, _types_of(entry.type, len(settings))
    if len(names) > 1 and len(types) == 1:
        types = _types_of(entry.type, len(names))
    for index in range(max(len(names), len(types), 1)):
        name = names[index] if index < len(names) else None
        kind = types[index] if index < len(types) else None
        _add(name, kind, entry.labels, draft)
    section.setdefault("placements", {})


def _type_of(entry: _Entry) -> str:
    """Return the type that is specified, also where it stands behind "Type only:" in the cell for the name."""
    behind = _TYPE_BEHIND.match(entry.name)
    if behind is not None and not entry.type:
        return behind["type"].strip()
    return "" if names_no_setting(entry.type or "none") else entry.type


def _write_none(entry: _Entry, whole: str, draft: Draft) -> None:
    """Write a section I that names no setting: why, as stated, and the basis when it says one."""
    section = draft.sections["I"]
    lines = [entry.labels.get("name", ""), entry.name, entry.labels.get("type", ""), entry.type]
    note = "\n".join(line for line in lines if line)
    section["note"] = f"{section['note']}\n{note}" if "note" in section else note
    if _OTHERWISE.search(whole):
        section["placementBasis"] = "EOTAS"
    elif _HOME.search(whole):
        section["placementBasis"] = "EHE_S42_5"


def _settings(text: str) -> list[_Line]:
    """Split a cell that names several settings, each with its own number, one a line or joined by "and"."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    found = [_Line(line, _without_marker(piece)) for line in lines for piece in _NEXT_SETTING.split(line)]
    return found if all(_NUMBERS.search(each.text) for each in found) else []


def _types_of(text: str, count: int) -> list[_Line]:
    """Return the types of several settings: one a line where there are as many, else all of it for each."""
    lines = [_Line(line.strip(), _without_marker(line)) for line in text.split("\n") if line.strip()]
    return lines if len(lines) == count else [_Line(text, text)] * count if text else []


def _without_marker(line: str) -> str:
    marker = _MARKER.match(line)
    return line[marker.end() if marker else 0 :].strip()


def _dated(text: str) -> list[_Line]:
    """Split a cell whose every line begins "Until" or "From" and a date.

    Else it is one line with all its text.
    """
    if not text:
        return []
    lines = [_dated_line(line) for line in text.split("\n")]
    if lines[0].dated:
        found: list[_Line] = []
        for line in lines:
            if line.dated or not found:
                found.append(line)
            else:
                last = found.pop()
                found.append(replace(last, typed=f"{last.typed}\n{line.typed}", text=f"{last.text}\n{line.text}"))
        return found
    return [_Line(text, text)]


def _dated_line(line: str) -> _Line:
    match = _BEFORE.match(line) or _BEHIND.search(line)
    if match is None:
        return _Line(line, line)
    text = line[match.end() :] if match.start() == 0 else line[: match.start()]
    days = read_dates(match["when"]).found
    if len(days) == _SPARE_FROM:
        return _Line(line, text, dated=True, since=days[0], until=days[1])
    day = days[0] if days else None
    since = match["word"].lower() in _SINCE_WORDS
    return _Line(line, text, dated=True, since=day if since else None, until=None if since else day)


def _add(name: _Line | None, kind: _Line | None, labels: dict[str, str], draft: Draft) -> None:
    rank = len(draft.sections["I"].get("placements", {})) + 1
    item: dict[str, Any] = {"rank": rank} if rank <= _MAX_RANK else {}
    if name is not None and name.text:
        item |= _named(name.text)
    if kind is not None:
        item["type"] = kind.text
    since = (name.since if name else None) or (kind.since if kind else None)
    until = (name.until if name else None) or (kind.until if kind else None)
    item |= {"from": since.isoformat()} if since else {}
    item |= {"to": until.isoformat()} if until else {}
    item["asStated"] = _as_stated(name, kind, labels)
    draft.add("I", "placements", f"placement-{rank}", item)


def _as_stated(name: _Line | None, kind: _Line | None, labels: dict[str, str]) -> str:
    lines = [
        labels.get("name", "") if name else "",
        name.typed if name else "",
        labels.get("type", "") if kind else "",
        kind.typed if kind else "",
    ]
    return "\n".join(line for line in lines if line)


def _named(text: str) -> dict[str, Any]:
    """Return the name without its numbers, the numbers, and what is said behind them."""
    head, _, tail = text.partition("\n")
    numbers = list(_NUMBERS.finditer(head))
    name = head[: numbers[0].start()] if numbers else head
    behind = head[numbers[-1].end() :].lstrip(" –—-,;:") if numbers else ""
    note = "\n".join(part for part in (behind.strip(), tail.strip()) if part)
    item: dict[str, Any] = {"name": name.strip() or head.strip()}
    for found in find_identifiers(head):
        if found.kind in {"urn", "ukprn"} and found.value is not None:
            item.setdefault(found.kind, found.value)
    if note:
        item["note"] = note
    if re.search(r"\bdual(?:ly)?[- ]regist", text, re.IGNORECASE):
        item["dualRegistered"] = True
    if re.search(r"\bmain registration\b", text, re.IGNORECASE):
        item["mainRegistration"] = True
    return item
