"""Which event is told under which name, and to which relations: data that a data-protection officer can read.

`schemas/signals/types.json` follows the names of NHS England's Multicast Notification Service: kebab-case with a whole
version at the end. What no type names is told to nobody.
"""

from collections.abc import Iterable
from functools import cached_property
from typing import Any, Final

from msgspec import Struct, convert, field

from domain.plan.state import full_type

GRANTED: Final = "ehcp-access-granted-1"
"""Told to a party that may see the plan from now on, where no other signal tells it so."""

WITHDRAWN: Final = "ehcp-access-withdrawn-1"
"""Told to a party that may not follow the plan any more; nothing comes after it."""


class SignalType(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One name: the events behind it, and the relations that are told."""

    type: str
    title: str
    events: tuple[str, ...]
    to: frozenset[str]


class SignalTypes(Struct, frozen=True, kw_only=True, dict=True, forbid_unknown_fields=True):
    """Every type of signal there is."""

    types: tuple[SignalType, ...]
    title: str = ""
    note: str = ""
    schema: str = field(default="", name="$schema")

    @classmethod
    def of(cls, document: Any) -> "SignalTypes":
        """Read them from a parsed JSON document.

        Raises ValueError when a name or an event stands twice or the two types about access are missing,
        msgspec.ValidationError when a field is wrong.
        """
        found = convert(document, cls)
        _require_once([kind.type for kind in found.types])
        _require_once([event for kind in found.types for event in kind.events])
        if not {GRANTED, WITHDRAWN} <= found.names:
            raise ValueError(f"the types of signals lack {GRANTED} or {WITHDRAWN}")
        return found

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of all types."""
        return frozenset(kind.type for kind in self.types)

    @cached_property
    def by_event(self) -> dict[str, SignalType]:
        """The type of each event that is told at all, by the event's full type."""
        return {full_type(event): kind for kind in self.types for event in kind.events}

    @cached_property
    def followed_in(self) -> frozenset[str]:
        """The relations in which a party is told anything."""
        return frozenset[str]().union(*(kind.to for kind in self.types))

    def told_to(self, relation: str) -> frozenset[str]:
        """The types that a party in this relation of the access matrix can be told, beside those about its access."""
        return frozenset(kind.type for kind in self.types if relation in kind.to)


def _require_once(names: Iterable[str]) -> None:
    stated = list(names)
    if twice := sorted({name for name in stated if stated.count(name) > 1}):
        raise ValueError(f"named twice among the types of signals: {twice}")
