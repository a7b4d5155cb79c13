"""Councils' own titles, headings and headers, and tables that they cut in two."""

from __future__ import annotations

import copy

import pytest

from connectors.documents.national_template import read_plan
from services.reference_data import load_reference_data
from tests.connectors.documents.reading import CI, CL, notes, read, sections, told
from tests.fixtures.documents.build import fragment, paragraph, standard_form

_AREA = f"areas.{CI}"
_SEMH = "socialEmotionalMentalHealth"
_SP = "sensoryAndPhysical"


@pytest.mark.parametrize(
    ("table", "title"),
    [
        (CI, "Section B: Communication & Interaction"),
        (CI, "Area of need 1 – Communication and interaction needs (SLCN)"),
        (CI, "Speech, language and communication"),
        (CL, "2. Cognition & Learning (C&L)"),
        (CL, "Learning and cognition"),
        (_SEMH, "SEMH"),
        (_SEMH, "Behaviour, social, emotional and mental health"),
        (_SP, "Physical, sensory and medical needs"),
        (_SP, "Sensory & Physical"),
    ],
)
def test_the_title_of_an_area_may_be_worded_in_many_ways(table: str, title: str) -> None:
    form = standard_form()
    form.write(table, 0, 0, title)
    imported = read(form)
    assert imported.document == read(standard_form()).document
    assert told(imported) == set()


def test_titles_in_own_words_tell_the_areas_when_they_stand_in_another_order() -> None:
    form = standard_form()
    form.write(CI, 0, 0, "Communication & Interaction")
    form.write(_SP, 0, 0, "Sensory & Physical")
    form.tbl(CI).addprevious(form.tbl(_SP))
    form.tbl(CI).addprevious(fragment("<w:p/>")[0])
    needs = {need["area"]: need["description"] for need in sections(form)["B"]["needs"].values()}
    usual = {need["area"]: need["description"] for need in sections(standard_form())["B"]["needs"].values()}
    assert needs == usual


def test_two_areas_in_one_line_are_no_title_and_are_not_lost() -> None:
    form = standard_form()
    form.tbl("a2").addprevious(fragment(paragraph("SLCN and SEMH"))[0])
    assert list(notes(read(form))) == ["SLCN and SEMH"]


@pytest.mark.parametrize(
    "header",
    [
        ["Special Educational Needs (Section B)", "Special Educational Provision (Section F)", "Outcomes (Section E)"],
        ["B: SEN", "F: SEP", "E: Outcome(s)"],
        ["Barriers to learning", "Support needed", "Goals"],
        ["Description of need", "Provision required", "Desired outcome"],
        ["What I need help with", "What needs to happen", "What we want to achieve"],
        ["Need", "Provision to meet the needs", "E – Outcomes (SMART)"],
    ],
)
def test_a_header_may_be_in_a_councils_own_words(header: list[str]) -> None:
    form = standard_form()
    for column, text in enumerate(header):
        form.write(CI, 3, column, text)
    imported = read(form)
    assert imported.document == read(standard_form()).document
    assert told(imported) == set()


def test_words_of_a_header_are_no_header_in_a_row_of_other_text() -> None:
    form = standard_form()
    form.write(CI, 4, 1, "Support")
    need = sections(form)["B"]["needs"]["need-ci-1"]["description"]
    assert need == sections(standard_form())["B"]["needs"]["need-ci-1"]["description"]
    assert sections(form)["F"]["provisions"]["provision-ci-1"]["what"] == "Support"


@pytest.mark.parametrize("between", ["<w:p/>", paragraph("Continued overleaf"), ""])
def test_a_table_cut_in_two_under_a_second_header_is_one_area(between: str) -> None:
    form = standard_form()
    first = form.tbl(CI)
    second = copy.deepcopy(first)
    for row in first.tr_lst[5:]:
        first.remove(row)
    for row in [*second.tr_lst[:3], second.tr_lst[4]]:
        second.remove(row)
    first.addnext(second)
    for element in fragment(between):
        first.addnext(element)
    imported = read(form)
    assert imported.document == read(standard_form()).document
    assert told(imported) == {("repeated-header-row", _AREA)}


def test_strengths_that_stand_behind_the_rows_are_strengths() -> None:
    form = standard_form()
    rows = form.tbl(CI).tr_lst
    for row in rows[1:3]:
        form.tbl(CI).append(row)
    imported = read(form)
    assert imported.document == read(standard_form()).document


@pytest.mark.parametrize(
    ("heading", "own"),
    [
        ("Sections C", "Health care needs & provision"),
        ("I", "Section I – Name and type of school"),
        ("J", "Personal budget (including direct payments)"),
        ("K", "Appendices"),
        ("Sign", "Signatures"),
    ],
)
def test_a_heading_in_own_words_is_no_text_of_the_plan(heading: str, own: str) -> None:
    form = standard_form()
    changed = [each for each in form.document.paragraphs if each.text.startswith(heading)]
    changed[0].text = own
    assert read(form).document == read(standard_form()).document


