"""JSON read strictly: UTF-8, no NaN, no broken characters, no endless nesting, no member named twice.

Stricter than RFC 8259 where that leaves open what a text means: this is I-JSON (RFC 7493). A parser that keeps one of
two equal names silently would leave nobody able to say what was sent.
"""

import json
from typing import Any

import orjson

#: Deeper nesting than any published schema has; refused before it can exhaust a validator's stack.
MAX_DEPTH = 40
_CONTAINERS = frozenset((dict, list))
#: How a member of the last level begins where each level is indented by two: no text can hold the line feed.
_LAST_LEVEL = b"\n" + b"  " * MAX_DEPTH


class NotStrictJson(Exception):
    """The text can't be read; `code` is stable, `text` a sentence with the place. None repeats content."""

    def __init__(self, code: str, text: str) -> None:
        """Keep the code and the sentence."""
        super().__init__(code)
        self.code = code
        self.text = text


def parse(raw: bytes) -> Any:
    """The JSON value that the text says.

    Raises NotStrictJson: malformed-utf-8, malformed-json, too-deep or repeated-name.
    """
    value = _loaded(raw)
    if _is_too_deep(value):
        raise NotStrictJson("too-deep", f"Nested more than {MAX_DEPTH} levels deep.")
    if orjson.dumps(value) == raw.strip():
        # Whatever is written again as it was read has lost no member.
        return value
    # Numbers stay as they are written: they have been read, and Python takes very long over the longest.
    json.loads(raw, object_pairs_hook=_require_unlike, parse_int=str, parse_float=str)
    return value


def _loaded(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise _not_json(raw, error) from None


def _not_json(raw: bytes, error: orjson.JSONDecodeError) -> NotStrictJson:
    """Why a text can't be read; the parser takes only UTF-8, but doesn't say where it isn't."""
    try:
        raw.decode()
    except UnicodeDecodeError as broken:
        return NotStrictJson("malformed-utf-8", f"Byte {broken.start} isn't valid UTF-8.")
    text = f"Not valid JSON at line {error.lineno}, column {error.colno}: {error.msg}."
    return NotStrictJson("malformed-json", text)


def _is_too_deep(value: Any) -> bool:
    """Whether a JSON value is nested more than MAX_DEPTH levels deep: only what comes near it is walked through."""
    try:
        written = orjson.dumps(value, option=orjson.OPT_INDENT_2)
    except orjson.JSONEncodeError:  # its own limit lies far beyond
        return True
    return _LAST_LEVEL in written and _is_deeper(value)


def _is_deeper(value: Any) -> bool:
    """The same, exactly; walks level by level, never recursively."""
    level = [value] if type(value) in _CONTAINERS else []
    for _ in range(MAX_DEPTH):
        if not level:
            return False
        level = [
            child
            for container in level
            for child in (container.values() if type(container) is dict else container)
            if type(child) in _CONTAINERS
        ]
    return bool(level)


def _require_unlike(members: list[tuple[str, Any]]) -> None:
    if len(dict(members)) < len(members):
        raise NotStrictJson("repeated-name", "An object names a member twice; which of the two is meant can't be told.")
