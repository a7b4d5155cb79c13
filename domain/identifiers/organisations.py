"""Numbers of schools, colleges, councils and health bodies.

Sources: Get Information about Schools (URN, LAESTAB), UK Register of Learning Providers (UKPRN), the DfE's
three-digit authority codes, and the NHS Organisation Data Service (ODS). None has a check digit: only their
shape can be judged, and whether an authority's code was in use on a day.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from domain.codesets import CodeSet
from domain.identifiers.errors import IdentifierError
from domain.identifiers.shapes import without_spaces

_URN: Final = re.compile(r"[1-9][0-9]{5}")
_UKPRN: Final = re.compile(r"1[0-9]{7}")
_LAESTAB: Final = re.compile(r"([2-9][0-9]{2})[/-]?([0-9]{4})")
_LA: Final = re.compile(r"[2-9][0-9]{2}")
_ODS: Final = re.compile(r"[A-Z0-9]{3,10}")


def parse_urn(text: str) -> str:
    """Return a school's unique reference number, six digits. A school that becomes an academy gets a new one.

    Raises:
        IdentifierError: ``urn-format``, or ``urn-is-laestab`` / ``urn-is-ukprn`` for one of those.
    """
    value = without_spaces(text)
    if _URN.fullmatch(value):
        return value
    _refuse_longer(value, "urn", "a URN (6 digits)")
    raise IdentifierError("urn-format", "A URN has exactly 6 digits and does not start with 0.")


def parse_ukprn(text: str) -> str:
    """Return a provider's UKPRN, eight digits starting with 1.

    Raises:
        IdentifierError: ``ukprn-format``, or ``ukprn-is-urn`` / ``ukprn-is-laestab`` for one of those.
    """
    value = without_spaces(text)
    if _UKPRN.fullmatch(value):
        return value
    if _URN.fullmatch(value):
        raise IdentifierError("ukprn-is-urn", "This looks like a URN (6 digits), not a UKPRN (8 digits).")
    _refuse_longer(value, "ukprn", "a UKPRN (8 digits)")
    raise IdentifierError("ukprn-format", "A UKPRN has exactly 8 digits and starts with 1.")


def parse_laestab(text: str) -> str:
    """Return the "DfE number" of a school, authority (3) and establishment (4), as seven digits.

    Raises:
        IdentifierError: ``laestab-format``, or ``laestab-is-urn`` for a URN.
    """
    value = without_spaces(text)
    found = _LAESTAB.fullmatch(value)
    if found:
        return "".join(found.groups())
    if _URN.fullmatch(value):
        raise IdentifierError("laestab-is-urn", "This looks like a URN (6 digits), not a LAESTAB (7 digits).")
    raise IdentifierError(
        "laestab-format", "A LAESTAB has 7 digits: the council's 3, then the school's 4, as 855/1234."
    )


def parse_la_code(text: str) -> str:
    """Return the three digits of a council's DfE code; `la_code_on` tells whether it was in use on a day.

    Raises:
        IdentifierError: ``la-code-format``, or ``la-code-is-gss`` for the nine-character code of the
            statistics office.
    """
    value = without_spaces(text)
    if _LA.fullmatch(value):
        return value
    if re.fullmatch(r"E[0-9]{8}", value):
        raise IdentifierError("la-code-is-gss", "This is a GSS code. The council's DfE code has 3 digits, such as 855.")
    raise IdentifierError("la-code-format", "A council's DfE code has exactly 3 digits, such as 855.")


def la_code_on(text: str, on: date, authorities: CodeSet) -> str:
    """Return an authority's code that was in use on a legal date.

    Councils are abolished and founded: an event of 2022 may name Cumbria (909), one of 2024 may not.

    Raises:
        IdentifierError: as `parse_la_code`; ``la-code-unknown``; ``la-code-not-in-use``, whose message names
            the
            successors or the first day.
    """
    value = parse_la_code(text)
    if value not in authorities:
        raise IdentifierError("la-code-unknown", f"No council in England has the DfE code {value}.")
    if authorities.holds(value, on):
        return value
    raise IdentifierError("la-code-not-in-use", _why_not_in_use(value, on, authorities))


def _why_not_in_use(value: str, on: date, authorities: CodeSet) -> str:
    council = authorities.get(value)
    if council.valid_from is not None and on < council.valid_from:
        return f"{council.title} ({value}) did not exist before {council.valid_from.isoformat()}."
    successors = " and ".join(f"{authorities.get(code).title} ({code})" for code in council.successors)
    ended = f"{council.title} ({value}) ended on {council.valid_to}."
    return f"{ended} Its area passed to {successors}." if successors else ended


def parse_ods_code(text: str) -> str:
    """Return an ODS code of an NHS body: 3 to 10 letters and digits, in capitals; it has no check digit.

    Raises:
        IdentifierError: ``ods-code-format``.
    """
    value = without_spaces(text)
    if _ODS.fullmatch(value):
        return value
    raise IdentifierError("ods-code-format", "An ODS code has 3 to 10 letters and digits, such as QJK.")


def is_valid_urn(text: str) -> bool:
    """Tell whether a text has the form of a URN."""
    return _URN.fullmatch(without_spaces(text)) is not None


def is_valid_ukprn(text: str) -> bool:
    """Tell whether a text has the form of a UKPRN."""
    return _UKPRN.fullmatch(without_spaces(text)) is not None


def is_valid_laestab(text: str) -> bool:
    """Tell whether a text has the form of a LAESTAB, with or without a stroke."""
    return _LAESTAB.fullmatch(without_spaces(text)) is not None


def is_valid_la_code(text: str) -> bool:
    """Tell whether a text has the form of a council's DfE code."""
    return _LA.fullmatch(without_spaces(text)) is not None


def is_valid_ods_code(text: str) -> bool:
    """Tell whether a text has the form of an ODS code."""
    return _ODS.fullmatch(without_spaces(text)) is not None


def _refuse_longer(value: str, expected: str, wanted: str) -> None:
    if expected != "ukprn" and _UKPRN.fullmatch(value):
        raise IdentifierError(f"{expected}-is-ukprn", f"This looks like a UKPRN (8 digits), not {wanted}.")
    if _LAESTAB.fullmatch(value):
        raise IdentifierError(f"{expected}-is-laestab", f"This looks like a LAESTAB (7 digits), not {wanted}.")
