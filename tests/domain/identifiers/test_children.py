"""NHS numbers, UPNs and ULNs: what is accepted, what is refused, and what the refusal says."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identifiers import (
    IdentifierError,
    check_upn_unknown,
    display_nhs_number,
    is_temporary_upn,
    is_unknown_uln,
    is_valid_nhs_number,
    is_valid_uln,
    is_valid_upn,
    nhs_check_digit,
    parse_nhs_number,
    parse_uln,
    parse_upn,
    uln_check_digit,
    upn_check_letter,
    upn_issuing_authority,
)
from services.reference_data import load_reference_data

LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
NINE_DIGITS = st.text("0123456789", min_size=9, max_size=9)
REASONS = load_reference_data().code_set("upn-unknown")


def refusal(parse: Callable[[str], str], text: str) -> IdentifierError:
    with pytest.raises(IdentifierError) as caught:
        parse(text)
    return caught.value


@pytest.mark.parametrize("typed", ["9434765919", "943 476 5919", " 943-476-5919 ", "943\u00a0476\u00a05919"])
def test_an_nhs_number_is_kept_as_ten_digits_however_it_was_grouped(typed: str) -> None:
    assert parse_nhs_number(typed) == "9434765919"


@pytest.mark.parametrize("typed", ["", "943476591", "94347659190", "943476591x", "٩٤٣٤٧٦٥٩١٩", "\uff19434765919"])
def test_an_nhs_number_has_exactly_ten_digits_of_0_to_9(typed: str) -> None:
    assert refusal(parse_nhs_number, typed).code == "nhs-number-format"


@given(NINE_DIGITS)
def test_at_most_one_last_digit_makes_an_nhs_number(first_nine: str) -> None:
    valid = [digit for digit in "0123456789" if is_valid_nhs_number(first_nine + digit)]
    expected = nhs_check_digit(first_nine)
    assert valid == ([expected] if expected and len(set(first_nine + expected)) > 1 else [])


@given(NINE_DIGITS, st.integers(0, 8))
def test_two_different_neighbouring_digits_exchanged_are_noticed(first_nine: str, at: int) -> None:
    check = nhs_check_digit(first_nine)
    number = first_nine + (check or "0")
    swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    if check is not None and swapped != number:
        assert not is_valid_nhs_number(swapped)


@pytest.mark.parametrize("digit", "0123456789")
def test_one_digit_repeated_is_a_placeholder_and_not_an_nhs_number(digit: str) -> None:
    assert refusal(parse_nhs_number, digit * 10).code == "nhs-number-placeholder"


def test_an_nhs_number_is_displayed_3_3_4() -> None:
    assert display_nhs_number("9990000050") == "999 000 0050"


@given(NINE_DIGITS)
def test_no_number_is_both_an_nhs_number_and_a_uln(first_nine: str) -> None:
    assert not any(is_valid_nhs_number(first_nine + d) and is_valid_uln(first_nine + d) for d in "0123456789")


@given(NINE_DIGITS)
def test_a_uln_has_one_check_digit_or_is_never_issued(first_nine: str) -> None:
    valid = [digit for digit in "0123456789" if is_valid_uln(first_nine + digit)]
    expected = uln_check_digit(first_nine)
    assert valid == ([expected] if expected is not None and first_nine[0] != "0" else [])


def test_9999999999_means_that_the_uln_is_not_known() -> None:
    assert is_unknown_uln("9999 999 999")
    assert not is_unknown_uln("9276308686")
    assert not is_valid_uln("9999999999")
    assert refusal(parse_uln, "9999999999").code == "uln-unknown"


@pytest.mark.parametrize("typed", ["0100000000", "927630868", "92763086866", "92763O8686"])
def test_a_uln_has_ten_digits_and_no_leading_zero(typed: str) -> None:
    assert refusal(parse_uln, typed).code == "uln-format"


UPN_BODIES = st.builds(
    str.__add__, st.text("0123456789", min_size=11, max_size=11), st.sampled_from("0123456789" + LETTERS)
)


@given(UPN_BODIES)
def test_a_upn_has_exactly_one_check_letter(body: str) -> None:
    assert [letter for letter in LETTERS if is_valid_upn(letter + body)] == [upn_check_letter(body)]


@given(UPN_BODIES)
def test_a_changed_check_letter_is_refused(body: str) -> None:
    right = upn_check_letter(body)
    for wrong in set("ABCDEFGHIJKLMNOPQRSTUVWXYZ") - {right}:
        assert refusal(parse_upn, wrong + body).code in {"upn-check-letter", "upn-format"}


@given(UPN_BODIES)
def test_no_list_of_councils_decides_about_a_upn(body: str) -> None:
    upn = parse_upn(upn_check_letter(body) + body)
    assert upn_issuing_authority(upn) == body[:3]
    assert is_temporary_upn(upn) == body[-1].isalpha()


def test_a_upn_is_normalised_to_capitals_without_spaces() -> None:
    assert parse_upn(" b8012 0000 5001") == "B801200005001"


@pytest.mark.parametrize("letter", ["I", "O", "S"])
def test_the_letters_that_are_misread_as_digits_never_appear_in_a_upn(letter: str) -> None:
    assert refusal(parse_upn, letter + "801200005001").code == "upn-format"
    assert refusal(parse_upn, "Q82343211601" + letter).code == "upn-format"


@pytest.mark.parametrize("parse", [parse_nhs_number, parse_uln, parse_upn])
def test_a_refusal_never_repeats_what_was_typed(parse: Callable[[str], str]) -> None:
    for typed in ("9434765917", "Avery Fictional", "A801200005001", "9276308680"):
        assert typed not in f"{refusal(parse, typed)!r} {refusal(parse, typed)}"


def codes(reason: str | None, upn: str | None, born_on: date) -> list[str]:
    found = check_upn_unknown(reason, upn=upn, born_on=born_on, on=date(2026, 1, 15), reasons=REASONS)
    return [error.code for error in found]


def test_either_a_upn_or_a_reason_is_given() -> None:
    assert codes("UN8", None, date(2015, 5, 1)) == []
    assert codes(None, "B801200005001", date(2015, 5, 1)) == []
    assert codes(None, None, date(2015, 5, 1)) == ["upn-unknown-missing"]


def test_un1_ends_on_the_sixth_birthday() -> None:
    assert codes("UN1", None, date(2020, 1, 16)) == []
    assert codes("UN1", None, date(2020, 1, 15)) == ["upn-unknown-age"]
