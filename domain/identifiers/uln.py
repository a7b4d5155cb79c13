"""Unique learner numbers: ten digits, never starting with 0, modulus 11 with remainder 10 (HESA C17051)."""

from __future__ import annotations

from domain.identifiers.errors import IdentifierError
from domain.identifiers.shapes import (
    UNKNOWN_ULN,
    is_ten_digits,
    is_uln,
    refuse_if_meant_for_another_box,
    without_spaces_or_dashes,
)


def parse_uln(text: str) -> str:
    """Return the ten digits of a ULN.

    Raises:
        IdentifierError: ``uln-unknown`` for 9999999999, which colleges use for "not known"; ``uln-format``,
            ``uln-check-digit``, ``uln-is-nhs-number`` or ``uln-is-upn``.
    """
    value = without_spaces_or_dashes(text)
    if value == UNKNOWN_ULN:
        raise IdentifierError("uln-unknown", "9999999999 means that the ULN is not known. Leave the box empty.")
    refuse_if_meant_for_another_box(value, "uln")
    if not is_ten_digits(value) or value[0] == "0":
        raise IdentifierError("uln-format", "A ULN has exactly 10 digits and does not start with 0.")
    if not is_uln(value):
        raise IdentifierError(
            "uln-check-digit",
            "This is not a ULN: its last digit does not agree with the other nine. Check each digit.",
        )
    return value


def is_valid_uln(text: str) -> bool:
    """Tell whether a text is an issued form of ULN (9999999999, "not known", is not)."""
    return is_uln(without_spaces_or_dashes(text))


def is_unknown_uln(text: str) -> bool:
    """Tell whether a text is the value that stands for "ULN not known": import it as no value at all."""
    return without_spaces_or_dashes(text) == UNKNOWN_ULN
