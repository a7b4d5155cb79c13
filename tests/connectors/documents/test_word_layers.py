"""What a Word file says in layers: hidden text, fields in fields, date controls, boxes, frames, diagrams."""

from __future__ import annotations

import copy

import pytest

from connectors.documents.national_template import read_plan
from tests.connectors.documents.reading import CI, CL, notes, part, read, sections, told, with_parts
from tests.fixtures.documents.build import fragment, paragraph, standard_form

_NEED = f"areas.{CI}.rows[0].need"
_BOX = (
    '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor><a:graphic><a:graphicData><wps:wsp>'
    "<wps:txbx><w:txbxContent>{0}</w:txbxContent></wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:anchor>"
    "</w:drawing></mc:Choice></mc:AlternateContent></w:r>"
)


def _run(text: str, look: str = "") -> str:
    return f'<w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def _mark(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def _says(text: str) -> str:
    return f'<w:r><w:instrText xml:space="preserve"> {text} </w:instrText></w:r>'


def _field(says: str, shows: str) -> str:
    return _mark("begin") + _says(says) + _mark("separate") + _run(shows) + _mark("end")


def _date_control(day: str, shows: str) -> str:
    picked = f'<w:sdtPr><w:date w:fullDate="{day}T00:00:00Z"/></w:sdtPr>'
    return f"<w:sdt>{picked}<w:sdtContent>{_run(shows)}</w:sdtContent></w:sdt>"


def test_hidden_text_is_kept_as_a_note_and_is_no_text_of_the_plan() -> None:
    form = standard_form()
    form.put_xml(CI, 4, 0, f"<w:p>{_run('Addie seldom starts a talk.')}{_run(' Ask mum first.', '<w:vanish/>')}</w:p>")
    imported = read(form)
    assert imported.document["sections"]["B"]["needs"]["need-ci-1"]["description"] == "Addie seldom starts a talk."
    assert notes(imported) == {"Ask mum first.": "hidden text in table 5, row 5, column 1"}
    assert told(imported) == {("hidden-text", _NEED)}


def test_a_run_that_is_not_hidden_after_all_is_text() -> None:
    form = standard_form()
    shown = '<w:vanish w:val="0"/>'
    form.put_xml(CI, 4, 0, f"<w:p>{_run('Addie is quiet.', shown)}</w:p>")
    imported = read(form)
    assert imported.document["sections"]["B"]["needs"]["need-ci-1"]["description"] == "Addie is quiet."
    assert (notes(imported), told(imported)) == ({}, set())


def test_a_field_inside_what_a_field_says_to_word_is_no_text() -> None:
    form = standard_form()
    nested = _mark("begin") + _says("IF") + _field("MERGEFIELD Sex", "F") + _says('= "F" "she" "he"')
    form.put_xml("details", 1, 3, f"<w:p>{nested}{_mark('separate')}{_run('Addie')}{_mark('end')}</w:p>")
    imported = read(form)
    assert imported.document == read(standard_form()).document


def test_the_address_of_a_link_that_is_a_field_is_kept_where_it_does_not_show() -> None:
    form = standard_form()
    link = _field('HYPERLINK "https://example.org/film"', "my film")
    form.put_xml("a2", 5, 0, f"<w:p>{_run('See ')}{link}{_run('.')}</w:p>")
    mail = _field('HYPERLINK "mailto:joan.brindle@example.org"', "joan.brindle@example.org")
    form.put_xml("details", 7, 1, f"<w:p>{mail}</w:p>")
    imported = read(form)
    assert imported.document["sections"]["A"]["interests"] == "See my film."
    assert notes(imported) == {"https://example.org/film": "address behind a link in table 4, row 6, column 1"}
    assert told(imported) == {("link-address", "a2.interests")}


@pytest.mark.parametrize(
    ("picked", "shows", "iso", "code"),
    [
        ("2016-05-14", "14 May 2016", "2016-05-14", None),
        ("2016-05-14", "May 2016", "2016-05-14", "date-from-control"),
        ("2016-05-04", "5/4/2016", "2016-05-04", "date-from-control"),
        ("2016-05-14", "13 May 2016", "2016-05-13", None),
        ("2014-05-14", "May 2016", None, "date-unreadable"),
    ],
)
def test_the_day_picked_in_a_date_control_counts_where_its_text_says_less(
    picked: str, shows: str, iso: str | None, code: str | None
) -> None:
    form = standard_form()
    form.put_xml("advice", 1, 1, f"<w:p>{_date_control(picked, shows)}</w:p>")
    imported = read(form)
    advice = imported.document["sections"]["K"]["advice"]["advice-1"]
    assert (advice.get("dateReceived"), advice["dateReceivedAsStated"]) == (iso, shows)
    assert told(imported) == ({(code, "advice[0].dateReceived")} if code else set())


