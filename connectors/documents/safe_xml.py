"""Parses XML from a stranger: no document type, no entities, no network, bounded depth and size.

A Word part never carries a document type declaration (ECMA-376 part 2, 8.1.4), so any is refused.
"""

from __future__ import annotations

from lxml import etree

from connectors.documents.errors import DocumentRefused

_DECLARATIONS = tuple(
    text.encode(encoding) for text in ("<!DOCTYPE", "<!ENTITY") for encoding in ("utf-8", "utf-16-le", "utf-16-be")
)


def parse_xml(part: bytes) -> etree._Element:
    """Parse one part of a package and return its root.

    Raises:
        DocumentRefused: ``external-entities`` or ``malformed-xml``.
    """
    if any(declaration in part for declaration in _DECLARATIONS):
        raise DocumentRefused("external-entities", "The file holds declarations that no Word document has.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(part, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise DocumentRefused("malformed-xml", "The file is damaged: a part of it cannot be read.") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise DocumentRefused("external-entities", "The file holds declarations that no Word document has.")
    return root
