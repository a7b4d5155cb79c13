"""NHS numbers: ten digits with a modulus 11 check digit (NHS Data Dictionary).

A number that passes may still be nobody's: tracing is a separate fact, kept as a status beside the number.
Numbers are kept as text of ten characters, because a leading zero is part of the number.
"""

from __future__ import annotations

from domain.identifiers.check_digits import nhs_check_passes
from domain.identifiers.errors import IdentifierError
from domain.identifiers.shapes import (
    is_nhs_number,
    is_ten_digits,
    refuse_if_meant_for_another_box,
    without_spaces_or_dashes,
)


def parse_nhs_number(text: str) -> str:
    """Return the ten digits of an NHS number typed with or without spaces.

    Raises:
        IdentifierError: ``nhs-number-format``, ``nhs-number-check-digit``, ``nhs-number-placeholder``,
            ``nhs-number-is-uln`` or ``nhs-number-is-upn``.
    """
    value = without_spaces_or_dashes(text)
    refuse_if_meant_for_another_box(value, "nhs-number")
    if not is_ten_digits(value):
        raise IdentifierError("nhs-number-format", "An NHS number has exactly 10 digits, such as 999 000 0050.")
    if not nhs_check_passes(value):
        raise IdentifierError(
            "nhs-number-check-digit",
            "This is not an NHS number: its last digit does not agree with the others. Check each digit.",
        )
    if not is_nhs_number(value):
        raise IdentifierError(
            "nhs-number-placeholder",
            "One digit repeated is not an NHS number. Leave the box empty if the number is not known.",
        )
    return value


def is_valid_nhs_number(text: str) -> bool:
    """Tell whether a text is an NHS number, spaces allowed."""
    return is_nhs_number(without_spaces_or_dashes(text))


def display_nhs_number(nhs_number: str) -> str:
    """Return an NHS number as the NHS prints it, 3-3-4 (``943 476 5919``).

    Raises:
        IdentifierError: as `parse_nhs_number`.
    """
    value = parse_nhs_number(nhs_number)
    return f"{value[:3]} {value[3:6]} {value[6:]}"
