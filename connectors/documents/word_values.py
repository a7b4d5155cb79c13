"""What a Word file holds, as values: paragraphs, tables, cells, and the text that stands beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class AsideKind(StrEnum):
    """Text that is in the file but not in the line of the text, by where it is."""

    DELETED = "text deleted by a tracked change"
    MOVED = "text moved from here by a tracked change"
    HIDDEN = "hidden text"
    TEXT_BOX = "text box"
    DIAGRAM = "text of a diagram"
    LINK = "address behind a link"
    FOOTNOTE = "footnote"
    ENDNOTE = "endnote"
    COMMENT = "comment"
    HEADER = "page header"
    FOOTER = "page footer"


class Feature(StrEnum):
    """What a reader should be told about a cell or paragraph besides its words."""

    TRACKED = "tracked"
    NESTED_TABLE = "nested table"
    PICTURE = "picture"
    EMBEDDED = "embedded object"
    NON_BREAKING = "non-breaking space"
    BOXED = "text box in place of text"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text with the same look: struck through or not, a prompt of the form or not.

    ``marked`` says that it stands out (bold, underlined, highlighted, in a frame); ``picked`` is the day (ISO) that a
    date control keeps behind the text that it shows.
    """

    text: str
    struck: bool = False
    prompt: bool = False
    marked: bool = False
    picked: str = ""


@dataclass(frozen=True, slots=True)
class Aside:
    """A text beside the line, with where it was found ("table 3, row 5, column 2")."""

    kind: AsideKind
    text: str
    place: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph. Line breaks are line ends; ``level`` is its depth in a Word list, or None outside one."""

    spans: tuple[Span, ...] = ()
    level: int | None = None

    @property
    def text(self) -> str:
        """All its text, as typed."""
        return "".join(span.text for span in self.spans)

    @property
    def is_prompt(self) -> bool:
        """Whether Word itself marks all of its text as a prompt that nobody has overwritten."""
        worded = [span for span in self.spans if span.text.strip()]
        return bool(worded) and all(span.prompt for span in worded)

    @property
    def unstruck(self) -> str:
        """Its text without what is struck through."""
        return "".join(span.text for span in self.spans if not span.struck)


@dataclass(frozen=True, slots=True)
class Passage:
    """A cell, or a paragraph that stands outside every table, with everything anchored in it."""

    paragraphs: tuple[Paragraph, ...] = ()
    place: str = ""
    asides: tuple[Aside, ...] = ()
    features: frozenset[Feature] = frozenset()

    @property
    def text(self) -> str:
        """Its paragraphs, one a line, without white space at either end."""
        return "\n".join(paragraph.text for paragraph in self.paragraphs).strip()

    @property
    def unstruck(self) -> str:
        """The same without what is struck through."""
        return "\n".join(paragraph.unstruck for paragraph in self.paragraphs).strip()

    @property
    def struck(self) -> str:
        """Only what is struck through."""
        return "".join(s.text for p in self.paragraphs for s in p.spans if s.struck).strip()

    @property
    def marked(self) -> str:
        """Only what stands out."""
        return " ".join(s.text for p in self.paragraphs for s in p.spans if s.marked).strip()

    @property
    def picked(self) -> frozenset[str]:
        """The days (ISO) that date controls in it keep."""
        return frozenset(span.picked for paragraph in self.paragraphs for span in paragraph.spans if span.picked)


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell: its passage, the first grid column that it covers, and how many.

    ``continues`` says that it is the lower part of a cell merged over several rows.
    """

    passage: Passage
    start: int = 0
    width: int = 1
    continues: bool = False

    @property
    def text(self) -> str:
        """The text of its passage."""
        return self.passage.text


@dataclass(frozen=True, slots=True)
class Row:
    """A table row: the cells that the file has for it, left to right."""

    cells: tuple[Cell, ...]

    @property
    def is_blank(self) -> bool:
        """Whether no cell of it has a word."""
        return not any(cell.text for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the body with its number in the document (1 is the first)."""

    number: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class WordDocument:
    """The body in order, and the asides that are anchored nowhere in it (headers, footers, orphaned notes)."""

    blocks: tuple[Passage | Table, ...]
    asides: tuple[Aside, ...]

    def passages(self) -> Iterator[Passage]:
        """Go through every passage: the cells of all tables and the paragraphs between them."""
        for block in self.blocks:
            if isinstance(block, Passage):
                yield block
            else:
                yield from (cell.passage for row in block.rows for cell in row.cells)
