"""No text is lost, whatever is typed and however the file is damaged."""

from __future__ import annotations

import re
from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.documents.completeness import missed_lines, own_lines
from connectors.documents.errors import DocumentRefused
from connectors.documents.national_template import read_plan
from connectors.documents.safe_zip import open_package
from tests.connectors.documents.reading import notes, part, read, schema_errors, strings, with_parts
from tests.fixtures.documents.build import standard_form

_FORM = standard_form().to_bytes()
_XML = part(_FORM, "word/document.xml")
_MAIN = "word/document.xml"
_TEXTS = [match.span(1) for match in re.finditer(r"<w:t(?: [^>]*)?>([^<]+)</w:t>", _XML)]
_SLOW = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
_UNREADABLE_ONLY = {
    'personalDetails "name" is a required property',
    'personalDetails "dateOfBirth" is a required property',
}

words = st.text(alphabet=st.characters(categories=["L", "N"], exclude_characters="ⁿ"), min_size=1, max_size=12)
typed = st.lists(
    st.one_of(
        words,
        st.sampled_from(
            [
                "•",
                "1.",
                "-",
                "31/02/2026",
                "{{",
                "}}",
                "Yes",
                "NO",
                "A1",
                "Strengths",
                "Name:",
                "UPN",
                "£5",
                "1:1",
                "2 hours",
            ]
        ),
    ),
    min_size=1,
    max_size=12,
).map(" ".join)


def _replaced(index: int, text: str) -> bytes:
    start, end = _TEXTS[index]
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    return with_parts(_FORM, {_MAIN: _XML[:start] + escaped + _XML[end:]})


def _long_words(text: str) -> set[str]:
    return {word for word in re.findall(r"\w+", text) if len(word) > 4}


@_SLOW
@given(index=st.integers(0, len(_TEXTS) - 1), text=typed)
def test_whatever_is_typed_in_whatever_cell_is_in_the_plan(index: int, text: str) -> None:
    try:
        imported = read_plan(_replaced(index, text), file_name="plan.docx")
    except DocumentRefused as refused:
        assert refused.code == "no-template"  # noqa: PT017
        return
    plan = " ".join(strings(imported.document))
    placeholders = " ".join(each.raw or "" for each in imported.warnings if each.code == "placeholder-left")
    assert _long_words(text) - {"Strengths"} <= _long_words(plan) | _long_words(placeholders)


@_SLOW
@given(
    at=st.integers(0, len(_XML) - 1),
    length=st.integers(0, 40),
    junk=st.binary(max_size=6),
    again=st.integers(0, len(_XML) - 1),
)
def test_damage_anywhere_in_the_xml_is_read_or_refused_and_loses_nothing(
    at: int, length: int, junk: bytes, again: int
) -> None:
    raw = _XML.encode()
    spoilt = raw[:at] + junk + raw[at + length :]
    spoilt = spoilt[:again] + junk + spoilt[again:]
    data = with_parts(_FORM, {_MAIN: spoilt})
    try:
        imported = read_plan(data, file_name="plan.docx")
    except DocumentRefused:
        return
    errors = {error.strip() for error in schema_errors(imported.document)}
    assert errors <= _UNREADABLE_ONLY
    assert Counter(map(str, missed_lines(own_lines(open_package(data).parts), imported.document))) == Counter()


def test_the_check_finds_a_line_that_the_plan_lacks() -> None:
    plan = read(_FORM).document
    del plan["sections"]["A"]["interests"]
    assert [each.text for each in missed_lines(own_lines(open_package(_FORM).parts), plan)] == [
        "Boats, tides and maps."
    ]


def test_the_check_wants_a_line_twice_that_stands_there_twice() -> None:
    form = standard_form()
    form.write("a2", 7, 0, "Boats, tides and maps.")
    data = form.to_bytes()
    plan = read(data).document
    del plan["sections"]["A"]["interests"]
    assert [each.text for each in missed_lines(own_lines(open_package(data).parts), plan)] == ["Boats, tides and maps."]


def test_text_in_a_structure_that_no_reader_knows_is_still_kept() -> None:
    lost = "<w:p><w:r><w:tr><w:tc><w:p><w:r><w:t>Lost in a wrong place.</w:t></w:r></w:p></w:tc></w:tr></w:r></w:p>"
    data = with_parts(
        _FORM,
        {_MAIN: _XML.replace("<w:sectPr", f"<w:customXmlInsRangeStart>{lost}</w:customXmlInsRangeStart><w:sectPr", 1)},
    )
    imported = read(data)
    assert notes(imported)["Lost in a wrong place."].startswith("found by the check of the whole file")


def test_words_are_counted_as_placed_or_unplaced() -> None:
    form = standard_form()
    before = read(form)
    form.document.add_paragraph("Five words of nobody here.")
    after = read(form)
    assert (after.placed_words, after.unplaced_words) == (before.placed_words, before.unplaced_words + 5)


def test_a_text_that_is_too_long_for_its_field_goes_on_in_notes() -> None:
    form = standard_form()
    text = " ".join(f"word{number}" for number in range(30_000))
    form.write("a2", 5, 0, text)
    imported = read(form)
    interests = imported.document["sections"]["A"]["interests"]
    assert len(interests) <= 100_000
    assert " ".join([interests, *notes(imported)]) == text
    assert ("field-too-long", "a2.interests") in {(each.code, each.path) for each in imported.warnings}
