"""Identifiers of organisations as the platform writes them: a scheme and a value, "urn:100001", "la:855", "ods:QJK"."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from domain.identifiers import IdentifierError, parse_la_code, parse_laestab, parse_ods_code, parse_ukprn, parse_urn

_GSS: Final = re.compile(r"E[0-9]{8}")
_GROUP: Final = re.compile(r"[1-9][0-9]{2,5}")
_OTHER: Final = re.compile(r"[a-z][a-z0-9-]{1,39}")


def _gss(text: str) -> str:
    return _shaped(_GSS, text.strip().upper(), "gss-format", "A GSS code is E and 8 digits, such as E06000063.")


def _group(text: str) -> str:
    return _shaped(_GROUP, text.strip(), "uid-format", "A group's UID in GIAS is a number of 3 to 6 digits.")


def _other(text: str) -> str:
    return _shaped(_OTHER, text.strip(), "org-format", "Use 2 to 40 of a-z, 0-9 and hyphens, such as ombudsman.")


def _shaped(form: re.Pattern[str], value: str, code: str, sentence: str) -> str:
    if not form.fullmatch(value):
        raise IdentifierError(code, sentence)
    return value


SCHEMES: Final[Mapping[str, Callable[[str], str]]] = {
    "urn": parse_urn,
    "ukprn": parse_ukprn,
    "laestab": parse_laestab,
    "la": parse_la_code,
    "gss": _gss,
    "ods": parse_ods_code,
    "uid": _group,
    "org": _other,
}
"""Every scheme with what reads its values. `uid` is a trust or other group of GIAS, `org` who has no public code."""

REUSED: Final = frozenset({"laestab"})
"""Schemes whose values pass to another organisation: an academy mostly keeps the LAESTAB of the school that it was.

All others name their organisation for ever, also after it has closed.
"""


def parse_identifier(text: str) -> str:
    """An identifier in the one form in which it is compared, "urn:100001".

    Raises:
        IdentifierError: ``scheme-unknown``, or what the scheme's own rule says.
    """
    scheme, colon, value = text.strip().partition(":")
    read = SCHEMES.get(scheme.lower())
    if not colon or read is None:
        known = ", ".join(f"{name}:" for name in SCHEMES)
        raise IdentifierError("scheme-unknown", f"Write the kind of number in front of it, one of {known}")
    return f"{scheme.lower()}:{read(value)}"


def scheme_of(identifier: str) -> str:
    """The scheme of an identifier in its one form."""
    return identifier.partition(":")[0]
