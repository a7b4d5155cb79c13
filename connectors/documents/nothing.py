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
    r"h1|h2) )*(?:needs?|provision|outcomes?)"
)
_NOTHING = re.compile(
    rf"not applicable(?: .*)?|(?:n a|na|none|nil|not requested|not required){_STATED}"
    rf"|(?:there are )?no {_OF_WHAT}{_STATED}"
)


def is_nothing(text: str) -> bool:
    """Tell whether a text begins by saying that there is nothing to say ("Not applicable (year 6)", "None.")."""
    return _NOTHING.fullmatch(fold(_CLAUSE_END.split(text.strip(), maxsplit=1)[0])) is not None
