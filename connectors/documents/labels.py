"""Knows the wording of the national template, and of councils' versions of it, as data (``labels.json``).

Wording is compared folded: case, white space, dashes, apostrophes and punctuation do not count, and a slip of the pen
in a label is forgiven.
"""

from __future__ import annotations

import difflib
import functools
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Any

from connectors.documents.placeholders import is_only_placeholder

_APOSTROPHES = re.compile(r"['’‘`´]")  # noqa: RUF001
_NOT_WORDS = re.compile(r"[\W_]+")
_CUTS = re.compile(r"[:?\n]")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_NUMBERED = re.compile(r"^\d{1,2} ")
_WHOSE = re.compile(
    r"^(?:the )?(?:child(?: or| and)? young persons?|childs?|young persons?|pupils?|students?|learners?|his|her|their|"
    r"my|our) "
)
_LETTER_BEHIND = re.compile(r"(?P<words>.+?) (?:section )?(?P<letter>[b-h]|h1|h2)")
_CONTENTS_PAGE = re.compile(r"(?:\t[\t .]*|[ .…]*[.…]{3,}[ .…]*)\d{1,3}\s*$")
_CLOSE_ENOUGH = 0.86
_SHORTEST_MISSPELT = 6
_LONGEST_LABEL = 200
_LONGEST_HEADING = 30
_LONGEST_COLUMN = 300

AREAS = (
    "communicationAndInteraction",
    "cognitionAndLearning",
    "socialEmotionalMentalHealth",
    "sensoryAndPhysical",
)


@dataclass(frozen=True, slots=True)
class LabelMatch:
    """The field that a label names, and what was typed behind the label in the same cell."""

    key: str
    rest: str = ""


def fold(text: str) -> str:
    """Return text as it is compared: lower case words with one space between them."""
    plain = _APOSTROPHES.sub("", unicodedata.normalize("NFKC", text)).casefold()
    plain = plain.replace("&", " and ").replace("(s)", "s")
    return _NOT_WORDS.sub(" ", plain).strip()


@functools.cache
def wording() -> dict[str, Any]:
    """Return the data of ``labels.json``."""
    text = resources.files(__package__).joinpath("labels.json").read_text(encoding="utf-8")
    data: dict[str, Any] = json.loads(text)
    return data


def section_name(kind: str) -> str:
    """Return what people call a section ("area:cognitionAndLearning": cognition and learning), else nothing."""
    return str(wording()["sectionNames"].get(kind, ""))


@functools.cache
def _fields(section: str) -> dict[str, str]:
    return {label: key for key, labels in wording()["fields"][section].items() for label in labels}


def fields_in_order(section: str) -> tuple[str, ...]:
    """Return the fields of a section in the order of the template."""
    return tuple(wording()["fields"][section])


def match_label(section: str, text: str) -> LabelMatch | None:
    """Return the field of a section that a label cell names, or None.

    ``Name: Ada`` is the label ``name`` with the rest ``Ada``.
    """
    known = _fields(section)
    folded = fold(text) if len(text) <= _LONGEST_LABEL and not is_only_placeholder(text) else ""
    key = next((known[form] for form in _label_forms(text, folded) if form in known), None)
    if key:
        return LabelMatch(key)
    return match_label_before(section, text) or _match_misspelt(known, folded)


def _label_forms(text: str, folded: str) -> Iterator[str]:
    """Go through the ways to take a label: as it stands, without brackets or a number, without whose field it is."""
    yield folded
    if folded:
        bare = _NUMBERED.sub("", fold(_BRACKETS.sub(" ", text)))
        yield bare
        yield _WHOSE.sub("", bare)


def match_label_before(section: str, text: str) -> LabelMatch | None:
    """Return the field of a label that ends in a colon, a question mark or its line, and what stands behind it."""
    known = _fields(section)
    for cut in _CUTS.finditer(text[:_LONGEST_LABEL]):
        key = known.get(fold(text[: cut.start()]))
        if key:
            return LabelMatch(key, text[cut.end() :].strip())
    return None


def _match_misspelt(known: dict[str, str], folded: str) -> LabelMatch | None:
    if len(folded) < _SHORTEST_MISSPELT:
        return None
    close = difflib.get_close_matches(
        folded, [label for label in known if len(label) >= _SHORTEST_MISSPELT], 1, _CLOSE_ENOUGH
    )
    return LabelMatch(known[close[0]]) if close else None


def title_in(text: str) -> str | None:
    """Return the section that a title cell begins (``services``, ``area:cognitionAndLearning``), or None."""
    lines = [
        _without_continued(fold(line)) for line in text.split("\n") if fold(line) and not is_only_placeholder(line)
    ]
    for line in lines[:2]:
        for section, titles in wording()["titles"].items():
            if line in titles:
                return str(section)
        area = _area_in(line)
        if area:
            return f"area:{area}"
    return None


