"""What no text of a body may be: blank, unprintable, or a date of another age.

A published schema says what is a date; which dates a plan can be about, and with which a due date can be computed, it
doesn't say.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from domain.document import pointer
from services.errors import Fault

#: Control characters and non-characters that XML 1.0 section 2.2 excludes; tab and line ends are allowed.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
#: A civil date, and the years with which the law of this record can have to do.
_DATE = re.compile(r"([0-9]{4})-[0-9]{2}-[0-9]{2}")
FIRST_YEAR, LAST_YEAR = 1900, 2199
LENGTH_OF_DATE = 10


def text_faults(value: Any, path: tuple[str, ...] = ()) -> Iterable[Fault]:
    """A fault for every text, or name of a member, that can't stand in a record."""
    # Nearly every text passes by these three: what doesn't is looked at in full.
    suspects = [t for t in _texts(value) if len(t) == LENGTH_OF_DATE or not t.isprintable() or not t.strip()]
    return _told(value, path) if any(_fault_of(text)[0] for text in suspects) else ()


def _texts(value: Any) -> list[str]:
    """Every text of a value, names of members included."""
    texts: list[str] = []
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            texts.append(one)
        elif isinstance(one, dict):
            texts.extend(one)
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
    return texts


def _told(value: Any, path: tuple[str, ...]) -> Iterator[Fault]:
    """The faults with their places: only refusals pay for that."""
    if isinstance(value, str):
        rule, text = _fault_of(value)
        if rule:
            yield Fault(pointer=pointer(*path), text=text, rule=rule)
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from _told(name, path)
            yield from _told(member, (*path, name))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _told(member, (*path, str(index)))


def _fault_of(text: str) -> tuple[str, str]:
    if not text.isprintable() and _UNPRINTABLE.search(text):
        return "control-character", "This text holds a control character, which can't be printed."
    if not text.strip():
        return "blank", "This text is blank: write something or leave it out."
    dated = _DATE.fullmatch(text) if len(text) == LENGTH_OF_DATE else None
    if dated and not FIRST_YEAR <= int(dated.group(1)) <= LAST_YEAR:
        return "year", f"This date lies outside the years {FIRST_YEAR} to {LAST_YEAR}."
    return "", ""
