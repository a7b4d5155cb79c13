"""Yes or no: beside the form's own "YES/ NO", in ticked boxes of every make, in other words."""

from __future__ import annotations

import pytest

from tests.connectors.documents.reading import read, told
from tests.fixtures.documents.build import standard_form


def _run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def _control(sign: str, *, ticked: bool) -> str:
    mark = f'<w14:checkbox><w14:checked w14:val="{int(ticked)}"/></w14:checkbox>'
    return f"<w:sdt><w:sdtPr>{mark}</w:sdtPr><w:sdtContent>{_run(sign)}</w:sdtContent></w:sdt>"


def _symbol(code: str) -> str:
    return f'<w:r><w:sym w:font="Wingdings" w:char="{code}"/></w:r>'


def _form_field(inside: str, code: str) -> str:
    return (
        f'<w:r><w:fldChar w:fldCharType="begin"><w:ffData>{inside}</w:ffData></w:fldChar></w:r>'
        f'<w:r><w:instrText> {code} </w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def _typed(text: str, font: str) -> str:
    return f'<w:r><w:rPr><w:rFonts w:ascii="{font}" w:hAnsi="{font}"/></w:rPr><w:t>{text}</w:t></w:r>'


_TICKED_FIELD = _form_field('<w:checkBox><w:default w:val="0"/><w:checked/></w:checkBox>', "FORMCHECKBOX")
_EMPTY_FIELD = _form_field('<w:checkBox><w:default w:val="0"/></w:checkBox>', "FORMCHECKBOX")
_LIST_FIELD = _form_field(
    '<w:ddList><w:result w:val="1"/><w:listEntry w:val="Yes"/><w:listEntry w:val="No"/></w:ddList>', "FORMDROPDOWN"
)


def _answers(xml: str) -> tuple[str, str]:
    form = standard_form()
    form.put_xml("services", 4, 1, f"<w:p>{xml}</w:p>")
    form.put_xml("advice", 1, 3, f"<w:p>{xml}</w:p>")
    plan = read(form).document
    return plan["services"]["knownToSocialCare"]["answer"], plan["sections"]["K"]["advice"]["advice-1"]["appended"]


@pytest.mark.parametrize(
    ("xml", "answer"),
    [
        (_control("☒", ticked=True) + _run(" Yes ") + _control("☐", ticked=False) + _run(" No"), "yes"),
        (_run("YES ") + _symbol("F0A8") + _run(" NO ") + _symbol("F0FE"), "no"),
        (_TICKED_FIELD + _run(" Yes ") + _EMPTY_FIELD + _run(" No"), "yes"),
        (_EMPTY_FIELD + _run(" Yes ") + _TICKED_FIELD + _run(" No"), "no"),
        (_LIST_FIELD, "no"),
        (_typed("o", "Wingdings") + _run(" Yes ") + _typed("þ", "Wingdings") + _run(" No"), "no"),
        (_run("Yes ") + _typed("P", "Wingdings 2") + _run(" No"), "yes"),
        (_run("\uf0a8 Yes \uf0fe No"), "no"),
        (_typed("ü", "Wingdings"), "yes"),
        (_run("YES/ ") + '<w:del w:id="1"><w:r><w:delText>NO</w:delText></w:r></w:del>', "yes"),
    ],
    ids=[
        "content controls",
        "symbols",
        "form fields",
        "form fields, no",
        "drop-down",
        "letters of a font of signs",
        "letters behind",
        "private use",
        "a sign alone",
        "tracked deletion",
    ],
)
def test_boxes_of_every_make_are_read(xml: str, answer: str) -> None:
    assert _answers(xml) == (answer, answer)


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("YES/ NO", "notKnown"),
        ("YES/NO to follow", "notKnown"),
        ("YES / NO X", "notKnown"),
        ("Yes / No / N/A", "notKnown"),
        ("Yes/No: yes", "yes"),
        ("Y / N - N", "no"),
        ("Yes – no concerns", "yes"),
        ("Appendix 4", "yes"),
        ("See app. K2", "yes"),
        ("Appendices to follow", "notKnown"),
        ("Is not looked after", "no"),
        ("Not in care", "no"),
        ("Not yet", "no"),
        ("Not at this time", "no"),
        ("n/k", "notKnown"),
        ("NK", "notKnown"),
        ("Yes  No x", "notKnown"),
        ("Yes / No √", "no"),
        ("Y  N ✓", "no"),
        ("○ Yes ● No", "no"),
        ("Yes ⊠ No □", "yes"),
        ("☐ Yes ☐ No ☒ N/A", "notKnown"),
        ("✅", "yes"),
        ("✗", "no"),
        ("❌", "no"),
        ("✗ No", "no"),
        ("See attached", "yes"),
        ("Appendix A", "yes"),
    ],
)
def test_the_forms_own_words_are_no_answer_and_what_stands_behind_them_is(typed: str, answer: str) -> None:
    assert _answers(_run(typed)) == (answer, answer)


