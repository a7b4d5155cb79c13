"""What Word hides: tracked changes, content controls, text boxes, notes, links, marks, prompts."""

from __future__ import annotations

import pytest

from tests.connectors.documents.reading import CI, notes, part, read, sections, strings, told, with_parts
from tests.fixtures.documents.build import add_row, fragment, paragraph, standard_form

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_BOXED = "<w:txbxContent><w:p><w:r><w:t>Boxed words of Joan.</w:t></w:r></w:p></w:txbxContent>"
_TEXT_BOX = (
    '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor><a:graphic><a:graphicData><wps:wsp>'
    f"<wps:txbx>{_BOXED}</wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice>"
    f"<mc:Fallback><w:pict><v:textbox>{_BOXED}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
)


def _run(text: str, look: str = "") -> str:
    return f'<w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def _p(*content: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{''.join(content)}</w:p>"


def _ins(text: str, tag: str = "ins") -> str:
    return f'<w:{tag} w:id="1" w:author="x">{_run(text)}</w:{tag}>'


def _deleted(text: str) -> str:
    return f'<w:del w:id="2" w:author="x"><w:r><w:delText xml:space="preserve">{text}</w:delText></w:r></w:del>'


def test_inserted_text_is_read_and_deleted_text_is_kept_as_a_note() -> None:
    form = standard_form()
    form.put_xml(CI, 4, 0, _p(_run("Addie "), _ins("never "), _deleted("seldom "), _run("starts a talk.")))
    imported = read(form)
    assert imported.document["sections"]["B"]["needs"]["need-ci-1"]["description"] == "Addie never starts a talk."
    assert notes(imported) == {"seldom": "text deleted by a tracked change in table 5, row 5, column 1"}
    assert told(imported) == {("tracked-changes", f"areas.{CI}.rows[0].need")}


def test_moved_text_is_read_where_it_went_and_makes_no_note() -> None:
    form = standard_form()
    form.put_xml(CI, 4, 0, _p(_run("Addie is quiet."), _ins("It was louder before.", "moveFrom")))
    form.put_xml(CI, 5, 0, _p(_ins("It was louder before.", "moveTo"), _run(" Addie misses much.")))
    imported = read(form)
    needs = imported.document["sections"]["B"]["needs"]
    assert needs["need-ci-1"]["description"] == "Addie is quiet."
    assert needs["need-ci-2"]["description"] == "It was louder before. Addie misses much."
    assert notes(imported) == {}


def test_a_deleted_paragraph_mark_joins_two_paragraphs() -> None:
    form = standard_form()
    form.put_xml(CI, 4, 0, _p(_run("Addie is "), properties="<w:rPr><w:del/></w:rPr>") + _p(_run("quiet.")))
    assert sections(form)["B"]["needs"]["need-ci-1"]["description"] == "Addie is quiet."


def test_a_deleted_row_makes_no_need_and_its_text_is_a_note() -> None:
    form = standard_form()
    row = form.tr(CI, 5)
    row.get_or_add_trPr().append(fragment("<w:del/>")[0])
    imported = read(form)
    assert "need-ci-2" not in imported.document["sections"]["B"]["needs"]
    assert "Addie misses long instructions." in notes(imported)


def test_content_controls_around_cells_rows_and_paragraphs_are_looked_through() -> None:
    form = standard_form()
    cell, row = form.tr("advice", 1).tc_lst[2], form.tr("advice", 2)
    for element in (cell, row):
        control = fragment("<w:sdt><w:sdtPr/><w:sdtContent/></w:sdt>")[0]
        element.addprevious(control)
        control[1].append(element)
    inner = f"<w:sdt><w:sdtContent>{_run(' of boats')}</w:sdtContent></w:sdt>"
    form.put_xml("a2", 5, 0, f"<w:sdt><w:sdtContent>{_p(_run('Pictures'), inner)}</w:sdtContent></w:sdt>")
    found = sections(form)
    assert found["K"]["advice"]["advice-1"]["from"] == "Joan Brindle"
    assert found["K"]["advice"]["advice-2"]["from"] == "Ines Marl, head teacher"
    assert found["A"]["interests"] == "Pictures of boats"


