"""Knows the columns of a table of needs: what its header says that each holds, and what stands in a council's own."""

from __future__ import annotations

from dataclasses import dataclass, field

from connectors.documents.form import Segment
from connectors.documents.labels import wording
from connectors.documents.places import Draft
from connectors.documents.word_values import Cell, Passage, Row

_BY_COUNT: dict[int, tuple[str, ...]] = {
    3: ("need", "provision", "outcome"),
    4: ("need", "h1", "h2", "outcome"),
}


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a table's texts go: its path in warnings, its short name in ids, and its sections in the plan."""

    path: str
    short: str
    needs: str
    provisions: dict[str, str]
    area: str = ""


@dataclass(slots=True)
class Reading:
    """What is known while a table is read.

    Columns, rows so far, and the ids of the row above for merged cells.
    """

    frame: Frame
    draft: Draft
    header: Row | None = None
    columns: list[str | None] = field(default_factory=list)
    rows: int = 0
    above: dict[str, list[str]] = field(default_factory=dict)
    strengths: list[Passage] = field(default_factory=list)
    strengths_follow: bool = False
    slots_left: list[str] = field(default_factory=list)
    nothing: set[str] = field(default_factory=set)


def frame_of(segment: Segment) -> Frame:
    """Return the frame of a segment of needs."""
    if segment.kind == "health":
        return Frame("health", "health", "C", {"provision": "G"})
    if segment.kind == "socialCare":
        return Frame("socialCare", "care", "D", {"h1": "H1", "h2": "H2"})
    short = str(wording()["areas"][segment.area])
    return Frame(f"areas.{segment.area}", short, "B", {"provision": "F"}, segment.area)


def take_header(row: Row, columns: list[str | None], reading: Reading) -> None:
    """Take a header row: from here on the columns hold what it says."""
    reading.draft.desk.pass_over(*(cell.passage for cell in row.cells))
    if reading.rows and reading.header is not None:
        message = "Second copy of the header row skipped; it is not a need."
        reading.draft.desk.warn("repeated-header-row", "info", reading.frame.path, message)
    reading.header, reading.columns = row, [_own_role(column, reading) for column in columns]
    _assume_by_position(reading)
    for cell, role in zip(row.cells, reading.columns, strict=True):
        if role is None and cell.text:
            _tell_extra(cell.text, reading)
        reading.draft.desk.labels.update([cell.text] if role else [])


def _own_role(column: str | None, reading: Reading) -> str | None:
    """Return the role that a column has in this table; provision of H1 and H2 in one column is read as H2."""
    if column in {"need", "outcome", *reading.frame.provisions}:
        return column
    if column in {"h1h2", "provision"} and "h2" in reading.frame.provisions:
        message = "One column holds the provision of H1 and H2; it was read as H2. Move what belongs to H1."
        reading.draft.desk.warn("h1-h2-together", "warning", reading.frame.path, message)
        return "h2"
    return None


def _assume_by_position(reading: Reading) -> None:
    """Take a column whose header is not the form's for the only one that is missing, where it stands in its place."""
    roles = _BY_COUNT.get(len(reading.columns), ())
    unknown = [index for index, column in enumerate(reading.columns) if column is None]
    expected = set(roles) - set(reading.columns)
    if len(unknown) != 1 or len(expected) != 1 or roles[unknown[0]] not in expected or reading.header is None:
        return
    role, label = expected.pop(), reading.header.cells[unknown[0]].text
    reading.columns[unknown[0]] = role
    if label:
        desk, path = reading.draft.desk, f"{reading.frame.path}.{role}"
        desk.note(label, f"{path}: header of a column that was told by its position")
        desk.warn(
            "label-assumed", "info", path, "The label is not the form's; the field was told by its position.", label
        )


def _tell_extra(label: str, reading: Reading) -> None:
    desk, path = reading.draft.desk, reading.frame.path
    desk.note(label, f"{path}: header of a column that the form does not have")
    message = "The table has a column that the form does not have; what stands in it is kept as notes."
    desk.warn("extra-column", "warning", path, message, label)


def tell_spanned(row: Row, path: str, reading: Reading) -> None:
    """Point out a cell with text that goes over the columns of H1 and H2."""
    header = reading.header
    for cell in row.cells if header is not None else ():
        over = range(cell.start, cell.start + cell.width)
        above = zip(header.cells, reading.columns, strict=True) if header is not None else ()
        if cell.text and {"h1", "h2"} <= {role for each, role in above if each.start in over}:
            message = "The cell goes over H1 and H2; it was read as H1. Move what belongs to H2."
            reading.draft.desk.warn("h1-h2-together", "warning", f"{path}.h1", message)


def role_of(index: int, cell: Cell, row: Row, reading: Reading) -> str | None:
    """Tell what a cell holds.

    By its number when rows and header have as many cells, else by where it stands.
    """
    header = reading.header
    if header is None:
        roles = _BY_COUNT.get(len(row.cells), ())
        return roles[index] if index < len(roles) else None
    if len(header.cells) == len(row.cells):
        return reading.columns[index]
    covering = (
        role
        for above, role in zip(header.cells, reading.columns, strict=True)
        if above.start <= cell.start < above.start + above.width
    )
    return next(covering, None)


def note_extra(row: Row, path: str, reading: Reading) -> None:
    """Keep what stands in a column that the form does not have, with the column's header."""
    desk, header = reading.draft.desk, reading.header
    for index, cell in enumerate(row.cells):
        if header is None or role_of(index, cell, row, reading) is not None:
            continue
        label = next((above.text for above in header.cells if above.start == cell.start), "")
        text = desk.take_plain(cell.passage, path)
        if text:
            origin = f"{path}: column {label!r}" if label else f"{path}: a column without a header"
            desk.note_unplaced(text, cell.passage.place, origin)
