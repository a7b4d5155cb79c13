"""Characters that Word keeps as a font and a number (``w:sym``), and those that are spaces or nothing on paper."""

from __future__ import annotations

import re

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
    ("wingdings", 0x6E): "■",
    ("wingdings", 0x76): "❖",
    ("wingdings", 0x78): "☒",
    ("wingdings", 0x9F): "•",
    ("wingdings", 0xA1): "○",
    ("wingdings", 0xA4): "◉",
    ("wingdings", 0xE8): "➔",
    ("wingdings 2", 0x50): "✓",
    ("wingdings 2", 0x4F): "✗",
    ("wingdings 2", 0x52): "☑",
    ("wingdings 2", 0x51): "☒",
    ("wingdings 2", 0x53): "☒",
    ("wingdings 2", 0x54): "☒",
    ("wingdings 2", 0xA3): "☐",
    ("webdings", 0x61): "✔",
    ("webdings", 0x63): "☐",
    ("webdings", 0x67): "■",
    ("webdings", 0x72): "✗",
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
_SYMBOL_FONTS = {font for font, _ in _TICKS}
_PRIVATE_USE = 0xF000
_PRIVATE = re.compile("[\uf000-\uf0ff]")
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


def in_font(text: str, font: str) -> str:
    """Return text as its font shows it: in a font of symbols the letters are signs ("þ" of Wingdings is a ticked box).

    Without a font, what stands in the private use area is taken for Wingdings, which is where Word keeps it.
    """
    name = font.strip().lower()
    if name in _SYMBOL_FONTS:
        return "".join(_shown(character, name) for character in text)
    if _PRIVATE.search(text):
        return "".join(_shown(each, "wingdings") if ord(each) >= _PRIVATE_USE else each for each in text)
    return text


def _shown(character: str, font: str) -> str:
    point = ord(character)
    plain = point - _PRIVATE_USE if _PRIVATE_USE <= point <= _PRIVATE_USE + 0xFF else point
    return _TICKS.get((font, plain), character)


def has_non_breaking(text: str) -> bool:
    """Tell whether a text has spaces that forbid a line break."""
    return any(ord(character) in _NON_BREAKING for character in text)


def readable(text: str) -> str:
    """Return text as it is read.

    Non-breaking spaces as spaces, no soft hyphens or other signs without a width.
    """
    return text.translate(_NON_BREAKING).translate(_INVISIBLE)
