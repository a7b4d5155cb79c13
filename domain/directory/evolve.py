"""An organisation after an event."""

from datetime import date, timedelta
from uuid import UUID

from msgspec.structs import replace

from domain.directory.events import (
    Happening,
    OpeningCorrected,
    OrganisationChanged,
    OrganisationClosed,
    OrganisationRegistered,
    OrganisationReopened,
    SuccessionRecorded,
)
from domain.directory.organisation import Fact, Organisation, Succession

_DAY = timedelta(days=1)


def evolve(stream: UUID, before: Organisation | None, happening: Happening) -> Organisation:
    """The organisation after the next event of its stream.

    Raises ValueError for an event that cannot come here: a second beginning, or anything before the first.
    """
    if isinstance(happening, OrganisationRegistered):
        if before is not None:
            raise ValueError(f"organisation {stream} is registered twice")
        return Organisation(
            id=stream,
            kind=happening.kind,
            facts=happening.facts,
            opened=happening.opened,
            closed=happening.closed,
            stated_on=happening.as_of,
            sequence=1,
        )
    if before is None:
        raise ValueError(f"organisation {stream} is not registered")
    return replace(_after(before, happening), sequence=before.sequence + 1)


def _after(before: Organisation, happening: Happening) -> Organisation:
    match happening:
        case OrganisationChanged():
            return replace(before, facts=_changed(before.facts, happening), stated_on=happening.as_of)
        case OpeningCorrected():
            return replace(before, opened=happening.opened, stated_on=happening.as_of)
        case OrganisationClosed():
            return replace(before, closed=happening.closed, stated_on=happening.as_of)
        case OrganisationReopened():
            return replace(before, closed=None, stated_on=happening.as_of)
        case SuccessionRecorded():
            found = Succession(successor=happening.successor, on=happening.on, how=happening.how)
            others = tuple(s for s in before.successions if s.successor != found.successor)
            return replace(before, successions=(*others, found))
        case _:
            raise ValueError(f"not an event of an organisation: {type(happening).__name__}")


def _changed(facts: tuple[Fact, ...], happening: OrganisationChanged) -> tuple[Fact, ...]:
    kept = (_ended(fact, happening.as_of) if fact.attribute in happening.ended else fact for fact in facts)
    return (*(fact for fact in kept if _ever_held(fact)), *happening.started)


def _ended(fact: Fact, on: date) -> Fact:
    return fact if fact.until is not None else replace(fact, until=on - _DAY)


def _ever_held(fact: Fact) -> bool:
    """A value that was replaced on the day it began was a mistake: it never held."""
    return fact.since is None or fact.until is None or fact.since <= fact.until
