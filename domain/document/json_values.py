"""JSON values as the document uses them: pointers (RFC 6901), strict equality, canonical bytes."""

from collections.abc import Iterable
from typing import Any, TypeAlias

import orjson

JsonObject: TypeAlias = dict[str, Any]
#: Any JSON value: object, list, string, number, boolean or null.
JsonValue: TypeAlias = Any

#: How deep a document or a patch may nest. The digital plan needs eight levels; more is a mistake or an
#: attack.
MAX_DEPTH = 64


class TooDeep(ValueError):
    """A JSON value nests deeper than `MAX_DEPTH` levels."""

    def __init__(self) -> None:
        """State the limit, never the content."""
        super().__init__(f"nested deeper than {MAX_DEPTH} levels")


def pointer(*segments: str | int) -> str:
    """The RFC 6901 JSON Pointer of the path; no segments give "" (the whole document)."""
    return "".join("/" + str(segment).replace("~", "~0").replace("/", "~1") for segment in segments)


def segments(json_pointer: str) -> tuple[str, ...]:
    """The path that an RFC 6901 JSON Pointer names, unescaped; "" gives the empty path."""
    if not json_pointer:
        return ()
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in json_pointer[1:].split("/"))


def value_at(document: JsonObject, path: Iterable[str]) -> JsonValue:
    """The value at a path through objects, None when any step of it is absent (a plan holds no null)."""
    value: JsonValue = document
    for segment in path:
        if not isinstance(value, dict):
            return None
        value = value.get(segment)
    return value


def same_json(left: JsonValue, right: JsonValue) -> bool:
    """Whether two values are the same JSON, telling 1 from true and 1 from 1.0 (Python's `==` doesn't)."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same_json(value, right[key]) for key, value in left.items())
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same_json, left, right))
    return bool(left == right)


def canonical_json(value: JsonValue) -> bytes:
    """The canonical bytes that are hashed and stored: UTF-8, keys sorted, no white space."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
