"""The legal date of an act and the date that its body states are one and the same."""

from collections.abc import Iterator

from domain.errors import Breach
from domain.plan.context import Context
from domain.plan.guards.registry import guard

#: Marks the field of an act's body that holds its legal date.
LEGAL_DATE = "x-legalDate"


@guard("legal-date-stated")
def legal_date_stated(context: Context) -> Iterator[Breach]:
    """Clocks stop on the legal date, so it can't differ from the day on which the letter was sent or received."""
    for name, schema in context.spec.body.items():
        stated = context.act.on(name) if schema.get(LEGAL_DATE) else None
        if stated and stated != context.on:
            yield context.breach(
                "dates-differ",
                f"'{schema['title']}' is {stated.isoformat()}, and the act is dated {context.on.isoformat()}.",
                pointer=f"/{name}",
            )
