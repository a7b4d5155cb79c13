"""What a Word file's styles decide about a paragraph or run: is it in a list, is it struck through."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from connectors.documents.ooxml import attribute, child, is_on, name_of, number

_DEEPEST_BASE = 20


@dataclass(frozen=True, slots=True)
class Styles:
    """The ids of the paragraph styles that make a list item, and of the styles that strike text through."""

    listed: frozenset[str] = frozenset()
    struck: frozenset[str] = frozenset()

    def level_of(self, properties: etree._Element | None) -> int | None:
        """Return the depth in a Word list (0 is the outermost) of a paragraph with these properties, or None.

        ``numId`` 0 takes a paragraph out of the list that its style puts it in (ECMA-376 part 1, 17.9.18).
        """
        numbering = child(properties, "numPr")
        if child(numbering, "numId") is not None:
            return number(child(numbering, "ilvl"), 0) if number(child(numbering, "numId"), 0) else None
        style = attribute(child(properties, "pStyle"), "val")
        return number(child(numbering, "ilvl"), 0) if style in self.listed else None

    def strikes(self, properties: etree._Element | None) -> bool:
        """Tell whether a run with these properties is struck through, once or twice."""
        own = [mark for mark in (child(properties, "strike"), child(properties, "dstrike")) if mark is not None]
        if own:
            return any(is_on(mark) for mark in own)
        return attribute(child(properties, "rStyle"), "val") in self.struck


def read_styles(root: etree._Element | None) -> Styles:
    """Read ``word/styles.xml``; nothing is known without it."""
    if root is None:
        return Styles()
    styles = {attribute(each, "styleId"): each for each in root if name_of(each) == "style"}
    listed = {identity for identity in styles if _numbered(styles, identity)}
    struck = {identity for identity, style in styles.items() if Styles().strikes(child(style, "rPr"))}
    return Styles(frozenset(listed), frozenset(struck))


def _numbered(styles: dict[str, etree._Element], identity: str) -> bool:
    for _ in range(_DEEPEST_BASE):
        style = styles.get(identity)
        if style is None:
            return False
        numbering = child(style, "pPr", "numPr")
        if numbering is not None:
            return number(child(numbering, "numId"), 0) > 0
        identity = attribute(child(style, "basedOn"), "val")
    return False
