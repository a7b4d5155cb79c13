"""The rows B-F-E, C-G-E and D-H1-H2-E: merged, listed, repeated, blank and incomplete."""

from __future__ import annotations

import copy

import pytest

from tests.connectors.documents.reading import CI, CL, notes, read, sections, told
from tests.fixtures.documents.build import NEED_HEADER, add_row, fragment, paragraph, standard_form

_AREA = f"areas.{CI}"
_LISTED = '<w:numPr><w:ilvl w:val="{}"/><w:numId w:val="{}"/></w:numPr>'


def _listed(*texts: str, level: int = 0, number: int = 7) -> str:
    return "".join(paragraph(text, properties=_LISTED.format(level, number)) for text in texts)


def _provisions(of: dict[str, object], need: str) -> list[str]:
    held: dict[str, dict[str, object]] = of["F"]["provisions"]  # type: ignore[index]
    return [str(each["what"]) for each in held.values() if need in each["needIds"]]  # type: ignore[operator]


def test_a_clean_form_needs_no_warning_and_leaves_no_note() -> None:
    imported = read(standard_form())
    assert told(imported) == set()
    assert imported.unplaced_words == 0
    assert imported.placed_words > 250


def test_ids_are_readable_and_the_same_on_reading_again() -> None:
    data = standard_form().to_bytes()
    assert read(data) == read(data)
    assert list(sections(data)["B"]["needs"]) == ["need-ci-1", "need-ci-2", "need-cl-1"]


def test_a_row_ties_need_provision_and_outcome() -> None:
    found = sections(standard_form())
    provision = found["F"]["provisions"]["provision-ci-2"]
    assert (provision["needIds"], provision["outcomeIds"]) == (["need-ci-2"], ["outcome-ci-2"])
    assert found["E"]["outcomes"]["outcome-ci-2"]["needIds"] == ["need-ci-2"]


def test_a_need_merged_over_two_rows_is_one_need_with_the_provisions_of_both() -> None:
    form = standard_form()
    table = form.tables[CI]
    form.write(CI, 5, 0, "")
    table.cell(4, 0).merge(table.cell(5, 0))
    imported = read(form)
    found = imported.document["sections"]
    assert list(found["B"]["needs"]) == ["need-ci-1", "need-cl-1"]
    assert len(_provisions(found, "need-ci-1")) == 2
    assert found["F"]["provisions"]["provision-ci-2"]["outcomeIds"] == ["outcome-ci-2"]
    assert told(imported) == {("row-need-merged", f"{_AREA}.rows[1].need")}


def test_a_provision_merged_over_two_rows_serves_both_needs() -> None:
    form = standard_form()
    form.write(CI, 5, 1, "")
    form.tables[CI].cell(4, 1).merge(form.tables[CI].cell(5, 1))
    provision = sections(form)["F"]["provisions"]["provision-ci-1"]
    assert provision["needIds"] == ["need-ci-1", "need-ci-2"]
    assert provision["outcomeIds"] == ["outcome-ci-1", "outcome-ci-2"]


def test_word_list_paragraphs_are_items_and_list_number_zero_is_no_list() -> None:
    form = standard_form()
    form.put_xml(CI, 4, 1, _listed("One hour of A a week.", "Two hours of B a week."))
    form.put_xml(CI, 5, 1, _listed("One hour of C a week.", "Two hours of D a week.", number=0))
    imported = read(form)
    found = imported.document["sections"]
    assert _provisions(found, "need-ci-1") == ["One hour of A a week.", "Two hours of B a week."]
    assert _provisions(found, "need-ci-2") == ["One hour of C a week.\nTwo hours of D a week."]
    assert told(imported) == {("row-multiple-provisions", f"{_AREA}.rows[0].provision")}


def test_a_list_made_by_a_paragraph_style_is_a_list() -> None:
    form = standard_form()
    cell = form.cell(CL, 4, 2)
    cell.paragraphs[0].text = "By July 2027 Addie will:"
    for text in ("read a page", "write a line"):
        cell.add_paragraph(text, style="List Bullet")
    outcomes = sections(form)["E"]["outcomes"]
    assert outcomes["outcome-cl-1-1"]["text"] == "By July 2027 Addie will:\nread a page"
    assert outcomes["outcome-cl-1-2"]["text"] == "write a line"


