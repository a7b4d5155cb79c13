"""A copy of a plan for somebody who must not find the child: nothing in it names a place, a council or a body.

Fields that hold such a name or code are gone, section I is empty, and every name that stood in one of them is blacked
out wherever else the text repeats it. A name that only free text holds, nobody can recognise: whoever marks a child as
not to be found reads the text for it.
"""

import re
from collections.abc import Collection, Iterator
from typing import Any

from domain.document.json_values import JsonObject

BLACKED_OUT = "[withheld]"
#: Fields that name a place, a council, a body or somebody who works with the child, wherever they stand.
NAMING = frozenset(
    {
        "advice",
        "body",
        "commissioner",
        "corporateParentLa",
        "educationSetting",
        "fundingLa",
        "gpAndKeyHealthProfessional",
        "gpOdsCode",
        "healthAgreement",
        "laestab",
        "localReference",
        "movingFromDifferentLA",
        "odsCode",
        "organisation",
        "otherProfessionals",
        "placements",
        "setting",
        "signOff",
        "ukprn",
        "unplacedNotes",
        "urn",
    }
)
#: Names shorter than this are words that stand everywhere.
_SHORTEST = 4
_NAMES = frozenset({"name", "asStated", "body", "officerName", "author", "from", "agreedBy"})


def without_whereabouts(document: JsonObject, names: Collection[str] = ()) -> JsonObject:
    """The copy. `names` are more names to black out, such as the councils'."""
    held = {name for name in (*names, *_names(document, inside=False)) if len(name) >= _SHORTEST}
    pattern = "|".join(re.escape(name) for name in sorted(held, key=len, reverse=True))
    left: JsonObject = _without_fields(document)
    left["sections"] = {**left["sections"], "I": {}}
    if not pattern:
        return left
    blackened: JsonObject = _blackened(left, re.compile(pattern, re.IGNORECASE))
    return blackened


def _names(value: Any, *, inside: bool) -> Iterator[str]:
    if isinstance(value, dict):
        for name, member in value.items():
            within = inside or name in NAMING
            if within and name in _NAMES and isinstance(member, str):
                yield member
            yield from _names(member, inside=within)


def _without_fields(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_fields(member) for name, member in value.items() if name not in NAMING}
    return value


def _blackened(value: Any, pattern: re.Pattern[str]) -> Any:
    if isinstance(value, dict):
        return {name: _blackened(member, pattern) for name, member in value.items()}
    if isinstance(value, list):
        return [_blackened(member, pattern) for member in value]
    return pattern.sub(BLACKED_OUT, value) if isinstance(value, str) else value
