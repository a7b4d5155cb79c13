"""The acts that exist, read from `schemas/acts/*.json`: who may do them, when, under which law, with which body.

The catalogue is data so that a SEND lawyer can read and correct it. Rules that need reasoning are named there
(`guards`) and written in `domain.plan.guards`.
"""

from collections.abc import Iterable
from typing import Any

from msgspec import Struct, convert, field

from domain.plan.events import JsonObject


class CaseRule(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """The matter that an act opens (`from` is empty) or moves on, and the field of the body that names it.

    `id_field` may be left out for a matter of which there is one at a time; its id is then the kind. `own` says that of
    the parties only the one that opened it goes on with it.
    """

    kind: str
    status: str
    id_field: str = ""
    from_: tuple[str, ...] = field(default=(), name="from")
    own: bool = False


class ActSpec(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """One act of the catalogue and the event that records it.

    `from_` are the phases in which it can be performed (empty: any that isn't ended), `after` the events that must have
    happened before it, `to` the phase that it leads to. `text` says that the act carries a plan text, draft or final;
    `derives` names the rule that makes it of the text in force (`domain.plan.texts`). `gateway` is the basis that the
    act has by its nature, and so says whether the family is shown it; the body may state another.
    """

    act: str
    event: str
    title: str
    summary: str
    law: tuple[str, ...]
    by: tuple[str, ...]
    modes: tuple[str, ...] = ("PERFORM", "RECORD")
    opens: bool = False
    from_: tuple[str, ...] = field(default=(), name="from")
    after: tuple[str, ...] = ()
    to: str = ""
    text: str = ""
    text_optional: bool = False
    derives: str = ""
    gateway: str = ""
    guards: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    case: CaseRule | None = None
    body: JsonObject = field(default_factory=dict)
    required: tuple[str, ...] = ()
    result: JsonObject = field(default_factory=dict)


class Family(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Acts that belong together: one file of the catalogue."""

    family: str
    title: str
    acts: tuple[ActSpec, ...]


class Catalogue(Struct, frozen=True):
    """Every act by name and by event type."""

    acts: dict[str, ActSpec]
    events: dict[str, ActSpec]
    families: tuple[Family, ...]

    @classmethod
    def of(cls, documents: Iterable[Any]) -> "Catalogue":
        """Read the catalogue from parsed JSON documents, one for each family.

        Raises ValueError when two acts share a name or an event type, msgspec.ValidationError when a field is wrong.
        """
        families = tuple(convert(document, Family) for document in documents)
        specs = [spec for family in families for spec in family.acts]
        acts = {spec.act: spec for spec in specs}
        events = {spec.event: spec for spec in specs}
        if len(acts) != len(specs) or len(events) != len(specs):
            names = [s.act for s in specs] + [s.event for s in specs]
            raise ValueError(f"named twice in the act catalogue: {sorted({n for n in names if names.count(n) > 1})}")
        return cls(acts, events, families)
