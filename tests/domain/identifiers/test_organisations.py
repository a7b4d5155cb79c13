"""Numbers of schools, colleges, councils and health bodies."""

from collections.abc import Callable
from datetime import date

import pytest

from domain.identifiers import (
    IdentifierError,
    is_valid_la_code,
    is_valid_laestab,
    is_valid_ods_code,
    is_valid_ukprn,
    is_valid_urn,
    la_code_on,
    parse_la_code,
    parse_laestab,
    parse_ods_code,
    parse_ukprn,
    parse_urn,
)
from services.reference_data import load_reference_data

COUNCILS = load_reference_data().code_set("local-authorities")


@pytest.mark.parametrize(
    ("parse", "is_valid", "typed", "kept"),
    [
        (parse_urn, is_valid_urn, " 199101 ", "199101"),
        (parse_ukprn, is_valid_ukprn, "1009 9801", "10099801"),
        (parse_laestab, is_valid_laestab, "855/1234", "8551234"),
        (parse_laestab, is_valid_laestab, "855 1234", "8551234"),
        (parse_la_code, is_valid_la_code, "855", "855"),
        (parse_ods_code, is_valid_ods_code, "qjk", "QJK"),
        (parse_ods_code, is_valid_ods_code, "Y00001", "Y00001"),
    ],
)
def test_a_number_of_the_right_form_is_kept_normalised(
    parse: Callable[[str], str], is_valid: Callable[[str], bool], typed: str, kept: str
) -> None:
    assert parse(typed) == kept
    assert is_valid(typed)


@pytest.mark.parametrize(
    ("parse", "is_valid", "typed", "code"),
    [
        (parse_urn, is_valid_urn, "099101", "urn-format"),
        (parse_urn, is_valid_urn, "10099801", "urn-is-ukprn"),
        (parse_urn, is_valid_urn, "855/1234", "urn-is-laestab"),
        (parse_ukprn, is_valid_ukprn, "20099801", "ukprn-format"),
        (parse_ukprn, is_valid_ukprn, "199101", "ukprn-is-urn"),
        (parse_ukprn, is_valid_ukprn, "8551234", "ukprn-is-laestab"),
        (parse_laestab, is_valid_laestab, "855123", "laestab-is-urn"),
        (parse_laestab, is_valid_laestab, "1551234", "laestab-format"),
        (parse_la_code, is_valid_la_code, "85", "la-code-format"),
        (parse_la_code, is_valid_la_code, "E10000018", "la-code-is-gss"),
        (parse_ods_code, is_valid_ods_code, "QJ", "ods-code-format"),
        (parse_ods_code, is_valid_ods_code, "Q-JK", "ods-code-format"),
        (parse_ods_code, is_valid_ods_code, "ABCDEFGHIJK", "ods-code-format"),
    ],
)
def test_a_number_of_another_form_is_refused_and_named(
    parse: Callable[[str], str], is_valid: Callable[[str], bool], typed: str, code: str
) -> None:
    with pytest.raises(IdentifierError) as caught:
        parse(typed)
    assert caught.value.code == code
    assert not is_valid(typed)


def test_a_code_that_no_council_ever_had_is_unknown() -> None:
    with pytest.raises(IdentifierError) as caught:
        la_code_on("999", date(2026, 1, 1), COUNCILS)
    assert caught.value.code == "la-code-unknown"


def test_a_council_did_not_exist_before_its_first_day() -> None:
    assert la_code_on("942", date(2023, 4, 1), COUNCILS) == "942"
    with pytest.raises(IdentifierError, match=r"Cumberland \(942\) did not exist before 2023-04-01"):
        la_code_on("942", date(2023, 3, 31), COUNCILS)
