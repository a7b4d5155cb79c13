"""Reads section A.

The history with how to communicate, and the views, interests, strengths and aspirations.
"""

from __future__ import annotations

from collections.abc import Sequence

from connectors.documents.labels import is_form_text
from connectors.documents.pairs import join_passages, read_pairs
from connectors.documents.placeholders import is_only_placeholder
from connectors.documents.places import Draft, note_pair, place_text, tell_assumed
from connectors.documents.word_values import Passage, Row


def read_history(rows: Sequence[Row], draft: Draft) -> None:
    """Read A1: every passage under its title is one text, in two halves."""
    passages = [cell.passage for row in rows for cell in row.cells if _is_written(cell.text)]
    if passages:
        text = _take_together(passages, "a1.text", draft)
        history, communication = _halves(text, passages)
        place_text(draft.sections["A"], "history", history)
        place_text(draft.sections["A"], "communication", communication)


def _is_written(text: str) -> bool:
    return bool(text) and (is_only_placeholder(text) or not is_form_text(text))


def read_views(rows: Sequence[Row], draft: Draft) -> None:
    """Read A2.

    Its four headed texts; the views are in two halves, the child's or young person's and the family's.
    """
    held = draft.sections["A"]
    for pair in read_pairs("a2", rows, draft.desk):
        path = "a2.views.text" if pair.key == "views" else f"a2.{pair.key}"
        if not pair.key or pair.key in held:
            note_pair(draft.desk, pair, "")
            continue
        tell_assumed(draft.desk, pair, path)
        text = _take_together([value for value in pair.values if value.text], path, draft) if pair.values else ""
        if pair.key == "views" and text:
            held["views"] = _views(_halves(text, pair.values), draft)
        elif pair.key != "views":
            place_text(held, pair.key, text)


def _take_together(passages: Sequence[Passage], path: str, draft: Draft) -> str:
    draft.desk.pass_over(*passages)
    return draft.desk.take_plain(join_passages(passages), path)


def _views(halves: tuple[str, str], draft: Draft) -> dict[str, str]:
    main = draft.personal.get("contacts", {}).get("contact-1", {})
    own, family = halves
    views = {"youngPerson" if main.get("kind") == "youngPerson" else "child": own, "family": family}
    return {key: value for key, value in views.items() if value}


def _halves(text: str, passages: Sequence[Passage]) -> tuple[str, str]:
    """Split a text into its halves; when nobody wrote the first, all of it is the second."""
    first, second = split_halves(join_passages(passages).text)
    return ("", text) if is_only_placeholder(first) and second else split_halves(text)


def split_halves(text: str) -> tuple[str, str]:
    """Split a text at its last empty line; without one, all of it is the first half."""
    lines = text.split("\n")
    empty = [index for index, line in enumerate(lines) if not line.strip()]
    if not empty:
        return text, ""
    cut = empty[-1]
    return "\n".join(lines[:cut]).strip(), "\n".join(lines[cut + 1 :]).strip()
