"""What a value looks like, so that a number typed into the wrong box is named rather than called invalid."""

from __future__ import annotations

import re
from typing import Final

from domain.identifiers.check_digits import UPN_LETTERS, nhs_check_passes, uln_check_passes, upn_check_letter
from domain.identifiers.errors import IdentifierError

UNKNOWN_ULN: Final = "9999999999"
"""What colleges enter for a learner whose ULN is not yet known (Individualised Learner Record)."""

_TEN_DIGITS: Final = re.compile(r"[0-9]{10}")
_UPN: Final = re.compile(rf"[{UPN_LETTERS}][0-9]{{11}}[0-9{UPN_LETTERS}]")


def without_spaces(text: str) -> str:
    """Remove every kind of space (Word files carry no-break ones) and put letters in capitals."""
    return "".join(text.split()).upper()


def without_spaces_or_dashes(text: str) -> str:
    """Remove spaces, hyphens and dashes, which people use to group the digits of a number."""
    return re.sub(r"[-\u2010-\u2015\u2212]", "", without_spaces(text))


def is_ten_digits(value: str) -> bool:
    """Tell whether a value is exactly ten of the digits 0 to 9 (digits of other scripts do not count)."""
    return _TEN_DIGITS.fullmatch(value) is not None


def has_upn_shape(value: str) -> bool:
    """Tell whether a value has a UPN's letters and digits in their places, whatever its check letter."""
    return _UPN.fullmatch(value) is not None


def is_nhs_number(value: str) -> bool:
    """Tell whether a normalised value is an NHS number: right check digit, not one digit repeated."""
    return is_ten_digits(value) and nhs_check_passes(value) and len(set(value)) > 1


def is_uln(value: str) -> bool:
    """Tell whether a normalised value is a ULN: ten digits, none leading zero, right check digit."""
    return is_ten_digits(value) and value[0] != "0" and uln_check_passes(value)


def is_upn(value: str) -> bool:
    """Tell whether a normalised value is a UPN, permanent or temporary, of any authority past or present."""
    return has_upn_shape(value) and upn_check_letter(value[1:]) == value[0]


_SAYS: Final = {
    "nhs-number": ("an NHS number", is_nhs_number),
    "uln": ("a unique learner number (ULN)", is_uln),
    "upn": ("a unique pupil number (UPN)", is_upn),
}


def refuse_if_meant_for_another_box(value: str, expected: str) -> None:
    """Raise when a value is a valid identifier of another kind.

    ``expected`` is the kind asked for: ``nhs-number``, ``uln`` or ``upn``.
    The three check rules exclude each other, so a match is the number that was meant.

    Raises:
        IdentifierError: code ``<expected>-is-<kind>``; the message names the box where the value belongs.
    """
    for kind, (name, belongs) in _SAYS.items():
        if kind != expected and belongs(value):
            wanted, _ = _SAYS[expected]
            raise IdentifierError(
                f"{expected}-is-{kind}",
                f"This looks like {name}, not {wanted}. Enter it in the box for {name}.",
            )
