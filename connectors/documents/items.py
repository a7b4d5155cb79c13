"""Splits a cell into the items that its author made: Word's list paragraphs, typed bullets, typed numbers.

A line break alone makes no item. Markers are not part of an item.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

_BULLET = re.compile(r"\s*[•●○◦▪▫■◆❖➢➤►‣\u2043∙·\uf0b7\uf0a7\uf0d8\uf076\uf0a8]+\s*")
_DASH = re.compile(r"\s*(?:[-–—*]|o(?=\s))\s+")
_NUMBER = re.compile(r"\s*(?:\(?(?P<digits>\d{1,2})[.)]|\(?(?P<letter>[a-z])\))\s+")
_A_LIST = 2


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of a cell.

    Its text, whether it starts a paragraph, and that paragraph's depth in a Word list if any.
    """

    text: str
    starts: bool = True
    level: int | None = None
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """The text of a cell without markers, and its items (one when there is no list)."""

    text: str
    items: tuple[str, ...]


def split_items(lines: Sequence[TextLine]) -> Items:
    """Split lines into items.

    Lines before the first marker are an item of their own, or the head of the first item when they end in a colon.
    Lines after a marker, and deeper list levels, stay with the item that they follow.
    """
    marked = _strip_markers(lines)
    text = "\n".join(line.text for line in marked).strip()
    if sum(line.marked for line in marked) < _A_LIST:
        return Items(text, (text,) if text else ())
    groups: list[list[str]] = [[]]
    for line in marked:
        if line.marked and not _is_lead(groups):
            groups.append([])
        groups[-1].append(line.text)
    items = ("\n".join(group).strip() for group in groups)
    return Items(text, tuple(item for item in items if item))


def _is_lead(groups: list[list[str]]) -> bool:
    return len(groups) == 1 and "\n".join(groups[0]).rstrip().endswith(":")


def _strip_markers(lines: Sequence[TextLine]) -> list[TextLine]:
    listed = [line.level for line in lines if line.level is not None and line.starts]
    if listed:
        top = min(listed)
        return [replace(line, marked=line.starts and line.level == top and bool(line.text.strip())) for line in lines]
    for pattern, enough in ((_BULLET, 1), (_NUMBER, _A_LIST), (_DASH, _A_LIST)):
        found = [pattern.match(line.text) for line in lines]
        if sum(match is not None for match in found) >= enough and _counts_up(found):
            return [
                line if match is None else replace(line, text=line.text[match.end() :], marked=True)
                for line, match in zip(lines, found, strict=True)
            ]
    return list(lines)


def _counts_up(found: Sequence[re.Match[str] | None]) -> bool:
    """Tell whether typed numbers run 1, 2, 3 or a, b, c; so that "2. Ada's" in running text is no item."""
    numbers = [match.groupdict() for match in found if match is not None]
    counted = [
        int(each["digits"]) if each.get("digits") else ord(each["letter"]) - ord("a") + 1 for each in numbers if each
    ]
    return not counted or counted == list(range(1, len(counted) + 1))


def plain_text(lines: Sequence[TextLine]) -> str:
    """Return the lines as they were typed, markers kept."""
    return "\n".join(line.text for line in lines).strip()


def without_marker(line: str) -> str:
    """Return a line without the marker that may stand at its start."""
    for pattern in (_BULLET, _NUMBER, _DASH):
        match = pattern.match(line)
        if match is not None:
            return line[match.end() :]
    return line
