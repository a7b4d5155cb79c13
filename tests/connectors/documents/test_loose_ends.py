"""Cells in which there is no answer yet, or a number that cannot be right: nothing is made up from them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.connectors.documents.reading import CI, notes, read, told
from tests.fixtures.documents.build import fragment, standard_form


def _section_i(name: str, kind: str) -> dict[str, Any]:
    form = standard_form()
    form.write("placement", 0, 1, name)
    form.write("placement", 1, 1, kind)
    section: dict[str, Any] = read(form).document["sections"]["I"]
    return section


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("To be confirmed", "To be confirmed"),
        ("Not named in a draft plan", ""),
        ("TBC", ""),
        ("Left blank: draft", ""),
        ("The school has not yet been decided", "To be determined"),
        ("n/a", "n/a"),
    ],
)
def test_a_section_i_that_names_nothing_makes_no_placement_and_keeps_what_it_says(name: str, kind: str) -> None:
    assert _section_i(name, kind) == {"note": f"{name}\n{kind}".strip()}


def test_dashes_in_section_i_stand_for_nothing() -> None:
    assert _section_i("-", "–") == {}


@pytest.mark.parametrize(
    ("name", "kind", "type_"),
    [
        ("", "Special school", "Special school"),
        ("No school named", "Special school", "Special school"),
        ("TBC", "Special school", "Special school"),
        ("Type only", "Special school", "Special school"),
        ("Type only: special school", "", "special school"),
    ],
)
def test_a_type_without_a_name_is_a_type_only(name: str, kind: str, type_: str) -> None:
    section = _section_i(name, kind)
    placement = section["placements"]["placement-1"]
    assert (section["placementBasis"], placement["type"]) == ("TYPE_ONLY", type_)
    assert "name" not in placement
    assert placement["asStated"] == f"{name}\n{kind}".strip()


@pytest.mark.parametrize(
    "typed",
    [
        "Tarnside Primary School (URN 199801)",
        "Tarnside Primary School, URN 199801",
        "Tarnside Primary School URN: 199801, DfE 909/2001",
        "Tarnside Primary School – URN199801",
    ],
)
def test_a_setting_is_named_without_its_numbers(typed: str) -> None:
    placement = _section_i(typed, "Mainstream")["placements"]["placement-1"]
    assert (placement["name"], placement["urn"]) == ("Tarnside Primary School", "199801")


def test_a_number_of_a_setting_that_cannot_be_right_is_pointed_out() -> None:
    form = standard_form()
    form.write("placement", 0, 1, "Tarnside Primary School (URN 19980)")
    assert told(read(form)) == {("urn-invalid", "placement.name")}


@pytest.mark.parametrize("typed", ["A80029989900", "A8002998990O1", "B800299899001", "A8002998990011"])
def test_a_upn_of_the_wrong_length_letter_or_check_is_pointed_out(typed: str) -> None:
    form = standard_form()
    form.write("services", 1, 1, f"Tarnside Primary School\nUPN: {typed}")
    imported = read(form)
    assert told(imported) == {("upn-invalid", "services.educationSetting")}
    assert "upn" not in imported.document["personalDetails"]["identifiers"]
    assert typed in imported.document["services"]["educationSetting"]["asStated"]


@pytest.mark.parametrize("typed", ["9990000050", "999-000-0050", "999.000.0050", "NHS No: 999 000 0050"])
def test_an_nhs_number_is_read_however_it_is_grouped_and_leaves_no_note(typed: str) -> None:
    form = standard_form()
    form.write("services", 3, 1, typed)
    imported = read(form)
    assert imported.document["personalDetails"]["identifiers"]["nhsNumber"] == "9990000050"
    assert (told(imported), notes(imported)) == (set(), {})


@pytest.mark.parametrize(
    "typed",
    [
        "Awaited",
        "Not received",
        "Requested 1 March 2026",
        "Outstanding – chased 02/03/26",
        "TBC",
        "–",
        "To be confirmed",
    ],
)
def test_advice_that_is_still_awaited_has_no_date_of_receipt(typed: str) -> None:
    form = standard_form()
    form.write("advice", 1, 1, typed)
    imported = read(form)
    advice = imported.document["sections"]["K"]["advice"]["advice-1"]
    assert ("dateReceived" in advice, advice["dateReceivedAsStated"]) == (False, typed)
    assert told(imported) == {("advice-not-received", "advice[0].dateReceived")}


def test_of_a_request_and_a_receipt_the_receipt_counts() -> None:
    form = standard_form()
    for typed in ("Requested 12/01/2026, received 03/03/2026", "Dated 12 Jan 2026, rec’d 3 Mar 2026"):
        form.write("advice", 1, 1, typed)
        advice = read(form).document["sections"]["K"]["advice"]["advice-1"]
        assert advice["dateReceived"] == "2026-03-03"
        assert "furtherDatesReceived" not in advice


@pytest.mark.parametrize(
    ("typed", "iso"),
    [
        ("tenth of January two thousand and twenty-six", "2026-01-10"),
        ("Second February twenty twenty-six", "2026-02-02"),
        ("the thirty-first of March twenty nineteen", "2019-03-31"),
    ],
)
def test_a_date_wholly_in_words_is_read(typed: str, iso: str) -> None:
    form = standard_form()
    form.write("signOff", 1, 2, typed)
    form.write("advice", 1, 1, "")
    assert read(form).document["signOff"]["date"] == iso


def test_a_two_digit_year_from_70_on_is_of_the_last_century() -> None:
    form = standard_form()
    form.write("details", 2, 1, "12/05/99")
    assert read(form).document["personalDetails"]["dateOfBirth"] == "1999-05-12"


def test_a_row_put_in_by_a_tracked_change_is_read_and_pointed_out() -> None:
    form = standard_form()
    form.tr(CI, 5).get_or_add_trPr().append(fragment("<w:ins/>")[0])
    imported = read(form)
    assert imported.document == read(standard_form()).document
    assert told(imported) == {("tracked-changes", f"areas.{CI}.rows[1].need")}


@pytest.mark.parametrize("address", ["Restricted access road, 4 Quay Lane", "Refuge Farm, Eskwick"])
def test_an_address_that_only_sounds_like_an_instruction_is_an_address(address: str) -> None:
    form = standard_form()
    form.write("details", 8, 1, address)
    imported = read(form)
    assert imported.document["personalDetails"]["contacts"]["contact-1"]["homeAddress"] == address
    assert told(imported) == set()
