"""Canonical JSON: one value, one sequence of bytes, so that hashes of it mean something.

The form is that of orjson with sorted keys: UTF-8, no white space, object members in order of their names'
code points, no escape but the ones that JSON demands. Allowed are objects with string names, arrays, strings,
booleans, null and integers within plus or minus 2^53 - 1 (every JSON reader holds those exactly: RFC 8259
section 6). Fractions are not allowed at all: their shortest form differs between languages, and the record
has no use for one (money is pence).
"""

from collections.abc import Iterable
from typing import Any, Final, TypeAlias

import orjson
from msgspec import Struct

from services.store.errors import NotCanonical

JsonValue: TypeAlias = Any
"""Whatever is to be JSON: what it may be is checked here."""

MAX_INTEGER: Final = 2**53 - 1
"""The largest magnitude of an integer in an event."""

_SCALARS: Final = frozenset((str, int, bool, type(None)))
_OPTIONS: Final = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER


class Checked(Struct, frozen=True):
    """An event's data that were held against their published schema.

    `text` is the digital plan among them: its schema knows no fractions, so that nobody walks through it again.
    """

    data: dict[str, Any]
    text: dict[str, Any] | None = None

    @property
    def beside(self) -> list[JsonValue]:
        """The members of the data without the text."""
        return [member for member in self.data.values() if member is not self.text]


def canonical(value: JsonValue) -> bytes:
    """The canonical bytes of `value`, or of the data that were checked.

    Raises NotCanonical, with a JSON Pointer, for a fraction, an integer out of range, a name that is no
    string, or any other Python type (tuple, UUID, date, enum): nothing is converted silently.
    """
    value, looked_at = (value.data, value.beside) if isinstance(value, Checked) else (value, value)
    if not _has_only_json_types(looked_at):
        raise _complaint(value)
    try:
        return orjson.dumps(value, option=_OPTIONS)
    except orjson.JSONEncodeError:
        raise _complaint(value) from None


def trusted_canonical(value: JsonValue) -> bytes:
    """As `canonical`, for a value that has passed it already or is built from parts of one that has."""
    return orjson.dumps(value, option=_OPTIONS)


def _has_only_json_types(root: JsonValue) -> bool:
    """Whether orjson would convert nothing silently.

    What it refuses itself (names, integers) is left to it.
    """
    waiting: list[Iterable[Any]] = [(root,)]
    while waiting:
        for value in waiting.pop():
            kind = type(value)
            if kind is dict:
                waiting.append(value.values())
            elif kind is list:
                waiting.append(value)
            elif kind not in _SCALARS:
                return False
    return True


def _complaint(root: JsonValue) -> NotCanonical:
    """Find the first offender again, this time keeping track of where it stands.

    Only refusals pay for that.
    """
    waiting: list[tuple[str, Any]] = [("", root)]
    while waiting:
        pointer, value = waiting.pop()
        kind = type(value)
        if kind is dict:
            for name, member in value.items():
                if type(name) is not str:
                    return NotCanonical(pointer, f"a member name of type {type(name).__name__}")
                waiting.append((f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}", member))
        elif kind is list:
            waiting.extend((f"{pointer}/{index}", item) for index, item in enumerate(value))
        elif kind is int:
            if not -MAX_INTEGER <= value <= MAX_INTEGER:
                return NotCanonical(pointer, "an integer beyond 2^53 - 1")
        elif kind not in _SCALARS:
            return NotCanonical(pointer, f"a value of type {kind.__name__}")
    return NotCanonical("", "text that is not Unicode, or nesting that is too deep")
