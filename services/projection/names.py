"""Finding a person by name without keeping the name: keyed hashes of its words, of how they sound, of a date of birth.

A name is written in many ways: O'Brien and OBrien, Siân and Sian, Marsh-Banks and Marsh Banks, full-width letters, any
case. All of them are brought to the same words before they are hashed. The phonetic code is Metaphone.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

import jellyfish

from services.store.blind_index import HASH_LENGTH as WHOLE_LENGTH
from services.store.blind_index import BlindIndex

EXACT: Final = "exact"
"""A hash of a word as it is written."""

SOUND: Final = "sound"
"""A hash of the phonetic code of a word."""

BORN: Final = "born"
"""A hash of the date of birth, by which a search for a name is narrowed."""

HASH_LENGTH: Final = 16
"""Bytes of a hash that are kept: enough that two names never meet, and half the index."""

_APOSTROPHES: Final = re.compile("['`´ʹʻʼʽ‘’‛′＇]")  # noqa: RUF001 - the variants that people and systems write
_DASHES: Final = re.compile("[-‐‑‒–—−﹣－]")  # noqa: RUF001

_LETTERS: Final = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"}
)
"""Letters that Unicode doesn't take apart, as people write them without."""


def tokens(name: str) -> frozenset[str]:
    """The words of a name in their one form; the parts of a hyphenated name each, and together."""
    return frozenset(_tokens(name, joined=True))


def asked_tokens(name: str) -> frozenset[str]:
    """The words that a search asks for: every part of a hyphenated name, not its parts together."""
    return frozenset(_tokens(name, joined=False))


def sounds(words: frozenset[str]) -> frozenset[str]:
    """How the words sound; a word that the code can't tell anything about is left out."""
    return frozenset(code for word in words if (code := jellyfish.metaphone(word)))


def blinded(index: BlindIndex, kind: str, words: frozenset[str]) -> list[frozenset[bytes]]:
    """Keyed hashes of each word, code or date under every index key that counts; cut, with the mark of their key."""
    return [
        frozenset(form[:HASH_LENGTH] + form[WHOLE_LENGTH:] for form in index.blinds(f"name-{kind}", word))
        for word in sorted(words)
    ]


def _tokens(name: str, *, joined: bool) -> Iterator[str]:
    for word in _plain(name).split():
        parts = [part for part in (_letters(part) for part in _DASHES.split(word)) if part]
        yield from parts
        if joined and len(parts) > 1:
            yield "".join(parts)


def _plain(name: str) -> str:
    """Compatibility forms, case and accents folded; apostrophes left out."""
    decomposed = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", name).casefold())
    unaccented = "".join(mark for mark in decomposed if not unicodedata.combining(mark))
    return _APOSTROPHES.sub("", unicodedata.normalize("NFKC", unaccented)).translate(_LETTERS)


def _letters(word: str) -> str:
    return "".join(sign for sign in word if sign.isalnum())
