"""Reads yes/no answers: words, ticked boxes, and the word left standing when the other is struck through."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from enum import StrEnum

from connectors.documents.labels import fold
from connectors.documents.word_values import Passage

_TICKED = "☒☑✓✔✗✘■🗹√✅❌⊠⌧🗸🗷🗵●◉⦿"
_CROSSED = "✗✘❌🗷🗵"
_EMPTY = "☐□▢❏❐❑❒⬜○◯"
_YES = re.compile(
    r"(yes|y|true|(see )?(attached|appended|enclosed)|(see )?(app|appendix|annex) ([a-z]?\d+[a-z]?|[a-z]))\b"
)
_NO = re.compile(
    r"(no|n|none|never|false|(is |was |has )?not (currently|now|yet|at (present|this time|the moment)|open|appended|"
    r"attached|received|been|looked|a looked|in care))\b"
    r"(?! (record|information|data|response|reply)\b)"
)
_UNKNOWN = re.compile(
    r"(not known|n k|nk|unknown|unsure|not sure|dont know|n a|not applicable|awaiting|to be confirmed|tbc)\b"
)
_NOT_KNOWN_TO = re.compile(r"not (currently )?known to\b")
_BOX = re.compile(rf"\[\s*[xX✓✔]\s*\]|\(\s*[xX✓✔]\s*\)|[{_TICKED}]")
_OPEN_BOX = re.compile(rf"\[\s*\]|\(\s*\)|[{_EMPTY}]")
_PROMPT = re.compile(
    r"\s*(?:yes\s*(?:[/|\\]|or)\s*no|no\s*(?:[/|\\]|or)\s*yes|y\s*/\s*n)\b"
    r"(?:\s*[/|\\]\s*(?:n/?a|not known|unknown)\b)?|\s*(?:yes\s+no|no\s+yes|y\s+n)\s*x?\s*$",
    re.IGNORECASE,
)
_SIGN = re.compile(r"\uf001|\uf002|\b(?:yes|no|y|n(?! ?/? ?a\b))\b", re.IGNORECASE)
_WORDS = {"y": "yes", "n": "no"}
_ONLY_CROSSED = re.compile(rf"\s*[{_CROSSED}]\ufe0f?\s*")
_CHOICE = re.compile(r"(yes|no)\b", re.IGNORECASE)


class Answer(StrEnum):
    """An answer as the digital plan writes it."""

    YES = "yes"
    NO = "no"
    NOT_KNOWN = "notKnown"


@dataclass(frozen=True, slots=True)
class AnswerReading:
    """The answer, or None when it cannot be told.

    ``by_strike`` when striking a word out gave it, ``by_mark`` when one of the two words stands out.
    """

    answer: Answer | None
    by_strike: bool = False
    by_mark: bool = False


def read_answer(passage: Passage, text: str) -> AnswerReading:
    """Read a cell's answer.

    ``text`` is what is written in it, prompts left out; the look comes from the passage.
    """
    if passage.struck:
        reading = _read_words(passage.unstruck)
        offered = len({word.lower() for word in _CHOICE.findall(text)}) > 1
        return AnswerReading(reading, by_strike=offered and reading is not None)
    if _BOX.search(text) or _OPEN_BOX.search(text):
        return AnswerReading(_read_boxes(text))
    answer = _read_words(text)
    marked = _marked_choice(passage, text) if answer is None else None
    return AnswerReading(answer or marked, by_mark=marked is not None)


def _marked_choice(passage: Passage, text: str) -> Answer | None:
    """Return which of the form's two words stands out, when just one does."""
    offered = {word.lower() for word in _CHOICE.findall(text)}
    chosen = {word.lower() for word in _CHOICE.findall(passage.marked)}
    return Answer(chosen.pop()) if len(offered) > 1 and len(chosen) == 1 else None


def _read_words(text: str) -> Answer | None:
    folded = _behind_prompt(text)
    if _NOT_KNOWN_TO.match(folded):
        return Answer.NO
    if _UNKNOWN.match(folded):
        return Answer.NOT_KNOWN
    if _YES.match(folded):
        return Answer.YES
    return Answer.NO if _NO.match(folded) else None


def _behind_prompt(text: str) -> str:
    """Return, folded, what was typed behind the form's own "YES/ NO" ("Yes/No: yes"); all of the text without it."""
    prompt = _PROMPT.match(text)
    return fold(text if prompt is None else text[prompt.end() :])


def _read_boxes(text: str) -> Answer | None:
    """Read ``☒ Yes ☐ No`` (a box before each word) and ``Yes ☒ No ☐`` (behind).

    Two ticks or none cannot be told.
    """
    marked = _marked(text)
    signs = [_WORDS.get(sign.lower(), sign.lower()) for sign in _SIGN.findall(marked)]
    boxes_first = bool(signs) and signs[0] in "\uf001\uf002"
    pairs = itertools.pairwise(signs)
    ticked = {word if boxes_first else box for box, word in pairs if (box if boxes_first else word) == "\uf002"}
    ticked &= {"yes", "no"}
    if not {"yes", "no"} & set(signs):
        return None if "\uf002" not in signs else Answer.NO if _ONLY_CROSSED.fullmatch(text) else Answer.YES
    return Answer(ticked.pop()) if len(ticked) == 1 else None


def ticked_words(text: str) -> list[str]:
    """Return the words that are ticked: those behind a ticked box, or before it where the text begins with a word."""
    tokens = re.findall(r"\uf001|\uf002|\w+", _marked(text))
    boxes_first = bool(tokens) and tokens[0] in {"\uf001", "\uf002"}
    pairs = itertools.pairwise(tokens)
    if boxes_first:
        return [second for first, second in pairs if first == "\uf002"]
    return [first for first, second in pairs if second == "\uf002"]


def _marked(text: str) -> str:
    """Return text with one sign for every box that is ticked and another for every box that is not."""
    return _OPEN_BOX.sub(" \uf001 ", _BOX.sub(" \uf002 ", text))
