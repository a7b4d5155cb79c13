"""Reads the services that are involved.

The setting with its numbers, health, the yes/no questions, a move.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from connectors.documents.answers import read_answer
from connectors.documents.dates import first_date
from connectors.documents.desk import Taken
from connectors.documents.details import read_identifier_row, record_identifier, scan_identifiers
from connectors.documents.identifiers_in_text import FoundIdentifier, read_nhs_number
from connectors.documents.labels import fold, words_beyond_form
from connectors.documents.pairs import Pair, read_pairs
from connectors.documents.places import Draft, note_pair, place_text, tell_assumed
from connectors.documents.word_values import Row

_ANSWERS = {
    "knownToSocialCare",
    "currentlyLookedAfter",
    "hasBeenLookedAfter",
    "onePageProfile",
    "movingFromDifferentLA",
}
_TEXTS = {"gpAndKeyHealthProfessional", "otherProfessionals"}
_YEAR = re.compile(r"\b(?:national curriculum year|nc year|year(?: group)?|yr\.?)\s*(?P<n>\d{1,2})\b", re.IGNORECASE)
_RECEPTION = re.compile(r"\breception\b(?!\s+(?:class\s+)?teacher)", re.IGNORECASE)
_LAST_YEAR = 20
_NUMBER_BEHIND = re.compile(r"[\s,;–-]*(?:\(\s*|\b)(?:URN|UKPRN|LAESTAB|DfE)\b[\s:.#()A-Za-z]*\d", re.IGNORECASE)
_NAMED_COUNCIL = (
    r"[\s:–-]+(?:the\s+)?(?P<name>[A-Z][^()\n,;.]{2,60}?)\s*"
    r"(?:\(\s*(?:LA\s*)?(?P<code>\d{3})\s*\)|(?=[,;.\n]|$|\s(?:to|from|on|in|and|moving|with)\s))"
)
_AUTHORITY = r"(?:LA|[Ll]ocal\s+[Aa]uthority|[Cc]ouncil|[Aa]uthority)(?:\s+was)?"
_PREVIOUS = rf"[Pp]revious(?:ly)?\s+(?:with|in|under|maintained\s+by|{_AUTHORITY})"
_FROM = re.compile(rf"\b(?:[Ff]rom|FROM|{_PREVIOUS}|[Mm]aintained\s+by)\b{_NAMED_COUNCIL}")
_TO = re.compile(r"\b(?:[Tt]o|TO|[Ii]nto)\b" + _NAMED_COUNCIL)
_NOT_IN_NAMES = re.compile(
    r"\b(county council|city council|borough council|metropolitan|council|"
    r"royal borough of|london borough of|borough of|county of|city of)\b"
)


def read_services(rows: Sequence[Row], draft: Draft) -> None:
    """Read the rows of the services table into the draft."""
    done: set[str] = set()
    for pair in read_pairs("services", rows, draft.desk):
        if not pair.key or (pair.key in done and pair.key != "identifier"):
            note_pair(draft.desk, pair, "" if not pair.key else "a second value of the same field")
            continue
        done.add(pair.key)
        _read_one(pair, draft)


def _read_one(pair: Pair, draft: Draft) -> None:
    path = f"services.{pair.key}"
    if pair.key == "identifier":
        read_identifier_row(pair, path, draft)
        return
    tell_assumed(draft.desk, pair, path)
    taken = draft.desk.take(pair.value, path)
    text = draft.desk.fit(taken.text, path)
    if not text:
        return
    if pair.key in _ANSWERS:
        _read_yes_no(pair.key, taken, text, draft)
        scan_identifiers(text, path, draft)
    elif pair.key == "nhsNumber":
        _read_nhs_number(text, path, draft)
    elif pair.key == "educationSetting":
        draft.services["educationSetting"] = {"asStated": text} | _setting(text, scan_identifiers(text, path, draft))
        _read_year(text, draft)
    elif pair.key in _TEXTS:
        place_text(draft.services, pair.key, text)
        scan_identifiers(text, path, draft)
    if pair.key not in _ANSWERS:
        draft.desk.tell_struck(taken, path)


def _read_nhs_number(text: str, path: str, draft: Draft) -> None:
    found = read_nhs_number(text)
    if found is None or found.value is None:
        message = "This is not a possible NHS number (its length or check digit is wrong); kept as a note."
        if found is not None:
            draft.desk.warn("nhs-number-invalid", "warning", path, message, found.raw)
        draft.desk.note(text, f"{path}: what is written for the NHS number")
        return
    record_identifier("nhsNumber", found.value, path, draft)
    rest = (text[: found.at] + text[found.at + len(found.raw) :]).strip()
    if words_beyond_form(rest):
        scan_identifiers(rest, path, draft)
        draft.desk.note(text, f"{path}: what is written beside the NHS number")


def _setting(text: str, found: list[FoundIdentifier]) -> dict[str, str]:
    numbers: dict[str, str] = {}
    for each in found:
        if each.kind in {"urn", "ukprn", "laestab"} and each.value is not None:
            numbers.setdefault(each.kind, each.value)
    first_line = text.split("\n", maxsplit=1)[0]
    number = _NUMBER_BEHIND.search(first_line)
    name = first_line[: number.start()].strip() if number else ""
    return numbers | ({"name": name} if name else {})


def _read_year(text: str, draft: Draft) -> None:
    """Read the national curriculum year when the text names exactly one; reception is 0."""
    years = {int(match["n"]) for match in _YEAR.finditer(text)} | ({0} if _RECEPTION.search(text) else set())
    if len(years) == 1 and max(years) <= _LAST_YEAR:
        draft.personal["ncYear"] = years.pop()


def _read_yes_no(key: str, taken: Taken, text: str, draft: Draft) -> None:
    path = f"services.{key}"
    reading = read_answer(taken.passage, text)
    if reading.answer is None:
        draft.desk.warn(
            "answer-unclear",
            "warning",
            path,
            "Yes or no cannot be told from this; kept as it is written.",
            text,
        )
    elif reading.by_strike:
        message = f"Read as {reading.answer.value}: the other answer is struck through."
        draft.desk.warn("answer-by-strikethrough", "info", path, message, text)
    elif reading.by_mark:
        message = f"Read as {reading.answer.value}: that word stands out from the other. Check it."
        draft.desk.warn("answer-by-mark", "warning", path, message, text)
    else:
        draft.desk.tell_struck(taken, path)
    entry: dict[str, Any] = {
        "answer": reading.answer.value if reading.answer else "notKnown",
        "asStated": text,
    }
    draft.services[key] = entry
    if key == "movingFromDifferentLA" and entry["answer"] == "yes":
        entry |= _move(text, draft)


def _move(text: str, draft: Draft) -> dict[str, str]:
    message = "Plan made by another authority: import as a transfer, not as a new plan."
    draft.desk.warn("transfer-from-other-authority", "info", "services.movingFromDifferentLA", message, text)
    moved: dict[str, str] = {}
    for key, fact, pattern in (("fromLa", "from_la", _FROM), ("toLa", "to_la", _TO)):
        code = next(filter(None, (_council(match, draft) for match in pattern.finditer(text))), None)
        if code:
            moved[key] = draft.facts[fact] = code
    only = _only_council(text, draft) if not moved else None
    if only:
        moved["fromLa"] = draft.facts["from_la"] = only
    on = first_date(text)
    if on:
        moved["movesOn"], draft.facts["moves_on"] = on.isoformat(), on
    return moved


def _council(match: re.Match[str], draft: Draft) -> str | None:
    """Return the code of a council: as stated in brackets, else by its name where the names are known."""
    if match["code"]:
        return match["code"]
    name = council_name(match["name"])
    return draft.councils.get(name) or draft.councils.get(name.removesuffix(" city").removesuffix(" county"))


def _only_council(text: str, draft: Draft) -> str | None:
    """Return the code of the one council that a text names, with a capital, and says nothing of from or to."""
    folded, capitals = f" {council_name(text)} ", {fold(word) for word in re.findall(r"\b[A-Z]\w+", text)}
    found = [name for name in draft.councils if f" {name} " in folded and name.split(" ")[0] in capitals]
    longest = [name for name in found if not any(name != other and f" {name} " in f" {other} " for other in found)]
    return draft.councils[longest[0]] if len(longest) == 1 else None


def council_name(text: str) -> str:
    """Return the name of a council as it is compared.

    Without "Council", "County Council", "London Borough of".
    """
    return " ".join(_NOT_IN_NAMES.sub(" ", fold(text)).split())
