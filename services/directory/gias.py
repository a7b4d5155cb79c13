"""Get Information about Schools: `edubasealldata` and `links_edubaseall` as published for download.

Of the register's columns only those that describe the establishment are looked at. The name and address of the head
stand in it too; they are never read. https://get-information-schools.service.gov.uk/Downloads
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from domain.directory.decide import Stated
from domain.directory.identifiers import parse_identifier
from domain.identifiers import IdentifierError
from services.directory.statements import Rejected, Said, Skipped, Statement, Succeeds
from services.directory.tables import RowUnreadable, TableRow, headed

SOURCE: Final = "gias"
URN: Final = "URN"
LA: Final = "LA (code)"
NUMBER: Final = "EstablishmentNumber"
NAME: Final = "EstablishmentName"
TYPE: Final = "TypeOfEstablishment (code)"
STATUS: Final = "EstablishmentStatus (code)"
OPENED: Final = "OpenDate"
CLOSED: Final = "CloseDate"
UKPRN: Final = "UKPRN"
TRUST: Final = "Trusts (code)"
TRUST_NAME: Final = "Trusts (name)"
SECTION_41: Final = "Section41Approved (name)"
WEBSITE: Final = "SchoolWebsite"
TELEPHONE: Final = "TelephoneNum"
POSTCODE: Final = "Postcode"
NEEDED: Final = (URN, LA, NAME, TYPE, STATUS, OPENED, CLOSED)
WANTED: Final = (*NEEDED, NUMBER, UKPRN, TRUST, TRUST_NAME, SECTION_41, WEBSITE, TELEPHONE, POSTCODE)

LINKED: Final = ("URN", "LinkURN", "LinkType", "LinkEstablishedDate")
_CLOSED: Final = "2"
_PROPOSED: Final = "4"
_NO_AREA: Final = frozenset(("", "000", "0"))
_OWNED: Final = frozenset(
    ("urn", "laestab", "ukprn", "name", "type", "council", "trust", "section41", "website", "telephone", "postcode")
)
_OWNED_OF_TRUSTS: Final = frozenset(("uid", "name"))


def establishments(content: bytes, as_of: date) -> Iterator[Statement]:
    """What `edubasealldata` says. `as_of` is the day of the extract. Raises TableUnreadable."""
    trusts: set[str] = set()
    for row in headed(content, NEEDED, WANTED):
        try:
            yield _establishment(row, as_of)
            if (trust := _trust(row, as_of)) is not None and trust.identifier not in trusts:
                trusts.add(trust.identifier)
                yield trust
        except (RowUnreadable, IdentifierError) as fault:
            yield Rejected.of(row.line, fault, URN)


def links(content: bytes, as_of: date) -> Iterator[Statement]:  # noqa: ARG001 - one signature for all sources
    """What `links_edubaseall` says of successors and predecessors; its other kinds of link are passed over.

    Raises TableUnreadable.
    """
    for row in headed(content, LINKED, LINKED):
        try:
            yield _link(row)
        except (RowUnreadable, IdentifierError) as fault:
            yield Rejected.of(row.line, fault, URN)


def _establishment(row: TableRow, as_of: date) -> Statement:
    identifier = parse_identifier(f"urn:{row.text(URN)}")
    if row.text(STATUS) == _PROPOSED:
        return Skipped(line=row.line)
    closed = row.date(CLOSED)
    if row.text(STATUS) == _CLOSED and closed is None:
        raise RowUnreadable(CLOSED, "The establishment is closed, but the file doesn't say since when.")
    if not row.text(NAME):
        raise RowUnreadable(NAME, "The establishment has no name.")
    stated = Stated(
        kind="setting",
        values={name: value for name, value in _values(row, identifier).items() if value},
        owns=_OWNED,
        source=SOURCE,
        as_of=as_of,
        opened=row.date(OPENED),
        closed=closed,
    )
    return Said(line=row.line, identifier=identifier, stated=stated)


def _values(row: TableRow, identifier: str) -> dict[str, str]:
    return {
        "urn": _value(identifier),
        "laestab": _laestab(row),
        "ukprn": _value(parse_identifier(f"ukprn:{row.text(UKPRN)}")) if row.text(UKPRN) else "",
        "name": row.text(NAME),
        "type": row.text(TYPE).zfill(2) if row.text(TYPE) else "",
        "council": "" if row.text(LA) in _NO_AREA else row.text(LA).zfill(3),
        "trust": row.text(TRUST),
        "section41": "approved" if row.text(SECTION_41) == "Approved" else "",
        "website": row.text(WEBSITE),
        "telephone": row.text(TELEPHONE),
        "postcode": row.text(POSTCODE),
    }


def _laestab(row: TableRow) -> str:
    if row.text(LA) in _NO_AREA or not row.text(NUMBER):
        return ""
    return _value(parse_identifier(f"laestab:{row.text(LA).zfill(3)}{row.text(NUMBER).zfill(4)}"))


def _trust(row: TableRow, as_of: date) -> Said | None:
    if not row.text(TRUST) or not row.text(TRUST_NAME):
        return None
    identifier = parse_identifier(f"uid:{row.text(TRUST)}")
    values = {"uid": _value(identifier), "name": row.text(TRUST_NAME)}
    stated = Stated(kind="trust", values=values, owns=_OWNED_OF_TRUSTS, source=SOURCE, as_of=as_of)
    return Said(line=row.line, identifier=identifier, stated=stated)


def _link(row: TableRow) -> Statement:
    how = row.text("LinkType")
    one, other = (parse_identifier(f"urn:{row.text(column)}") for column in ("URN", "LinkURN"))
    if how.startswith("Successor"):
        before, after = one, other
    elif how.startswith("Predecessor"):
        before, after = other, one
    else:
        return Skipped(line=row.line)
    kind = how.partition("-")[2].strip().lower() or "successor"
    return Succeeds(
        line=row.line,
        predecessor=before,
        successor=after,
        on=row.date("LinkEstablishedDate"),
        how=kind,
        source=SOURCE,
    )


def _value(identifier: str) -> str:
    return identifier.partition(":")[2]
