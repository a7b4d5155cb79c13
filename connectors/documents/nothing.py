"""Knows the ways of writing that there is nothing to write."""

from __future__ import annotations

import re

from connectors.documents.labels import fold

_CLAUSE_END = re.compile(r"[.;:,(\n–—]")
_STATED = (
    r"(?: (?:have|has|are|is|were|was|been|identified|known|required|needed|recorded|noted|reported|requested|stated|"
    r"currently|at this time|at present|(?:in|for) this area|in this section))*"
)
_OF_WHAT = (
    r"(?:(?:special|educational|health|care|social|medical|identified|additional|current|specific|known|further|sen|"
    r"sensory|physical|communication|interaction|cognition|learning|emotional|mental|and|or|h1|h2) )*"
    r"(?:needs?|provision|outcomes?)"
)
_NOTHING = re.compile(
    rf"not applicable(?: .*)?|(?:n a|na|none|nil|not requested|not required){_STATED}"
    rf"|(?:there are )?no {_OF_WHAT}{_STATED}"
)
_PLACE = r"(?:school|setting|placement|institution|college|name|type)"
_SAID = r"(?:named|known|specified|decided|confirmed|completed|identified|stated|determined|agreed)"
_NO_SETTING = re.compile(
    rf"type only|tb[acd]|draft|blank|(?:the )?(?:{_PLACE} )?(?:is )?(?:yet |still )?to be \w+(?: .*)?"
    rf"|(?:the )?(?:{_PLACE} )?(?:is |has |was )?not (?:yet )?(?:been )?{_SAID}(?: .*)?"
    rf"|(?:no|none)(?: {_PLACE})*(?: (?:is|has|been|yet))* {_SAID}(?: .*)?"
    r"|(?:(?:to be|intentionally|is) )?left (?:blank|empty)(?: .*)?|(?:in|under|subject to) consultation(?: .*)?"
)


def is_nothing(text: str) -> bool:
    """Tell whether a text begins by saying that there is nothing to say ("Not applicable (year 6)", "None.")."""
    return _NOTHING.fullmatch(_first_clause(text)) is not None


def names_no_setting(text: str) -> bool:
    """Tell whether a cell made for a school says that none is named ("To be confirmed", "Not named in a draft")."""
    return is_nothing(text) or _NO_SETTING.fullmatch(_first_clause(text)) is not None


def _first_clause(text: str) -> str:
    return fold(_CLAUSE_END.split(text.strip(), maxsplit=1)[0])