def _area_in(folded: str) -> str | None:
    """Return the one area of need that a title names, in whatever order and company of the usual words."""
    words = set(folded.split())
    if not words <= _title_words():
        return None
    named = wording()["areaTitles"]["areas"]
    found = [area for area, ways in named.items() if any(set(way.split()) <= words for way in ways)]
    return str(found[0]) if len(found) == 1 else None


@functools.cache
def _title_words() -> frozenset[str]:
    return frozenset(wording()["areaTitles"]["words"].split())


def _without_continued(folded: str) -> str:
    return re.sub(r" (?:continued|contd|cont d|cont)$", "", folded)


def heading_in(text: str) -> str | None:
    """Return the section that a heading outside the tables begins, or None."""
    folded = fold(text)
    for section, headings in wording()["headings"].items():
        if section and folded in headings:
            return str(section)
    for section, beginnings in wording()["headingBeginnings"].items():
        if len(folded.split()) <= _LONGEST_HEADING and any(f"{folded} ".startswith(f"{each} ") for each in beginnings):
            return str(section)
    return title_in(text)


def column_in(text: str) -> str | None:
    """Return what a column of a B-F-E, C-G-E or D-H1-H2-E table holds by its header, or None."""
    return _column("columns", text)


def column_by_letter(text: str) -> str | None:
    """Return what a column holds by a header of one letter ("B", "Section F").

    Beside others in a row it is a header; alone, such a letter can be anything (a sex).
    """
    return _column("letters", text)


def column_by_sense(text: str) -> str | None:
    """Return what a column holds by a header in a council's own words ("Support needed", "Desired outcome").

    Beside others in a row it is a header; alone, such words can be anybody's text.
    """
    return next((column for form in _header_forms(text) if (column := _column("ownColumns", form))), None)


def _header_forms(text: str) -> Iterator[str]:
    """Go through the ways to take a header: as it stands, without brackets, with the letter behind put first."""
    for form in dict.fromkeys((fold(text), fold(_BRACKETS.sub(" ", text)))):
        yield form
        behind = _LETTER_BEHIND.fullmatch(form)
        if behind is not None:
            yield f"{behind['letter']} {behind['words']}"


def _column(kind: str, text: str) -> str | None:
    if len(text) > _LONGEST_COLUMN or is_only_placeholder(text):
        return None
    folded = fold(text)
    return next((column for column, pattern in _patterns(kind).items() if pattern.fullmatch(folded)), None)


@functools.cache
def _patterns(kind: str) -> dict[str, re.Pattern[str]]:
    columns: dict[str, list[str]] = wording()[kind]
    return {column: re.compile("|".join(f"(?:{each})" for each in patterns)) for column, patterns in columns.items()}


@functools.cache
def _form_texts() -> frozenset[str]:
    return frozenset(_all_form_texts())


def _all_form_texts() -> Iterator[str]:
    for labels in wording()["fields"].values():
        yield from (label for alternatives in labels.values() for label in alternatives)
    for titles in (*wording()["titles"].values(), *wording()["headings"].values()):
        yield from titles
    yield from wording()["adviceKinds"]["template"]


@functools.cache
def _guidance() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in wording()["guidance"]))


def is_form_text(line: str) -> bool:
    """Tell whether a line is printed by the form, a label, heading, prompt or guidance, and so is nobody's words."""
    bare = without_page(line)
    return _is_printed(line) or (bare != line and _is_printed(bare))


def without_page(line: str) -> str:
    """Return a line without the dots, tab and page number that a table of contents puts behind a heading."""
    return _CONTENTS_PAGE.sub("", line)


def _is_printed(line: str) -> bool:
    folded = _without_continued(fold(line))
    if not folded or folded in _form_texts() or is_only_placeholder(line):
        return True
    return _guidance().fullmatch(folded) is not None or column_in(line) is not None


@functools.cache
def _prompts() -> re.Pattern[str]:
    return re.compile(rf"\s*(?:{'|'.join(wording()['prompts'])})\s*", re.IGNORECASE)


def without_prompt(line: str) -> str:
    """Return a line without the form's own invitation at its beginning, behind which somebody typed."""
    prompt = _prompts().match(line)
    return line if prompt is None else line[prompt.end() :]


def words_beyond_form(text: str) -> str:
    """Return the lines of a text that the form did not print."""
    if is_form_text(text):
        return ""
    lines = (without_prompt(line) for line in text.split("\n"))
    return "\n".join(line.strip() for line in lines if not is_form_text(line))