def test_deeper_list_levels_stay_with_their_item() -> None:
    form = standard_form()
    form.put_xml(CI, 4, 1, _listed("Daily talk.") + _listed("in class", "at lunch", level=1) + _listed("Weekly group."))
    assert _provisions(sections(form), "need-ci-1") == ["Daily talk.\nin class\nat lunch", "Weekly group."]


@pytest.mark.parametrize(
    ("typed", "items"),
    [
        ("• One hour a week.\n•\tTwo visits a term.", ["One hour a week.", "Two visits a term."]),
        ("1. One hour a week.\n2) Two visits a term.", ["One hour a week.", "Two visits a term."]),
        ("a) One hour a week.\nb) Two visits a term.", ["One hour a week.", "Two visits a term."]),
        ("- One hour a week.\n- Two visits a term.", ["One hour a week.", "Two visits a term."]),
        (
            "Talk first.\n• One hour a week.\n• Two visits a term.",
            ["Talk first.", "One hour a week.", "Two visits a term."],
        ),
        (
            "1:1 support, 2 hours a week.\n2 visits a term.",
            ["1:1 support, 2 hours a week.\n2 visits a term."],
        ),
        ("2. One hour a week.\n4. Two visits a term.", ["2. One hour a week.\n4. Two visits a term."]),
        ("One hour a week.\nTwo visits a term.", ["One hour a week.\nTwo visits a term."]),
        ("• One hour a week.", ["One hour a week."]),
    ],
)
def test_typed_markers_make_items_and_line_breaks_do_not(typed: str, items: list[str]) -> None:
    form = standard_form()
    form.write(CI, 4, 1, typed)
    assert _provisions(sections(form), "need-ci-1") == items


def test_typed_bullets_in_one_paragraph_with_line_breaks_are_items() -> None:
    form = standard_form()
    form.put_xml(CI, 4, 1, "<w:p><w:r><w:t>• One hour a week.</w:t><w:br/><w:t>• Two visits a term.</w:t></w:r></w:p>")
    assert _provisions(sections(form), "need-ci-1") == ["One hour a week.", "Two visits a term."]


def test_blank_slots_are_skipped_and_do_not_end_the_table() -> None:
    form = standard_form()
    add_row(
        form.tables[CI],
        ["Addie whispers.", "Voice work, 10 minutes a day.", "By May 2027 Addie will be heard."],
        3,
    )
    imported = read(form)
    assert imported.document["sections"]["B"]["needs"]["need-ci-3"]["description"] == "Addie whispers."
    assert told(imported) == set()


def test_a_repeated_header_row_is_skipped_and_pointed_out() -> None:
    form = standard_form()
    add_row(form.tables[CI], [text.upper() for text in NEED_HEADER], 3)
    add_row(
        form.tables[CI],
        ["Addie whispers.", "Voice work, 10 minutes a day.", "By May 2027 Addie will be heard."],
        3,
    )
    imported = read(form)
    assert len(imported.document["sections"]["B"]["needs"]) == 4
    assert told(imported) == {("repeated-header-row", _AREA)}


@pytest.mark.parametrize(
    ("column", "code"), [(0, "row-need-missing"), (1, "row-provision-missing"), (2, "row-outcome-missing")]
)
def test_a_row_that_lacks_a_part_is_pointed_out(column: int, code: str) -> None:
    form = standard_form()
    form.write(CI, 5, column, "")
    role = code.split("-")[1]
    assert told(read(form)) == {(code, f"{_AREA}.rows[1].{role}")}


def test_social_care_needs_one_of_h1_and_h2_only() -> None:
    form = standard_form()
    form.write("socialCare", 3, 1, "Help at home, 2 hours a week.")
    found = sections(form)
    assert found["H1"]["provisions"]["provision-h1-1"]["needIds"] == ["need-care-1"]
    assert found["H2"]["provisions"]["provision-h2-1"]["outcomeIds"] == ["outcome-care-1"]
    form.write("socialCare", 3, 1, "")
    form.write("socialCare", 3, 2, "")
    assert told(read(form)) == {("row-provision-missing", "socialCare.rows[0].provision")}


def test_a_cell_that_says_there_is_none_makes_no_item_and_is_kept_as_a_note() -> None:
    form = standard_form()
    for column, text in enumerate(["No health needs identified.", "None", ""]):
        form.write("health", 3, column, text)
    form.write("socialCare", 3, 1, "Not applicable. Addie is under 18 but needs nothing under H1.")
    imported = read(form)
    found = imported.document["sections"]
    assert "needs" not in found["C"]
    assert found["H1"] == {}
    assert told(imported) == set()
    assert "No health needs identified." in notes(imported)


