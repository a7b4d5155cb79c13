"""Reads the sign-off: the council officer's name, signature and date."""

from __future__ import annotations

import re
from collections.abc import Sequence

from connectors.documents.desk import Taken
from connectors.documents.form import is_header
from connectors.documents.labels import match_label
from connectors.documents.pairs import join_passages, read_pairs
from connectors.documents.places import Draft, note_pair, place_text, take_date, tell_assumed
from connectors.documents.word_values import Passage, Row

_NAME_AND_ROLE = re.compile(r"[^,\n]{3,80}[,\n]\s*(?P<role>[^\n]{3,200})", re.DOTALL)


def read_sign_off(rows: Sequence[Row], draft: Draft) -> None:
    """Read the sign-off: three columns under a header as on the form, or labels with values."""
    header = next((row for row in rows if is_header("signOff", row)), None)
    if header is None:
        _read_pairs(rows, draft)
        return
    keys = [match.key if (match := match_label("signOff", cell.text)) else None for cell in header.cells]
    draft.desk.pass_over(*(cell.passage for cell in header.cells))
    row = next((row for row in rows[rows.index(header) + 1 :] if not row.is_blank), None)
    for key, cell in zip(keys, row.cells if row else (), strict=False):
        if key is not None:
            _read_one(key, cell.passage, draft)


def _read_pairs(rows: Sequence[Row], draft: Draft) -> None:
    done: set[str] = set()
    for pair in read_pairs("signOff", rows, draft.desk):
        if not pair.key or pair.key in done:
            note_pair(draft.desk, pair, "")
            continue
        done.add(pair.key)
        tell_assumed(draft.desk, pair, f"signOff.{pair.key}")
        _read_one(pair.key, join_passages(pair.values), draft)


def _read_one(key: str, passage: Passage, draft: Draft) -> None:
    path = f"signOff.{key}"
    taken = draft.desk.take(passage, path)
    if key == "date":
        _read_date(taken, draft)
        return
    draft.desk.tell_struck(taken, path)
    place_text(draft.sign_off, "officerName" if key == "name" else "signature", draft.desk.fit(taken.text, path))
    role = _NAME_AND_ROLE.match(taken.text)
    if key == "name" and role:
        draft.sign_off["role"] = role["role"].strip()


def _read_date(taken: Taken, draft: Draft) -> None:
    days = take_date(draft, taken, "signOff.date")
    place_text(draft.sign_off, "dateAsStated", draft.desk.fit(taken.text, "signOff.date"))
    if days:
        draft.sign_off["date"] = days[0].isoformat()
        draft.facts["sign_off_on"] = days[0]