def test_a_form_wholly_inside_a_content_control_is_the_same_form() -> None:
    form = standard_form()
    body = form.document.element.body
    control = fragment("<w:sdt><w:sdtPr/><w:sdtContent/></w:sdt>")[0]
    inside = [each for each in body if not each.tag.endswith("sectPr")]
    body.insert(0, control)
    for each in inside:
        control[1].append(each)
    assert read(form).document == read(standard_form()).document


def test_the_strict_names_of_the_standard_are_read_too() -> None:
    data = standard_form().to_bytes()
    strict = part(data, "word/document.xml").replace(
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "http://purl.oclc.org/ooxml/wordprocessingml/main",
    )
    assert sections(with_parts(data, {"word/document.xml": strict})) == sections(data)


def test_a_text_box_is_kept_once_as_a_note_with_its_place() -> None:
    form = standard_form()
    form.put_xml("a2", 5, 0, _p(_run("Boats."), _TEXT_BOX))
    imported = read(form)
    assert imported.document["sections"]["A"]["interests"] == "Boats."
    assert notes(imported) == {"Boxed words of Joan.": "text box in table 4, row 6, column 1"}
    assert told(imported) == {("text-box", "a2.interests")}


def test_notes_comments_headers_and_footers_are_kept_as_notes() -> None:
    form = standard_form()
    marks = '<w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:commentReference w:id="0"/></w:r>'
    form.put_xml("a2", 7, 0, _p(_run("Good at sea"), marks, _run(".")))
    form.document.sections[0].header.paragraphs[0].text = "DRAFT for Ada Brindle"
    form.document.sections[0].footer.paragraphs[0].text = "Page 1 of 9"
    said = "<w:p><w:r><w:t>{}</w:t></w:r></w:p>"
    footnotes = f'<w:footnotes {_W}><w:footnote w:id="2">{said.format("As seen by Walter.")}</w:footnote></w:footnotes>'
    comments = (
        f'<w:comments {_W}><w:comment w:id="0">{said.format("Is this right?")}</w:comment>'
        f'<w:comment w:id="7">{said.format("Nobody cites me.")}</w:comment></w:comments>'
    )
    imported = read(with_parts(form.to_bytes(), {"word/footnotes.xml": footnotes, "word/comments.xml": comments}))
    assert imported.document["sections"]["A"]["strengths"] == "Good at sea."
    assert notes(imported) == {
        "As seen by Walter.": "footnote in table 4, row 8, column 1",
        "Is this right?": "comment in table 4, row 8, column 1",
        "Nobody cites me.": "comment in the document",
        "DRAFT for Ada Brindle": "page header in the pages",
    }
    assert {("footnote", "a2.strengths"), ("comment-left", "a2.strengths")} <= told(imported)
    assert imported.facts.marked == "draft"


def test_the_address_behind_a_link_is_kept() -> None:
    form = standard_form()
    form.put_xml("a2", 5, 0, _p(_run("See "), f'<w:hyperlink r:id="rId99">{_run("my video")}</w:hyperlink>'))
    data = form.to_bytes()
    link = (
        '<Relationship Id="rId99" TargetMode="External" Target="https://example.org/video" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"/></Relationships>'
    )
    rels = "word/_rels/document.xml.rels"
    imported = read(with_parts(data, {rels: part(data, rels).replace("</Relationships>", link)}))
    assert imported.document["sections"]["A"]["interests"] == "See my video"
    assert "https://example.org/video" in notes(imported)


def test_breaks_hyphens_tabs_and_symbols_are_read_as_they_look() -> None:
    form = standard_form()
    form.put_xml(
        "a2",
        5,
        0,
        "<w:p><w:r><w:t>multi</w:t><w:softHyphen/><w:t>sensory, so\u00adft, non</w:t>"
        "<w:noBreakHyphen/><w:t>stop</w:t><w:tab/>"
        '<w:t>end</w:t><w:br/><w:t>two\u00a0lines</w:t><w:sym w:font="Wingdings" w:char="F0FC"/></w:r></w:p>',
    )
    imported = read(form)
    assert imported.document["sections"]["A"]["interests"] == "multisensory, soft, non-stop\tend\ntwo lines✓"
    assert told(imported) == {("non-breaking-spaces", "")}


