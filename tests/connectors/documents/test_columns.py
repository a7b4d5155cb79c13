"""The columns of the tables of needs: worded otherwise, added, dropped, put together, not labelled."""

from __future__ import annotations

import copy

import pytest
from docx.table import _Cell

from tests.connectors.documents.reading import CI, notes, read, sections, told
from tests.fixtures.documents.build import Form, add_row, fragment, standard_form

_AREA = f"areas.{CI}"


def _with_column(form: Form, texts: list[str], *, first: bool = False) -> Form:
    """Give the rows of the first area, from its header on, one more cell at either end."""
    for text, row in zip(texts, form.tbl(CI).tr_lst[3:], strict=False):
        new = copy.deepcopy(row.tc_lst[-1])
        if first:
            row.tc_lst[0].addprevious(new)
        else:
            row.append(new)
        _Cell(new, form.tables[CI]).text = text
    return form


@pytest.mark.parametrize("first", [True, False])
def test_a_column_that_a_council_added_is_kept_in_notes_and_moves_nothing(*, first: bool) -> None:
    form = _with_column(standard_form(), ["By whom", "Class teacher", "Ines Marl", "", ""], first=first)
    imported = read(form)
    assert imported.document["sections"] == sections(standard_form())
    assert told(imported) == {("extra-column", _AREA), ("text-unplaced", "")}
    assert notes(imported) == {
        "By whom": f"{_AREA}: header of a column that the form does not have",
        "Class teacher": f"{_AREA}.rows[0]: column 'By whom'",
        "Ines Marl": f"{_AREA}.rows[1]: column 'By whom'",
    }


def test_a_column_whose_header_is_not_the_forms_is_told_from_its_place() -> None:
    form = standard_form()
    form.write(CI, 3, 2, "Where it leads")
    imported = read(form)
    assert imported.document["sections"] == sections(standard_form())
    assert told(imported) == {("label-assumed", f"{_AREA}.outcome")}
    assert list(notes(imported)) == ["Where it leads"]


@pytest.mark.parametrize(
    ("area", "health", "care"),
    [
        (["B", "F", "E"], ["C", "G", "E"], ["D", "H1", "H2", "E"]),
        (
            ["Section B: Special educational needs", "Section F: Special educational provision", "Section E: Outcomes"],
            ["Section C: Health needs", "Section G: Health provision", "Section E: Outcomes"],
            [
                "Section D: Social care needs",
                "Section H1: Social care provision",
                "Section H2: Other social care provision",
                "Section E: Outcomes",
            ],
        ),
        (
            ["Child’s special educational needs (SEN)", "Special educational provision (SEP)", "Outcomes sought"],
            ["Health care needs", "Health care provision", "The outcomes"],
            ["Social care needs", "H1 provision", "H2 provision", "Outcomes"],
        ),
    ],
)
def test_headers_may_be_letters_or_other_words(area: list[str], health: list[str], care: list[str]) -> None:
    form = standard_form()
    for name, row, texts in ((CI, 3, area), ("health", 2, health), ("socialCare", 2, care)):
        for column, text in enumerate(texts):
            form.write(name, row, column, text)
    imported = read(form)
    assert imported.document["sections"] == sections(standard_form())
    assert (told(imported), notes(imported)) == (set(), {})


def test_a_sex_of_one_letter_is_not_taken_for_a_header() -> None:
    form = standard_form()
    form.write("details", 3, 0, "Sex: F")
    form.write("details", 3, 1, "")
    assert read(form).document["personalDetails"]["sexAsStated"] == "F"


def test_columns_in_another_order_are_read_by_their_headers() -> None:
    form = standard_form()
    for row in form.tbl(CI).tr_lst[3:]:
        row.append(row.tc_lst[1])
    assert sections(form) == sections(standard_form())


def test_h1_and_h2_in_one_column_are_read_as_h2_and_pointed_out() -> None:
    form = standard_form()
    for row in form.tbl("socialCare").tr_lst[2:]:
        row.remove(row.tc_lst[2])
    form.write("socialCare", 2, 1, "H1 and H2 – Social care provision")
    form.write("socialCare", 3, 1, "A place at the sailing club, 2 hours a week.")
    imported = read(form)
    assert imported.document["sections"] == sections(standard_form())
    assert told(imported) == {("h1-h2-together", "socialCare")}


def test_a_social_care_table_without_h1_is_read() -> None:
    form = standard_form()
    for row in form.tbl("socialCare").tr_lst[2:]:
        row.remove(row.tc_lst[1])
    imported = read(form)
    assert imported.document["sections"] == sections(standard_form())
    assert told(imported) == set()


def test_a_title_repeated_as_continued_goes_on_with_the_area() -> None:
    form = standard_form()
    add_row(form.tables[CI], ["Communication and interaction (continued)"], 3)
    add_row(form.tables[CI], ["Addie whispers.", "Voice work, 10 minutes a day.", "By May 2027 Addie is heard."], 3)
    imported = read(form)
    assert imported.document["sections"]["B"]["needs"]["need-ci-3"]["description"] == "Addie whispers."
    assert (told(imported), notes(imported)) == (set(), {})


def test_a_table_framed_by_a_table_of_one_cell_is_read_as_if_it_stood_alone() -> None:
    form = standard_form()
    inner = form.tbl(CI)
    frame = fragment("<w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>")[0]
    inner.addprevious(frame)
    frame[0][0].insert(0, inner)
    imported = read(form)
    assert imported.document["sections"] == sections(standard_form())
    assert told(imported) == set()


def test_tables_in_another_order_are_the_same_form() -> None:
    form = standard_form()
    form.tbl(CI).addprevious(form.tbl("health"))
    form.document.element.body.insert(0, form.tbl("advice"))
    assert sections(form) == sections(standard_form())


@pytest.mark.parametrize(
    ("table", "path"),
    [("a2", "a2"), ("services", "services"), ("advice", "advice"), ("sensoryAndPhysical", "areas.sensoryAndPhysical")],
)
def test_a_part_of_the_form_that_is_not_there_is_pointed_out(table: str, path: str) -> None:
    form = standard_form()
    form.tbl(table).getparent().remove(form.tbl(table))
    assert ("section-missing", path) in told(read(form))


def test_headings_in_a_councils_own_words_are_no_text_of_the_plan() -> None:
    form = standard_form()
    worded = {
        "Sections C": "Section C and Section G – Health",
        "Sections D": "D/H: Social Care",
        "I -": "Section I – Placement",
        "J -": "Section J: Personal Budget (including direct payments)",
        "K -": "Section K: Advice and information",
        "Sign": "Signed on behalf of the Local Authority",
    }
    for each in form.document.paragraphs:
        each.text = next((text for begin, text in worded.items() if each.text.startswith(begin)), each.text)
    imported = read(form)
    assert imported.document == read(standard_form()).document
    assert told(imported) == set()
