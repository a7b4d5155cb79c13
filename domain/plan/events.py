"""What happened to a plan: the values that the record is folded from.

An event is immutable and carries everything that its fold needs: `decide` writes the resulting phase, clocks and
compliance findings into `data`, so that no later change of a table or a rule can change what a stored history means.
"""

from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from msgspec import Struct

JsonObject: TypeAlias = dict[str, Any]


class EventMetadata(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who did it, for whom, and from when it holds in law. Sealed with the data.

    `effectiveon` is the legal date: a civil date in Europe/London (YYYY-MM-DD). `mode` is PERFORM (the platform did it)
    or RECORD (it happened elsewhere and was written down here). `actor` is who they are at `actorissuer`, whose token
    named them: two issuers may use the same subject. Lower-case names follow CloudEvents 1.0 attributes.
    """

    effectiveon: str
    actor: str
    actororg: str
    actorrole: str
    mode: str
    onbehalfof: str | None = None
    gateway: str | None = None
    correlationid: str | None = None
    causationid: str | None = None
    planversion: int | None = None
    evidencesha256: str | None = None
    actorissuer: str | None = None


class DecidedEvent(Struct, frozen=True, kw_only=True):
    """An event that a decision has produced and nothing has stored yet."""

    type: str
    data: JsonObject


class PlanEvent(Struct, frozen=True, kw_only=True):
    """A stored event, opened: `sequence` is gapless per plan from 1, `position` is gapless over the whole log."""

    plan: UUID
    type: str
    sequence: int
    position: int
    time: datetime
    id: UUID
    metadata: EventMetadata
    data: JsonObject


class Erased(Struct, frozen=True, kw_only=True):
    """An event whose key was destroyed: that it happened stays provable, what it said is gone for everybody."""

    plan: UUID
    type: str
    sequence: int
    position: int
    time: datetime
    id: UUID


HistoryEntry: TypeAlias = PlanEvent | Erased
