"""Knows what a form prints where nobody has written: placeholders, and Word's own prompts."""

from __future__ import annotations

import re

_PLACEHOLDER = re.compile(
    r"""\{\{[^{}]*\}\}
      | \{%[^{}]*%\}
      | «[^«»]*»
      | <<[^<>]*>>
      | \[\s*(?:please\s+)?(?:insert|enter|add|type|state|delete|complete|to\ be\ completed)\b[^\[\]]*\]
      | <\s*(?:please\s+)?(?:insert|enter|add|type|state)\b[^<>]*>
      | \b(?:click|tap)(?:\s+or\s+(?:click|tap))?(?:\s+here)?\s+to\s+(?:enter|add|choose|select)\s+
        (?:a\ |an\ |your\ )?\w+\.?
      | \bchoose\s+an\s+item\.?
      | \b(?:enter|type)\s+text(?:\s+here)?\.?
    """,
    re.IGNORECASE | re.VERBOSE,
)
_WORD = re.compile(r"\w")
_MAY_BE = re.compile(r"[{«<\[]|\b(?:click|tap|choose|enter|type)\b", re.IGNORECASE)


def placeholders_in(text: str) -> tuple[str, ...]:
    """Return the placeholders that stand in a text, as they stand."""
    return tuple(found.group() for found in _PLACEHOLDER.finditer(text))


def is_only_placeholder(text: str) -> bool:
    """Tell whether a text has a placeholder and not one word besides."""
    if _MAY_BE.search(text) is None:
        return False
    rest, found = _PLACEHOLDER.subn(" ", text)
    return found > 0 and not _WORD.search(rest)
