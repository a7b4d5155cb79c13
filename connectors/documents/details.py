"""Reads the personal details and the contacts of the first table of the template."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from connectors.documents.answers import ticked_words
from connectors.documents.desk import Desk, Taken
from connectors.documents.identifiers_in_text import FoundIdentifier, find_identifiers
from connectors.documents.labels import fold
from connectors.documents.nothing import is_nothing
from connectors.documents.pairs import Pair, read_pairs
from connectors.documents.places import Draft, note_pair, place_text, take_date, tell_assumed
from connectors.documents.word_values import Row

_PLAIN = {"name", "preferredName", "firstLanguage", "parentFirstLanguage"}
_CONTACT = {"relationship", "email", "telephone", "homeAddress"}
_POSTCODE = re.compile(r"\b([A-Z]{1,2}[0-9][A-Z0-9]?) ?([0-9][A-Z]{2})\b", re.IGNORECASE)
_WITHHELD = re.compile(
    r"held on file|not to be (?:shared|disclosed|given)|do not (?:share|disclose|give out|send)|(?:is|are) not shared|"
    r"withheld|confidential|undisclosed|\brefuge\b(?! (?:farm|road|lane|street|cottage|house)\b)|safe address|"
    r"not disclosed|address protected|restricted(?! access\b)",
    re.IGNORECASE,
)
_CODE_BEFORE = re.compile(r"^\s*[A-Z]{4}\s*[-–:]\s*")
_SELF = re.compile(r"\b(self|young person|the young person themsel)", re.IGNORECASE)
_NUMBER_NAMES = {
    "upn": "UPN",
    "uln": "ULN",
    "urn": "URN",
    "ukprn": "UKPRN",
    "laestab": "DfE number",
    "nhsNumber": "NHS number",
}
_PLACEHOLDER_NAME = "Name not stated"


@dataclass(slots=True)
class _Contact:
    """One of the two contacts of the form while it is read.

    Its texts, and where an instruction withholds one.
    """

    path: str
    texts: dict[str, str] = field(default_factory=dict)
    withheld: dict[str, str] = field(default_factory=dict)


@functools.cache
def _codes() -> dict[str, dict[str, str]]:
    text = resources.files(__package__).joinpath("codes.json").read_text(encoding="utf-8")
    data: dict[str, Any] = json.loads(text)
    kinds = ("ethnicity", "sex")
    return {kind: {name: code for code, names in data[kind].items() for name in names} for kind in kinds}


def read_details(rows: Sequence[Row], draft: Draft) -> None:
    """Read the rows of the personal details into the draft."""
    contacts = [_Contact("details.parent1"), _Contact("details.parent2")]
    current = contacts[0]
    done: set[str] = set()
    for pair in read_pairs("details", rows, draft.desk):
        if pair.key in {"parent1.name", "parent2.name"}:
            current = contacts[pair.key == "parent2.name"]
        if pair.key == "identifier":
            read_identifier_row(pair, "details.identifier", draft)
        elif pair.key in _CONTACT or pair.key.endswith(".name"):
            current = _contact_for(pair, current, contacts, draft.desk)
        elif not pair.key or pair.key in done:
            note_pair(draft.desk, pair, "" if not pair.key else "a second value of the same field")
        else:
            done.add(pair.key)
            _read_one(pair, draft)
    _write_contacts(contacts, draft)


def _contact_for(pair: Pair, current: _Contact, contacts: list[_Contact], desk: Desk) -> _Contact:
    key = "name" if pair.key.endswith(".name") else pair.key
    if key in current.texts and current is contacts[0]:
        current = contacts[1]
    if key in current.texts:
        note_pair(desk, pair, "a second value of the same field")
        return current
    path = f"{current.path}.{key}"
    tell_assumed(desk, pair, path)
    text = desk.take_plain(pair.value, path)
    current.texts[key] = text
    if key != "name" and _WITHHELD.search(text):
        current.withheld[key] = current.texts.pop(key)
        message = (
            "An instruction stands here. It is recorded as a restriction until somebody decides, and never printed."
        )
        desk.warn("disclosure-restriction", "warning", path, message)
    return current


def _read_one(pair: Pair, draft: Draft) -> None:
    path = f"details.{pair.key}"
    tell_assumed(draft.desk, pair, path)
    taken = draft.desk.take(pair.value, path)
    text = draft.desk.fit(taken.text, path)
    if pair.key == "dateOfBirth":
        _read_birth(taken, draft)
        return
    draft.desk.tell_struck(taken, path)
    if pair.key in _PLAIN:
        place_text(draft.personal, pair.key, text)
    elif pair.key == "sex" and text:
        draft.personal |= {"sex": _sex(taken, text), "sexAsStated": text}
        if draft.personal["sex"] == "notKnown":
            draft.desk.warn(
                "sex-unclear",
                "warning",
                path,
                "The sex cannot be told from this; kept as it is written.",
                text,
            )
    elif pair.key == "ethnicity" and text:
        draft.personal["ethnicity"] = {"asStated": text} | _ethnicity_code(text)
    elif pair.key == "localReference":
        draft.local_reference = text
    scan_identifiers(text, path, draft)


def _sex(taken: Taken, text: str) -> str:
    """Return the sex that a cell states: its only word for one, the one ticked, or the one not struck through."""
    standing = taken.passage.unstruck if taken.passage.struck else text
    ticked = " ".join(ticked_words(standing))
    codes = {code for word in fold(ticked or standing).split() if (code := _codes()["sex"].get(word))}
    return codes.pop() if len(codes) == 1 else "notKnown"


def _read_birth(taken: Taken, draft: Draft) -> None:
    path = "details.dateOfBirth"
    found = take_date(draft, taken, path)
    place_text(draft.personal, "dateOfBirthAsStated", draft.desk.fit(taken.text, path))
    if found:
        draft.personal["dateOfBirth"] = found[0].isoformat()
        draft.facts["date_of_birth"] = found[0]


def _ethnicity_code(text: str) -> dict[str, str]:
    """Return the code of an ethnicity when its wording, to a bracket if any, is one of the published ones."""
    known = _codes()["ethnicity"]
    code = (
        known.get(fold(text))
        or known.get(fold(_CODE_BEFORE.sub("", text)))
        or known.get(fold(text.split("(", maxsplit=1)[0]))
    )
    return {"code": code} if code else {}


def scan_identifiers(text: str, path: str, draft: Draft) -> list[FoundIdentifier]:
    """Record the child's identifiers found in a cell, point out those that cannot be right, and return all found."""
    found = list(find_identifiers(text))
    for each in found:
        if each.value is None:
            what = _NUMBER_NAMES[each.kind]
            message = f"This is not a possible {what} (its length or check digit is wrong); kept as text only."
            draft.desk.warn(each.code, "warning", path, message, each.raw)
        elif each.kind in {"upn", "uln", "nhsNumber"}:
            record_identifier(each.kind, each.value, path, draft, former=each.former)
    return found


