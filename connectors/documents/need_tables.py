"""Reads the tables that go across: B need - F provision - E outcome, C - G - E, and D - H1 - H2 - E.

A row becomes a need, the provisions for it and the outcomes sought, tied by ids. Rows are numbered as imported: blank
rows and repeated headers do not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.documents.desk import Taken
from connectors.documents.form import Segment, columns_of
from connectors.documents.items import Items, split_items
from connectors.documents.labels import is_form_text, match_label, title_in
from connectors.documents.need_columns import Reading, frame_of, note_extra, role_of, take_header, tell_spanned
from connectors.documents.need_items import outcome_item, provision_item, tell_unquantified
from connectors.documents.nothing import is_nothing
from connectors.documents.pairs import join_passages
from connectors.documents.places import Draft, is_blank, place_text
from connectors.documents.word_values import Cell, Row


def read_needs(segments: Sequence[Segment], draft: Draft) -> None:
    """Read all segments of one kind.

    The first, and those that go on with it after a page or a stray table.
    """
    reading = Reading(frame_of(segments[0]), draft)
    for segment in segments:
        for row in segment.rows:
            _read_row(row, reading)
    if reading.slots_left:
        message = "Template placeholders were left in unused rows; the rows were skipped."
        draft.desk.warn("placeholder-left", "warning", reading.frame.path, message, "\n".join(reading.slots_left))
    _write_strengths(reading)


def _read_row(row: Row, reading: Reading) -> None:
    columns = columns_of(row)
    if columns is not None:
        take_header(row, columns, reading)
        reading.strengths_follow = False
    elif _is_strengths(row, reading):
        return
    elif not any(not is_blank(reading.draft.desk, cell.passage) for cell in row.cells):
        _skip_blank(row, reading)
    elif len(row.cells) > 1:
        _read_data(row, reading)
    elif (reading.header is None or reading.strengths_follow) and not _is_title(row):
        reading.strengths.append(row.cells[0].passage)
        reading.strengths_follow = reading.header is None


def _is_title(row: Row) -> bool:
    return title_in(row.cells[0].text) is not None or is_form_text(row.cells[0].text)


def _is_strengths(row: Row, reading: Reading) -> bool:
    """Take a row that is the label "Strengths", with the text behind or beside it if there is any."""
    match = match_label("rows", row.cells[0].text) if row.cells else None
    if match is None or len(row.cells) > 2:  # noqa: PLR2004  # label and value
        return False
    desk = reading.draft.desk
    if match.rest:
        reading.strengths.append(row.cells[0].passage)
        return True
    desk.pass_over(row.cells[0].passage)
    reading.strengths += [cell.passage for cell in row.cells[1:]]
    reading.strengths_follow = len(row.cells) == 1
    return True


def _skip_blank(row: Row, reading: Reading) -> None:
    if len(row.cells) == 1 and reading.header is None:
        reading.strengths.append(row.cells[0].passage)
        return
    for cell in row.cells:
        reading.slots_left += reading.draft.desk.look(cell.passage).placeholders
        reading.draft.desk.pass_over(cell.passage)


def _write_strengths(reading: Reading) -> None:
    if not reading.strengths:
        return
    draft, frame = reading.draft, reading.frame
    draft.desk.pass_over(*reading.strengths)
    text = draft.desk.take_plain(join_passages(reading.strengths), f"{frame.path}.strengths")
    match = match_label("rows", text)
    text = match.rest if match is not None and match.rest else text
    if frame.area and text:
        draft.sections["B"].setdefault("strengths", {})[frame.area] = text
    elif text:
        place_text(draft.sections[frame.needs], "strengths", text)


def _read_data(row: Row, reading: Reading) -> None:
    by_role: dict[str, list[Cell]] = {}
    for index, cell in enumerate(row.cells):
        role = role_of(index, cell, row, reading)
        if role is not None:
            by_role.setdefault(role, []).append(cell)
    if all(is_blank(reading.draft.desk, cell.passage) for cells in by_role.values() for cell in cells):
        return
    path = f"{reading.frame.path}.rows[{reading.rows}]"
    reading.rows += 1
    note_extra(row, path, reading)
    tell_spanned(row, path, reading)
    texts = {role: _take(cells, f"{path}.{role}", reading) for role, cells in by_role.items()}
    merged = {
        role
        for role, cells in by_role.items()
        if cells[0].continues and not texts[role].text and reading.above.get(role)
    }
    _write_row(path, texts, merged, reading)


def _take(cells: list[Cell], path: str, reading: Reading) -> Taken:
    desk = reading.draft.desk
    passages = [cell.passage for cell in cells]
    desk.pass_over(*passages)
    taken = desk.take(join_passages(passages), path)
    desk.tell_struck(taken, path)
    return taken


def _write_row(path: str, texts: dict[str, Taken], merged: set[str], reading: Reading) -> None:
    ids: dict[str, list[str]] = {role: reading.above[role] for role in merged}
    reading.nothing.clear()
    for role in ("need", "outcome", *reading.frame.provisions):
        if role in texts and role not in merged:
            ids[role] = _write_cell(role, texts[role], f"{path}.{role}", ids, reading)
    _tie_merged(merged, ids, reading)
    _tell_missing(path, ids, reading)
    if "need" in merged:
        message = "The need is merged over several rows: this row belongs to the need above."
        reading.draft.desk.warn("row-need-merged", "info", f"{path}.need", message)
    reading.above = {role: held for role, held in ids.items() if held}


def _write_cell(role: str, taken: Taken, path: str, ids: dict[str, list[str]], reading: Reading) -> list[str]:
    if is_nothing(taken.text):
        reading.draft.desk.note(taken.text, f"{path}: says that there is none, so no item was made of it")
        reading.nothing.add(role)
        return []
    if role == "need":
        return _write_need(taken.text, path, reading)
    items = split_items(taken.lines)
    if role == "outcome":
        return _write_outcomes(items, path, ids, reading)
    return _write_provisions(role, items, path, ids, reading)


def _write_need(text: str, path: str, reading: Reading) -> list[str]:
    if not text:
        return []
    frame = reading.frame
    need = {"description": reading.draft.desk.fit(text, path)} | ({"area": frame.area} if frame.area else {})
    return [reading.draft.add(frame.needs, "needs", f"need-{frame.short}-{reading.rows}", need)]


def _write_outcomes(items: Items, path: str, ids: dict[str, list[str]], reading: Reading) -> list[str]:
    _tell_several("outcomes", items, path, reading)
    written: list[str] = []
    for identity, text in _numbered("outcome", reading.frame.short, items, reading):
        item = outcome_item(reading.draft.desk.fit(text, path), ids.get("need", []), reading.frame.area)
        written.append(reading.draft.add("E", "outcomes", identity, item))
    return written


def _write_provisions(role: str, items: Items, path: str, ids: dict[str, list[str]], reading: Reading) -> list[str]:
    _tell_several("provisions", items, path, reading)
    tell_unquantified(items, path, reading.draft.desk, strictly=role == "provision" and reading.frame.needs == "B")
    section = reading.frame.provisions[role]
    short = reading.frame.short if role == "provision" else role
    written: list[str] = []
    for identity, text in _numbered("provision", short, items, reading):
        links = {"needIds": list(ids.get("need", [])), "outcomeIds": list(ids.get("outcome", []))}
        item = provision_item(reading.draft.desk.fit(text, path), links, section, reading.frame.area)
        written.append(reading.draft.add(section, "provisions", identity, item))
    return written


def _numbered(kind: str, short: str, items: Items, reading: Reading) -> list[tuple[str, str]]:
    stem = f"{kind}-{short}-{reading.rows}"
    if len(items.items) == 1:
        return [(stem, items.items[0])]
    return [(f"{stem}-{number}", item) for number, item in enumerate(items.items, 1)]


def _tell_several(things: str, items: Items, path: str, reading: Reading) -> None:
    if len(items.items) > 1:
        message = f"{len(items.items)} {things} in one cell: split."
        reading.draft.desk.warn(f"row-multiple-{things}", "info", path, message)


def _tie_merged(merged: set[str], ids: dict[str, list[str]], reading: Reading) -> None:
    """Tie provisions and outcomes that are merged over several rows to the need and outcomes of this row too."""
    sections = {
        "outcome": ("E", "outcomes"),
        **{role: (key, "provisions") for role, key in reading.frame.provisions.items()},
    }
    for role in merged - {"need"}:
        section, items = sections[role]
        for identity in ids[role]:
            item = reading.draft.sections[section][items][identity]
            _link(item, "needIds", ids.get("need", []))
            if role != "outcome":
                _link(item, "outcomeIds", ids.get("outcome", []))


def _link(item: dict[str, Any], key: str, ids: list[str]) -> None:
    linked = list(dict.fromkeys([*item.get(key, []), *ids]))
    if linked:
        item[key] = linked


def _tell_missing(path: str, ids: dict[str, list[str]], reading: Reading) -> None:
    if "need" in reading.nothing:
        return
    has_provision = any(ids.get(role) or role in reading.nothing for role in reading.frame.provisions)
    has_outcome = bool(ids.get("outcome")) or "outcome" in reading.nothing
    missing = {"need": not ids.get("need"), "provision": not has_provision, "outcome": not has_outcome}
    messages = {
        "need": "Provision or outcome without a need.",
        "provision": "Need without a provision." if ids.get("need") else "Outcome without a provision.",
        "outcome": "Need and provision without an outcome.",
    }
    for role, message in messages.items():
        if missing[role]:
            reading.draft.desk.warn(f"row-{role}-missing", "warning", f"{path}.{role}", message, "")
