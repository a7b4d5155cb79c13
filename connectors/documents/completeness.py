"""Checks, independently of the reader, that every word of a Word file is in the plan that was made of it.

This walks the raw XML of every part that holds text, in the simplest way that can be right, and looks each line up in
the strings of the plan. It shares nothing with the reader but the list of what the form itself prints.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from connectors.documents.errors import DocumentRefused
from connectors.documents.items import bulleted_pieces, without_marker
from connectors.documents.labels import is_form_text, match_label_before, without_prompt, wording
from connectors.documents.placeholders import is_only_placeholder
from connectors.documents.safe_xml import parse_xml
from connectors.documents.symbols import in_font, readable, symbol

_TEXT_PART = re.compile(
    r"(?:^|/)(?<!glossary/)(?:document\d*|header\d*|footer\d*|footnotes|endnotes|comments|diagrams/data\d*)\.xml$"
)
_TEXT = {"t", "delText"}
_BREAK = {"br", "cr"}
_TAB = {"tab", "ptab"}
_MATTER = {*_TEXT, *_BREAK, *_TAB, "noBreakHyphen", "sym", "fldChar"}
_GONE = {"del", "moveFrom"}
_WORD = re.compile(r"\w+")
_BOXES = dict.fromkeys(map(ord, "☐☑☒"))
_CUT_FROM = 50_000


@dataclass(frozen=True, slots=True)
class OwnLine:
    """A line of the raw file that the form did not print, and the part of the file that it is in.

    ``moved`` when a tracked move has it once more, where it went.
    """

    text: str
    part: str
    moved: bool = False


def own_lines(parts: Mapping[str, bytes]) -> tuple[OwnLine, ...]:
    """Return the lines of all text parts of a file that the form did not print."""
    return tuple(
        OwnLine(line.text, part, line.moved)
        for part, data in parts.items()
        if _TEXT_PART.search(part)
        for line in _lines_of(data)
        if not _is_form(line.text)
    )


def missed_lines(
    lines: Iterable[OwnLine], document: Mapping[str, Any], labels: Iterable[str] = ()
) -> tuple[OwnLine, ...]:
    """Return every line of a file that is not in the document.

    White space is compared as single spaces; markers of lists and the spaces inside numbers do not count. A line that
    the file has twice must be there twice, unless a tracked move explains it. ``labels`` are further texts that are
    known to be labels (misspelt ones).
    """
    hay, untouched = _Haystack(document), _Haystack(document)
    known = {_plain(line) for label in labels for line in label.split("\n")}
    own = sorted((line for line in lines if line.text not in known), key=lambda line: -len(line.text))
    return tuple(line for line in own if not (untouched if line.moved else hay).takes(line.text))


def count_words(text: str) -> int:
    """Count the words of a text."""
    return len(_WORD.findall(text))


def own_words(lines: Iterable[OwnLine]) -> int:
    """Count the words of lines that stand where they are read."""
    return sum(count_words(line.text) for line in lines if not line.moved)


class _Haystack:
    """The lines of a plan's strings; each place in them can answer for one line of the file only."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._lines = Counter(_plain(line) for text in _strings(document) for line in text.split("\n"))
        self._all = "\n".join(self._lines)
        self._numbers = {text for text in self._lines if re.fullmatch(r"[0-9A-Z]{6,13}", text)}

    def takes(self, line: str) -> bool:
        """Tell whether a line is there; its place is used up."""
        if any(self._use(form) for form in _forms_of(line)) or self._use_pieces(line):
            return True
        pieces = bulleted_pieces(line)
        if len(pieces) > 1:
            return all(self.takes(_plain(piece)) for piece in pieces)
        return any(re.sub(r"[\s./-]", "", form).upper() in self._numbers for form in _forms_of(line))

    def _use(self, line: str) -> bool:
        if not _WORD.search(line):
            return True
        if self._lines[line] > 0:
            self._lines[line] -= 1
            return True
        return line in self._all and self._use_part(line)

    def _use_pieces(self, line: str) -> bool:
        """Use the pieces that a line too long for any field was cut into."""
        pieces = [held for held in self._lines if len(held) > _CUT_FROM and held in line]
        rest = line
        while piece := next((each for each in pieces if rest.startswith(each)), ""):
            rest = rest[len(piece) :].strip()
        return not rest or (rest != line and self._use(rest))

    def _use_part(self, line: str) -> bool:
        """Use a place inside a longer line; what is left and right of it can still answer for others."""
        for held, count in self._lines.items():
            at = _find_words(line, held) if count > 0 else -1
            if at >= 0:
                self._lines[held] -= 1
                self._lines.update(filter(None, (held[:at].strip(), held[at + len(line) :].strip())))
                return True
        return False


