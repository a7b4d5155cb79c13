"""Published tables (CSV) as rows of named columns, whatever their encoding.

GIAS publishes in Windows-1252, the Organisation Data Service in UTF-8; what is valid UTF-8 is read as that.
"""

import _csv
import codecs
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Final

from msgspec import Struct

LONGEST_FIELD: Final = 100_000
_CHUNK: Final = 1 << 20
_FORMS: Final = ("%d-%m-%Y", "%d/%m/%Y", "%Y-%m-%d", "%Y%m%d")


class TableUnreadable(ValueError):
    """A file that is not the table it should be; the text says what is missing or wrong."""


class RowUnreadable(ValueError):
    """One row that cannot be taken in: `column` says where, the text why."""

    def __init__(self, column: str, reason: str) -> None:
        """The reason is a sentence."""
        super().__init__(reason)
        self.column = column
        self.reason = reason


class TableRow(Struct, frozen=True):
    """One row: its line in the file, and its cells without surrounding space by column."""

    line: int
    cells: Mapping[str, str]
    fault: str = ""

    def text(self, column: str) -> str:
        """A cell, empty where the file has no such column. Raises RowUnreadable for a row that isn't the table's."""
        if self.fault:
            raise RowUnreadable("", self.fault)
        return self.cells.get(column, "")

    def date(self, column: str) -> date | None:
        """A cell as a date, None for an empty one. Raises RowUnreadable."""
        stated = self.text(column)
        if not stated:
            return None
        for form in _FORMS:
            try:
                return datetime.strptime(stated, form).date()  # noqa: DTZ007 - a civil date has no zone
            except ValueError:
                continue
        raise RowUnreadable(column, f"'{stated[:40]}' isn't a date.")


def encoding_of(content: bytes) -> str:
    """The encoding of a file. Raises TableUnreadable."""
    for encoding in ("utf-8-sig", "cp1252"):
        decoder = codecs.getincrementaldecoder(encoding)()
        with suppress(UnicodeDecodeError):
            for start in range(0, len(content), _CHUNK):
                decoder.decode(content[start : start + _CHUNK])
            decoder.decode(b"", final=True)
            return encoding
    raise TableUnreadable("The file is neither UTF-8 nor Windows-1252 text.")


def headed(content: bytes, needed: Sequence[str], wanted: Sequence[str]) -> Iterator[TableRow]:
    """The rows of a file whose first line names the columns.

    Only the `wanted` columns are looked at. Raises TableUnreadable when a `needed` one is missing.
    """
    lines = reader(content)
    names = [name.strip() for name in next(lines, [])]
    missing = [name for name in needed if name not in names]
    if missing:
        raise TableUnreadable(f"The first line must name the columns. These are missing: {', '.join(missing)}.")
    places = [(names.index(name), name) for name in wanted if name in names]
    width = len(names)
    for cells in lines:
        if any(cells):
            if len(cells) != width:
                yield TableRow(lines.line_num, {}, f"The row has {len(cells)} cells, the first line {width}.")
                continue
            yield TableRow(lines.line_num, {name: cells[place].strip() for place, name in places})


def headless(content: bytes, columns: Sequence[str]) -> Iterator[TableRow]:
    """The rows of a file without a first line of names, whose columns are in this order; those named "" are skipped."""
    lines = reader(content)
    for cells in lines:
        if any(cells):
            named = zip(columns, cells, strict=False)
            yield TableRow(lines.line_num, {name: cell.strip() for name, cell in named if name})


def reader(content: bytes) -> "_csv.Reader":
    """A reader of the file's lines. Raises TableUnreadable."""
    csv.field_size_limit(LONGEST_FIELD)
    return csv.reader(io.TextIOWrapper(io.BytesIO(content), encoding_of(content), newline=""))
