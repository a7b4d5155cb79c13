"""Identifiers are compared in one form, and say of which kind they are."""

import pytest

from domain.directory.identifiers import parse_identifier
from domain.identifiers import IdentifierError


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("URN: 100001", "urn:100001"),
        ("laestab:855/1234", "laestab:8551234"),
        ("ods:qjk", "ods:QJK"),
        ("gss:e06000063", "gss:E06000063"),
        ("uid:2044", "uid:2044"),
        ("org:local-ombudsman", "org:local-ombudsman"),
        ("la:855", "la:855"),
        ("ukprn:10000001", "ukprn:10000001"),
    ],
)
def test_an_identifier_has_one_form(written: str, kept: str) -> None:
    assert parse_identifier(written) == kept


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("100001", "scheme-unknown"),
        ("nhs:9990000000", "scheme-unknown"),
        ("urn:8551234", "urn-is-laestab"),
        ("la:85", "la-code-format"),
        ("uid:0", "uid-format"),
        ("org:", "org-format"),
        ("gss:855", "gss-format"),
    ],
)
def test_what_is_no_identifier_is_named_as_what_it_is(written: str, code: str) -> None:
    with pytest.raises(IdentifierError) as refused:
        parse_identifier(written)
    assert refused.value.code == code
