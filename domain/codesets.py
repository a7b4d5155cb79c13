"""Published code sets (kinds of need, councils, gateways) as values: what a code means and when it holds.

A code that was retired or belongs to an abolished body stays in its set with its last day, because old plans
and old events use it rightly.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from msgspec import Struct, convert, json


class Code(Struct, frozen=True, kw_only=True):
    """One code: its title, its first and last day where the source gives them, and its other facts."""

    code: str
    title: str
    valid_from: date | None = None
    valid_to: date | None = None
    facts: dict[str, Any] = {}

    def holds_on(self, day: date) -> bool:
        """Tell whether the code is in use on a civil date; both ends are inclusive, a missing end is open."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)

    @property
    def successors(self) -> tuple[str, ...]:
        """The codes that took its place, empty for a code in use."""
        return tuple(self.facts.get("successors", ()))

    def text(self, fact: str) -> str:
        """Return another fact as text (``law``, ``familyView``, ``gss``), empty where there is none."""
        return str(self.facts.get(fact, ""))

    def number(self, fact: str) -> int | None:
        """Return another fact as a whole number, None where there is none (``underAge``)."""
        value = self.facts.get(fact)
        return None if value is None else int(value)


class CodeSet(Struct, frozen=True, kw_only=True):
    """A named list of codes with its source. Iterating gives the codes in their published order."""

    id: str
    title: str
    source: str
    source_date: str
    licence: str
    codes: dict[str, Code]
    sha256: str = ""

    def __contains__(self, code: object) -> bool:
        """Tell whether a code was ever in the set."""
        return code in self.codes

    def __iter__(self) -> Iterator[Code]:
        """Go through the codes in published order."""
        return iter(self.codes.values())

    def get(self, code: str) -> Code:
        """Return a code's entry.

        Raises:
            KeyError: the code is not in the set; the error names the set, not the value, which a person
                typed.
        """
        if code not in self.codes:
            raise KeyError(f"no such code in {self.id}")
        return self.codes[code]

    def holds(self, code: str, on: date) -> bool:
        """Tell whether a code is in the set and in use on a civil date."""
        return code in self.codes and self.codes[code].holds_on(on)

    def holding_on(self, day: date) -> tuple[Code, ...]:
        """Return the codes in use on a civil date, in published order: what a form offers."""
        return tuple(code for code in self if code.holds_on(day))


class _Published(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """The file as published under ``schemas/codesets``."""

    id: str
    title: str
    source: str
    source_date: str
    licence: str
    codes: list[dict[str, Any]]
    note: str = ""


_OWN_FIELDS = frozenset({"code", "title", "validFrom", "validTo"})


def parse_code_set(document: bytes, sha256: str = "") -> CodeSet:
    """Read a code set from the bytes of its JSON file; ``sha256`` of those bytes is kept beside it.

    Raises:
        ValueError: the JSON is not of the published form, a code appears twice, or a successor is not in the
            set
            (msgspec's errors are ValueErrors).
    """
    published = json.decode(document, type=_Published)
    codes = [_code(entry) for entry in published.codes]
    by_code = {code.code: code for code in codes}
    if len(by_code) != len(codes):
        raise ValueError(f"{published.id}: a code appears twice")
    lost = sorted({successor for code in codes for successor in code.successors} - by_code.keys())
    if lost:
        raise ValueError(f"{published.id}: successors that are not in the set: {', '.join(lost)}")
    return CodeSet(
        id=published.id,
        title=published.title,
        source=published.source,
        source_date=published.source_date,
        licence=published.licence,
        codes=by_code,
        sha256=sha256,
    )


def _code(entry: Mapping[str, Any]) -> Code:
    return Code(
        code=convert(entry.get("code"), str),
        title=convert(entry.get("title"), str),
        valid_from=convert(entry.get("validFrom"), date | None),
        valid_to=convert(entry.get("validTo"), date | None),
        facts={name: value for name, value in entry.items() if name not in _OWN_FIELDS},
    )
