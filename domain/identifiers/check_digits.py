"""The check characters of the numbers that follow a child, as plain arithmetic.

Sources: NHS number, modulus 11 (NHS Data Dictionary); ULN, modulus 11 with remainder 10 (Learning Records
Service, HESA C17051); UPN, weights 2 to 13, modulus 23 (DfE UPN guide). Each function takes text of the right
shape already.
"""

from __future__ import annotations

from typing import Final

UPN_LETTERS: Final = "ABCDEFGHJKLMNPQRTUVWXYZ"
"""The 23 letters of a UPN in order of value: no I, O or S, which are misread as digits."""


def nhs_check_digit(first_nine: str) -> str | None:
    """Return the tenth digit of an NHS number, or None where it would be 10: no such number exists."""
    remainder = _weighted(first_nine, range(10, 1, -1)) % 11
    return None if remainder == 1 else str((11 - remainder) % 11)


def uln_check_digit(first_nine: str) -> str | None:
    """Return the tenth digit of a ULN, or None where the remainder is 0: no such number is issued."""
    remainder = _weighted(first_nine, range(10, 1, -1)) % 11
    return None if remainder == 0 else str(10 - remainder)


def upn_check_letter(body: str) -> str:
    """Return the letter that belongs before twelve characters of a UPN (a last letter: temporary)."""
    total = sum(weight * _upn_value(character) for weight, character in enumerate(body, start=2))
    return UPN_LETTERS[total % len(UPN_LETTERS)]


def nhs_check_passes(ten_digits: str) -> bool:
    """Tell whether ten digits carry the NHS number's check digit."""
    return nhs_check_digit(ten_digits[:9]) == ten_digits[9]


def uln_check_passes(ten_digits: str) -> bool:
    """Tell whether ten digits carry the ULN's check digit: never true of an NHS number as well."""
    return uln_check_digit(ten_digits[:9]) == ten_digits[9]


def _weighted(digits: str, weights: range) -> int:
    return sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=True))


def _upn_value(character: str) -> int:
    return int(character) if character.isdigit() else UPN_LETTERS.index(character)
