"""The matrix as data: which relation opens which sections of which text, under which basis, and which acts.

`schemas/access/matrix.json` is written for a data-protection officer; nothing here knows a relation by name. Editions
are chosen by date, and old ones stay loadable: what somebody could see on a day is answered by the edition of that day.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, Protocol

from msgspec import Struct, convert, field
from msgspec.structs import replace

from domain.access.entitlement import SECTIONS
from domain.rules.timeline import Timeline

#: States of a text, seen from a relation (`domain.access.texts`).
STATES = ("draft", "pastDraft", "final", "past", "earlier", "sealed")
EVERY_ACT = "*"


class Reading(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a relation opens of a text: sections, those of them where only own items are shown, what is withheld."""

    sections: frozenset[str]
    own: frozenset[str] = frozenset()
    withholds: frozenset[str] = frozenset()


class RelationRule(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """One relation: who stands in it from when until when (in words), and what it opens to which roles.

    `acts` are the families of the act catalogue in which its roles may act, or single acts ("*": all); `own_only`
    limits that to matters that name the caller. `as_recorded` says that sections and basis are those recorded with
    the relation.
    """

    title: str
    who: str
    since: str
    until: str
    law: tuple[str, ...]
    roles: frozenset[str]
    gateway: str
    reason: str
    reads: dict[str, Reading]
    acts: frozenset[str] = frozenset()
    shows: frozenset[str] = frozenset()
    organisations: frozenset[str] = frozenset()
    own_only: bool = False
    lists: bool = False
    as_recorded: bool = False


class Role(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A role of a caller; `acts_as` is the role by whose acts it may act."""

    title: str
    acts_as: str = ""


class LocationRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is withheld and hidden from whoever must not find the child."""

    title: str
    who: str
    withholds: frozenset[str]
    hides: frozenset[str]


class Policy(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """One edition of the matrix, in force from a civil date. Relations stand in the order in which they count."""

    version: str
    from_: date = field(name="from")
    title: str
    note: str
    states: dict[str, str]
    withholdings: dict[str, str]
    roles: dict[str, Role]
    location_sensitive: LocationRule
    relations: dict[str, RelationRule]
    schema: str = field(default="", name="$schema")
    sha256: str = ""

    def acting_role(self, role: str) -> str:
        """The role by whose acts somebody in this role may act."""
        known = self.roles.get(role)
        return (known.acts_as if known else "") or role

    def withholds(self, role: str, what: str) -> bool:
        """Whether this is withheld from a role in every relation in which that role reads texts."""
        readings = [
            reading for rule in self.relations.values() if role in rule.roles for reading in rule.reads.values()
        ]
        return bool(readings) and all(what in reading.withholds for reading in readings)

    def listed(self, role: str) -> frozenset[str]:
        """The relations in which plans are listed for that role."""
        return frozenset(name for name, rule in self.relations.items() if rule.lists and role in rule.roles)


class PolicySource(Protocol):
    """Whatever knows which edition of the matrix counts on which day."""

    def on(self, day: date) -> Policy:
        """The edition in force on a civil date; before the first one, the first."""


class Policies(Struct, frozen=True):
    """The editions of the matrix, by the day from which each counts. Implements PolicySource."""

    timeline: Timeline[Policy]

    @classmethod
    def of(cls, documents: Iterable[Any]) -> "Policies":
        """Editions from parsed JSON documents, each counting from the day that it states.

        Raises ValueError when there is none, when two share a version or a day, or when one contradicts itself;
        msgspec.ValidationError when a field is wrong.
        """
        editions = sorted((parse_policy(document) for document in documents), key=lambda edition: edition.from_)
        if not editions:
            raise ValueError("there is no edition of the access matrix")
        for marks in ({e.version for e in editions}, {e.from_ for e in editions}):
            if len(marks) != len(editions):
                raise ValueError("two editions of the access matrix share a version or a day")
        return cls(Timeline((edition.from_, edition) for edition in editions))

    @property
    def editions(self) -> tuple[Policy, ...]:
        """The editions in the order in which they come into force."""
        return self.timeline.values

    def on(self, day: date) -> Policy:
        """The edition in force on a civil date; before the first one, the first."""
        return self.timeline.at(day)


def parse_policy(document: Any, sha256: str = "") -> Policy:
    """Read an edition from a parsed JSON document; `sha256` of its canonical form is kept beside it.

    Raises ValueError when it contradicts itself; msgspec.ValidationError, a ValueError, when a field is wrong.
    """
    edition = replace(convert(document, Policy), sha256=sha256)
    _require_sound(edition)
    return edition


def _require_sound(edition: Policy) -> None:
    """Raises ValueError for a name that the edition doesn't explain itself."""
    for name, rule in edition.relations.items():
        strange = (
            rule.roles - edition.roles.keys(),
            rule.reads.keys() - set(STATES),
            *(reading.sections - SECTIONS for reading in rule.reads.values()),
            *(reading.own - reading.sections for reading in rule.reads.values()),
            *(reading.withholds - edition.withholdings.keys() for reading in rule.reads.values()),
        )
        if any(strange):
            raise ValueError(f"access matrix {edition.version}, {name}: unknown {sorted(set().union(*strange))}")
