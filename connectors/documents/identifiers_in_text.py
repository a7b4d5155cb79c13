"""Finds identifiers that councils type into cells that were made for something else.

The template has no field for a UPN, ULN or URN, so they stand behind the name of the school. What fails its check
digit is pointed out and stays text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from domain.identifiers import (
    IdentifierError,
    parse_laestab,
    parse_nhs_number,
    parse_ukprn,
    parse_uln,
    parse_upn,
    parse_urn,
)

_GAP = r"[\s:#=.()–-]*(?:(?:no|number|is)\b[\s:#=.()–-]*)?"
_SPACED = r"(?:[ -]?\d)"


@dataclass(frozen=True, slots=True)
class _Kind:
    """How an identifier is labelled and looks when typed."""

    name: str
    label: str
    shape: str
    parse: Callable[[str], str]
    bare: str = ""


_KINDS = (
    _Kind(
        "upn",
        "upn|unique pupil number",
        rf"[A-Za-z]{_SPACED}{{11}}[ -]?[0-9A-Za-z]\b|(?=[A-Za-z\d]*\d{{4}})[A-Za-z\d]{{8,16}}\b",
        parse_upn,
        r"[A-Z]\d{11}[0-9A-Z]\b",
    ),
    _Kind("uln", "uln|unique learner number", rf"\d{_SPACED}{{8,10}}\b", parse_uln),
    _Kind("ukprn", "ukprn", rf"\d{_SPACED}{{6,8}}\b", parse_ukprn),
    _Kind("urn", "urn|unique reference number", rf"\d{_SPACED}{{4,7}}\b", parse_urn),
    _Kind("laestab", "laestab|la estab|dfe(?: number| no)?|estab", r"\d{3}[ /-]?\d{4}\b", parse_laestab),
    _Kind("nhsNumber", "nhs(?: number| no)?", rf"\d{_SPACED}{{8,10}}\b", parse_nhs_number),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FoundIdentifier:
    """An identifier in a text: which (``upn``), its normalised value or None when it fails its check, what is typed.

    ``code`` names what is wrong with it (``upn-invalid``); ``former`` marks one that is called the former
    one.
    """

    kind: str
    value: str | None
    raw: str
    at: int
    former: bool = False

    @property
    def code(self) -> str:
        """The code of the warning for a value that cannot be right."""
        return ("nhs-number" if self.kind == "nhsNumber" else self.kind) + "-invalid"


def find_identifiers(text: str) -> tuple[FoundIdentifier, ...]:
    """Find the labelled identifiers in a text, and UPNs without a label, in the order in which they stand."""
    found: list[FoundIdentifier] = []
    for kind in _KINDS:
        found += [each for each in _labelled(kind, text) if not _overlaps(each, found)]
    for kind in _KINDS:
        bare = (_found(kind, match.group(), match.start(), text) for match in _bare(kind, text))
        found += [each for each in bare if not _overlaps(each, found)]
    return tuple(sorted(found, key=lambda each: each.at))


def read_nhs_number(text: str) -> FoundIdentifier | None:
    """Find the number in a cell made for NHS numbers.

    Ten digits, however they are grouped; None without digits.
    """
    match = re.search(r"\d(?:[\s./-]?\d){5,}", text)
    kind = _KINDS[-1]
    return None if match is None else _found(kind, match.group(), match.start(), text)


def _labelled(kind: _Kind, text: str) -> Iterator[FoundIdentifier]:
    for match in re.finditer(rf"\b(?:{kind.label})(?![^\W\d]){_GAP}(?P<value>{kind.shape})", text, re.IGNORECASE):
        yield _found(kind, match["value"], match.start("value"), text)


def _bare(kind: _Kind, text: str) -> Iterator[re.Match[str]]:
    return re.finditer(rf"(?<![0-9A-Za-z])(?:{kind.bare})", text) if kind.bare else iter(())


def _found(kind: _Kind, raw: str, at: int, text: str) -> FoundIdentifier:
    former = re.search(r"\b(former|previous|old)\b[^;,\n]*$", text[:at], re.IGNORECASE) is not None
    try:
        value = kind.parse(re.sub(r"[\s/.-]", "", raw).upper())
    except IdentifierError:
        value = None
    return FoundIdentifier(kind.name, value, raw, at, former)


def _overlaps(one: FoundIdentifier, others: list[FoundIdentifier]) -> bool:
    return any(one.at < each.at + len(each.raw) and each.at < one.at + len(one.raw) for each in others)