def test_a_text_box_that_is_all_a_cell_holds_is_its_text() -> None:
    form = standard_form()
    form.put_xml(CI, 4, 0, f"<w:p>{_BOX.format(paragraph('Addie is quiet.'))}</w:p>")
    imported = read(form)
    assert imported.document["sections"]["B"]["needs"]["need-ci-1"]["description"] == "Addie is quiet."
    assert (notes(imported), told(imported)) == ({}, {("text-box", _NEED)})


def _framed(*cells: str) -> str:
    row = "".join(f"<w:tc><w:tcPr/>{cell}</w:tc>" for cell in cells)
    return f"<w:tr>{row}</w:tr>"


@pytest.mark.parametrize(
    "rows",
    [
        _framed("<w:p/>", "<w:p/>"),
        _framed("<w:p/>") + _framed("<w:p/>"),
        _framed(paragraph("Cognition and learning")) + _framed("<w:p/>"),
    ],
    ids=["a margin", "two rows", "a title over it"],
)
def test_a_table_that_only_lays_out_the_page_does_not_hide_the_forms_tables(rows: str) -> None:
    form = standard_form()
    frame = fragment(f"<w:tbl><w:tblPr/><w:tblGrid/>{rows}</w:tbl>")[0]
    form.tbl(CL).addprevious(frame)
    last = list(frame.iter("{*}tc"))[-1]
    last.insert(1, form.tbl(CL))
    assert read(form).document == read(standard_form()).document


def test_a_table_somebody_drew_in_a_cell_of_views_stays_there() -> None:
    form = standard_form()
    inner = f"<w:tbl><w:tblPr/><w:tblGrid/>{_framed(paragraph('At school'), paragraph('Happy'))}</w:tbl>"
    form.put_xml("a2", 5, 0, inner + "<w:p/>")
    imported = read(form)
    assert imported.document["sections"]["A"]["interests"] == "At school\tHappy"
    assert told(imported) == {("nested-table", "a2.interests")}


def test_a_watermark_marks_the_file_as_a_draft() -> None:
    form = standard_form()
    mark = '<w:p><w:r><w:pict><v:shape><v:textpath string="DRAFT"/></v:shape></w:pict></w:r></w:p>'
    form.document.sections[0].header._element.append(fragment(mark)[0])  # noqa: SLF001  # python-docx draws none
    imported = read(form)
    assert imported.facts.marked == "draft"
    assert notes(imported) == {"DRAFT": "page header in the pages"}


def test_the_texts_of_a_diagram_are_kept_as_a_note() -> None:
    data = standard_form().to_bytes()
    text = "<a:p><a:r><a:t>Circle of friends: Bo</a:t></a:r></a:p>"
    diagram = (
        f'<d:dataModel xmlns:d="d" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">{text}</d:dataModel>'
    )
    imported = read(with_parts(data, {"word/diagrams/data1.xml": diagram}))
    assert notes(imported) == {"Circle of friends: Bo": "text of a diagram in the document"}


def test_prompts_that_word_keeps_for_empty_controls_are_no_text() -> None:
    data = standard_form().to_bytes()
    prompts = part(data, "word/document.xml").replace("Ada Brindle", "Enter her name").replace("Boats", "Write here")
    imported = read(with_parts(data, {"word/glossary/document.xml": prompts}))
    assert imported.document == read_plan(data, file_name="plan.docx").document


def test_a_cell_over_h1_and_h2_is_pointed_out() -> None:
    form = standard_form()
    form.write("socialCare", 3, 1, "A support worker, 2 hours a week.")
    row = form.tr("socialCare", 3)
    row.tc_lst[1].get_or_add_tcPr().append(fragment('<w:gridSpan w:val="2"/>')[0])
    row.remove(row.tc_lst[2])
    imported = read(form)
    (provision,) = imported.document["sections"]["H1"]["provisions"].values()
    assert provision["what"] == "A support worker, 2 hours a week."
    assert told(imported) == {("h1-h2-together", "socialCare.rows[0].h1")}


def test_a_row_over_all_columns_is_a_note_and_moves_nothing() -> None:
    form = standard_form()
    row = copy.deepcopy(form.tr(CI, 2))
    form.tr(CI, 4).addnext(row)
    form.write(CI, 5, 0, "Expressive language")
    imported = read(form)
    assert imported.document["sections"] == sections(standard_form())
    assert list(notes(imported)) == ["Expressive language"]
