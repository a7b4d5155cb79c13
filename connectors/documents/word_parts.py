"""Knows the parts of a .docx package that hold text, and what they refer to (ECMA-376 part 2)."""

from __future__ import annotations

import posixpath
import re

from lxml import etree

from connectors.documents.errors import DocumentRefused
from connectors.documents.safe_xml import parse_xml
from connectors.documents.safe_zip import Package
from connectors.documents.word_values import AsideKind

NOTE_KINDS = {"footnotes": AsideKind.FOOTNOTE, "endnotes": AsideKind.ENDNOTE, "comments": AsideKind.COMMENT}
EDGE_KINDS = {"header": AsideKind.HEADER, "footer": AsideKind.FOOTER}


def main_part(package: Package) -> str:
    """Return the name of the part that the package says is the document.

    Raises:
        DocumentRefused: ``not-a-docx`` when there is none.
    """
    relations = package.parts.get("_rels/.rels")
    targets = _targets(parse_xml(relations), "", "/officeDocument") if relations else {}
    for name in (*targets.values(), "word/document.xml"):
        if name in package.parts:
            return name
    raise DocumentRefused("not-a-docx", "The file is not a Word document (.docx).")


def is_read(name: str, main: str) -> bool:
    """Tell whether a part is read: the main one, styles, notes, comments, headers, footers, texts of diagrams."""
    folder = posixpath.dirname(main)
    if is_diagram(name):
        return posixpath.dirname(posixpath.dirname(name)) == folder
    stem = posixpath.basename(name).removesuffix(".xml").rstrip("0123456789")
    known = {"styles", *NOTE_KINDS, *EDGE_KINDS}
    return name == main or (posixpath.dirname(name) == folder and name.endswith(".xml") and stem in known)


def is_diagram(name: str) -> bool:
    """Tell whether a part holds the texts of a diagram (SmartArt), which stand in no paragraph of the document."""
    return re.search(r"(?:^|/)diagrams/data\d*\.xml$", name) is not None


def _targets(root: etree._Element, folder: str, kind: str) -> dict[str, str]:
    return {
        each.get("Id", ""): posixpath.normpath(posixpath.join("/", folder, each.get("Target", ""))).lstrip("/")
        for each in root
        if each.get("Type", "").endswith(kind)
    }


def outside_links(root: etree._Element) -> dict[str, str]:
    """Return the addresses that links lead to outside the package, by the id of the link."""
    return {
        each.get("Id", ""): each.get("Target", "")
        for each in root
        if each.get("TargetMode") == "External" and each.get("Type", "").endswith("/hyperlink")
    }
