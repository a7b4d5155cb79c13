"""Codes, dates and names of fields as words, for the page that a family reads; the data beside it keeps the codes."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final

from domain.calendar import LONDON
from domain.document import SECTIONS

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
#: Names of numbers, which are capitals.
_ACRONYMS: Final = {"nhs": "NHS", "upn": "UPN", "uln": "ULN", "urn": "URN", "ukprn": "UKPRN", "ods": "ODS", "id": "id"}
_SECTIONS: Final = {section.key: f"Section {section.key}: {section.heading}" for section in SECTIONS}


class PlainWords:
    """Says codes and names of fields in words."""

    def __init__(self, names: Mapping[str, str]) -> None:
        """`names` are those of organisations by their codes (`la:855`)."""
        self._names = names

    def value(self, said: Any) -> str:
        """A value in words; whatever isn't a code or a date is as it was said."""
        if isinstance(said, bool):
            return "yes" if said else "no"
        text = self._names.get(str(said), str(said))
        return next((in_words(text) for pattern, in_words in _CODES if pattern.fullmatch(text)), text)

    def field(self, name: str) -> str:
        """A field's name in words: "effectiveOn" is "Effective on", "B" is the section with its heading."""
        if name in _SECTIONS:
            return _SECTIONS[name]
        words = " ".join(_ACRONYMS.get(word, word) for word in _spaced(name).split(" "))
        return words[:1].upper() + words[1:]


def _spaced(text: str) -> str:
    return re.sub(r"(?<=[a-z])[A-Z]", lambda found: f" {found[0].lower()}", text)


def _day(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _moment(text: str) -> str:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text  # Somebody wrote it, and it only looks like a time.
    return f"{_day(at.astimezone(LONDON))}, {at.astimezone(LONDON):%H:%M}"


def _date(text: str) -> str:
    try:
        return _day(date.fromisoformat(text))
    except ValueError:
        return text


#: What is said in words: times, dates, and codes that are made of words (PARENT_FOR_CHILD, case-officer, roundTrip).
_CODES: Final[tuple[tuple[re.Pattern[str], Callable[[str], str]], ...]] = (
    (re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}.*"), _moment),
    (re.compile(r"\d{4}-\d{2}-\d{2}"), _date),
    (re.compile(r"[A-Z]{6,}|[A-Z]+(_[A-Z]+)+"), lambda text: text.replace("_", " ").lower()),
    (re.compile(r"[a-z]+(-[a-z]+)+"), lambda text: text.replace("-", " ")),
    (re.compile(r"[a-z]+([A-Z][a-z]+)+"), _spaced),
)
