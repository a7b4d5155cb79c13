"""What the services are asked for, and what they answer: values shared by the HTTP API and the command line."""

from datetime import datetime

from msgspec import UNSET, Struct, UnsetType

from domain.plan.acts import Actor
from domain.plan.events import JsonObject


class ActRequest(Struct, frozen=True, kw_only=True):
    """An act as it was sent: its name, its body, who sent it and under which conditions.

    `if_match` is the sequence that the caller last saw; without it a conflict is decided again. `body_sha256` is over
    the address and the bytes as sent, and tells a repeated request from another one under the same key.
    """

    act: str
    body: JsonObject
    actor: Actor
    idempotency_key: str
    body_sha256: bytes
    if_match: str | None = None
    correlation_id: str = ""


class ReceiptEvent(Struct, frozen=True, kw_only=True, rename="camel"):
    """One event that an act made, as it stands in the log: the position and leaf hash (hex) that prove it.

    `sequence` counts all events of the plan: it is told to whoever may be shown them all.
    """

    id: str
    type: str
    position: int
    time: datetime
    leaf_hash: str
    sequence: int | UnsetType = UNSET


class Notice(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A finding or a warning of an act: rule, law and a sentence."""

    rule: str
    law: str
    text: str


class Receipt(Struct, frozen=True, kw_only=True, rename="camel"):
    """That an act is on disk. `event` is the act's own; `also` are events that it made in other records.

    `entity_tag` is the plan's from here on, for If-Match.
    """

    plan_id: str
    act: str
    entity_tag: str
    event: ReceiptEvent
    also: tuple[ReceiptEvent, ...] = ()
    phase: str = ""
    version: int = 0
    findings: tuple[Notice, ...] = ()
    warnings: tuple[Notice, ...] = ()
