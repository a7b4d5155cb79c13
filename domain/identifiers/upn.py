"""Unique pupil numbers (DfE UPN guide): letter, issuing authority (3), school (4), year (2), serial (3).

A temporary UPN ends in a letter. The authority in a UPN is the one that *issued* it, for life: abolished
councils, Welsh authorities and councils founded later are all right, so no list of authorities is consulted
here.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from domain.calendar import age_on
from domain.codesets import CodeSet
from domain.identifiers.check_digits import UPN_LETTERS
from domain.identifiers.errors import IdentifierError
from domain.identifiers.shapes import has_upn_shape, is_upn, refuse_if_meant_for_another_box, without_spaces

_LENGTH: Final = 13


def parse_upn(text: str) -> str:
    """Return the 13 characters of a UPN, permanent or temporary.

    Raises:
        IdentifierError: ``upn-length``, ``upn-format``, ``upn-check-letter``, ``upn-is-nhs-number`` or
            ``upn-is-uln``.
    """
    value = without_spaces(text)
    refuse_if_meant_for_another_box(value, "upn")
    if len(value) != _LENGTH:
        raise IdentifierError("upn-length", "A UPN has 13 characters: one letter, then 12 digits.")
    if not has_upn_shape(value):
        raise IdentifierError(
            "upn-format",
            "A UPN is one letter and 12 digits; a temporary one ends in a letter. I, O and S are never used.",
        )
    if not is_upn(value):
        raise IdentifierError(
            "upn-check-letter",
            "This is not a UPN: its first letter does not agree with the rest. Check each character.",
        )
    return value


def is_valid_upn(text: str) -> bool:
    """Tell whether a text is a UPN, permanent or temporary."""
    return is_upn(without_spaces(text))


def is_temporary_upn(upn: str) -> bool:
    """Tell whether a UPN is temporary (its last character is a letter): ask for the permanent one.

    Raises:
        IdentifierError: as `parse_upn`.
    """
    return parse_upn(upn)[-1] in UPN_LETTERS


def upn_issuing_authority(upn: str) -> str:
    """Return the three digits of the authority that issued a UPN: not necessarily one that exists today.

    Raises:
        IdentifierError: as `parse_upn`.
    """
    return parse_upn(upn)[1:4]


def check_upn_unknown(
    reason: str | None, *, upn: str | None, born_on: date, on: date, reasons: CodeSet
) -> tuple[IdentifierError, ...]:
    """Return what is wrong with "UPN, or why there is none" in a SEN2 record; empty when all is well.

    Exactly one of UPN and reason is given; the reason is one of the SEN2 codes (others exist in other DfE
    returns); a reason for young children only (``underAge`` in the code set) needs an age below that on
    ``on``.
    """
    if reason is None:
        return () if upn else (_error("missing", "Give the UPN, or the reason why there is none."),)
    findings = []
    if upn:
        findings.append(_error("not-needed", "A UPN is given, so there must be no reason for a missing UPN."))
    if not reasons.holds(reason, on):
        findings.append(_error("code", "This is not a reason that the SEN2 return accepts for a missing UPN."))
        return tuple(findings)
    below = reasons.get(reason).number("underAge")
    if below is not None and age_on(born_on, on) >= below:
        findings.append(_error("age", f"{reason} is only for a child under {below} years old."))
    return tuple(findings)


def _error(code: str, message: str) -> IdentifierError:
    return IdentifierError(f"upn-unknown-{code}", message)
