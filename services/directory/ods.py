"""The NHS Organisation Data Service: lists of bodies (`eccg`, `etr`, `epraccur` and others), and successions (`succ`).

The classic files have 27 columns and no first line of names; exports of the newer service name theirs. Both are read.
https://www.odsdatasearchandexport.nhs.uk/ and https://digital.nhs.uk/services/organisation-data-service
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from domain.directory.decide import Stated
from domain.directory.identifiers import parse_identifier
from domain.identifiers import IdentifierError
from services.directory.statements import Rejected, Said, Statement, Succeeds
from services.directory.tables import RowUnreadable, TableRow, headed, headless, reader

SOURCE: Final = "ods"
CODE, NAME, OPENED, CLOSED = "Organisation Code", "Name", "Open Date", "Close Date"
TYPE, PARENT, TELEPHONE, POSTCODE = "Organisation Sub-Type Code", "Parent", "Telephone", "Postcode"

CLASSIC: Final = (CODE, NAME, *[""] * 7, POSTCODE, OPENED, CLOSED, "", TYPE, PARENT, "", "", TELEPHONE)
"""The columns of the classic files that are looked at, in their places. The address between them is not kept."""

HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    CODE: ("Organisation Code", "OrganisationCode", "Code", "ODS Code"),
    NAME: ("Name", "Organisation Name", "OrganisationName", "OrgName"),
    OPENED: ("Open Date", "OpenDate", "Legal Start Date", "Operational Start Date"),
    CLOSED: ("Close Date", "CloseDate", "Legal End Date", "Operational End Date"),
    TYPE: ("Organisation Sub-Type Code", "Primary Role ID", "PrimaryRoleId"),
    PARENT: ("Commissioner", "Parent Organisation Code", "Parent"),
    TELEPHONE: ("Contact Telephone Number", "Telephone"),
    POSTCODE: ("Postcode", "PostCode"),
}
"""By which headings the same columns go in files that name them; the first that a file has counts."""

BEFORE, AFTER, REASON, ON = "Organisation Code", "Succeeding Organisation Code", "Reason Code", "Effective Date"
SUCCESSION: Final = (BEFORE, AFTER, REASON, ON)
"""The columns of `succ`, in their places."""

_ATTRIBUTES: Final = {
    CODE: "ods",
    NAME: "name",
    TYPE: "type",
    PARENT: "parent",
    TELEPHONE: "telephone",
    POSTCODE: "postcode",
}


def bodies(content: bytes, as_of: date) -> Iterator[Statement]:
    """What a list of bodies says. `as_of` is the day of the extract. Raises TableUnreadable."""
    names = _headings(content)
    columns = {column: _chosen(names, alternatives) for column, alternatives in HEADINGS.items()} if names else {}
    stated = {column: name for column, name in columns.items() if name} or {name: name for name in CLASSIC if name}
    rows = (
        headed(content, (HEADINGS[CODE][0] if CODE not in stated else stated[CODE],), tuple(stated.values()))
        if names
        else headless(content, CLASSIC)
    )
    for row in rows:
        try:
            yield _body(row, stated, as_of)
        except (RowUnreadable, IdentifierError) as fault:
            yield Rejected.of(row.line, fault, CODE)


def successions(content: bytes, as_of: date) -> Iterator[Statement]:  # noqa: ARG001 - one signature for all sources
    """What `succ` says. Raises TableUnreadable."""
    rows = headed(content, SUCCESSION, SUCCESSION) if _headings(content) else headless(content, SUCCESSION)
    for row in rows:
        try:
            yield _succession(row)
        except (RowUnreadable, IdentifierError) as fault:
            yield Rejected.of(row.line, fault, BEFORE)


def _headings(content: bytes) -> list[str]:
    """The first line where it names the columns, nothing where it is a body already."""
    first = [cell.strip() for cell in next(reader(content), [])]
    return first if not set(HEADINGS[CODE]).isdisjoint(first) else []


def _chosen(names: list[str], alternatives: tuple[str, ...]) -> str:
    return next((name for name in alternatives if name in names), "")


def _body(row: TableRow, stated: Mapping[str, str], as_of: date) -> Said:
    identifier = parse_identifier(f"ods:{row.text(stated[CODE])}")
    values = {name: row.text(stated[column]) for column, name in _ATTRIBUTES.items() if column in stated}
    if not values.get("name"):
        raise RowUnreadable(stated.get(NAME, NAME), "The body has no name.")
    values["ods"] = identifier.partition(":")[2]
    return Said(
        line=row.line,
        identifier=identifier,
        stated=Stated(
            kind="health",
            values={name: value for name, value in values.items() if value},
            owns=frozenset(values),
            source=SOURCE,
            as_of=as_of,
            opened=row.date(stated.get(OPENED, "")),
            closed=row.date(stated.get(CLOSED, "")),
        ),
    )


def _succession(row: TableRow) -> Succeeds:
    before, after = (parse_identifier(f"ods:{row.text(column)}") for column in (BEFORE, AFTER))
    return Succeeds(
        line=row.line,
        predecessor=before,
        successor=after,
        on=row.date(ON),
        how=f"reason {row.text(REASON)}" if row.text(REASON) else "successor",
        source=SOURCE,
    )
