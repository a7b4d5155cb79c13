"""What a source's word on an organisation changes: events for the differences to what is on record, and no others."""

from collections.abc import Iterator, Mapping
from datetime import date
from uuid import UUID

from msgspec import Struct

from domain.directory.events import (
    Happening,
    OpeningCorrected,
    OrganisationChanged,
    OrganisationClosed,
    OrganisationRegistered,
    OrganisationReopened,
    SuccessionRecorded,
)
from domain.directory.organisation import SECTION_41, Fact, Organisation, Succession

KNOWN_ONLY_FROM_THEN = frozenset({SECTION_41})
"""Attributes of which a first statement says nothing about the time before it: since when, no extract tells."""


class Stated(Struct, frozen=True, kw_only=True):
    """What a source says of one organisation on the day of its extract (`as_of`).

    `values` are by attribute; an attribute that the source `owns` and doesn't state has no value.
    """

    kind: str
    values: Mapping[str, str]
    owns: frozenset[str]
    source: str
    as_of: date
    opened: date | None = None
    closed: date | None = None


class OlderStatement(ValueError):
    """The extract is older than what is on record."""


def decide(known: Organisation | None, stated: Stated) -> list[Happening]:
    """The events that take the record to what the source says; none when it says nothing new.

    Raises OlderStatement when the record was changed as of a later day: an old file undoes no new one.
    """
    if known is None:
        return [_registered(stated)]
    differences = list(_differences(known, stated))
    if differences and stated.as_of < known.stated_on:
        raise OlderStatement("What is on record is newer than this file.")
    return differences


def decide_succession(
    known: Organisation, successor: UUID, on: date | None, how: str, source: str
) -> list[SuccessionRecorded]:
    """The event that records a succession, none when it is on record so.

    Raises ValueError for an organisation that would succeed itself.
    """
    if successor == known.id:
        raise ValueError("an organisation cannot succeed itself")
    if Succession(successor=successor, on=on, how=how) in known.successions:
        return []
    return [SuccessionRecorded(successor=successor, on=on, how=how, source=source)]


def _registered(stated: Stated) -> OrganisationRegistered:
    return OrganisationRegistered(
        kind=stated.kind,
        facts=tuple(_first(attribute, value, stated) for attribute, value in stated.values.items()),
        source=stated.source,
        as_of=stated.as_of,
        opened=stated.opened,
        closed=stated.closed,
    )


def _first(attribute: str, value: str, stated: Stated) -> Fact:
    since = stated.as_of if attribute in KNOWN_ONLY_FROM_THEN else None
    return Fact(attribute=attribute, value=value, since=since)


def _differences(known: Organisation, stated: Stated) -> Iterator[Happening]:
    current = {fact.attribute: fact for fact in known.facts if fact.until is None}
    changed = [a for a in sorted(stated.owns) if stated.values.get(a, "") != _value(current.get(a))]
    ended = tuple(attribute for attribute in changed if attribute in current)
    started = tuple(
        Fact(attribute=attribute, value=stated.values[attribute], since=stated.as_of)
        for attribute in changed
        if attribute in stated.values
    )
    if changed:
        yield OrganisationChanged(source=stated.source, as_of=stated.as_of, ended=ended, started=started)
    if stated.opened != known.opened:
        yield OpeningCorrected(opened=stated.opened, source=stated.source, as_of=stated.as_of)
    if stated.closed != known.closed:
        yield (
            OrganisationReopened(source=stated.source, as_of=stated.as_of)
            if stated.closed is None
            else OrganisationClosed(closed=stated.closed, source=stated.source, as_of=stated.as_of)
        )


def _value(fact: Fact | None) -> str:
    return "" if fact is None else fact.value
