"""The entries about one record, opened, each with the reviews that were made of it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.plan.events import HistoryEntry, PlanEvent
from services.disclosures.values import RECORDED, REVIEWED, SHOWN, Ranges
from services.store.record_store import RecordStore

PAGE: Final = 1_000
"""How many entries are read at a time."""

RELEASE: Final = "release"
"""The decision of a review that lets the family see an entry."""


class Review(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What somebody decided about showing an entry to the family; to `contacts` only, where any are named."""

    decision: str
    reasons: str
    time: datetime
    organisation: str
    role: str
    contacts: tuple[str, ...] = ()
    decision_not_to_share: int | None = None

    def releases_to(self, contact: str) -> bool:
        """Whether this family member is shown the entry from now on."""
        return self.decision == RELEASE and (not self.contacts or contact in self.contacts)


class Entry(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """An entry of the disclosure log as the council and auditors see it; `review` is the latest."""

    id: str
    position: int
    time: datetime
    actor: str
    organisation: str
    role: str
    what: str
    outcome: str
    channel: str
    issuer: str = ""
    on_behalf_of: str = ""
    gateway: str = ""
    reason: str = ""
    relation: str = ""
    contact_id: str = ""
    correlation_id: str = ""
    sections: tuple[str, ...] = ()
    text: str = ""
    draft_id: str = ""
    entries: Ranges = ()
    plan_ids: tuple[str, ...] = ()
    asked: str = ""
    terms: tuple[str, ...] = ()
    emergency: bool = False
    review_by: str = ""
    review_by_council: str = ""
    review: Review | None = None


def ledger(store: RecordStore, record: UUID) -> list[Entry]:
    """Every entry about the record, in order, reviewed ones with their latest review."""
    found: dict[str, Entry] = {}
    for event in _events(store, record):
        if event.type == REVIEWED:
            reviewed = event.data["disclosure"]
            if reviewed in found:
                found[reviewed] = replace(found[reviewed], review=_review(event))
        else:
            found[str(event.id)] = entry_of(event)
    return list(found.values())


def opened(history: list[HistoryEntry]) -> list[Entry]:
    """Entries of any records as they were recorded; reviews and what was erased are left out."""
    return [entry_of(event) for event in history if isinstance(event, PlanEvent) and event.type == RECORDED]


def entry_of(event: PlanEvent) -> Entry:
    """An opened event as an entry."""
    said, by = event.data, event.metadata
    return Entry(
        id=str(event.id),
        position=event.position,
        time=event.time,
        actor=by.actor,
        issuer=by.actorissuer or "",
        organisation=by.actororg,
        role=by.actorrole,
        what=said["what"],
        outcome=said.get("outcome", SHOWN),
        channel=said.get("channel", ""),
        on_behalf_of=by.onbehalfof or "",
        gateway=by.gateway or "",
        reason=said.get("reason", ""),
        relation=said.get("relation", ""),
        contact_id=said.get("contactId", ""),
        correlation_id=by.correlationid or "",
        sections=tuple(said.get("sections", ())),
        text=said.get("text", ""),
        draft_id=said.get("draftId", ""),
        entries=tuple((first, last) for first, last in said.get("entries", ())),
        plan_ids=tuple(said.get("planIds", ())),
        asked=said.get("asked", ""),
        terms=tuple(said.get("terms", ())),
        emergency=said.get("emergency", False),
        review_by=said.get("reviewBy", ""),
        review_by_council=said.get("reviewByCouncil", ""),
    )


def _review(event: PlanEvent) -> Review:
    said = event.data
    return Review(
        decision=said["decision"],
        reasons=said["reasons"],
        time=event.time,
        organisation=event.metadata.actororg,
        role=event.metadata.actorrole,
        contacts=tuple(said.get("contacts", ())),
        decision_not_to_share=said.get("decisionNotToShare"),
    )


def _events(store: RecordStore, record: UUID) -> Iterator[PlanEvent]:
    after = 0
    while page := store.disclosures(record, after, PAGE):
        yield from (event for event in page if isinstance(event, PlanEvent))
        after = page[-1].position
