"""Reads tables of labels and values.

A value stands right of its label, under it, or behind it in the same cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from connectors.documents.desk import Desk
from connectors.documents.labels import (
    LabelMatch,
    fields_in_order,
    is_form_text,
    match_label,
    match_label_before,
    title_in,
)
from connectors.documents.placeholders import is_only_placeholder
from connectors.documents.word_values import Cell, Paragraph, Passage, Row, Span

_ONE_BETWEEN = 2
_SEVERAL = 2
_LINE_BY_LINE = {"details", "services", "placement", "directPayments", "signOff"}


@dataclass(slots=True)
class Pair:
    """A field of the form with the passages typed for it. ``key`` is empty while the label is not understood.

    ``assumed`` says that the field was told from its position on the form.
    """

    key: str
    label: Passage
    values: list[Passage] = field(default_factory=list)
    assumed: bool = False

    @property
    def value(self) -> Passage:
        """All that was typed for the field, as one passage."""
        return join_passages(self.values)


def join_passages(passages: Sequence[Passage]) -> Passage:
    """Put passages together as if they stood in one cell."""
    if len(passages) == 1:
        return passages[0]
    return Passage(
        tuple(paragraph for each in passages for paragraph in each.paragraphs),
        passages[0].place if passages else "",
        tuple(aside for each in passages for aside in each.asides),
        frozenset().union(*(each.features for each in passages)),
    )


def read_pairs(section: str, rows: Sequence[Row], desk: Desk) -> list[Pair]:
    """Read the pairs of a section's rows, in their order on the form.

    Label cells are passed over on the desk.
    """
    pairs: list[Pair] = []
    under: Pair | None = None
    for row in (one for whole in rows for one in _one_label_a_row(section, whole, desk)):
        worded = [cell for cell in row.cells if cell.text]
        if not worded and len(row.cells) > 1:
            continue
        if len(worded) == 1 and title_in(worded[0].text):
            under = None
        elif len(row.cells) == 1:
            under = _read_single(section, row.cells[0], under, pairs, desk)
        else:
            under = None
            pairs += _read_row(section, row.cells, desk)
    _assume_by_position(section, pairs)
    return pairs


def _one_label_a_row(section: str, row: Row, desk: Desk) -> list[Row]:
    """Cut a row whose one cell has several of the form's labels, each with its value behind it on its line."""
    worded = [cell for cell in row.cells if cell.text]
    lines = worded[0].passage.paragraphs if len(worded) == 1 else ()
    found = [match_label_before(section, paragraph.text.strip()) for paragraph in lines]
    keys = {match.key for match in found if match is not None and match.rest}
    if section not in _LINE_BY_LINE or len(keys) < _SEVERAL or found[0] is None:
        return [row]
    desk.pass_over(worded[0].passage)
    starts = [index for index, match in enumerate(found) if match is not None]
    parts = (lines[start:end] for start, end in zip(starts, [*starts[1:], len(lines)], strict=True))
    return [Row((replace(worded[0], passage=replace(worded[0].passage, paragraphs=part)),)) for part in parts]


def _read_single(section: str, cell: Cell, under: Pair | None, pairs: list[Pair], desk: Desk) -> Pair | None:
    match = match_label(section, cell.text)
    if match is not None:
        desk.pass_over(cell.passage)
        desk.labels.update([] if match.rest else [cell.text])
        pairs.append(Pair(match.key, cell.passage, _rest(match, cell)))
        return pairs[-1]
    if under is not None and (is_only_placeholder(cell.text) or not is_form_text(cell.text)):
        under.values.append(cell.passage)
        desk.pass_over(cell.passage)
    return under


def _read_row(section: str, cells: Sequence[Cell], desk: Desk) -> list[Pair]:
    """Read the cells of a row left to right: a label, its value, the next label."""
    found: list[Pair] = []
    index = 0
    while index < len(cells):
        cell, index = cells[index], index + 1
        match = match_label(section, cell.text)
        if match is None and found and not cell.text.rstrip().endswith((":", "?")):
            _add_stray(cell, found[-1], desk)
            continue
        pair = Pair(match.key if match else "", cell.passage, [] if match is None else _rest(match, cell))
        if index < len(cells) and not (pair.values and match_label(section, cells[index].text)):
            pair.values.append(cells[index].passage)
            desk.pass_over(cells[index].passage)
            index += 1
        if pair.key or cell.text or pair.value.text:
            desk.pass_over(cell.passage)
            desk.labels.update([cell.text] if match is not None and not match.rest else [])
            found.append(pair)
    return found


def _add_stray(cell: Cell, before: Pair, desk: Desk) -> None:
    """Count a further cell that is no label as more of the value before it."""
    if cell.text:
        before.values.append(cell.passage)
        desk.pass_over(cell.passage)


def _rest(match: LabelMatch, cell: Cell) -> list[Passage]:
    """Return what was typed behind a label in its own cell, without the label's own continuation."""
    if not match.rest or is_form_text(match.rest):
        return []
    paragraphs = tuple(Paragraph((Span(line),)) for line in match.rest.split("\n"))
    return [replace(cell.passage, paragraphs=paragraphs)]


def _assume_by_position(section: str, pairs: list[Pair]) -> None:
    order = fields_in_order(section)
    known = {pair.key for pair in pairs}
    if len(pairs) > 1 and not pairs[0].key and pairs[1].key == order[1] and order[0] not in known:
        pairs[0].key, pairs[0].assumed = order[0], True
    for before, pair, after in zip(pairs, pairs[1:], pairs[2:], strict=False):
        if pair.key or before.key not in order or after.key not in order:
            continue
        low, high = order.index(before.key), order.index(after.key)
        if high - low == _ONE_BETWEEN and order[low + 1] not in known:
            pair.key, pair.assumed = order[low + 1], True
