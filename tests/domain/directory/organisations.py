"""Fictional organisations, registered in a few words."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from domain.directory.decide import Stated, decide, decide_succession
from domain.directory.organisation import Organisation, organisation_id
from domain.directory.register import Register


class Book:
    """A register that is written to as an import writes to it."""

    def __init__(self) -> None:
        self.register = Register()

    def state(
        self,
        identifier: str,
        *,
        also: Iterable[str] = (),
        kind: str = "setting",
        as_of: str = "2026-11-02",
        opened: str = "",
        closed: str = "",
        **facts: str,
    ) -> list[Any]:
        """What a source says of an organisation; the events that follow."""
        values = {"name": f"Name of {identifier}"} | facts
        values |= dict(one.split(":", 1) for one in (identifier, *also))
        stated = Stated(
            kind=kind,
            values=values,
            owns=frozenset({*values, "section41", "trust", "ukprn"}),
            source="test",
            as_of=date.fromisoformat(as_of),
            opened=date.fromisoformat(opened) if opened else None,
            closed=date.fromisoformat(closed) if closed else None,
        )
        stream = organisation_id(identifier)
        happenings = decide(self.register.get(stream), stated)
        for happening in happenings:
            self.register.apply(stream, happening)
        return happenings

    def succeed(self, before: str, after: str, on: str = "", how: str = "merger") -> list[Any]:
        known = self[before]
        day = date.fromisoformat(on) if on else None
        happenings = decide_succession(known, organisation_id(after), day, how, "test")
        for happening in happenings:
            self.register.apply(known.id, happening)
        return happenings

    def __getitem__(self, identifier: str) -> Organisation:
        found = self.register.get(organisation_id(identifier))
        assert found is not None
        return found

    def who(self, identifier: str, on: str) -> UUID | None:
        found = self.register.find(identifier, date.fromisoformat(on))
        return found.id if found else None

    def answering(self, identifier: str, on: str) -> set[UUID]:
        return {found.id for found in self.register.answering(identifier, date.fromisoformat(on))}

    def same(self, one: str, other: str, on: str = "2026-11-02") -> bool:
        return self.register.same_organisation(one, other, date.fromisoformat(on))
