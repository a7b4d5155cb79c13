"""The reading desk: every passage of the file passes over it, and it knows what was taken, and what must be said.

A reader takes a passage for a field. What no reader took, and what stands beside the lines, becomes a note: so no
text can be left out by forgetting it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from connectors.documents import values
from connectors.documents.items import TextLine, plain_text
from connectors.documents.labels import words_beyond_form
from connectors.documents.placeholders import is_only_placeholder, placeholders_in
from connectors.documents.values import Severity
from connectors.documents.word_values import Aside, AsideKind, Feature, Paragraph, Passage, WordDocument

MAX_FIELD = 100_000

_PLACE = re.compile(r"^table (?P<number>\d+)\b|^paragraph \d+$")
_PLACES_TOLD = 8

_ASIDES: dict[AsideKind, tuple[str, Severity, str]] = {
    AsideKind.TEXT_BOX: ("text-box", "warning", "A text box stands here; its text is kept as a note."),
    AsideKind.COMMENT: (
        "comment-left",
        "warning",
        "A comment was left in the document; it is kept as a note.",
    ),
    AsideKind.FOOTNOTE: ("footnote", "info", "A footnote belongs to this text; it is kept as a note."),
    AsideKind.ENDNOTE: ("footnote", "info", "An endnote belongs to this text; it is kept as a note."),
    AsideKind.HIDDEN: (
        "hidden-text",
        "warning",
        "Text that Word does not show stands here; it is kept as a note and is no part of the plan's text.",
    ),
    AsideKind.LINK: ("link-address", "info", "A link leads from here; its address is kept as a note."),
}
_FEATURES: dict[Feature, tuple[str, Severity, str]] = {
    Feature.TRACKED: (
        "tracked-changes",
        "warning",
        "Tracked changes were never accepted or rejected: insertions are read as text, deletions are kept as a note.",
    ),
    Feature.BOXED: ("text-box", "warning", "A text box stands here; its text was read as the text of the cell."),
    Feature.NESTED_TABLE: ("nested-table", "info", "A table inside this cell was read line by line."),
    Feature.PICTURE: ("picture-left-out", "warning", "A picture stands here; pictures are not read."),
    Feature.EMBEDDED: (
        "embedded-file-left-out",
        "warning",
        "A file is embedded here; embedded files are not read.",
    ),
}


@dataclass(frozen=True, slots=True)
class Note:
    """Text that has no field in the plan, with where it was found."""

    text: str
    origin: str


@dataclass(frozen=True, slots=True)
class Taken:
    """A passage as read for a field: its lines without prompts, and the passage itself for its look."""

    passage: Passage
    lines: tuple[TextLine, ...]
    placeholders: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text as typed."""
        return plain_text(self.lines)


