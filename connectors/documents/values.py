"""What a read plan is handed over as.

The document, what is to be said about it, and the facts that an importer acts on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

Severity = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Warning:  # noqa: A001  # the word of the trade: what the importer tells the case officer
    """Something that a case officer should know about how a place in the file was read.

    ``path`` names the place as on the form (``areas.cognitionAndLearning.rows[1].outcome``; empty: the whole file); a
    row counts as imported, blank rows left out. ``raw`` is what stands there, where that helps; it is personal
    content and never goes to a log.
    """

    code: str
    severity: Severity
    path: str
    message: str
    raw: str | None = None


@dataclass(frozen=True, slots=True)
class ImportFacts:
    """Facts that the importing act needs besides the plan: to match the child, to date the plan, to see a transfer.

    ``from_la`` and ``to_la`` are three-digit council codes as the file states them. ``marked`` is "draft" or "final"
    where the file calls itself so outside its fields.
    """

    name: str | None = None
    date_of_birth: date | None = None
    nhs_number: str | None = None
    upn: str | None = None
    local_reference: str | None = None
    sign_off_on: date | None = None
    moves_on: date | None = None
    from_la: str | None = None
    to_la: str | None = None
    marked: Literal["draft", "final"] | None = None


@dataclass(frozen=True, slots=True)
class ImportedDocument:
    """A digital plan (``schemas/plan/1.0``) read from a file, and how well that went.

    ``placed_words`` and ``unplaced_words`` count the file's own words, without what the form prints. ``sha256`` is of
    the file's bytes, in hex.
    """

    document: dict[str, Any]
    warnings: tuple[Warning, ...]
    unplaced_words: int
    placed_words: int
    sha256: str
    facts: ImportFacts
