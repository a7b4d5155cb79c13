"""Reviews of entries of the disclosure log: whether the family is shown one that its gateway holds back.

What tipping somebody off could do to a child is judged by a person: a manager of the maintaining council, never the one
who read. The reasons are kept, and so is a decision not to share that came of it (the act decide-not-to-share).
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import Struct

from domain.access import Access
from domain.calendar import london_date
from domain.plan.acts import Actor
from domain.plan.events import JsonObject
from domain.plan.state import PlanState
from services.disclosures.accounting import Disclosures
from services.disclosures.ledger import Entry, ledger
from services.disclosures.listing import DisclosureLists
from services.disclosures.repeats import entry_id, recorded_before
from services.disclosures.tasks import ReviewDue, ReviewTasks
from services.disclosures.values import REVIEWED, SEARCHED, Reader, Showing, Withheld
from services.errors import Fault, InvalidContent, NotYours, PlanUnknown
from services.required import require_valid
from services.store.record_store import RecordStore
from services.store.values import SealedEvent
from services.validation import SCHEMA_BASE

REVIEWER: Final = "send-manager"
"""The role that reviews."""

BODY_SCHEMA: Final = f"{SCHEMA_BASE}disclosures/review.schema.json"


class ReviewRequest(Struct, frozen=True, kw_only=True):
    """A review as it was sent, and what tells a repeat of it from another request."""

    reader: Reader
    body: JsonObject
    key: str
    digest: bytes


class ReviewReceipt(Struct, frozen=True, kw_only=True, rename="camel"):
    """That a review is on disk."""

    disclosure_id: str
    decision: str
    time: datetime


class ReviewsDue(Struct, frozen=True, kw_only=True, rename="camel"):
    """The emergency reads that wait for a review, the oldest first."""

    reviews: tuple[ReviewDue, ...]


class Reviews:
    """Takes in reviews, and lists those that are due."""

    def __init__(
        self,
        store: RecordStore,
        lists: DisclosureLists,
        disclosures: Disclosures,
        access: Access,
        now: Callable[[], datetime],
    ) -> None:
        """`access` says who audits whom on the day of `now`, an aware instant."""
        self._store = store
        self._access = access
        self._now = now
        self._lists = lists
        self._disclosures = disclosures
        self._tasks = ReviewTasks(store, now)

    async def review(self, plan_id: UUID, disclosure: UUID, request: ReviewRequest) -> ReviewReceipt:
        """Put the decision on record; a repeated request is recorded once.

        Raises PlanUnknown, NotYours, InvalidContent, KeyReused, NotRecorded.
        """
        actor = request.reader.actor
        state, allowed = self._lists.seen(plan_id, actor)
        if allowed.relation != "maintaining-council" or actor.role != REVIEWER:
            raise NotYours("A manager of the maintaining council reviews who has read the plan.")
        entry = self._entry(plan_id, disclosure)
        if actor.may_be(entry.actor, entry.issuer):
            raise NotYours("Somebody else than the reader has to review this.")
        _check(request.body, state)
        review = entry_id(self._store, actor, request.key)
        before = recorded_before(self._store, review, request.digest)
        time = before.time if before else await self._appended(state, entry, review, request)
        return ReviewReceipt(disclosure_id=entry.id, decision=request.body["decision"], time=time)

    def due(self, actor: Actor, council: str) -> Withheld[ReviewsDue]:
        """What waits for a review by a council, for its managers and for its auditors. Raises NotYours."""
        is_manager = actor.role == REVIEWER and actor.organisation == f"la:{council}"
        if not is_manager and not self._access.audits(actor, london_date(self._now()), council):
            raise NotYours("Reviews that are due are shown to the council's managers and to its auditors.")
        found = tuple(self._tasks.due(council))
        plans = tuple(dict.fromkeys(task.plan_id for task in found))
        showing = Showing(what="reviews-due", outcome=SEARCHED, plan_ids=plans)
        return Withheld(ReviewsDue(reviews=found), showing)

    def _entry(self, plan_id: UUID, disclosure: UUID) -> Entry:
        for entry in ledger(self._store, plan_id):
            if entry.id == str(disclosure):
                return entry
        raise PlanUnknown

    async def _appended(self, state: PlanState, entry: Entry, review: UUID, request: ReviewRequest) -> datetime:
        by = self._disclosures.metadata(request.reader)
        data = {**request.body, "disclosure": entry.id, "request": request.digest.hex()}
        disclosure = UUID(entry.id)

        def seal() -> Sequence[SealedEvent]:
            decided = self._store.seal_disclosure(UUID(state.plan_id), review, REVIEWED, by, data)
            if not entry.emergency or entry.review is not None:
                return [decided]
            return [decided, self._tasks.done(entry.review_by_council, disclosure, by)]

        return (await self._disclosures.append(seal))[0].recorded_at


def _check(body: JsonObject, state: PlanState) -> None:
    require_valid(body, BODY_SCHEMA)
    known = state.person.get("contacts", {})
    unknown = [place for place, contact in enumerate(body.get("contacts", ())) if contact not in known]
    if unknown:
        text = "The plan has no such contact."
        raise InvalidContent(tuple(Fault(pointer=f"/contacts/{n}", text=text, rule="contact-known") for n in unknown))
    if body.get("decisionNotToShare", 0) > state.sequence:
        fault = Fault(pointer="/decisionNotToShare", text="The plan has no such entry.", rule="entry-known")
        raise InvalidContent((fault,))
