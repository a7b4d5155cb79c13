"""What readers of single sections share.

The plan being written, and how a date or an odd pair is dealt with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from connectors.documents.dates import DateReading, first_date, read_dates
from connectors.documents.desk import Desk, Taken
from connectors.documents.labels import fold, words_beyond_form
from connectors.documents.pairs import Pair, join_passages
from connectors.documents.values import Severity
from connectors.documents.word_values import Passage

SECTIONS = ("A", "B", "C", "D", "E", "F", "G", "H1", "H2", "I", "J", "K")
_NOT_A_DATE = {"", "n a", "na", "not applicable", "none", "not required", "nil"}
_TO_CHECK = {"date-month-first", "date-serial-number"}
_ASSUMPTIONS = {
    "date-from-control": "Read as {}, the day that was picked in the form's calendar.",
    "date-ordinal": "Ordinal date read as {}.",
    "date-two-digit-year": "Read as {} (day first).",
    "date-in-words": "Date in words read as {}.",
    "date-month-first": "Month before day: read as {}. Check it, and the other dates of the file.",
    "date-serial-number": "This looks like the day number of a spreadsheet; read as {}. Check it.",
}


@dataclass(slots=True)
class Draft:
    """The plan while its sections are read, on the desk of the file. ``facts`` fills `ImportFacts` by name.

    ``councils`` gives the code of a council by its folded name.
    """

    desk: Desk
    personal: dict[str, Any] = field(default_factory=dict)
    services: dict[str, Any] = field(default_factory=dict)
    sections: dict[str, dict[str, Any]] = field(default_factory=lambda: {key: {} for key in SECTIONS})
    sign_off: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    local_reference: str = ""
    councils: Mapping[str, str] = field(default_factory=dict)

    def add(self, section: str, items: str, identity: str, item: dict[str, Any]) -> str:
        """Add an item to a map of a section as its next, and return its id."""
        held = self.sections[section].setdefault(items, {})
        held[identity] = {"order": len(held) + 1, **item}
        return identity


def take_date(draft: Draft, taken: Taken, path: str) -> tuple[date, ...]:
    """Read the dates of a cell, without what is struck through, and say what had to be assumed or cannot be read."""
    written = taken.passage.unstruck if taken.passage.struck else taken.text
    reading = _as_picked(read_dates(written), taken)
    if fold(taken.text) not in _NOT_A_DATE:
        _tell_date(draft.desk, reading, path, taken.text)
    draft.desk.tell_struck(taken, path)
    return reading.found


def _as_picked(reading: DateReading, taken: Taken) -> DateReading:
    """Prefer the day that a date control keeps where its text shows less (a month) or the month before the day."""
    days = [day for each in taken.passage.picked if (day := first_date(each)) is not None]
    if len(days) != 1 or f"{days[0].year % 100:02d}" not in taken.text:
        return reading
    day = days[0]
    turned = [each for each in reading.found if (each.day, each.month, each.year) == (day.month, day.day, day.year)]
    if day in reading.found or (reading.found and not turned):
        return reading
    return DateReading((day,), "date-from-control")


def _tell_date(desk: Desk, reading: DateReading, path: str, raw: str) -> None:
    if reading.impossible:
        desk.warn("date-impossible", "warning", path, "No calendar has this date; kept as it is written.", raw)
    if not reading.found:
        if not reading.impossible:
            desk.warn(
                "date-unreadable",
                "warning",
                path,
                "No full date can be read here; kept as it is written.",
                raw,
            )
    elif len(reading.found) > 1:
        days = " and ".join(day.isoformat() for day in reading.found)
        desk.warn("date-multiple", "warning", path, f"{_count(len(reading.found))} dates in one cell: {days}.", raw)
    elif reading.assumed:
        severity: Severity = "warning" if reading.assumed in _TO_CHECK else "info"
        desk.warn(reading.assumed, severity, path, _ASSUMPTIONS[reading.assumed].format(reading.found[0]), raw)


def _count(number: int) -> str:
    return {2: "Two", 3: "Three"}.get(number, str(number))


def note_pair(desk: Desk, pair: Pair, reason: str) -> None:
    """Keep a label and its value together as a note."""
    whole = join_passages([pair.label, *pair.values])
    text = desk.look(whole).text
    if words_beyond_form(text):
        place = pair.label.place
        desk.note_unplaced(text, place, f"{place}: {reason}" if reason else "")


def tell_assumed(desk: Desk, pair: Pair, path: str) -> None:
    """Say that a field was told from its position on the form, and keep the label that stands there."""
    if pair.assumed:
        raw = pair.label.text
        desk.note(raw, f"{pair.label.place}: label of {path}, told by its position")
        desk.warn(
            "label-assumed",
            "info",
            path,
            "The label is not the form's; the field was told by its position.",
            raw,
        )


def place_text(target: dict[str, Any], key: str, text: str) -> None:
    """Set a text field, leaving it out when there is no text."""
    if text.strip():
        target[key] = text


def is_blank(desk: Desk, passage: Passage) -> bool:
    """Tell whether a passage has nothing but prompts."""
    return not desk.look(passage).text
