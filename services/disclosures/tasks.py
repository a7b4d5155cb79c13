"""The reviews that a council owes after emergency reads of its plans: a small record of its own for each council.

It stands in the disclosure log, sealed under the council's key; nothing of it is in the plan's own log, whose sequence
the family sees.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from msgspec import Struct

from domain.calendar import london_date
from domain.plan.events import EventMetadata, JsonObject, PlanEvent
from services.disclosures.values import RECORDED
from services.store.record_store import RecordStore
from services.store.values import SealedEvent

_TASKS: Final = UUID("6f1d1c5e-0f6b-4d0e-9d5e-3f5a8f0b7c11")
_DUE, _DONE = "emergency-review-due", "emergency-reviewed"


class ReviewDue(Struct, frozen=True, kw_only=True, rename="camel"):
    """An emergency read that nobody has reviewed yet: who read, as role and organisation, and until when to look."""

    disclosure_id: str
    plan_id: str
    organisation: str
    role: str
    time: datetime
    review_by: str
    overdue: bool


class ReviewTasks:
    """Keeps and lists what waits for a review."""

    def __init__(self, store: RecordStore, now: Callable[[], datetime]) -> None:
        """`now` gives an aware instant."""
        self._store = store
        self._now = now

    def opened(self, council: str, disclosure: UUID, plan: UUID, by: EventMetadata, review_by: str) -> SealedEvent:
        """The entry that a review of this read is due."""
        said = {"planId": str(plan), "organisation": by.actororg, "role": by.actorrole, "reviewBy": review_by}
        return self._sealed(council, disclosure, _DUE, by, said)

    def done(self, council: str, disclosure: UUID, by: EventMetadata) -> SealedEvent:
        """The entry that it was reviewed; a second review of it makes the same entry no more."""
        return self._sealed(council, disclosure, _DONE, by, {})

    def due(self, council: str) -> list[ReviewDue]:
        """What waits for a review by a council, the oldest first."""
        waiting: dict[str, ReviewDue] = {}
        today = london_date(self._now()).isoformat()
        after = 0
        while page := self._store.disclosures(_record(council), after):
            for event in page:
                if isinstance(event, PlanEvent):
                    _apply(waiting, event, today)
            after = page[-1].position
        return list(waiting.values())

    def _sealed(self, council: str, disclosure: UUID, what: str, by: EventMetadata, said: JsonObject) -> SealedEvent:
        stream = uuid5(disclosure, f"{what}/{by.actor}")
        data = {"what": what, "outcome": "task", "disclosure": str(disclosure), **said}
        return self._store.seal_disclosure(_record(council), stream, RECORDED, by, data, council=council)


def _record(council: str) -> UUID:
    return uuid5(_TASKS, council)


def _apply(waiting: dict[str, ReviewDue], event: PlanEvent, today: str) -> None:
    said = event.data
    if said["what"] == _DONE:
        waiting.pop(said["disclosure"], None)
        return
    waiting[said["disclosure"]] = ReviewDue(
        disclosure_id=said["disclosure"],
        plan_id=said["planId"],
        organisation=said["organisation"],
        role=said["role"],
        time=event.time,
        review_by=said["reviewBy"],
        overdue=said["reviewBy"] < today,
    )