def test_a_table_of_contents_is_no_text_of_the_plan() -> None:
    form = standard_form()
    line = "<w:p><w:r><w:t>{}</w:t><w:tab/><w:t>9</w:t></w:r></w:p>"
    lines = "".join(line.format(each) for each in ("Placement", "Section K"))
    for element in fragment(lines):
        form.tbl("details").addprevious(element)
    assert read(form).unplaced_words == 0


def test_a_column_that_a_council_added_to_section_k_moves_nothing() -> None:
    form = standard_form()
    usual = sections(form)["K"]
    for number, row in enumerate(form.tbl("advice").tr_lst):
        cell = copy.deepcopy(row.tc_lst[-1])
        row.tc_lst[0].addnext(cell)
        form.write("advice", number, 1, "Appendix no." if number == 0 else "")
    form.write("advice", 1, 1, "K1a")
    imported = read(form)
    assert imported.document["sections"]["K"] == usual
    assert set(notes(imported)) == {"Appendix no.", "K1a"}
    assert ("extra-column", "advice") in told(imported)


@pytest.mark.parametrize(
    ("table", "row", "label"),
    [
        ("details", 1, "Child/young person’s full name"),
        ("details", 2, "D.O.B."),
        ("details", 9, "Parent/Carer 2 (if applicable):"),
        ("services", 1, "1. Current school or setting"),
        ("services", 4, "Known to Children’s Social Care?"),
        (CI, 1, "Strengths and interests"),
        ("a2", 2, "My views"),
        ("a2", 4, "What I like and am interested in"),
        ("a2", 8, "My hopes and dreams"),
    ],
)
def test_a_label_may_be_in_a_councils_own_words(table: str, row: int, label: str) -> None:
    form = standard_form()
    form.write(table, row, 0, label)
    imported = read(form)
    assert imported.document == read(standard_form()).document
    assert told(imported) == set()


def test_what_is_typed_behind_the_forms_invitation_is_kept_without_it() -> None:
    form = standard_form()
    invitation = form.cell("a2", 1, 0).text.split("\n")
    form.write("a2", 1, 0, "\n".join([f"{invitation[0]}https://example.org/film", *invitation[1:]]))
    assert list(notes(read(form))) == ["https://example.org/film"]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Yes – Rutland", "857"),
        ("Yes, from Leicester City", "856"),
        ("Y (Nottingham City Council, transferred 01.09.25)", "892"),
        ("Yes: previous LA Derbyshire County Council", "830"),
        ("Yes, previously with Kirklees", "382"),
        ("Yes. Transfer from the London Borough of Hackney (204)", "204"),
        ("Yes (from Hammersmith & Fulham, moved 01/09/25)", "205"),
        ("Yes, she was reading at the time", None),
        ("Yes – Rutland or Kirklees", None),
    ],
)
def test_the_previous_council_is_told_by_its_name_however_it_is_put(typed: str, code: str | None) -> None:
    form = standard_form()
    form.write("services", 9, 1, typed)
    councils = load_reference_data().code_sets["local-authorities"]
    imported = read_plan(form.to_bytes(), file_name="plan.docx", councils=councils)
    assert imported.facts.from_la == code
    assert imported.document["services"]["movingFromDifferentLA"].get("fromLa") == code


@pytest.mark.parametrize(
    ("name", "kind", "types"),
    [
        ("Tarn School (URN 199801)\nEsk College (URN 199802)", "Primary\nCollege", ["Primary", "College"]),
        ("1. Tarn School (URN 199801)\n2. Esk College (URN 199802)", "Special", ["Special", "Special"]),
        ("Tarn School (URN 199801) and Esk College (URN 199802)", "", [None, None]),
    ],
)
def test_two_settings_in_one_cell_are_two_placements(name: str, kind: str, types: list[str | None]) -> None:
    form = standard_form()
    form.write("placement", 0, 1, name)
    form.write("placement", 1, 1, kind)
    imported = read(form)
    placements = imported.document["sections"]["I"]["placements"].values()
    assert [(each["name"], each["urn"]) for each in placements] == [
        ("Tarn School", "199801"),
        ("Esk College", "199802"),
    ]
    assert [each.get("type") for each in placements] == types
    assert told(imported) == {("placement-multiple", "placement")}
    assert notes(imported) == {}


def test_a_setting_with_lines_about_it_is_one_placement() -> None:
    form = standard_form()
    form.write("placement", 0, 1, "Esk College (UKPRN 10099801)\nSupported internship at Tarn Hospital")
    (placement,) = sections(form)["I"]["placements"].values()
    assert placement["note"] == "Supported internship at Tarn Hospital"


def test_a_second_setting_typed_where_the_labels_stand_is_a_placement() -> None:
    form = standard_form()
    form.write("placement", 2, 0, "Esk College (URN 199802)")
    form.write("placement", 3, 0, "Special school")
    imported = read(form)
    second = imported.document["sections"]["I"]["placements"]["placement-2"]
    assert (second["name"], second["urn"], second["type"]) == ("Esk College", "199802", "Special school")
    assert notes(imported) == {}


