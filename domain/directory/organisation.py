"""An organisation and what was true of it when.

A fact is an attribute with a value and the days on which it holds; identifiers are facts whose attribute is their
scheme. Days are civil dates, both ends inclusive; a missing end is open.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final
from uuid import UUID, uuid5

from msgspec import Struct

from domain.directory.identifiers import REUSED, SCHEMES

KINDS: Final = ("council", "setting", "trust", "health", "regulator", "witness")
"""What an organisation is. A setting is a school, college or other provider of education; its `type` says which."""

NAME: Final = "name"
TYPE: Final = "type"
SECTION_41: Final = "section41"

ATTRIBUTES: Final = (*SCHEMES, NAME, TYPE, "council", "trust", "parent", SECTION_41, "website", "telephone", "postcode")
"""Everything that is kept of an organisation, and nothing of a person. `type` is a GIAS or ODS code, `council` the LA
code of the area that it stands in, `trust` the UID of its academy trust, `parent` the ODS code of the body that it
belongs to, `section41` says "approved" (CFA 2014 s.41); the rest is how the organisation itself is reached."""

_NAMESPACE: Final = UUID("7f1f8f0e-6d3c-5b0a-9d6e-2f3a54c1b6aa")


class Fact(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One attribute's value and the days on which it holds."""

    attribute: str
    value: str
    since: date | None = None
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether it holds on a day."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


class Succession(Struct, frozen=True, kw_only=True):
    """Who carries on when this organisation has closed. `on` is the day that the source states, `how` its words."""

    successor: UUID
    on: date | None
    how: str


class Organisation(Struct, frozen=True, kw_only=True):
    """An organisation as far as its stream was folded (`sequence`).

    `closed` is the last day of its existence, `stated_on` the day as of which a source last said something new of it.
    """

    id: UUID
    kind: str
    facts: tuple[Fact, ...]
    opened: date | None = None
    closed: date | None = None
    successions: tuple[Succession, ...] = ()
    stated_on: date = date.min
    sequence: int = 0

    def exists_on(self, day: date) -> bool:
        """Whether it was open on a day."""
        return self.has_opened(day) and not self.has_closed(day)

    def has_opened(self, day: date) -> bool:
        """Whether it had begun by the end of a day."""
        return self.opened is None or self.opened <= day

    def has_closed(self, day: date) -> bool:
        """Whether it had ceased to exist before a day."""
        return self.closed is not None and self.closed < day

    def value(self, attribute: str, day: date) -> str:
        """An attribute's value on a day, empty when it had none."""
        return next((fact.value for fact in self.facts if fact.attribute == attribute and fact.holds_on(day)), "")

    def is_section_41_approved(self, day: date) -> bool:
        """Whether a school outside the maintained sector was approved under s.41 CFA 2014, as far as is known."""
        return bool(self.value(SECTION_41, day))

    def identifiers(self, day: date) -> frozenset[str]:
        """The identifiers that name it on a day: those of its own time, and after its end those never given again."""
        return frozenset(self._identifiers(day))

    def all_identifiers(self) -> frozenset[str]:
        """Every identifier that it ever held."""
        return frozenset(f"{fact.attribute}:{fact.value}" for fact in self.facts if fact.attribute in SCHEMES)

    def is_named(self, identifier: str, day: date) -> bool:
        """Whether an identifier named this organisation on a day."""
        return identifier in self.identifiers(day)

    def _identifiers(self, day: date) -> Iterator[str]:
        if not self.has_opened(day):
            return
        for fact in self.facts:
            lasts = fact.attribute not in REUSED or self.exists_on(day)
            if fact.attribute in SCHEMES and lasts and fact.holds_on(day):
                yield f"{fact.attribute}:{fact.value}"


def organisation_id(identifier: str) -> UUID:
    """The id of the organisation that is first recorded under this identifier: the same whoever records it."""
    return uuid5(_NAMESPACE, identifier)
