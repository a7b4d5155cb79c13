"""What reads answer with: plain values in the field's words, camelCase on the wire, absent rather than null."""

from datetime import datetime

from msgspec import UNSET, Struct, UnsetType, field

from domain.plan.events import JsonObject
from services.statements import Statement


class VersionView(Struct, frozen=True, kw_only=True, rename="camel"):
    """One legal text in a list of versions; `sequence` is the event that carries it, for who is shown every event.

    `recorded` is the moment at which that event came on record, told where a text is read as a document of its own.
    """

    number: int
    kind: str
    effective_on: str
    sequence: int | UnsetType = UNSET
    basis: str = ""
    recorded: datetime | UnsetType = UNSET


class InForce(Struct, frozen=True, kw_only=True, rename="camel"):
    """What held on the civil date that was asked for: the placements that the text dates so, and who had which role."""

    placements: JsonObject | UnsetType = UNSET
    parties: tuple[JsonObject, ...] | UnsetType = UNSET


class PlanView(Struct, frozen=True, kw_only=True, rename="camel"):
    """A plan as read: where it stands, and the text that was asked for.

    `sequence` counts all events, and is told to those who are shown them all. `entity_tag` is for If-Match.
    """

    plan_id: str
    phase: str
    maintaining_la: str | UnsetType = UNSET
    entity_tag: str
    sequence: int | UnsetType = UNSET
    local_reference: str | UnsetType = UNSET
    baseline: bool = False
    version: VersionView | UnsetType = UNSET
    plan: JsonObject | UnsetType = UNSET
    as_at: str | UnsetType = UNSET
    in_force: InForce | UnsetType = UNSET
    known_at: str | UnsetType = UNSET
    merged_into: str | UnsetType = UNSET
    absorbed: tuple[str, ...] = ()
    statements: tuple[Statement, ...] = ()


class HistoryItem(Struct, frozen=True, kw_only=True, rename="camel"):
    """One event of the history in the words of the catalogue.

    `number` counts the events that this reader is shown. Where an event stands among all others (`sequence` in the
    plan, `position` in the log) is told to those alone who are shown all: a gap would say that something is kept from
    the reader. `status` is counted, superseded (corrected or annulled later), redacted, sealed (before an adoption) or
    erased.
    """

    number: int
    sequence: int | UnsetType = UNSET
    position: int | UnsetType = UNSET
    time: datetime
    type: str
    title: str
    id: str
    status: str
    effective_on: str | UnsetType = UNSET
    mode: str | UnsetType = UNSET
    actor: JsonObject | UnsetType = UNSET
    law: tuple[str, ...] | UnsetType = UNSET
    findings: tuple[JsonObject, ...] | UnsetType = UNSET
    warnings: tuple[JsonObject, ...] | UnsetType = UNSET
    data: JsonObject | UnsetType = UNSET
    statements: tuple[Statement, ...] | UnsetType = UNSET


class DiffView(Struct, frozen=True, kw_only=True, rename="camel"):
    """What changed between two versions: sentences, the fields behind them, and the merge patch (RFC 7396)."""

    from_: VersionView = field(name="from")
    to: VersionView
    changes: tuple[JsonObject, ...]
    patch: JsonObject
    statements: tuple[Statement, ...] = ()
