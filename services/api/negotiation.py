"""Which of the forms of an answer the caller wants (RFC 9110, 12.5.1)."""

from collections.abc import Sequence
from typing import Final

from fastapi import Request

from services.api.problems import Problem

_MOST: Final = 1_000
"""Characters of an Accept header that are looked at: nobody needs more."""


def wanted_form(request: Request, offered: Sequence[str]) -> str:
    """The media type of those offered that the caller prefers; among equals, and when nothing is stated, the first.

    Raises Problem 406 when the caller takes none of them.
    """
    stated = ",".join(request.headers.getlist("accept"))[:_MOST]
    if not stated.strip():
        return offered[0]
    ranges = [_range(part) for part in stated.split(",") if part.strip()]
    best = max(offered, key=lambda form: _quality(form, ranges))
    if _quality(best, ranges) <= 0:
        raise Problem(406, "not-acceptable", "No form that you accept", f"This is there as {' or '.join(offered)}.")
    return best


def _range(part: str) -> tuple[str, float]:
    media, *parameters = (piece.strip().lower() for piece in part.split(";"))
    stated = next((p.removeprefix("q=") for p in parameters if p.startswith("q=")), "1")
    try:
        return media, min(max(float(stated), 0.0), 1.0)
    except ValueError:
        return media, 0.0


def _quality(form: str, ranges: Sequence[tuple[str, float]]) -> float:
    """The quality of the most precise range that takes the form; 0 when none does."""
    for media in (form, f"{form.split('/', maxsplit=1)[0]}/*", "*/*"):
        stated = [quality for name, quality in ranges if name == media]
        if stated:
            return max(stated)
    return 0.0
