"""Names and small questions of WordprocessingML (ECMA-376 part 1; the strict names of ISO/IEC 29500 too)."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

_WORD = {
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
}
_MATHS = {
    "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "http://purl.oclc.org/ooxml/officeDocument/math",
}
_DRAWING = {
    "http://schemas.openxmlformats.org/drawingml/2006/main",
    "http://purl.oclc.org/ooxml/drawingml/main",
}
_RELATIONS = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)
_COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_OFF = {"0", "false", "off", "none"}


def name_of(element: etree._Element) -> str:
    """Return the name of an element.

    Bare for Word's own (``tc``), ``m:``, ``a:``, ``mc:`` or ``other:`` before others.
    """
    tag = element.tag
    if not isinstance(tag, str):
        return "other:"
    qualified = etree.QName(tag)
    if qualified.namespace in _WORD:
        return qualified.localname
    if qualified.namespace in _MATHS:
        return f"m:{qualified.localname}"
    if qualified.namespace in _DRAWING:
        return f"a:{qualified.localname}"
    return f"mc:{qualified.localname}" if qualified.namespace == _COMPATIBILITY else f"other:{qualified.localname}"


def child(element: etree._Element | None, *path: str) -> etree._Element | None:
    """Return the first element found by going down a path of names, or None."""
    for step in path:
        if element is None:
            return None
        element = next((each for each in element if name_of(each) == step), None)
    return element


def attribute(element: etree._Element | None, name: str) -> str:
    """Return one of Word's own attributes, empty when absent."""
    if element is None:
        return ""
    return next(
        (element.get(f"{{{space}}}{name}", "") for space in _WORD if f"{{{space}}}{name}" in element.attrib),
        "",
    )


def relation(element: etree._Element, name: str = "id") -> str:
    """Return the id of the relationship that an element names (``r:id``), empty when absent."""
    return next(
        (element.get(f"{{{space}}}{name}", "") for space in _RELATIONS if element.get(f"{{{space}}}{name}")),
        "",
    )


def number(element: etree._Element | None, default: int) -> int:
    """Return the ``w:val`` of an element as a whole number.

    A default where there is none or it is no number.
    """
    text = attribute(element, "val")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else default  # noqa: PLR2004


def is_on(element: etree._Element | None) -> bool:
    """Tell whether an on/off property is set: present, and not switched off by its ``w:val``."""
    return element is not None and attribute(element, "val").lower() not in _OFF


def descendants(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """Go through all elements of a name below one, except in the copies kept for old programs (``mc:Fallback``)."""
    for each in element:
        if name_of(each) == "mc:Fallback":
            continue
        if name_of(each) == name:
            yield each
        else:
            yield from descendants(each, name)