@dataclass(slots=True)
class Desk:
    """The desk for one file. Warnings and notes gather in the order of reading.

    ``labels`` are the texts that were read as labels, whatever their spelling; ``tables`` names the section that each
    table of the file belongs to; ``unplaced`` are the places of the texts that have no field.
    """

    warnings: list[values.Warning] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    restrictions: list[dict[str, str]] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)
    labels: set[str] = field(default_factory=set)
    tables: dict[int, str] = field(default_factory=dict)
    unplaced: list[str] = field(default_factory=list)

    def warn(self, code: str, severity: Severity, path: str, message: str, raw: str | None = None) -> None:
        """Say something about a place once."""
        if not any(each.code == code and each.path == path for each in self.warnings):
            self.warnings.append(values.Warning(code, severity, path, message, raw))

    def note(self, text: str, origin: str) -> None:
        """Keep a text that has no field; a very long one in pieces."""
        self.notes += [Note(piece, origin) for piece in pieces_of(text)]

    def note_unplaced(self, text: str, place: str, origin: str = "") -> None:
        """Keep a text that no field of the plan holds, and remember where it stands."""
        self.note(text, origin or place)
        if place not in self.unplaced:
            self.unplaced.append(place)

    def tell_unplaced(self) -> None:
        """Say once for the file where the texts stand that no field holds, in words that lead to them in Word."""
        if self.unplaced:
            places = [_PLACE.sub(self._in_words, place) for place in self.unplaced[:_PLACES_TOLD]]
            more = len(self.unplaced) - len(places)
            message = f"Text that no field of the plan holds is kept as a note. It stands in {'; '.join(places)}"
            self.warn("text-unplaced", "warning", "", f"{message}{f'; and {more} more places' if more else ''}.")

    def _in_words(self, match: re.Match[str]) -> str:
        if match["number"] is None:
            return f"{match.group()} outside the tables"
        name = self.tables.get(int(match["number"]), "")
        return f"{match.group()} ({name})" if name else match.group()

    def look(self, passage: Passage) -> Taken:
        """Read a passage without taking it."""
        lines: list[TextLine] = []
        dropped: list[str] = []
        for paragraph in passage.paragraphs:
            _add_lines(paragraph, lines, dropped)
        return Taken(passage, tuple(lines), tuple(dropped))

    def take(self, passage: Passage, path: str) -> Taken:
        """Take a passage for the field at a path, and say what is to be said about it."""
        taken = self.look(passage)
        self.taken.add(id(passage))
        self._tell_placeholders(taken, path)
        self._tell_features(passage, path)
        return taken

    def take_plain(self, passage: Passage, path: str) -> str:
        """Take a passage whose text goes in as typed; text struck through is kept and pointed out."""
        taken = self.take(passage, path)
        self.tell_struck(taken, path)
        return self.fit(taken.text, path)

    def fit(self, text: str, path: str) -> str:
        """Return as much of a text as a field holds; the rest becomes a note."""
        first, *others = pieces_of(text) or ("",)
        if others:
            message = f"More than {MAX_FIELD:,} characters: the rest is kept as a note."
            self.warn("field-too-long", "warning", path, message)
            self.notes += [Note(each, f"{path}: the rest of a text that is too long for its field") for each in others]
        return first

    def tell_struck(self, taken: Taken, path: str) -> None:
        """Point out text that is struck through: it may be meant as deleted."""
        if taken.passage.struck and taken.text:
            message = "Text is struck through here; it was kept. Decide whether it still belongs to the plan."
            self.warn("struck-through-text", "warning", path, message, taken.passage.struck)

    def pass_over(self, *passages: Passage) -> None:
        """Take passages that hold nothing but what the form prints, or that were read some other way."""
        self.taken.update(id(passage) for passage in passages)

    def _tell_placeholders(self, taken: Taken, path: str) -> None:
        inline = placeholders_in(taken.text)
        if taken.placeholders:
            message = "Template placeholder left in the document; imported as empty."
            self.warn("placeholder-left", "warning", path, message, "\n".join(taken.placeholders))
        elif inline:
            message = "Template placeholder left in the text; the text was kept as it is."
            self.warn("placeholder-left", "warning", path, message, "\n".join(inline))

    def _tell_features(self, passage: Passage, path: str) -> None:
        for feature, (code, severity, message) in _FEATURES.items():
            if feature in passage.features:
                self.warn(code, severity, path, message)
        for aside in passage.asides:
            if aside.kind in _ASIDES:
                self.warn(_ASIDES[aside.kind][0], _ASIDES[aside.kind][1], path, _ASIDES[aside.kind][2], aside.text)

    def clear(self, document: WordDocument) -> None:
        """Make notes of everything that no reader took, and of every text beside the lines."""
        for passage in document.passages():
            if id(passage) not in self.taken:
                self._note_untaken(passage)
            self._note_asides(passage.asides)
        self._note_asides(document.asides)
        if any(Feature.NON_BREAKING in passage.features for passage in document.passages() if self._has_words(passage)):
            self.warn("non-breaking-spaces", "info", "", "Non-breaking spaces were replaced by ordinary spaces.")

    def _has_words(self, passage: Passage) -> bool:
        return bool(words_beyond_form(passage.text))

    def _note_untaken(self, passage: Passage) -> None:
        lines = self.look(passage).text.split("\n")
        text = words_beyond_form("\n".join(line for line in lines if line.strip() not in self.labels))
        self._tell_features(passage, "")
        if text:
            self.note_unplaced(text, passage.place)

    def _note_asides(self, asides: tuple[Aside, ...]) -> None:
        for aside in asides:
            text = words_beyond_form(aside.text)
            if text and aside.kind is not AsideKind.MOVED:
                self.note(text, f"{aside.kind.value} in {aside.place}")


def pieces_of(text: str) -> list[str]:
    """Cut a text, at white space where there is any, into pieces that fit into a field."""
    pieces: list[str] = []
    rest = text.strip()
    while len(rest) > MAX_FIELD:
        cut = max(rest.rfind(" ", 1, MAX_FIELD), rest.rfind("\n", 1, MAX_FIELD))
        cut = cut if cut > 0 else MAX_FIELD
        pieces.append(rest[:cut].strip())
        rest = rest[cut:].strip()
    return [*pieces, rest] if rest else pieces


def _add_lines(paragraph: Paragraph, lines: list[TextLine], dropped: list[str]) -> None:
    if paragraph.is_prompt:
        dropped.append(paragraph.text.strip())
        return
    for index, line in enumerate(paragraph.text.split("\n")):
        if is_only_placeholder(line):
            dropped.append(line.strip())
        else:
            lines.append(TextLine(line, starts=index == 0, level=paragraph.level))
