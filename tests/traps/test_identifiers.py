"""The traps of identifiers, ages and changing councils."""

from datetime import date

import pytest

from domain.calendar import compulsory_school_age_ends, plan_may_run_to
from domain.identifiers import (
    IdentifierError,
    check_upn_unknown,
    display_nhs_number,
    is_temporary_upn,
    is_valid_nhs_number,
    is_valid_uln,
    is_valid_upn,
    la_code_on,
    parse_nhs_number,
    parse_uln,
    parse_upn,
    upn_issuing_authority,
)
from services.reference_data import load_reference_data

DATA = load_reference_data()
COUNCILS = DATA.code_set("local-authorities")


@pytest.mark.parametrize(
    ("born_on", "ends"), [(date(2010, 8, 31), date(2026, 6, 26)), (date(2010, 9, 1), date(2027, 6, 25))]
)
def test_trap_20_compulsory_school_age_ends_on_the_leaving_date_and_not_on_the_birthday(
    born_on: date, ends: date
) -> None:
    assert compulsory_school_age_ends(born_on) == ends


def test_trap_21_a_plan_may_run_to_the_end_of_the_academic_year_of_the_25th_birthday() -> None:
    born_on = date(2001, 9, 5)
    assert plan_may_run_to(born_on) == date(2027, 7, 31)
    assert plan_may_run_to(born_on, course_ends=date(2027, 12, 17)) == date(2027, 9, 4)


@pytest.mark.parametrize(
    "upn",
    [
        "B801200005001",
        "Q82343211601A",
        "A838100126001",
        "L943200025123",
        "R674123101121",
        "R909200019001",
    ],
)
def test_trap_28_upn_of_any_authority_past_or_present_is_accepted(upn: str) -> None:
    assert parse_upn(upn) == upn
    assert upn_issuing_authority(upn) == upn[1:4]
    assert is_temporary_upn(upn) == (upn == "Q82343211601A")


@pytest.mark.parametrize(
    ("upn", "code"),
    [
        ("A801200005001", "upn-check-letter"),
        ("E838100126001", "upn-check-letter"),
        ("82343211601A", "upn-length"),
        ("I801200005001", "upn-format"),
    ],
)
def test_trap_28_upn_with_a_wrong_or_missing_letter_is_refused(upn: str, code: str) -> None:
    assert not is_valid_upn(upn)
    with pytest.raises(IdentifierError) as caught:
        parse_upn(upn)
    assert caught.value.code == code


@pytest.mark.parametrize("number", ["9434765919", "9434765870", "9990000050", "9912003888"])
def test_trap_29_nhs_number_check_digit_may_be_0(number: str) -> None:
    assert parse_nhs_number(number) == number


def test_trap_29_nhs_number_keeps_its_ten_characters() -> None:
    assert parse_nhs_number("943 476 5919") == "9434765919"
    assert display_nhs_number("9434765919") == "943 476 5919"
    assert parse_nhs_number("010 101 0001") == "0101010001"


def test_trap_29_a_computed_check_of_10_means_that_no_number_exists() -> None:
    assert not any(is_valid_nhs_number(f"999123456{digit}") for digit in range(10))


def test_trap_30_uln_and_nhs_number_in_each_others_box_are_named() -> None:
    assert parse_uln("9276308686") == "9276308686"
    with pytest.raises(IdentifierError, match=r"looks like a unique learner number \(ULN\), not an NHS number") as one:
        parse_nhs_number("9276308686")
    with pytest.raises(IdentifierError, match="looks like an NHS number, not a unique learner number") as other:
        parse_uln("943 476 5919")
    assert (one.value.code, other.value.code) == ("nhs-number-is-uln", "uln-is-nhs-number")
    with pytest.raises(IdentifierError, match="looks like a unique pupil number") as pupil:
        parse_nhs_number("B801200005001")
    assert pupil.value.code == "nhs-number-is-upn"


def test_trap_30_a_remainder_of_0_means_that_no_uln_exists() -> None:
    assert not any(is_valid_uln(f"100000006{digit}") for digit in range(10))


@pytest.mark.parametrize(
    ("reason", "upn", "born_on", "code"),
    [
        ("UN4", None, date(2019, 1, 1), "upn-unknown-code"),
        ("UN1", None, date(2019, 1, 1), "upn-unknown-age"),
        ("UN8", "B801200005001", date(2019, 1, 1), "upn-unknown-not-needed"),
    ],
)
def test_trap_31_reason_for_a_missing_upn(reason: str, upn: str | None, born_on: date, code: str) -> None:
    reasons = DATA.code_set("upn-unknown")
    found = check_upn_unknown(reason, upn=upn, born_on=born_on, on=date(2026, 1, 15), reasons=reasons)
    assert [error.code for error in found] == [code]


@pytest.mark.parametrize(
    ("code", "last_day", "successors"),
    [
        ("909", date(2023, 3, 31), {"942", "943"}),
        ("928", date(2021, 3, 31), {"940", "941"}),
        ("835", date(2019, 3, 31), {"838", "839"}),
        ("836", date(2019, 3, 31), {"839"}),
        ("837", date(2019, 3, 31), {"839"}),
    ],
)
def test_trap_33_an_abolished_council_is_right_in_its_time_only(
    code: str, last_day: date, successors: set[str]
) -> None:
    after = date.fromordinal(last_day.toordinal() + 1)
    assert la_code_on(code, last_day, COUNCILS) == code
    with pytest.raises(IdentifierError) as caught:
        la_code_on(code, after, COUNCILS)
    assert caught.value.code == "la-code-not-in-use"
    assert all(f"({successor})" in caught.value.message for successor in successors)
    assert set(COUNCILS.get(code).successors) == successors
    assert all(la_code_on(successor, after, COUNCILS) for successor in successors)
