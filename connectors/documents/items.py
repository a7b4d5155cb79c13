"""Splits a cell into the items that its author made: Word's list paragraphs, typed bullets, typed numbers.

A line break alone makes no item. Markers are not part of an item.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

_BULLET = re.compile(r"\s*[•●○◦▪▫■◆❖➢➤►‣\u2043∙·\uf0b7\uf0a7\uf0d8\uf076\uf0a8]+\s*")
_SECTION_SIGN = re.compile(r"\s*§\s+(?=[^\W\d])")
_DASH = re.compile(r"\s*(?:(?:[*–—]|o(?=\s))\s+|-\s*(?=[^\W\d])|-\s+|[–—](?=[^\W\d]))")
_NUMBER = re.compile(r"\s*(?:\(?(?P<digits>\d{1,2})(?:[.)](?=\s)|\))|\(?(?P<letter>[a-z])\)(?=\s))\s*")
_SUBNUMBER = re.compile(r"\s*(?:\d{1,2}\.|[BFE])(?P<digits>\d{1,2})(?:[.):]\s*|\s+)(?=[^\W\d]|\d+\s)")
_TICK = re.compile(r"\s*[✓✔☑√➔→⇨]+\s*(?=\w)")
_ROMAN = re.compile(r"\s*\(?(?P<roman>[ivx]{1,5})[.)]\s+")
_MARKERS = (_BULLET, _SECTION_SIGN, _NUMBER, _SUBNUMBER, _ROMAN, _DASH, _TICK)
_ROMANS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv")
_WITHIN = re.compile(r"(?<=\S)\s+(?=[•●▪◦]\s)")
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
    marked = _strip_markers(_one_a_line(lines))
    text = "\n".join(line.text for line in marked).strip()
    if sum(line.marked for line in marked) < _A_LIST and not _has_lead(marked):
        return Items(text, (text,) if text else ())
    groups: list[list[str]] = [[]]
    for line in marked:
        if line.marked and not _is_lead(groups):
            groups.append([])
        groups[-1].append(line.text)
    items = ("\n".join(group).strip() for group in groups)
    return Items(text, tuple(item for item in items if item))


def _one_a_line(lines: Sequence[TextLine]) -> list[TextLine]:
    """Break a line that begins with a bullet before each further bullet in it."""
    broken: list[TextLine] = []
    for line in lines:
        first, *others = _WITHIN.split(line.text) if _BULLET.match(line.text) else [line.text]
        broken += [replace(line, text=first), *(replace(line, text=other, starts=False) for other in others)]
    return broken


def _has_lead(lines: Sequence[TextLine]) -> bool:
    """Tell whether a text of its own, no head of a list, stands before the only item of a list."""
    lead = [line.text for line in itertools.takewhile(lambda line: not line.marked, lines)]
    before = "\n".join(lead).strip()
    return any(line.marked for line in lines) and bool(before) and not before.endswith(":")


def _is_lead(groups: list[list[str]]) -> bool:
    return len(groups) == 1 and "\n".join(groups[0]).rstrip().endswith(":")


def _strip_markers(lines: Sequence[TextLine]) -> list[TextLine]:
    listed = [line.level for line in lines if line.level is not None and line.starts]
    if listed:
        top = min(listed)
        return [replace(line, marked=line.starts and line.level == top and bool(line.text.strip())) for line in lines]
    lists = [found for pattern in _MARKERS if (found := _markers(pattern, lines))]
    if not lists:
        return list(lines)
    outermost = min(lists, key=lambda found: next(index for index, match in enumerate(found) if match))
    return [
        line if match is None else replace(line, text=line.text[match.end() :], marked=True)
        for line, match in zip(lines, outermost, strict=True)
    ]


def _markers(pattern: re.Pattern[str], lines: Sequence[TextLine]) -> list[re.Match[str] | None]:
    """Return the markers of one kind, line by line; nothing when they make no list.

    One bullet is enough, or one dash at the very beginning; else two.
    """
    found = [pattern.match(line.text) for line in lines]
    count = sum(match is not None for match in found)
    alone = count == 1 and (pattern is _BULLET or (pattern in {_DASH, _SECTION_SIGN} and found[0] is not None))
    return found if (count >= _A_LIST or alone) and _counts_up(found) else []


def _counts_up(found: Sequence[re.Match[str] | None]) -> bool:
    """Tell whether typed numbers run 1, 2, 3, a, b, c or i, ii, iii; so that "2. Ada's" in running text is no item."""
    numbers = [match.groupdict() for match in found if match is not None]
    counted = [_count(each) for each in numbers if each]
    return not counted or counted == list(range(1, len(counted) + 1))


def _count(marker: dict[str, str | None]) -> int:
    roman, digits, letter = marker.get("roman"), marker.get("digits"), marker.get("letter")
    if roman:
        return _ROMANS.index(roman) + 1 if roman in _ROMANS else 0
    return int(digits) if digits else ord(letter or "a") - ord("a") + 1


def plain_text(lines: Sequence[TextLine]) -> str:
    """Return the lines as they were typed, markers kept."""
    return "\n".join(line.text for line in lines).strip()


def bulleted_pieces(line: str) -> list[str]:
    """Return what stands between the bullets of a line that has several, without them."""
    return [without_marker(piece) for piece in _WITHIN.split(line)] if _BULLET.match(line) else [line]


def without_marker(line: str) -> str:
    """Return a line without the marker that may stand at its start."""
    for pattern in _MARKERS:
        match = pattern.match(line)
        if match is not None:
            return line[match.end() :]
    return line
