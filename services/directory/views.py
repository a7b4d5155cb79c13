"""What a question about an organisation is answered with: how it was on a day, and who came before and after it."""

from datetime import date

from msgspec import UNSET, Struct, UnsetType

from domain.directory.identifiers import SCHEMES
from domain.directory.organisation import NAME, Organisation
from services.directory.service import DirectoryService


class OrganisationBrief(Struct, frozen=True, kw_only=True, rename="camel"):
    """Another organisation, as it is named on the day of the question, or on its own last or first."""

    organisation_id: str
    name: str
    identifiers: tuple[str, ...]


class SuccessorBrief(OrganisationBrief, frozen=True, kw_only=True, rename="camel"):
    """Who carries on, how its source calls that, and since when it says so."""

    how: str
    since: date | UnsetType = UNSET


class OrganisationView(Struct, frozen=True, kw_only=True, rename="camel"):
    """An organisation on a civil date (`on`). `exists` tells whether it was open; `closed` is its last day.

    `answering` are the organisations that answer for it on that day: itself, or those that carry on.
    """

    organisation_id: str
    kind: str
    name: str
    on: date
    exists: bool
    identifiers: tuple[str, ...]
    facts: dict[str, str]
    answering: tuple[OrganisationBrief, ...]
    successors: tuple[SuccessorBrief, ...]
    predecessors: tuple[OrganisationBrief, ...]
    opened: date | UnsetType = UNSET
    closed: date | UnsetType = UNSET


def view(directory: DirectoryService, identifier: str, on: date) -> OrganisationView | None:
    """The organisation that an identifier named on a day; None for nobody."""
    register = directory.organisations()
    found = register.find(identifier, on)
    if found is None:
        return None
    following = ((register.get(succession.successor), succession) for succession in found.successions)
    return OrganisationView(
        organisation_id=str(found.id),
        kind=found.kind,
        name=_name(found, on),
        on=on,
        exists=found.exists_on(on),
        identifiers=_identifiers(found, on),
        facts={
            fact.attribute: fact.value
            for fact in found.facts
            if fact.holds_on(on) and fact.attribute not in (*SCHEMES, NAME)
        },
        answering=tuple(_brief(one, on) for one in register.answering(identifier, on)),
        successors=tuple(
            SuccessorBrief(
                organisation_id=str(one.id),
                name=_name(one, on),
                identifiers=_identifiers(one, on),
                how=succession.how,
                since=succession.on or UNSET,
            )
            for one, succession in following
            if one is not None
        ),
        predecessors=tuple(_brief(one, on) for one in register.predecessors(found)),
        opened=found.opened or UNSET,
        closed=found.closed or UNSET,
    )


def _brief(one: Organisation, on: date) -> OrganisationBrief:
    return OrganisationBrief(organisation_id=str(one.id), name=_name(one, on), identifiers=_identifiers(one, on))


def _name(one: Organisation, on: date) -> str:
    return one.value(NAME, _day_of(one, on))


def _identifiers(one: Organisation, on: date) -> tuple[str, ...]:
    return tuple(sorted(one.identifiers(_day_of(one, on))))


def _day_of(one: Organisation, on: date) -> date:
    """The day of the question, or the first day of one that came later: it is named all the same."""
    return max(on, one.opened) if one.opened else on