def test_a_kind_of_advice_merged_over_two_rows_is_that_of_both() -> None:
    form = standard_form()
    form.tr("advice", 1).tc_lst[0].get_or_add_tcPr().append(fragment('<w:vMerge w:val="restart"/>')[0])
    form.tr("advice", 2).tc_lst[0].get_or_add_tcPr().append(fragment("<w:vMerge/>")[0])
    form.write("advice", 2, 0, "")
    first, second = list(sections(form)["K"]["advice"].values())[:2]
    assert (second["kind"], second["from"]) == (first["kind"], "Ines Marl, head teacher")


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Tarn School (URN 199801), year 5", "Tarn School"),
        ("Tarn School, URN: 199801", "Tarn School"),
        ("Tarn School – DfE no. 909/2001", "Tarn School"),
        ("Tarn School", None),
    ],
)
def test_the_current_setting_has_the_name_that_stands_before_its_number(typed: str, name: str | None) -> None:
    form = standard_form()
    form.write("services", 1, 1, typed)
    assert read(form).document["services"]["educationSetting"].get("name") == name


def test_the_first_label_of_a_table_is_told_from_its_place_too() -> None:
    form = standard_form()
    form.write("services", 1, 0, "Where she learns")
    imported = read(form)
    assert imported.document["services"] == read(standard_form()).document["services"]
    assert told(imported) == {("label-assumed", "services.educationSetting")}


def test_where_the_unplaced_texts_stand_is_said_so_that_people_find_them() -> None:
    form = standard_form()
    form.tbl("a2").addprevious(fragment(paragraph("The family asked for large print."))[0])
    row = copy.deepcopy(form.tr(CI, 2))
    form.tr(CI, 4).addnext(row)
    form.write(CI, 5, 0, "Expressive language")
    (warning,) = read(form).warnings
    where = "table 5 (communication and interaction), row 6, column 1"
    assert warning.message.startswith("Text that no field of the plan holds is kept as a note. It stands in paragraph ")
    assert warning.message.endswith(f" outside the tables; {where}.")


@pytest.mark.parametrize(
    ("table", "lines", "section", "held"),
    [
        (
            "placement",
            ["Name: Tarn School (URN 199801)", "Type: Mainstream school"],
            "I",
            {"name": "Tarn School", "urn": "199801", "type": "Mainstream school"},
        ),
        ("directPayments", ["No direct payment is made."], "J", {"details": "No direct payment is made."}),
        (
            "a1",
            ["Addie was born in Eskwick.", "She likes boats."],
            "A",
            {"history": "Addie was born in Eskwick.\nShe likes boats."},
        ),
    ],
)
def test_paragraphs_that_stand_where_a_table_should_are_read(
    table: str, lines: list[str], section: str, held: dict[str, str]
) -> None:
    form = standard_form()
    heading = [paragraph("A1 Summary of the child or young person’s history")] if table == "a1" else []
    for element in fragment("".join([*heading, *map(paragraph, lines)])):
        form.tbl(table).addprevious(element)
    form.tbl(table).getparent().remove(form.tbl(table))
    imported = read(form)
    read_section = imported.document["sections"][section]
    read_section = read_section["placements"]["placement-1"] if section == "I" else read_section
    assert {key: read_section[key] for key in held} == held
    assert (notes(imported), told(imported)) == ({}, set())


def test_a_second_parent_who_is_said_not_to_be_is_no_contact() -> None:
    form = standard_form()
    for row, column in ((9, 3), (10, 1), (10, 3), (11, 1)):
        form.write("details", row, column, "")
    form.write("details", 9, 1, "N/A")
    imported = read(form)
    assert list(imported.document["personalDetails"]["contacts"]) == ["contact-1"]
    assert list(notes(imported)) == ["N/A"]


def test_a_row_that_says_that_there_is_no_need_of_its_area_makes_none() -> None:
    form = standard_form()
    for column, text in enumerate(("No sensory or physical needs identified", "", "")):
        form.write(_SP, 4, column, text)
    imported = read(form)
    needs = imported.document["sections"]["B"]["needs"].values()
    assert [need for need in needs if need["area"] == _SP] == []
    assert list(notes(imported)) == ["No sensory or physical needs identified"]
    assert told(imported) == set()


def test_several_labels_in_one_cell_are_several_fields() -> None:
    form = standard_form()
    rows = form.tbl("details").tr_lst
    form.write("details", 1, 0, "Name: Ada Brindle\nPreferred name: Addie\nDate of birth: 14 May 2016\nSex: Female")
    for cell in rows[1].tc_lst[1:]:
        rows[1].remove(cell)
    form.tbl("details").remove(rows[2])
    for column in (0, 1):
        form.write("details", 2, column, "")
    imported = read(form)
    assert imported.document == read(standard_form()).document
    assert told(imported) == set()
