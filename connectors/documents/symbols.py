"""Characters that Word keeps as a font and a number (``w:sym``), and those that are spaces or nothing on paper."""

from __future__ import annotations

_TICKS = {
    ("wingdings", 0xA8): "☐",
    ("wingdings", 0x6F): "☐",
    ("wingdings", 0x71): "☐",
    ("wingdings", 0xFC): "✓",
    ("wingdings", 0xFB): "✗",
    ("wingdings", 0xFD): "☒",
    ("wingdings", 0xFE): "☑",
    ("wingdings", 0xA7): "▪",
    ("wingdings", 0xD8): "➢",
    ("wingdings", 0x6C): "●",
    ("wingdings", 0xE0): "→",
    ("wingdings", 0x4A): "☺",
    ("wingdings 2", 0x50): "✓",
    ("wingdings 2", 0x4F): "✗",
    ("wingdings 2", 0x52): "☑",
    ("wingdings 2", 0x54): "☒",
    ("wingdings 2", 0xA3): "☐",
    ("symbol", 0xB7): "•",
    ("symbol", 0xB3): "≥",
    ("symbol", 0xA3): "≤",
    ("symbol", 0xB0): "°",
    ("symbol", 0xB1): "±",
    ("symbol", 0xB4): "\N{MULTIPLICATION SIGN}",
    ("symbol", 0x6D): "µ",
    ("symbol", 0xAE): "→",
    ("symbol", 0x2D): "\N{MINUS SIGN}",
}
_PRIVATE_USE = 0xF000
_NON_BREAKING = dict.fromkeys(map(ord, "\u00a0\u202f\u2007"), " ")
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u2060\ufeff"))


def symbol(font: str, code: str) -> str:
    """Return the character for a ``w:sym``: a known sign, else the character of that number ("" for none)."""
    try:
        point = int(code, 16)
    except ValueError:
        return ""
    plain = point - _PRIVATE_USE if _PRIVATE_USE <= point <= _PRIVATE_USE + 0xFF else point
    known = _TICKS.get((font.strip().lower(), plain))
    if known:
        return known
    printable = 0x20 <= point <= 0xFFFD and not 0xD800 <= point <= 0xDFFF  # noqa: PLR2004  # XML 1.0 characters
    return chr(point) if printable else ""


def has_non_breaking(text: str) -> bool:
    """Tell whether a text has spaces that forbid a line break."""
    return any(ord(character) in _NON_BREAKING for character in text)


def readable(text: str) -> str:
    """Return text as it is read.

    Non-breaking spaces as spaces, no soft hyphens or other signs without a width.
    """
    return text.translate(_NON_BREAKING).translate(_INVISIBLE)
