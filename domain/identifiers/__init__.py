"""Identifiers of children, schools, councils and health bodies: parsed, checked, refused in plain words.

Every ``parse_x(text)`` returns the normalised text and raises `IdentifierError` (a code for programs, a
sentence for a case officer, never the value itself); every ``is_valid_x(text)`` answers yes or no.
"""

from __future__ import annotations

from domain.identifiers.check_digits import nhs_check_digit, uln_check_digit, upn_check_letter
from domain.identifiers.errors import IdentifierError
from domain.identifiers.nhs_number import display_nhs_number, is_valid_nhs_number, parse_nhs_number
from domain.identifiers.organisations import (
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
from domain.identifiers.uln import is_unknown_uln, is_valid_uln, parse_uln
from domain.identifiers.upn import (
    check_upn_unknown,
    is_temporary_upn,
    is_valid_upn,
    parse_upn,
    upn_issuing_authority,
)

__all__ = [
    "IdentifierError",
    "check_upn_unknown",
    "display_nhs_number",
    "is_temporary_upn",
    "is_unknown_uln",
    "is_valid_la_code",
    "is_valid_laestab",
    "is_valid_nhs_number",
    "is_valid_ods_code",
    "is_valid_ukprn",
    "is_valid_uln",
    "is_valid_upn",
    "is_valid_urn",
    "la_code_on",
    "nhs_check_digit",
    "parse_la_code",
    "parse_laestab",
    "parse_nhs_number",
    "parse_ods_code",
    "parse_ukprn",
    "parse_uln",
    "parse_upn",
    "parse_urn",
    "uln_check_digit",
    "upn_check_letter",
    "upn_issuing_authority",
]
