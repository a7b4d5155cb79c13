"""What the golden-thread rules work on: a document's items, found once; and the finding they yield."""

from collections.abc import Iterator
from datetime import date
from typing import Literal, TypeAlias

from msgspec import Struct

from domain.document.items import Item, Link, items, links
from domain.document.json_values import JsonObject, value_at

SEPTEMBER = 9

Severity: TypeAlias = Literal["error", "warning"]


class ThreadFinding(Struct, frozen=True, kw_only=True):
    """One thing that is missing or out of place.

    `rule` is a stable code (kebab-case), `law` the provision that asks for it, `text` a sentence for the case
    officer (it names items by number and quotes none of the plan), `pointer` the RFC 6901 JSON Pointer of the
    place.
    """

    rule: str
    law: str
    text: str
    pointer: str
    severity: Severity


Findings: TypeAlias = Iterator[ThreadFinding]


class Thread(Struct, frozen=True, kw_only=True):
    """A document with its items and links found once; `on` is the civil date at which ages are counted."""

    document: JsonObject
    items: tuple[Item, ...]
    links: tuple[Link, ...]
    finalising: bool
    on: date | None

    @classmethod
    def of(cls, document: JsonObject, *, finalising: bool, on: date | None) -> "Thread":
        """Read the items and links of a document."""
        found = items(document)
        return cls(
            document=document,
            items=found,
            links=tuple(links(document, found)),
            finalising=finalising,
            on=on,
        )

    def of_kind(self, kind: str, *sections: str) -> tuple[Item, ...]:
        """The items of a kind, in the sections named or in all."""
        return tuple(item for item in self.items if item.kind == kind and (not sections or item.section in sections))

    def active_needs(self, *sections: str) -> tuple[Item, ...]:
        """The needs that still call for something: neither resolved nor withdrawn."""
        return tuple(item for item in self.of_kind("need", *sections) if item.value.get("status", "active") == "active")

    def at_finalise(self) -> Severity:
        """How much a breach weighs that stops a final plan and not a draft."""
        return "error" if self.finalising else "warning"

    def personal(self, *path: str) -> object:
        """A value of the personal details, None when it isn't stated."""
        return value_at(self.document, ("personalDetails", *path))

    def age(self) -> int | None:
        """Age in whole years on the date of reading; None when the date or the date of birth is unknown."""
        born = self.personal("dateOfBirth")
        if self.on is None or not isinstance(born, str):
            return None
        return age_on(date.fromisoformat(born), self.on)

    def school_year(self) -> int | None:
        """The National Curriculum year that is stated (the one taught in), else the usual one for the age."""
        stated = self.personal("ncYear")
        if isinstance(stated, int):
            return stated
        born = self.personal("dateOfBirth")
        if self.on is None or not isinstance(born, str):
            return None
        return usual_year(date.fromisoformat(born), self.on)


def age_on(born: date, on: date) -> int:
    """Age in completed years; a birthday on 29 February is reached on 1 March of a common year."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def usual_year(born: date, on: date) -> int:
    """The National Curriculum year that a child of this date of birth is usually taught in: Reception is 0.

    It follows from the age on 31 August before the school year began (DfE school census guidance).
    """
    starts = on.year if on.month >= SEPTEMBER else on.year - 1
    return age_on(born, date(starts, 8, 31)) - 4
