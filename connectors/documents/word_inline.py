"""Reads what runs in a paragraph: its words, and what stands beside them.

Inserted text counts, deleted text is an aside, and wrappers (links, content controls, smart tags) are looked
through.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from lxml import etree

from connectors.documents.ooxml import attribute, child, descendants, is_on, name_of, number, relation
from connectors.documents.symbols import has_non_breaking, in_font, readable, symbol
from connectors.documents.word_styles import Styles
from connectors.documents.word_values import Aside, AsideKind, Feature, Paragraph, Span

_HYPERLINK = re.compile(r'\s*HYPERLINK\s+"(?P<target>[^"]+)"', re.IGNORECASE)
_PAGE_FIELD = re.compile(r"\s*(PAGE|NUMPAGES|SECTIONPAGES)\b", re.IGNORECASE)
_MARKS = ("b", "u", "highlight", "bdr")
_ISO_DAY = len("2026-03-03")
_ENDINGS = {"br": "\n", "cr": "\n", "tab": "\t", "ptab": "\t", "noBreakHyphen": "-", "softHyphen": ""}
_SILENT = {
    "pPr",
    "rPr",
    "sdtPr",
    "sdtEndPr",
    "ctrlPr",
    "rubyPr",
    "smartTagPr",
    "customXmlPr",
    "fldData",
    "mc:Fallback",
}
GONE = {"del": AsideKind.DELETED, "moveFrom": AsideKind.MOVED}
_NOTES = {
    "footnoteReference": AsideKind.FOOTNOTE,
    "endnoteReference": AsideKind.ENDNOTE,
    "commentReference": AsideKind.COMMENT,
}


@dataclass(frozen=True, slots=True)
class Look:
    """How the text at hand is to be taken.

    ``gone`` is how a tracked change, or being hidden, took it out of the text; ``picked`` the day (ISO) that the date
    control around it keeps.
    """

    font: str = ""
    marked: bool = False
    struck: bool = False
    prompt: bool = False
    gone: AsideKind | None = None
    picked: str = ""


@dataclass(slots=True)
class _Field:
    """A field while it is read: what it says to Word, and where what it shows begins once that has begun."""

    says: str = ""
    shows_from: int | None = None


@dataclass(slots=True)
class Surroundings:
    """What the words of a part can refer to: its styles, the targets of its links, the notes by kind and id.

    ``cited`` collects the notes that were found in place. ``paragraphs_of`` reads the text of a container (a
    text box); ``is_of_form`` tells a table of the form.
    """

    styles: Styles
    links: dict[str, str]
    notes: dict[tuple[AsideKind, str], str]
    paragraphs_of: Callable[[etree._Element], str]
    is_of_form: Callable[[etree._Element], bool] = lambda _: False
    cited: set[tuple[AsideKind, str]] = field(default_factory=set)


@dataclass(slots=True)
class Line:
    """One paragraph while it is read."""

    around: Surroundings
    place: str
    spans: list[Span] = field(default_factory=list)
    asides: list[Aside] = field(default_factory=list)
    features: set[Feature] = field(default_factory=set)
    fields: list[_Field] = field(default_factory=list)
    going: AsideKind | None = None

    def write(self, text: str, look: Look) -> None:
        """Add text as it is looked at: to the line, or to what was deleted."""
        if has_non_breaking(text):
            self.features.add(Feature.NON_BREAKING)
        plain = readable(text)
        if not plain or self._is_no_text():
            return
        if look.gone is not None:
            self._lose(plain, look.gone)
            return
        self.going = None
        self.spans.append(Span(plain, struck=look.struck, prompt=look.prompt, marked=look.marked, picked=look.picked))

    def _is_no_text(self) -> bool:
        """Tell whether a field at work says this to Word, or counts pages."""
        return any(_PAGE_FIELD.match(each.says) or each.shows_from is None for each in self.fields)

    def _lose(self, text: str, kind: AsideKind) -> None:
        self.features.update({Feature.TRACKED} if kind is not AsideKind.HIDDEN else ())
        if self.going is kind:
            text = self.asides.pop().text + text
        self.asides.append(Aside(kind, text, self.place))
        self.going = kind

    def beside(self, kind: AsideKind, text: str) -> None:
        """Add a text that stands beside the line."""
        self.going = None
        if text.strip():
            self.asides.append(Aside(kind, text.strip(), self.place))


def read_line(paragraph: etree._Element, around: Surroundings, place: str, look: Look) -> tuple[Paragraph, Line]:
    """Read one ``w:p``: the paragraph, and the line with its asides and features."""
    line = Line(around, place)
    properties = child(paragraph, "pPr")
    _read_children(paragraph, line, look)
    return Paragraph(tuple(line.spans), around.styles.level_of(properties)), line


def _read_children(element: etree._Element, line: Line, look: Look) -> None:
    for each in element:
        _read(each, line, look)


def _read(element: etree._Element, line: Line, look: Look) -> None:
    name = name_of(element)
    if name in {"t", "m:t"}:
        line.write(in_font(_words(element), look.font), look)
    elif name == "delText":
        line.write(_words(element), replace(look, gone=look.gone or AsideKind.DELETED))
    elif name in _ENDINGS:
        line.write(_ENDINGS[name], look)
    elif name == "r":
        _read_children(element, line, _look_of_run(child(element, "rPr"), line, look))
    elif name == "sym":
        line.write(symbol(attribute(element, "font"), attribute(element, "char")), look)
    elif name not in _SILENT:
        _read_special(element, name, line, look)


def _look_of_run(properties: etree._Element | None, line: Line, look: Look) -> Look:
    fonts = child(properties, "rFonts")
    font = attribute(fonts, "ascii") or attribute(fonts, "hAnsi")
    marked = any(is_on(child(properties, name)) for name in _MARKS)
    gone = look.gone or (AsideKind.HIDDEN if is_on(child(properties, "vanish")) else None)
    return replace(look, font=font, gone=gone, marked=marked, struck=line.around.styles.strikes(properties))


def _words(element: etree._Element) -> str:
    """Return the text of an element; a line end in it is a space, since Word breaks lines with an element."""
    return " ".join((element.text or "").replace("\r", "\n").split("\n"))


def _read_special(element: etree._Element, name: str, line: Line, look: Look) -> None:
    if name in {"ins", "moveTo", "del", "moveFrom"}:
        line.features.add(Feature.TRACKED)
        _read_children(element, line, replace(look, gone=look.gone or GONE.get(name)))
    elif name == "sdt":
        _read_control(element, line, look)
    elif name == "hyperlink":
        _read_link(element, line, look)
    elif name in {"drawing", "pict", "object"}:
        _read_drawing(element, name, line, look)
    elif name in {"fldChar", "instrText", "fldSimple"}:
        _read_field(element, name, line, look)
    elif name in _NOTES:
        _read_reference(element, _NOTES[name], line)
    elif name == "mc:AlternateContent":
        _read_choice(element, line, look)
    else:
        _read_children(element, line, look)


def _read_control(element: etree._Element, line: Line, look: Look) -> None:
    content = child(element, "sdtContent")
    if content is not None:
        _read_children(content, line, look_of_control(child(element, "sdtPr"), look))


def look_of_control(properties: etree._Element | None, look: Look) -> Look:
    """Return how text inside a content control is to be taken: it may be a prompt, or the face of a picked date."""
    picked = attribute(child(properties, "date"), "fullDate")[:_ISO_DAY]
    return replace(look, prompt=look.prompt or is_on(child(properties, "showingPlcHdr")), picked=picked or look.picked)


def _read_choice(element: etree._Element, line: Line, look: Look) -> None:
    """Read the first of the alternatives, as Word does; the fallback repeats it for old programs."""
    first = child(element, "mc:Choice")
    if first is None:
        first = child(element, "mc:Fallback")
    if first is not None:
        _read_children(first, line, look)


def _read_link(element: etree._Element, line: Line, look: Look) -> None:
    before = len(line.spans)
    _read_children(element, line, look)
    target = line.around.links.get(relation(element), "")
    shown = "".join(span.text for span in line.spans[before:])
    if target and target.removeprefix("mailto:").strip("/") not in shown:
        line.beside(AsideKind.LINK, readable(target))


def _read_drawing(element: etree._Element, name: str, line: Line, look: Look) -> None:
    boxes = list(descendants(element, "txbxContent"))
    kind = look.gone or AsideKind.TEXT_BOX
    for box in boxes:
        line.beside(kind, line.around.paragraphs_of(box))
    line.beside(kind, " ".join(readable(each.text or "") for each in descendants(element, "a:t")))
    line.beside(kind, " ".join(readable(each.get("string", "")) for each in descendants(element, "other:textpath")))
    if any(True for _ in descendants(element, "a:blip")) or (name == "pict" and not boxes):
        line.features.add(Feature.PICTURE)
    if name == "object":
        line.features.add(Feature.EMBEDDED)


def _read_reference(element: etree._Element, kind: AsideKind, line: Line) -> None:
    key = (kind, attribute(element, "id"))
    line.around.cited.add(key)
    line.beside(kind, line.around.notes.get(key, ""))


def _read_field(element: etree._Element, name: str, line: Line, look: Look) -> None:
    """Follow a field: what it shows is text, what it says to Word is not, page numbers are neither."""
    kind = attribute(element, "fldCharType")
    if name == "instrText":
        if line.fields:
            line.fields[-1].says += element.text or ""
    elif name == "fldSimple":
        line.fields.append(_Field(attribute(element, "instr"), len(line.spans)))
        _read_children(element, line, look)
        _end_field(line)
    elif kind == "begin":
        _read_form_box(element, line, look)
        line.fields.append(_Field())
    elif kind == "separate" and line.fields:
        line.fields[-1].shows_from = len(line.spans)
    elif kind == "end" and line.fields:
        _end_field(line)


def _end_field(line: Line) -> None:
    """Leave a field; the address that a link of this make leads to is kept where it does not show."""
    done = line.fields.pop()
    link = _HYPERLINK.match(done.says)
    shown = "".join(span.text for span in line.spans[done.shows_from or 0 :])
    if link is not None and link["target"].removeprefix("mailto:").strip("/") not in shown:
        line.beside(AsideKind.LINK, readable(link["target"]))


def _read_form_box(element: etree._Element, line: Line, look: Look) -> None:
    _read_form_choice(child(element, "ffData", "ddList"), line, look)
    box = child(element, "ffData", "checkBox")
    if box is None:
        return
    checked = child(box, "checked")
    line.write("☒" if is_on(checked if checked is not None else child(box, "default")) else "☐", look)


def _read_form_choice(choices: etree._Element | None, line: Line, look: Look) -> None:
    """Read what a drop-down of an old form shows: Word keeps its number, not its text (ECMA-376 part 1, 17.16.9)."""
    if choices is None:
        return
    entries = [attribute(each, "val") for each in choices if name_of(each) == "listEntry"]
    chosen = number(child(choices, "result"), number(child(choices, "default"), 0))
    line.write(entries[chosen] if chosen < len(entries) else "", look)
