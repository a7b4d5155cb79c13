"""Several provisions or outcomes in one cell: which markers make items, and that the markers are no part of them."""

from __future__ import annotations

import pytest

from connectors.documents.items import TextLine, split_items
from tests.connectors.documents.reading import CI, notes, read
from tests.fixtures.documents.build import paragraph, standard_form

_HOURS, _VISITS = "One hour a week.", "Two visits a term."
_LISTED = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{}"/></w:numPr>'


def _items(*lines: str) -> tuple[str, ...]:
    return split_items([TextLine(line) for line in lines]).items


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("(a) ", "(b) "),
        ("i) ", "ii) "),
        ("(i) ", "(ii) "),
        ("i. ", "ii. "),
        ("1) ", "2) "),
        ("-", "-"),
        ("–", "–"),
        ("— ", "— "),
        ("* ", "* "),
        ("· ", "· "),
        ("o ", "o "),
        ("§ ", "§ "),
        ("\uf0a7 ", "\uf0a7 "),
        ("●\t", "●\t"),
        ("1)", "2)"),
        ("1.1 ", "1.2 "),
        ("F1. ", "F2. "),
        ("✓ ", "✓ "),
    ],
)
def test_typed_markers_make_items(first: str, second: str) -> None:
    assert _items(first + _HOURS, second + _VISITS) == (_HOURS, _VISITS)


def test_what_follows_a_marker_stays_with_its_item() -> None:
    assert _items("1. Teaching:", "• reading", "• spelling", "2. Therapy.") == (
        "Teaching:\n• reading\n• spelling",
        "Therapy.",
    )
    assert _items("• Teaching:", "- reading", "- spelling", "• Therapy.") == (
        "Teaching:\n- reading\n- spelling",
        "Therapy.",
    )


def test_a_head_with_a_colon_belongs_to_the_first_item_and_a_sentence_is_an_item() -> None:
    assert _items("Addie has:", "", "- " + _HOURS, "", "- " + _VISITS) == (f"Addie has:\n\n{_HOURS}", _VISITS)
    assert _items("Addie has a laptop.", "• " + _HOURS) == ("Addie has a laptop.", _HOURS)


@pytest.mark.parametrize(
    "lines",
    [
        (_HOURS, _VISITS),
        (_HOURS, "", _VISITS),
        ("1 One hour.", "2 Two visits."),
        ("1:1 support.", "1:1 mentoring."),
        ("2. One hour.", "4. Two visits."),
        ("1. One hour. 2. Two visits.",),
        ("iv. One hour.", "i. Two visits."),
        ("1.5 hours.", "1.6 hours."),
        ("H1 One hour.", "H2 Two visits."),
    ],
)
def test_what_is_no_list_stays_whole(lines: tuple[str, ...]) -> None:
    assert _items(*lines) == ("\n".join(lines),)


def test_the_marker_of_a_list_of_one_goes_too() -> None:
    assert _items("- " + _HOURS) == (_HOURS,)
    assert _items("• " + _HOURS) == (_HOURS,)


def test_bullets_that_run_on_in_one_line_make_items_and_lose_nothing() -> None:
    form = standard_form()
    form.write(CI, 4, 1, f"• {_HOURS} • {_VISITS}")
    imported = read(form)
    provisions = imported.document["sections"]["F"]["provisions"]
    assert [provisions[f"provision-ci-1-{number}"]["what"] for number in (1, 2)] == [_HOURS, _VISITS]
    assert notes(imported) == {}


def test_a_paragraph_taken_out_of_a_list_goes_on_with_the_item_above() -> None:
    form = standard_form()
    lines = ((_HOURS, 7), ("In a quiet room.", 0), (_VISITS, 7))
    form.put_xml(CI, 4, 1, "".join(paragraph(text, properties=_LISTED.format(number)) for text, number in lines))
    provisions = read(form).document["sections"]["F"]["provisions"]
    assert provisions["provision-ci-1-1"]["what"] == f"{_HOURS}\nIn a quiet room."
    assert provisions["provision-ci-1-2"]["what"] == _VISITS


def test_symbols_of_a_font_are_bullets() -> None:
    form = standard_form()
    bullet = '<w:sym w:font="Symbol" w:char="F0B7"/><w:tab/>'
    form.put_xml(CI, 4, 1, f"<w:p><w:r>{bullet}<w:t>{_HOURS}</w:t><w:br/>{bullet}<w:t>{_VISITS}</w:t></w:r></w:p>")
    assert "provision-ci-1-2" in read(form).document["sections"]["F"]["provisions"]
