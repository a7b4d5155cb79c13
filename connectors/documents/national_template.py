"""Reads a filled copy of the national EHCP template (Word) into a digital plan.

The template is the one tested in the Change Programme Areas (Department for Education). No text of the file is lost:
what has no field becomes an unplaced note with its origin, and an independent check of the raw file has the last
word.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from connectors.documents.advice import read_advice
from connectors.documents.completeness import OwnLine, count_words, missed_lines, own_lines, own_words
from connectors.documents.desk import Desk
from connectors.documents.details import read_details
from connectors.documents.direct_payments import read_direct_payments
from connectors.documents.errors import DocumentRefused
from connectors.documents.form import Segment, find_segments, is_of_form
from connectors.documents.labels import AREAS
from connectors.documents.narrative import read_history, read_views
from connectors.documents.need_tables import read_needs
from connectors.documents.placement import read_placement
from connectors.documents.places import Draft
from connectors.documents.safe_zip import open_package
from connectors.documents.services import council_name, read_services
from connectors.documents.sign_off import read_sign_off
from connectors.documents.values import ImportedDocument, ImportFacts
from connectors.documents.word_document import read_document
from connectors.documents.word_values import Passage, Row, WordDocument
from domain.codesets import CodeSet

MAX_TEXT = 2 * 1024 * 1024
MAX_PASSAGES = 50_000

_ENOUGH_SECTIONS = 3
_OLDEST_AT_SIGN_OFF = 26
_READERS: tuple[tuple[str, Callable[[Sequence[Row], Draft], None]], ...] = (
    ("details", read_details),
    ("services", read_services),
    ("a1", read_history),
    ("a2", read_views),
)
_LATE_READERS: tuple[tuple[str, Callable[[Sequence[Row], Draft], None]], ...] = (
    ("placement", read_placement),
    ("directPayments", read_direct_payments),
    ("advice", read_advice),
    ("signOff", read_sign_off),
)
_NEED_TABLES = (*(f"area:{area}" for area in AREAS), "health", "socialCare")
_DRAFT = re.compile(r"\bdraft\b", re.IGNORECASE)
_FINAL = re.compile(r"\bfinal\b", re.IGNORECASE)


def read_plan(data: bytes, *, file_name: str, councils: CodeSet | None = None) -> ImportedDocument:
    """Read the bytes of a .docx into a digital plan.

    ``file_name`` tells files that are no .docx by their name; it is not stored. With ``councils`` (the published set
    ``local-authorities``) a council named without its code is told by its name.

    Raises:
        DocumentRefused: the file is not a .docx, is encrypted, has macros, is damaged, unpacks to far too much,
            holds more text than a plan can (``too-much-text``) or no national template (``no-template``). The
            file is then as if it had never come.
    """
    _refuse_by_name(file_name)
    package = open_package(data)
    word = read_document(package, is_of_form)
    _refuse_by_length(word)
    draft = Draft(Desk(), councils={council_name(each.title): each.code for each in councils or ()})
    _read_sections(word, draft)
    draft.desk.clear(word)
    _check_dates(draft)
    own = own_lines(package.parts)
    for missed in missed_lines(own, _document(draft), draft.desk.labels):
        origin = f"found by the check of the whole file in {missed.part}"
        draft.desk.note_unplaced(missed.text, f"the file's part {missed.part}", origin)
    draft.desk.tell_unplaced()
    return _imported(data, own, word, draft)


def _refuse_by_name(file_name: str) -> None:
    if file_name.lower().endswith((".docm", ".dotm")):
        raise DocumentRefused("macros", "The file contains macros. Save it as .docx and try again.")


def _refuse_by_length(word: WordDocument) -> None:
    lengths = [len(passage.text) for passage in word.passages()]
    if sum(lengths) > MAX_TEXT or len(lengths) > MAX_PASSAGES:
        figure = f"{sum(lengths):,} characters in {len(lengths):,} cells and paragraphs"
        raise DocumentRefused("too-much-text", f"The file holds {figure}, more than any plan does.")


def _read_sections(word: WordDocument, draft: Draft) -> None:
    by_kind: dict[str, list[Segment]] = {}
    for segment in find_segments(word, draft.desk):
        by_kind.setdefault(segment.kind, []).append(segment)
    if len([kind for kind in by_kind if kind]) < _ENOUGH_SECTIONS:
        raise DocumentRefused("no-template", "The file does not hold the national EHCP template's tables.")
    _read_kinds(_READERS, by_kind, draft)
    for kind in _NEED_TABLES:
        if kind in by_kind:
            read_needs(by_kind[kind], draft)
    _read_kinds(_LATE_READERS, by_kind, draft)
    _tell_absent(by_kind, draft)
    _tell_missing(draft)


def _read_kinds(
    readers: Sequence[tuple[str, Callable[[Sequence[Row], Draft], None]]],
    by_kind: Mapping[str, list[Segment]],
    draft: Draft,
) -> None:
    for kind, reader in readers:
        rows = [row for segment in by_kind.get(kind, []) for row in segment.rows]
        if rows:
            reader(rows, draft)


def _tell_absent(by_kind: Mapping[str, list[Segment]], draft: Draft) -> None:
    """Point out sections of the form that the file does not have: dropped, or laid out so that they are not known."""
    kinds = (*(kind for kind, _ in _READERS), *_NEED_TABLES, *(kind for kind, _ in _LATE_READERS))
    for kind in kinds:
        if kind not in by_kind:
            path = kind.replace("area:", "areas.")
            message = "This part of the form is not in the file, or its table could not be recognised. Check it."
            draft.desk.warn("section-missing", "warning", path, message)


def _tell_missing(draft: Draft) -> None:
    if "name" not in draft.personal:
        draft.desk.warn(
            "name-missing", "error", "details.name", "The child or young person has no name in the file.", ""
        )
    if "dateOfBirthAsStated" not in draft.personal:
        draft.desk.warn(
            "date-of-birth-missing",
            "error",
            "details.dateOfBirth",
            "There is no date of birth in the file.",
            "",
        )


def _check_dates(draft: Draft) -> None:
    """Point out dates that cannot be right beside each other."""
    signed, born = draft.facts.get("sign_off_on"), draft.facts.get("date_of_birth")
    if (
        signed
        and born
        and not born <= signed < born.replace(year=born.year + _OLDEST_AT_SIGN_OFF, day=min(born.day, 28))
    ):
        message = (
            "At this date of birth nobody of an age to have a plan would have been born by the sign-off. Check it."
        )
        draft.desk.warn("date-of-birth-implausible", "warning", "details.dateOfBirth", message)
    for index, advice in enumerate(draft.sections["K"].get("advice", {}).values()):
        if signed and advice.get("dateReceived", "") > signed.isoformat():
            message = "The advice is dated after the sign-off. Check it."
            draft.desk.warn("advice-date-after-sign-off", "warning", f"advice[{index}].dateReceived", message)


def _document(draft: Draft) -> dict[str, Any]:
    document: dict[str, Any] = {
        "planType": "EHCP",
        "schemaVersion": "1.0",
        "personalDetails": {"sex": "notKnown"} | draft.personal,
        "sections": draft.sections,
    }
    optional = {
        "localReference": draft.local_reference,
        "services": draft.services,
        "signOff": draft.sign_off,
        "unplacedNotes": _numbered("note", [{"text": each.text, "origin": each.origin} for each in draft.desk.notes]),
        "restrictions": _numbered("restriction", draft.desk.restrictions),
    }
    return document | {key: value for key, value in optional.items() if value}


def _numbered(stem: str, items: Sequence[Mapping[str, str]]) -> dict[str, dict[str, Any]]:
    return {f"{stem}-{order}": {"order": order, **item} for order, item in enumerate(items, 1)}


def _imported(data: bytes, own: Sequence[OwnLine], word: WordDocument, draft: Draft) -> ImportedDocument:
    total = own_words(own)
    unplaced = min(total, sum(count_words(note.text) for note in draft.desk.notes))
    return ImportedDocument(
        document=_document(draft),
        warnings=tuple(draft.desk.warnings),
        unplaced_words=unplaced,
        placed_words=total - unplaced,
        sha256=hashlib.sha256(data).hexdigest(),
        facts=_facts(word, draft),
    )


def _facts(word: WordDocument, draft: Draft) -> ImportFacts:
    identifiers = draft.personal.get("identifiers", {})
    return ImportFacts(
        name=draft.personal.get("name"),
        nhs_number=identifiers.get("nhsNumber"),
        upn=identifiers.get("upn"),
        local_reference=draft.local_reference or None,
        marked=_marked(word),
        **draft.facts,
    )


def _marked(word: WordDocument) -> Literal["draft", "final"] | None:
    """Tell whether the file calls itself a draft or final, in its headers or between its tables."""
    outside = [block.text for block in word.blocks if isinstance(block, Passage)]
    text = "\n".join((*outside, *(aside.text for aside in word.asides)))
    if _DRAFT.search(text):
        return "draft"
    return "final" if _FINAL.search(text) else None
