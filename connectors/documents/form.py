"""Finds the sections of the national template in a Word file, whatever tables the council added, dropped or split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from connectors.documents.desk import Desk
from connectors.documents.labels import AREAS, column_by_letter, column_in, fold, heading_in, match_label, title_in
from connectors.documents.word_values import Passage, Row, Table, WordDocument

_HEADED = ("advice", "signOff")
_LABELLED = ("details", "services", "a2", "placement", "directPayments")
_LOOK_AHEAD = 8
_ENOUGH_LABELS = 2
_LONGEST_HEADER = 60


@dataclass(slots=True)
class Segment:
    """Rows that belong to one section. ``kind`` is the section as in ``labels.json``, or "" when unknown."""

    kind: str
    rows: list[Row] = field(default_factory=list)
    continues: bool = False

    @property
    def area(self) -> str:
        """The area of need of a B-F-E table, else empty."""
        return self.kind.removeprefix("area:") if self.kind.startswith("area:") else ""


class _Place(NamedTuple):
    heading: str | None
    before: Segment | None
    touching: bool


def find_segments(document: WordDocument, desk: Desk) -> list[Segment]:
    """Cut the tables of a document into segments, in document order."""
    segments: list[Segment] = []
    heading: str | None = None
    touching = False
    for block in document.blocks:
        if isinstance(block, Passage):
            heading = heading_in(block.text) or heading
            touching = touching and not block.text
        else:
            before = segments[-1] if segments else None
            segments += _cut(block, _Place(heading, before, touching), segments, desk)
            heading, touching = None, True
    return segments


def _cut(table: Table, place: _Place, earlier: Sequence[Segment], desk: Desk) -> list[Segment]:
    found: list[Segment] = []
    for index, row in enumerate(table.rows):
        title = _title_of(row)
        if title and not (found and found[-1].kind == title and title == "details"):
            found.append(Segment(title))
        elif not found:
            found.append(_untitled(table.rows[index:], place, earlier, desk))
        found[-1].rows.append(row)
    return found


def _title_of(row: Row) -> str | None:
    """Return the section that a row begins.

    Its one cell, or its first cells, are a title and nothing else follows.
    """
    texts = [cell.text for cell in row.cells if cell.text]
    titles = [title_in(text) for text in texts]
    if not texts or not all(titles):
        return None
    return titles[0]


def _untitled(rows: Sequence[Row], place: _Place, earlier: Sequence[Segment], desk: Desk) -> Segment:
    by_columns = _by_columns(rows, place, earlier, desk)
    if by_columns:
        return Segment(by_columns)
    by_labels = _by_labels(rows)
    if place.heading:
        return Segment(place.heading)
    if by_labels:
        return Segment(by_labels)
    if place.touching and place.before is not None and _same_shape(place.before, rows):
        return Segment(place.before.kind, continues=True)
    return Segment("")


def _by_columns(rows: Sequence[Row], place: _Place, earlier: Sequence[Segment], desk: Desk) -> str | None:
    """Tell the section from a header row."""
    for row in rows[:_LOOK_AHEAD]:
        for section in _HEADED:
            if is_header(section, row):
                return section
        columns = columns_of(row)
        if columns:
            return _by_need_columns(row, columns, place, earlier, desk)
    return None


def _by_need_columns(
    row: Row, columns: Sequence[str | None], place: _Place, earlier: Sequence[Segment], desk: Desk
) -> str:
    texts = " ".join(cell.text.lower() for cell in row.cells)
    letters = {fold(cell.text).removeprefix("section ") for cell in row.cells}
    if {"h1", "h2", "h1h2"} & set(columns) or "social care" in texts or "d" in letters:
        return "socialCare"
    if "health" in texts or letters & {"c", "g"}:
        return "health"
    if place.heading:
        return place.heading
    used = [segment.area for segment in earlier if segment.area]
    if used and not any(columns_of(each) for segment in earlier if segment.area == used[-1] for each in segment.rows):
        return f"area:{used[-1]}"
    area = next((area for area in AREAS if area not in used), AREAS[-1])
    message = "No area of need stands over this table; it was read as the next one on the form."
    desk.warn("area-not-stated", "warning", f"areas.{area}", message)
    return f"area:{area}"


def _by_labels(rows: Sequence[Row]) -> str | None:
    scores = {section: _labels_in(section, rows) for section in _LABELLED}
    best = max(scores, key=lambda section: scores[section])
    return best if scores[best] >= _ENOUGH_LABELS else None


def _labels_in(section: str, rows: Sequence[Row]) -> int:
    return sum(any(match_label(section, cell.text) for cell in row.cells[:1]) for row in rows[:_LOOK_AHEAD])


def _same_shape(before: Segment, rows: Sequence[Row]) -> bool:
    return bool(before.kind and before.rows and rows) and len(before.rows[-1].cells) == len(rows[0].cells)


def columns_of(row: Row) -> list[str | None] | None:
    """Return what each column holds if the row is the header of a table of needs, else None.

    A council's own columns beside the form's hold None.
    """
    worded = [cell for cell in row.cells if cell.text]
    columns = [column_in(cell.text) or column_by_letter(cell.text) for cell in row.cells]
    known = [column for column in columns if column]
    others = [cell for cell, column in zip(row.cells, columns, strict=True) if cell.text and not column]
    if len(worded) < _ENOUGH_LABELS or (others and len(set(known)) < _ENOUGH_LABELS):
        return None
    if len(others) > len(known) or any(len(cell.text) > _LONGEST_HEADER for cell in others):
        return None
    return columns


def is_header(section: str, row: Row) -> bool:
    """Tell whether a row is the header of section K or of the sign-off."""
    worded = [cell.text for cell in row.cells if cell.text]
    keys = [match.key for text in worded if (match := match_label(section, text)) and not match.rest]
    return len(keys) == len(worded) and len(set(keys)) > _ENOUGH_LABELS