def test_a_table_inside_a_cell_is_read_line_by_line() -> None:
    form = standard_form()
    cells = "".join(f"<w:tc><w:p>{_run(text)}</w:p></w:tc>" for text in ("Speaks", "well"))
    form.put_xml(CI, 2, 0, _p(_run("Strong:")) + f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>" + _p())
    imported = read(form)
    assert imported.document["sections"]["B"]["strengths"][CI] == "Strong:\nSpeaks\twell"
    assert told(imported) == {("nested-table", f"areas.{CI}.strengths")}


def test_page_breaks_inside_label_cells_do_not_hide_the_label() -> None:
    form = standard_form()
    form.put_xml("placement", 0, 0, _p('<w:r><w:br w:type="page"/></w:r>', _run("Name")))
    assert sections(form)["I"] == sections(standard_form())["I"]


def test_struck_text_in_a_field_is_kept_and_pointed_out() -> None:
    form = standard_form()
    form.put_xml(CI, 4, 0, _p(_run("Old words.", "<w:strike/>"), _run(" New words.")))
    imported = read(form)
    assert imported.document["sections"]["B"]["needs"]["need-ci-1"]["description"] == "Old words. New words."
    assert told(imported) == {("struck-through-text", f"areas.{CI}.rows[0].need")}


@pytest.mark.parametrize(
    "left",
    [
        "{{ interests }}",
        "[insert interests here]",
        "Click or tap here to enter text.",
        "«Interests»",
        "Choose an item.",
    ],
)
def test_a_placeholder_left_counts_as_empty_and_is_pointed_out(left: str) -> None:
    form = standard_form()
    form.put_xml("a2", 5, 0, _p(*(_run(part_of) for part_of in (left[:1], left[1:7], left[7:]))))
    imported = read(form)
    assert "interests" not in imported.document["sections"]["A"]
    assert [(each.code, each.path, each.raw) for each in imported.warnings] == [
        ("placeholder-left", "a2.interests", left)
    ]
    assert imported.unplaced_words == 0


def test_a_prompt_that_word_still_shows_counts_as_empty_whatever_it_says() -> None:
    form = standard_form()
    prompt = _p(_run("What do you like best"))
    control = f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{prompt}</w:sdtContent></w:sdt>"
    form.put_xml("a2", 5, 0, control)
    imported = read(form)
    assert "What do you like best" not in "\n".join(strings(imported.document))
    assert told(imported) == {("placeholder-left", "a2.interests")}


def test_a_placeholder_inside_a_sentence_stays_and_is_pointed_out() -> None:
    form = standard_form()
    form.write("a2", 5, 0, "Addie likes {{ interest }} and boats.")
    imported = read(form)
    assert imported.document["sections"]["A"]["interests"] == "Addie likes {{ interest }} and boats."
    assert told(imported) == {("placeholder-left", "a2.interests")}


def test_placeholders_in_unused_rows_are_told_once_for_the_table() -> None:
    form = standard_form()
    for number in (3, 4):
        add_row(form.tables[CI], [f"{{{{ need_{number} }}}}", f"{{{{ provision_{number} }}}}", ""], 3)
    imported = read(form)
    assert len(imported.document["sections"]["B"]["needs"]) == 3
    assert told(imported) == {("placeholder-left", f"areas.{CI}")}


def test_an_untouched_half_of_a1_leaves_the_other_in_its_place() -> None:
    form = standard_form()
    form.write("a1", 1, 1, "{{ history }}\n\nAddie likes short sentences.")
    assert sections(form)["A"]["communication"] == "Addie likes short sentences."
    assert "history" not in sections(form)["A"]


def test_a_picture_is_pointed_out() -> None:
    form = standard_form()
    picture = (
        "<w:drawing><wp:inline><a:graphic><a:graphicData><a:blip/></a:graphicData></a:graphic></wp:inline></w:drawing>"
    )
    form.put_xml("a2", 5, 0, _p(_run("Drawn by Addie:"), f"<w:r>{picture}</w:r>"))
    assert told(read(form)) == {("picture-left-out", "a2.interests")}


def test_text_between_the_tables_is_kept_as_a_note() -> None:
    form = standard_form()
    form.tbl("a2").addprevious(fragment(paragraph("The family asked for large print."))[0])
    imported = read(form)
    assert list(notes(imported)) == ["The family asked for large print."]
    assert told(imported) == {("text-unplaced", "")}