@pytest.mark.parametrize(
    ("typed", "sex"),
    [
        ("Male (he/him)", "M"),
        ("Female – uses they/them", "F"),
        ("☒ Male ☐ Female", "M"),
        ("[ ] Male [x] Female", "F"),
        ("Male / Female", "notKnown"),
        ("Male ☒ Female ☐", "M"),
        ("☒ Male ☒ Female", "notKnown"),
    ],
)
def test_a_sex_is_read_where_only_one_is_meant(typed: str, sex: str) -> None:
    form = standard_form()
    form.write("details", 3, 1, typed)
    assert read(form).document["personalDetails"]["sex"] == sex


def test_the_sex_left_standing_is_meant() -> None:
    form = standard_form()
    form.put_xml("details", 3, 1, f"<w:p><w:r><w:rPr><w:strike/></w:rPr><w:t>Male</w:t></w:r>{_run(' / Female')}</w:p>")
    assert read(form).document["personalDetails"]["sex"] == "F"


def test_an_old_forms_box_leaves_no_word_of_its_line_unplaced() -> None:
    form = standard_form()
    form.put_xml("details", 3, 1, f"<w:p>{_run('Male ')}{_EMPTY_FIELD}{_run(' Female ')}{_TICKED_FIELD}</w:p>")
    imported = read(form)
    assert imported.document["personalDetails"]["sex"] == "F"
    assert imported.unplaced_words == 0


def test_two_ticks_are_no_answer_and_are_not_called_untouched() -> None:
    form = standard_form()
    form.write("advice", 1, 3, "☒ Yes ☒ No")
    (warning,) = read(form).warnings
    assert (warning.code, warning.path) == ("advice-appended-unclear", "advice[0].appended")
    assert warning.message == "Yes or no cannot be told from this; kept as it is written."


@pytest.mark.parametrize(
    "look", ["<w:b/>", '<w:u w:val="single"/>', '<w:highlight w:val="yellow"/>', '<w:bdr w:val="single"/>']
)
def test_the_word_that_stands_out_is_the_answer_and_is_pointed_out(look: str) -> None:
    form = standard_form()
    xml = f"<w:p>{_run('YES/ ')}<w:r><w:rPr>{look}</w:rPr><w:t>NO</w:t></w:r></w:p>"
    form.put_xml("services", 4, 1, xml)
    form.put_xml("advice", 1, 3, xml)
    imported = read(form)
    assert imported.document["services"]["knownToSocialCare"]["answer"] == "no"
    assert imported.document["sections"]["K"]["advice"]["advice-1"]["appended"] == "no"
    assert told(imported) == {
        ("answer-by-mark", "services.knownToSocialCare"),
        ("advice-appended-by-mark", "advice[0].appended"),
    }


def test_two_words_that_both_stand_out_are_no_answer() -> None:
    bold = "<w:r><w:rPr><w:b/></w:rPr><w:t>YES/ NO</w:t></w:r>"
    assert _answers(bold) == ("notKnown", "notKnown")