def test_a_need_that_begins_with_nil_is_a_need() -> None:
    form = standard_form()
    form.write("health", 3, 0, "Nil by mouth: Addie is fed through a gastrostomy.")
    assert sections(form)["C"]["needs"]["need-health-1"]["description"].startswith("Nil by mouth")


@pytest.mark.parametrize(
    "vague",
    [
        "Access to a quiet room as and when required.",
        "Regular support from a teaching assistant.",
        "Opportunities for small group work.",
        "Staff will use visual aids.",
        "Addie would benefit from speech therapy.",
        "Access to a laptop.",
    ],
)
def test_provision_without_any_amount_is_pointed_out(vague: str) -> None:
    form = standard_form()
    form.write(CI, 5, 1, vague)
    imported = read(form)
    assert told(imported) == {("provision-not-quantified", f"{_AREA}.rows[1].provision")}
    assert _provisions(imported.document["sections"], "need-ci-2") == [vague]


@pytest.mark.parametrize(
    "plain",
    [
        "Access to a quiet room for 10 minutes, 3 times a day.",
        "Adult support (1:1) at all times.",
        "Two adults of her choice for transfers.",
        "Symbols in every lesson.",
        "A laptop by 1 September 2026.",
        "A laptop with software that reads text aloud.",
        "Addie has her own radio aid and a sloping board.",
        "Regular breaks: twice a day.",
    ],
)
def test_provision_with_an_amount_is_not_pointed_out(plain: str) -> None:
    form = standard_form()
    form.write(CI, 5, 1, plain)
    assert told(read(form)) == set()


def test_a_plain_quantity_is_read_and_an_unclear_one_is_left_alone() -> None:
    form = standard_form()
    form.write(CI, 5, 1, "A youth worker, 1 hour a week for Addie, then 2 hours a term for staff.")
    provisions = sections(form)["F"]["provisions"]
    quantity = {"minutesPerSession": 30, "sessions": 1, "per": "week", "weeksPerYear": 38, "ratio": "1:1"}
    assert provisions["provision-ci-1"]["quantity"] == quantity
    assert "quantity" not in provisions["provision-ci-2"]
    assert provisions["provision-ci-2"]["deliveredBy"] == {"role": "youth worker"}


def test_a_table_that_goes_on_after_a_page_is_read_on() -> None:
    form = standard_form()
    first = form.tbl(CI)
    second = copy.deepcopy(first)
    for row in first.tr_lst[5:]:
        first.remove(row)
    for row in second.tr_lst[:5]:
        second.remove(row)
    first.addnext(second)
    second.addprevious(fragment("<w:p/>")[0])
    assert sections(form)["B"]["needs"]["need-ci-2"]["description"] == "Addie misses long instructions."


def test_an_area_without_its_title_is_read_as_the_next_one_and_pointed_out() -> None:
    form = standard_form()
    rows = form.tbl(CL)
    rows.remove(rows.tr_lst[0])
    imported = read(form)
    assert imported.document["sections"]["B"]["needs"]["need-cl-1"]["area"] == CL
    assert told(imported) == {("area-not-stated", f"areas.{CL}")}


def test_a_table_without_its_header_is_read_by_position() -> None:
    form = standard_form()
    rows = form.tbl(CI)
    rows.remove(rows.tr_lst[3])
    assert sections(form) == sections(standard_form())


def test_tables_that_a_council_joined_are_told_apart_by_their_titles() -> None:
    form = standard_form()
    first = form.tbl(CI)
    for area in (CL, "socialEmotionalMentalHealth", "sensoryAndPhysical"):
        for row in list(form.tbl(area).tr_lst):
            first.append(row)
        form.tbl(area).getparent().remove(form.tbl(area))
    assert sections(form) == sections(standard_form())


def test_a_table_that_a_council_dropped_is_not_missed() -> None:
    form = standard_form()
    dropped = form.tbl("sensoryAndPhysical")
    dropped.getparent().remove(dropped)
    assert "sensoryAndPhysical" not in sections(form)["B"]["strengths"]


@pytest.mark.parametrize(
    "header",
    [
        ["  b - special educational needs", "F — Special Educational Provision:", "E – Outcome"],
        ["Needs", "Provision", "Outcomes sought"],
    ],
)
def test_header_wording_may_vary(header: list[str]) -> None:
    form = standard_form()
    for column, text in enumerate(header):
        form.write(CI, 3, column, text)
    assert sections(form) == sections(standard_form())
