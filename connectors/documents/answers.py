"""Reads yes/no answers: words, ticked boxes, and the word left standing when the other is struck through."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from enum import StrEnum

from connectors.documents.labels import fold
from connectors.documents.word_values import Passage

_TICKED = "☒☑✓✔✗✘■🗹"
_EMPTY = "☐□▢"
_YES = re.compile(r"(yes|y|true|attached|appended|enclosed|(see )?(app|appendix|annex) [a-z]?\d+[a-z]?)\b")
_NO = re.compile(
    r"(no|n|none|never|false|(is |was |has )?not (currently|now|at present|appended|attached|received|been|looked|"
    r"a looked|in care))\b"
    r"(?! (record|information|data|response|reply)\b)"
)
_UNKNOWN = re.compile(
    r"(not known|unknown|unsure|not sure|dont know|n a|not applicable|awaiting|to be confirmed|tbc)\b"
)
_NOT_KNOWN_TO = re.compile(r"not (currently )?known to\b")
_BOX = re.compile(rf"\[\s*[xX✓✔]\s*\]|\(\s*[xX✓✔]\s*\)|[{_TICKED}]")
_OPEN_BOX = re.compile(rf"\[\s*\]|\(\s*\)|[{_EMPTY}]")
_PROMPT = re.compile(
    r"\s*(?:yes\s*(?:[/|\\]|or)\s*no|no\s*(?:[/|\\]|or)\s*yes|y\s*/\s*n)\b"
    r"(?:\s*[/|\\]\s*(?:n/?a|not known|unknown)\b)?|\s*(?:yes\s+no|no\s+yes)\s*$",
    re.IGNORECASE,
)
_CHOICE = re.compile(r"(yes|no)\b", re.IGNORECASE)


class Answer(StrEnum):
    """An answer as the digital plan writes it."""

    YES = "yes"
    NO = "no"
    NOT_KNOWN = "notKnown"


@dataclass(frozen=True, slots=True)
class AnswerReading:
    """The answer, or None when it cannot be told; ``by_strike`` when striking a word out gave it."""

    answer: Answer | None
    by_strike: bool = False


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
    return AnswerReading(_read_words(text))


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
    marked = _OPEN_BOX.sub(" \uf001 ", _BOX.sub(" \uf002 ", text))
    signs = [sign.lower() for sign in re.findall(r"\uf001|\uf002|\byes\b|\bno\b", marked, re.IGNORECASE)]
    boxes_first = bool(signs) and signs[0] in "\uf001\uf002"
    pairs = itertools.pairwise(signs)
    ticked = {word if boxes_first else box for box, word in pairs if (box if boxes_first else word) == "\uf002"}
    ticked &= {"yes", "no"}
    if not {"yes", "no"} & set(signs):
        return Answer.YES if "\uf002" in signs else None
    return Answer(ticked.pop()) if len(ticked) == 1 else None