def read_identifier_row(pair: Pair, path: str, draft: Draft) -> None:
    """Read a row that the council added for an identifier; what is typed in it is kept as a note too."""
    scan_identifiers(f"{pair.label.text} {draft.desk.look(pair.value).text}", path, draft)
    note_pair(draft.desk, pair, "a row for an identifier, which the form does not have")


def record_identifier(kind: str, value: str, path: str, draft: Draft, *, former: bool = False) -> None:
    """Record an identifier of the child; a second, different one is pointed out and left as text."""
    held = draft.personal.setdefault("identifiers", {})
    if kind == "upn" and former:
        held.setdefault("formerUpns", [])
        held["formerUpns"] += [value] if value not in held["formerUpns"] else []
    elif held.setdefault(kind, value) != value:
        draft.desk.warn(
            "identifier-conflict",
            "warning",
            path,
            "The file states two different numbers of this kind.",
            value,
        )


def _write_contacts(contacts: list[_Contact], draft: Draft) -> None:
    for index, contact in enumerate(contacts, 1):
        texts = {key: text for key, text in contact.texts.items() if text}
        if index > 1 and all(map(is_nothing, texts.values())):
            for key, text in texts.items():
                draft.desk.note(text, f"{contact.path}.{key}: says that there is none, so no contact was made of it")
            texts = {}
        if texts or contact.withheld:
            identity = f"contact-{index}"
            entry = _contact_entry(contact, texts, draft.desk) | ({"mainContact": True} if index == 1 else {})
            held = draft.personal.setdefault("contacts", {})
            held[identity] = {"order": len(held) + 1, **entry}
            _restrict(contact, identity, draft.desk)


def _contact_entry(contact: _Contact, texts: dict[str, str], desk: Desk) -> dict[str, Any]:
    if "name" not in texts:
        desk.warn("contact-name-missing", "warning", f"{contact.path}.name", "This contact has no name in the file.")
    young = _SELF.search(texts.get("relationship", ""))
    entry: dict[str, Any] = {
        "kind": "youngPerson" if young else "parentOrCarer",
        "name": _PLACEHOLDER_NAME,
        **texts,
    }
    postcode = _POSTCODE.search(texts.get("homeAddress", ""))
    if postcode:
        entry["postcode"] = f"{postcode[1]} {postcode[2]}".upper()
    if "homeAddress" in contact.withheld:
        entry |= {"addressRestricted": True, "restrictionReason": contact.withheld["homeAddress"]}
    return entry


def _restrict(contact: _Contact, identity: str, desk: Desk) -> None:
    for key, text in contact.withheld.items():
        kind = "addressWithheld" if key == "homeAddress" else "other"
        origin = f"{contact.path}.{key}"
        desk.restrictions.append(
            {"kind": kind, "subject": identity, "reason": text, "origin": origin, "status": "undecided"}
        )
