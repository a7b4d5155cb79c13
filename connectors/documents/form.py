"""Finds the sections of the national template in a Word file, whatever tables the council added, dropped or split."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from connectors.documents.desk import Desk
from connectors.documents.labels import (
    AREAS,
    column_by_letter,
    column_by_sense,
    column_in,
    fold,
    heading_in,
    match_label,
    section_name,
    title_in,
)
from connectors.documents.word_values import Cell, Passage, Row, Table, WordDocument

_HEADED = ("advice", "signOff")
_LABELLED = ("details", "services", "a2", "placement", "directPayments")
_MAY_BE_LOOSE = {"a1", "a2", "placement", "directPayments"}
_LOOK_AHEAD = 8
_ENOUGH_LABELS = 2
_ENOUGH_COLUMNS = 3
_LONGEST_HEADER = 60
_LONGEST_LABELLED = 80
_LONGEST_OWN = 250


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
    """What stands before a table, and which areas of need have a title anywhere in the file."""

    heading: str | None
    before: Segment | None
    touching: bool
    titled: frozenset[str]


def find_segments(document: WordDocument, desk: Desk) -> list[Segment]:
    """Cut the tables of a document into segments, in document order."""
    segments: list[Segment] = []
    heading: str | None = None
    touching = False
    loose: dict[str, Segment] = {}
    titled = frozenset(_titles(document))
    for block in document.blocks:
        if isinstance(block, Passage):
            heading = _take_heading(block, loose, desk) or heading
            touching = touching and not block.text
        else:
            before = segments[-1] if segments else None
            found = _cut(block, _Place(heading, before, touching, titled), segments, desk)
            desk.tables[block.number] = next((name for each in found if (name := section_name(each.kind))), "")
            segments += found
            loose.pop("", None)
            heading, touching = None, True
    tabled = {segment.kind for segment in segments}
    return segments + [each for key, each in loose.items() if key in _MAY_BE_LOOSE - tabled and each.rows]


def _take_heading(passage: Passage, loose: dict[str, Segment], desk: Desk) -> str | None:
    """Take a heading outside the tables, and gather the paragraphs under it that stand where its table should.

    The entry of ``loose`` without a name is the one that is open, until a table closes it.
    """
    section = heading_in(passage.text)
    if section:
        desk.labels.add(passage.text)
        loose[""] = loose.setdefault(section, Segment(section))
    elif passage.text and "" in loose:
        loose[""].rows.append(Row((Cell(passage),)))
    return section


def _titles(document: WordDocument) -> Iterator[str]:
    """Go through the sections that a title or heading anywhere in a file names."""
    for block in document.blocks:
        found = [heading_in(block.text)] if isinstance(block, Passage) else map(_title_of, block.rows)
        yield from filter(None, found)


def _cut(table: Table, place: _Place, earlier: Sequence[Segment], desk: Desk) -> list[Segment]:
    found: list[Segment] = []
    for index, row in enumerate(table.rows):
        title = _title_of(row)
        if title and not (found and found[-1].kind == title and title == "details"):
            found.append(Segment(title))
            desk.labels.update(line for cell in row.cells for line in cell.text.split("\n") if title_in(line))
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
    area = next((area for area in AREAS if area not in used and f"area:{area}" not in place.titled), "")
    if used and (not area or not _is_headed(used[-1], earlier)):
        return f"area:{used[-1]}"
    area = area or AREAS[-1]
    message = "No area of need stands over this table; it was read as the next one on the form."
    desk.warn("area-not-stated", "warning", f"areas.{area}", message)
    return f"area:{area}"


def _is_headed(area: str, segments: Sequence[Segment]) -> bool:
    """Tell whether the header of an area's table has been met: what has one goes on, what has none begins."""
    return any(columns_of(row) for segment in segments if segment.area == area for row in segment.rows)


def _by_labels(rows: Sequence[Row]) -> str | None:
    scores = {section: _labels_in(section, rows) for section in _LABELLED}
    best = max(scores, key=lambda section: scores[section])
    return best if scores[best] >= _ENOUGH_LABELS else None


def _labels_in(section: str, rows: Sequence[Row]) -> int:
    return sum(any(match_label(section, cell.text) for cell in row.cells[:1]) for row in rows[:_LOOK_AHEAD])


def _same_shape(before: Segment, rows: Sequence[Row]) -> bool:
    return bool(before.kind and before.rows and rows) and len(before.rows[-1].cells) == len(rows[0].cells)


def is_of_form(table: Table) -> bool:
    """Tell whether a table is one of the form's by its title, its header or its labels."""
    rows = table.rows[:_LOOK_AHEAD]
    headed = any(_title_of(row) or columns_of(row) or any(is_header(each, row) for each in _HEADED) for row in rows)
    return headed or _by_labels(rows) is not None


def columns_of(row: Row) -> list[str | None] | None:
    """Return what each column holds if the row is the header of a table of needs, else None.

    A council's own columns beside the form's hold None.
    """
    columns = [column_in(cell.text) or column_by_letter(cell.text) for cell in row.cells]
    if max((len(cell.text) for cell in row.cells), default=0) > _LONGEST_OWN or len(row.cells) < _ENOUGH_COLUMNS:
        return _as_header(row, columns)
    by_sense = [column or column_by_sense(cell.text) for cell, column in zip(row.cells, columns, strict=True)]
    enough = len({column for column in by_sense if column}) >= _ENOUGH_COLUMNS
    return _as_header(row, by_sense if enough else columns)


def _as_header(row: Row, columns: list[str | None]) -> list[str | None] | None:
    worded = [cell for cell in row.cells if cell.text]
    known = [column for column in columns if column]
    others = [cell for cell, column in zip(row.cells, columns, strict=True) if cell.text and not column]
    if len(worded) < _ENOUGH_LABELS or (others and len(set(known)) < _ENOUGH_LABELS):
        return None
    if len(others) > len(known) or any(len(cell.text) > _LONGEST_HEADER for cell in others):
        return None
    return columns


def is_header(section: str, row: Row) -> bool:
    """Tell whether a row is the header of section K or of the sign-off; a council's own columns may stand in it."""
    worded = [cell.text for cell in row.cells if cell.text]
    keys = [match.key for text in worded if (match := match_label(section, text)) and not match.rest]
    own = len(worded) - len(keys)
    return len(set(keys)) > max(_ENOUGH_LABELS, own) and all(len(text) <= _LONGEST_LABELLED for text in worded)