def _find_words(line: str, held: str) -> int:
    """Return where a line stands in another as whole words, -1 for nowhere."""
    at = held.find(line)
    while at >= 0:
        end = at + len(line)
        before, behind = held[at - 1 : at] if at else "", held[end : end + 1]
        if not (before.isalnum() and line[0].isalnum()) and not (behind.isalnum() and line[-1].isalnum()):
            return at
        at = held.find(line, at + 1)
    return -1


def _forms_of(line: str) -> Iterator[str]:
    yield line
    yield _plain(without_marker(line))
    for section in wording()["fields"]:
        match = match_label_before(section, line)
        if match is not None and match.rest:
            yield _plain(match.rest)


def _is_form(line: str) -> bool:
    bare = without_marker(line)
    return not _WORD.search(line) or is_form_text(line) or (bare != line and is_form_text(bare))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)


def _plain(text: str) -> str:
    """Return text as it is compared: single spaces, and no boxes, which old forms keep as something else than text."""
    return " ".join(readable(text).translate(_BOXES).split())


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the raw file; ``moved`` when a tracked move has it once more, where it went."""

    text: str
    moved: bool = False


def _lines_of(data: bytes) -> list[_Line]:
    try:
        root = parse_xml(data)
    except DocumentRefused:
        return []
    lines: list[_Line] = []
    for paragraph in root.iter("{*}p"):
        if not _in_fallback(paragraph):
            lines += _stretches(paragraph)
    return [line for line in lines if line.text]


def _in_fallback(element: etree._Element) -> bool:
    return any(_name(each) == "Fallback" for each in element.iterancestors())


def _name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _stretches(paragraph: etree._Element) -> list[_Line]:
    """Return the lines of one paragraph, without those of paragraphs inside it.

    What is gone in lines of its own.
    """
    texts: dict[str, list[str]] = {"": [""], "del": [""], "moveFrom": [""], "vanish": [""]}
    fields: list[bool] = []
    for element in paragraph.iter():
        name = _name(element)
        if name not in _MATTER or _paragraph_of(element) is not paragraph:
            continue
        if name == "fldChar":
            _follow_field(element, fields)
            continue
        gone = _gone_by(element, paragraph)
        if all(fields):
            _append(element, name, texts[gone])
        if not gone and name == "t":
            for lines in (texts[key] for key in texts if key):
                lines.append("")
    return [
        _Line(_plain(without_prompt(text)), gone == "moveFrom")
        for gone, lines in texts.items()
        for text in lines
        if text and not is_form_text(text)
    ]


def _follow_field(element: etree._Element, fields: list[bool]) -> None:
    """Keep, for each field at work, whether what it shows has begun; what stands before is for Word."""
    kind = _word_attribute(element, "fldCharType")
    if kind == "begin":
        fields.append(False)
    elif kind == "separate" and fields:
        fields[-1] = True
    elif kind == "end" and fields:
        fields.pop()


def _append(element: etree._Element, name: str, lines: list[str]) -> None:
    if name in _TEXT and not _is_prompt(element):
        lines[-1] += in_font(element.text or "", _font_of(element))
    elif name in _BREAK:
        lines.append("")
    elif name in _TAB:
        lines[-1] += "\t"
    elif name == "noBreakHyphen":
        lines[-1] += "-"
    elif name == "sym":
        lines[-1] += symbol(_word_attribute(element, "font"), _word_attribute(element, "char"))


def _font_of(element: etree._Element) -> str:
    run = element.getparent()
    fonts = None if run is None else run.find("{*}rPr/{*}rFonts")
    return "" if fonts is None else _word_attribute(fonts, "ascii") or _word_attribute(fonts, "hAnsi")


def _word_attribute(element: etree._Element, name: str) -> str:
    return next((value for key, value in element.attrib.items() if str(key).endswith(f"}}{name}")), "")


def _paragraph_of(element: etree._Element) -> etree._Element | None:
    return next(element.iterancestors("{*}p"), None)


def _gone_by(element: etree._Element, paragraph: etree._Element) -> str:
    """Return the tracked change that took an element out of its paragraph, "" for none."""
    if _name(element) == "delText":
        return "del"
    for each in element.iterancestors():
        if each is paragraph:
            break
        if _name(each) in _GONE:
            return _name(each)
    return "vanish" if _is_hidden(element) else ""


def _is_hidden(element: etree._Element) -> bool:
    run = element.getparent()
    mark = None if run is None else run.find("{*}rPr/{*}vanish")
    return mark is not None and _word_attribute(mark, "val").lower() not in {"0", "false", "off"}


def _is_prompt(element: etree._Element) -> bool:
    """Tell whether Word itself marks the text as a prompt.

    A content control that still shows its placeholder.
    """
    for each in element.iterancestors("{*}sdt"):
        if any(True for _ in each.iterfind("{*}sdtPr/{*}showingPlcHdr")):
            return True
    return is_only_placeholder(element.text or "")
