"""Knows the ways of writing that there is nothing to write."""

from __future__ import annotations

import re

from connectors.documents.labels import fold

_CLAUSE_END = re.compile(r"[.;:,(\n–—]")
_NOTHING = re.compile(
    r"not applicable(?: .*)?|(?:n a|na|none|nil|not requested|not required)"
    r"(?: (?:identified|known|required|needed|recorded|noted|currently|at this time|at present|requested|stated|reported))*"
    r"|(?:there are )?no (?:(?:special|educational|health|care|social|medical|identified|additional|current|specific|known|further|sen|h1|h2) )*"
    r"(?:needs?|provision|outcomes?)"
    r"(?: (?:have|has|are|is|were|was|been|currently|identified|required|needed|known|at this time|at present|in this area|"
    r"for this area|in this section|reported|recorded|noted))*"
)


def is_nothing(text: str) -> bool:
    """Tell whether a text begins by saying that there is nothing to say ("Not applicable (year 6)", "None identified.")."""
    return _NOTHING.fullmatch(fold(_CLAUSE_END.split(text.strip(), maxsplit=1)[0])) is not None
