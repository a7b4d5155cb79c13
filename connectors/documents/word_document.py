"""Reads a .docx package into values: the body's paragraphs and tables, and every text beside them.

The XML is read itself. The usual library repeats merged cells, and leaves out inserted text, content controls and
text boxes; a plan that loses a sentence is not the plan.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from lxml import etree

from connectors.documents.errors import DocumentRefused
from connectors.documents.ooxml import attribute, child, descendants, name_of, number
from connectors.documents.safe_xml import parse_xml
from connectors.documents.safe_zip import Package
from connectors.documents.symbols import readable
from connectors.documents.word_inline import GONE, Line, Look, Surroundings, look_of_control, read_line
from connectors.documents.word_parts import EDGE_KINDS, NOTE_KINDS, is_diagram, is_read, main_part, outside_links
from connectors.documents.word_styles import read_styles
from connectors.documents.word_values import (
    Aside,
    AsideKind,
    Cell,
    Feature,
    Paragraph,
    Passage,
    Row,
    Span,
    Table,
    WordDocument,
)

_SIDE_BY_SIDE = 2
_WRAPPERS = {
    "sdt",
    "sdtContent",
    "customXml",
    "ins",
    "moveTo",
    "del",
    "moveFrom",
    "smartTag",
    "mc:AlternateContent",
    "mc:Choice",
}


def read_document(package: Package, is_of_form: Callable[[Table], bool] = lambda _: False) -> WordDocument:
    """Read the main part of a package, its notes, comments, headers and footers.

    ``is_of_form`` tells a table that stands for itself, wherever it is: one inside another that only lays out the page
    is read as if it were not inside.

    Raises:
        DocumentRefused: ``not-a-docx`` when it has no main part; ``malformed-xml`` and ``external-entities`` as
            in `parse_xml`.
    """
    main = main_part(package)
    roots = {name: parse_xml(part) for name, part in package.parts.items() if is_read(name, main)}
    body = child(roots[main], "body")
    if body is None:
        raise DocumentRefused("not-a-docx", "The file is not a Word document (.docx).")
    around = _surroundings(package, roots, main)
    around.is_of_form = lambda element: is_of_form(_table(element, 0, around, Look()))
    blocks = tuple(_blocks(body, around))
    return WordDocument(blocks, (*_orphans(around), *_edges(roots, around), *_diagrams(roots)))


def _surroundings(package: Package, roots: dict[str, etree._Element], main: str) -> Surroundings:
    folder, base = posixpath.split(main)
    styles = read_styles(roots.get(posixpath.join(folder, "styles.xml")))
    relations = package.parts.get(f"{folder}/_rels/{base}.rels")
    links = {} if relations is None else outside_links(parse_xml(relations))
    around = Surroundings(styles, links, {}, _no_text)
    around.paragraphs_of = lambda box: _plain_text(box, around)
    for stem, kind in NOTE_KINDS.items():
        root = roots.get(posixpath.join(folder, f"{stem}.xml"))
        around.notes |= {} if root is None else _notes(root, kind, around)
    return around


def _no_text(_: etree._Element) -> str:
    return ""


def _notes(root: etree._Element, kind: AsideKind, around: Surroundings) -> dict[tuple[AsideKind, str], str]:
    return {(kind, attribute(note, "id")): text for note in root if (text := _plain_text(note, around))}


def _orphans(around: Surroundings) -> Iterator[Aside]:
    uncited = (key for key in around.notes if key not in around.cited)
    yield from (Aside(kind, around.notes[kind, number_], "the document") for kind, number_ in uncited)


def _edges(roots: dict[str, etree._Element], around: Surroundings) -> Iterator[Aside]:
    seen: set[str] = set()
    for name, root in sorted(roots.items()):
        kind = EDGE_KINDS.get(posixpath.basename(name).removesuffix(".xml").rstrip("0123456789"))
        text = "" if kind is None else _plain_text(root, around)
        if kind is not None and text and text not in seen:
            seen.add(text)
            yield Aside(kind, text, "the pages")


def _diagrams(roots: dict[str, etree._Element]) -> Iterator[Aside]:
    for name, root in sorted(roots.items()):
        paragraphs = descendants(root, "a:p") if is_diagram(name) else ()
        lines = ("".join(readable(each.text or "") for each in descendants(one, "a:t")) for one in paragraphs)
        text = "\n".join(filter(str.strip, lines))
        if text:
            yield Aside(AsideKind.DIAGRAM, text, "the document")


def _plain_text(container: etree._Element, around: Surroundings) -> str:
    """Return all text of a container, with what stands beside it, one paragraph a line."""
    passage = _passage(container, around, "", Look())
    return "\n".join(filter(None, (passage.text, *(aside.text for aside in passage.asides))))


def _blocks(body: etree._Element, around: Surroundings) -> Iterator[Passage | Table]:
    tables = paragraphs = 0
    for element, look in _unframed(body, Look(), around):
        if name_of(element) == "tbl":
            tables += 1
            yield _table(element, tables, around, look)
        elif name_of(element) == "p":
            paragraphs += 1
            yield _merge([_one_paragraph(element, around, f"paragraph {paragraphs}", look)], f"paragraph {paragraphs}")
        elif name_of(element) == "altChunk":
            yield Passage(place="the document", features=frozenset({Feature.EMBEDDED}))


def _unframed(body: etree._Element, look: Look, around: Surroundings) -> Iterator[tuple[etree._Element, Look]]:
    """Go through a body; a table that is only a frame around tables counts as what is in it."""
    for element, its in _through(body, look):
        rows = _named(element, "tr", its) if name_of(element) == "tbl" else []
        cells = [_named(row, "tc", its) for row in rows]
        if _is_frame(cells, its, around):
            for cell in (cell for row in cells for cell in row):
                yield from _unframed(cell, its, around)
        else:
            yield element, its


def _named(element: etree._Element, name: str, look: Look) -> list[etree._Element]:
    return [each for each, _ in _through(element, look) if name_of(each) == name]


def _is_frame(rows: Sequence[Sequence[etree._Element]], look: Look, around: Surroundings) -> bool:
    """Tell whether a table has one cell around tables, or one filled cell a row and tables of the form in them."""
    tables = [table for row in rows for cell in row for table in _named(cell, "tbl", look)]
    if not tables:
        return False
    if sum(map(len, rows)) == 1:
        return True
    filled = (sum(bool("".join(cell.itertext()).strip()) for cell in row) for row in rows)
    return all(count < _SIDE_BY_SIDE for count in filled) and any(map(around.is_of_form, tables))


def _through(container: etree._Element, look: Look) -> Iterator[tuple[etree._Element, Look]]:
    """Go through the children of a container as if content controls and other wrappers were not there."""
    for each in container:
        name = name_of(each)
        if name not in _WRAPPERS:
            yield each, look
            continue
        its = look_of_control(child(each, "sdtPr"), look)
        yield from _through(each, replace(its, gone=look.gone or GONE.get(name)))


def _table(element: etree._Element, number_: int, around: Surroundings, look: Look) -> Table:
    rows = [(each, its) for each, its in _through(element, look) if name_of(each) == "tr"]
    return Table(
        number_,
        tuple(_row(each, f"table {number_}, row {i}", around, its) for i, (each, its) in enumerate(rows, 1)),
    )


def _row(element: etree._Element, place: str, around: Surroundings, look: Look) -> Row:
    properties = child(element, "trPr")
    tracked = child(properties, "ins") is not None or child(properties, "del") is not None
    look = _without(look, child(properties, "del"))
    start = number(child(properties, "gridBefore"), 0)
    cells: list[Cell] = []
    for each, its in _through(element, look):
        if name_of(each) != "tc":
            continue
        cell = _cell(each, start, f"{place}, column {len(cells) + 1}", around, its)
        start += cell.width
        cells.append(_tracked(cell) if tracked and not cells else cell)
    return Row(tuple(cells))


def _tracked(cell: Cell) -> Cell:
    """Mark the first cell of a row that a tracked change put in or took out."""
    return replace(cell, passage=replace(cell.passage, features=cell.passage.features | {Feature.TRACKED}))


def _without(look: Look, mark: etree._Element | None) -> Look:
    """Return the look of a row or cell that a tracked change may have deleted."""
    return look if mark is None else replace(look, gone=look.gone or AsideKind.DELETED)


def _cell(element: etree._Element, start: int, place: str, around: Surroundings, look: Look) -> Cell:
    properties = child(element, "tcPr")
    look = _without(look, child(properties, "cellDel"))
    merge = child(properties, "vMerge")
    continues = merge is not None and attribute(merge, "val") != "restart"
    width = max(1, number(child(properties, "gridSpan"), 1))
    return Cell(_out_of_box(_passage(element, around, place, look)), start, width, continues)


def _out_of_box(passage: Passage) -> Passage:
    """Take the text of a text box for the text of a cell that has no other."""
    boxes = [aside for aside in passage.asides if aside.kind is AsideKind.TEXT_BOX]
    if passage.text or not boxes:
        return passage
    lines = (line for box in boxes for line in box.text.split("\n"))
    return replace(
        passage,
        paragraphs=tuple(Paragraph((Span(line),)) for line in lines),
        asides=tuple(aside for aside in passage.asides if aside not in boxes),
        features=passage.features | {Feature.BOXED},
    )


@dataclass(frozen=True, slots=True)
class _Piece:
    paragraph: Paragraph
    asides: tuple[Aside, ...] = ()
    features: frozenset[Feature] = frozenset()
    runs_on: bool = False


def _passage(container: etree._Element, around: Surroundings, place: str, look: Look) -> Passage:
    return _merge(list(_pieces(container, around, place, look)), place)


def _pieces(container: etree._Element, around: Surroundings, place: str, look: Look) -> Iterator[_Piece]:
    for element, its in _through(container, look):
        match name_of(element):
            case "p":
                yield _one_paragraph(element, around, place, its)
            case "tbl":
                yield from _nested(element, around, place, its)
            case "altChunk":
                yield _Piece(Paragraph(), features=frozenset({Feature.EMBEDDED}))
            case "footnote" | "endnote" | "comment":
                yield from _pieces(element, around, place, its)
            case _:
                pass


def _one_paragraph(element: etree._Element, around: Surroundings, place: str, look: Look) -> _Piece:
    paragraph, line = read_line(element, around, place, look)
    mark = child(element, "pPr", "rPr", "del")
    return _Piece(paragraph, tuple(line.asides), _features(line), runs_on=mark is not None)


def _features(line: Line) -> frozenset[Feature]:
    return frozenset(line.features)


def _nested(element: etree._Element, around: Surroundings, place: str, look: Look) -> Iterator[_Piece]:
    """Flatten a table inside a cell: a line for each row, a tab between its cells."""
    table = _table(element, 0, around, look)
    for row in table.rows:
        passages = [cell.passage for cell in row.cells]
        text = "\t".join(passage.text for passage in passages)
        asides = tuple(replace(aside, place=place) for passage in passages for aside in passage.asides)
        features = frozenset().union(*(passage.features for passage in passages)) | {Feature.NESTED_TABLE}
        yield _Piece(Paragraph((Span(text),)), asides, features)


def _merge(pieces: Iterable[_Piece], place: str) -> Passage:
    """Put pieces together; a paragraph whose end was deleted runs on into the next."""
    paragraphs: list[Paragraph] = []
    asides: list[Aside] = []
    features: set[Feature] = set()
    runs_on = False
    for piece in pieces:
        if runs_on:
            last = paragraphs.pop()
            paragraphs.append(replace(last, spans=last.spans + piece.paragraph.spans))
        else:
            paragraphs.append(piece.paragraph)
        asides += piece.asides
        features |= piece.features
        runs_on = piece.runs_on
    return Passage(tuple(paragraphs), place, tuple(asides), frozenset(features))
