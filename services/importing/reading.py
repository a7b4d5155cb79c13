"""From bytes to candidate plans: each with its line in the file, or with the reason why it can't be read."""

import codecs
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

import orjson
from msgspec import Struct, field

from connectors.documents.errors import DocumentRefused
from connectors.documents.national_template import read_plan
from connectors.documents.values import ImportFacts
from domain.codesets import CodeSet
from domain.document import pointer
from domain.plan.events import JsonObject
from services.importing.report import ImportNotice, ImportSource, Reject
from services.importing.slices import elements
from services.strict_json import NotStrictJson, parse

JSON = "application/json"
NDJSON = "application/x-ndjson"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#: Media types by the ending of a file's name.
MEDIA_TYPES: Mapping[str, str] = {
    ".json": JSON,
    ".ndjson": NDJSON,
    ".jsonl": NDJSON,
    ".docx": DOCX,
    ".docm": DOCX,
    ".doc": DOCX,
}


class Candidate(Struct, frozen=True, kw_only=True):
    """A plan found in a file: its document, what the council asserts about it, what was noticed while reading."""

    line: int
    document: JsonObject
    written: bytes
    asserted: JsonObject = field(default_factory=dict)
    notices: tuple[ImportNotice, ...] = ()

    @property
    def sha256(self) -> bytes:
        """The hash of what was written in the file."""
        return sha256(self.written).digest()

    @property
    def unplaced(self) -> int:
        """How many pieces of text no field could hold."""
        return len(self.document.get("unplacedNotes", ()))


def candidates(content: bytes, source: ImportSource, councils: CodeSet) -> Iterator[Candidate | Reject]:
    """Every plan of the file in order, or the reason why one can't be read."""
    if source.media_type == DOCX:
        yield _from_word(content, source, councils)
        return
    content = content.removeprefix(codecs.BOM_UTF8)
    if source.media_type == NDJSON:
        for number, line in enumerate(content.split(b"\n"), source.first_line):
            if line.strip():
                yield _from_json(line, number, source)
    else:
        yield from _from_json_file(content, source)


def _from_word(content: bytes, source: ImportSource, councils: CodeSet) -> Candidate | Reject:
    try:
        read = read_plan(content, file_name=source.name, councils=councils)
    except DocumentRefused as refused:
        return _reject(source, 1, "", refused.code, str(refused))
    notices = tuple(
        ImportNotice(file=source.name, code=w.code, path=w.path, severity=w.severity, message=w.message, line=1)
        for w in read.warnings
    )
    asserted = _asserted(read.facts, source.council)
    if _is_draft(read.document, read.facts):
        asserted, notices = {"status": "DRAFT_ISSUED"}, (*notices, _draft_notice(source))
    return Candidate(line=1, document=read.document, written=content, asserted=asserted, notices=notices)


def _is_draft(document: JsonObject, facts: ImportFacts) -> bool:
    """Whether a file that calls itself a draft is one by its text too: no placement, and nobody has signed it off."""
    return facts.marked == "draft" and facts.sign_off_on is None and not document["sections"]["I"].get("placements")


def _draft_notice(source: ImportSource) -> ImportNotice:
    message = "The file calls itself a draft, names no placement and isn't signed off: imported as a draft, not as law."
    return ImportNotice(file=source.name, code="imported-as-draft", path="", severity="info", message=message, line=1)


def _asserted(facts: ImportFacts, council: str) -> JsonObject:
    """What the Word file says about the plan's own life, as far as it says it.

    A plan that another council made and that moves here comes in as transferred on the day of the move (reg 15).
    """
    stated: JsonObject = {}
    if facts.sign_off_on is not None:
        stated["finalSentOn"] = facts.sign_off_on.isoformat()
    if facts.from_la and facts.to_la == council != facts.from_la and facts.moves_on:
        stated |= {"transferredFrom": facts.from_la, "transferredInOn": facts.moves_on.isoformat()}
    return stated


def _from_json_file(content: bytes, source: ImportSource) -> Iterator[Candidate | Reject]:
    whole = _loaded(content, source, source.first_line)
    if isinstance(whole, Reject):
        # One bad plan must not turn away the others of its array.
        each = elements(content) or [content]
        yield from (_from_json(plan, number, source) for number, plan in enumerate(each, source.first_line))
        return
    plans = whole if isinstance(whole, list) else [whole]
    for number, plan in enumerate(plans, source.first_line):
        yield _candidate(plan, number, source, orjson.dumps(plan))


def _from_json(line: bytes, number: int, source: ImportSource) -> Candidate | Reject:
    loaded = _loaded(line, source, number)
    return loaded if isinstance(loaded, Reject) else _candidate(loaded, number, source, line)


def _loaded(content: bytes, source: ImportSource, number: int) -> Any:
    try:
        return parse(content)
    except NotStrictJson as fault:
        return _reject(source, number, "", fault.code, fault.text)


def _candidate(value: Any, number: int, source: ImportSource, raw: bytes) -> Candidate | Reject:
    """A plan by itself, or {"plan": ..., "asserted": ...} with what the council asserts about its past."""
    if not isinstance(value, dict):
        return _reject(source, number, "", "not-an-object", "Each line must be a JSON object.")
    wrapped = "plan" in value and "planType" not in value
    document, asserted = (value["plan"], value.get("asserted", {})) if wrapped else (value, {})
    unknown = set(value) - {"plan", "asserted"} if wrapped else set()
    if unknown:
        return _reject(
            source, number, pointer(min(unknown)), "unknown-key", 'Only "plan" and "asserted" are known here.'
        )
    if not isinstance(document, dict) or not isinstance(asserted, dict):
        return _reject(source, number, "/plan", "not-an-object", "The plan and what is asserted must be JSON objects.")
    return Candidate(line=number, document=document, written=raw, asserted=asserted)


def _reject(source: ImportSource, line: int, place: str, rule: str, reason: str) -> Reject:
    return Reject(file=source.name, line=line, pointer=place, rule=rule, reason=reason)
