"""Organisations that no extract publishes: councils from the code set of this release, and lists that people write.

A list is a table with the columns kind, identifier, name, and where known opened, closed and website: regulators, the
witnesses of the log, a provider without a public code (`org:`).
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from domain.codesets import CodeSet
from domain.directory.decide import Stated
from domain.directory.identifiers import parse_identifier
from domain.directory.organisation import KINDS
from domain.identifiers import IdentifierError
from services.directory.statements import Rejected, Said, Statement, Succeeds
from services.directory.tables import RowUnreadable, TableRow, headed

COUNCILS: Final = "councils"
LIST: Final = "list"
_NEEDED: Final = ("kind", "identifier", "name")
_DAY: Final = timedelta(days=1)


def councils(authorities: CodeSet) -> Iterator[Statement]:
    """What the code set says: every council past and present, and which took the place of which."""
    as_of = date.fromisoformat(authorities.source_date)
    for line, council in enumerate(authorities, 1):
        values = {"la": council.code, "gss": council.text("gssLater") or council.text("gss"), "name": council.title}
        stated = Stated(
            kind="council",
            values={name: value for name, value in values.items() if value},
            owns=frozenset(values),
            source=COUNCILS,
            as_of=as_of,
            opened=council.valid_from,
            closed=council.valid_to,
        )
        yield Said(line=line, identifier=f"la:{council.code}", stated=stated)
    for line, council in enumerate(authorities, 1):
        for successor in council.successors:
            yield Succeeds(
                line=line,
                predecessor=f"la:{council.code}",
                successor=f"la:{successor}",
                on=council.valid_to + _DAY if council.valid_to else None,
                how="reorganisation",
                source=COUNCILS,
            )


def listed(content: bytes, as_of: date) -> Iterator[Statement]:
    """What a list says. `as_of` is the day on which it was right. Raises TableUnreadable."""
    for row in headed(content, _NEEDED, (*_NEEDED, "opened", "closed", "website")):
        try:
            yield _listed(row, as_of)
        except (RowUnreadable, IdentifierError) as fault:
            yield Rejected.of(row.line, fault, "identifier")


def _listed(row: TableRow, as_of: date) -> Said:
    identifier = parse_identifier(row.text("identifier"))
    if row.text("kind") not in KINDS:
        raise RowUnreadable("kind", f"The kind is one of {', '.join(KINDS)}.")
    if not row.text("name"):
        raise RowUnreadable("name", "The organisation has no name.")
    scheme, _, value = identifier.partition(":")
    values = {scheme: value, "name": row.text("name"), "website": row.text("website")}
    return Said(
        line=row.line,
        identifier=identifier,
        stated=Stated(
            kind=row.text("kind"),
            values={name: value for name, value in values.items() if value},
            owns=frozenset(values),
            source=LIST,
            as_of=as_of,
            opened=row.date("opened"),
            closed=row.date("closed"),
        ),
    )
