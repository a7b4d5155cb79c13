"""Reading a plan in an emergency, without a relation to it: with a reason, an alarm, and a review within days.

Children Act 2004 s.16LA: whoever holds information that bears on a child's safety must be able to share it at once. The
family isn't shown such a read until a review releases it; auditors and the council always are.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace
from prometheus_client import Counter

from domain.access import EMERGENCY_GATEWAY
from domain.calendar import london_date
from services.disclosures.accounting import Disclosures
from services.disclosures.repeats import entry_id, recorded_before
from services.disclosures.tasks import ReviewTasks
from services.disclosures.values import PLATFORM_COUNCIL, Reader, Recorded, Showing
from services.errors import KeyReused
from services.plans import Plans
from services.reading import PlanReader
from services.store.record_store import RecordStore
from services.store.values import SealedEvent
from services.views import PlanView

REVIEW_WITHIN: Final = timedelta(days=7)
"""How soon a manager of the maintaining council has to look at an emergency read."""

SAME_READING: Final = timedelta(minutes=10)
"""How long a request that is repeated belongs to the reading that it began: long enough for an answer that was lost."""

EMERGENCY_READS: Final = Counter("ehcp_emergency_reads", "Plans read in an emergency since the start of this process")

_log = logging.getLogger(__name__)


class EmergencyRead(Struct, frozen=True, kw_only=True):
    """A request to read at once: who asks, with the reason, and what tells a repeat of it from another request."""

    reader: Reader
    key: str
    digest: bytes


class EmergencyReads:
    """Lets a safeguarding lead read at once, and sees to it that somebody looks at it afterwards."""

    def __init__(
        self,
        store: RecordStore,
        plans: Plans,
        reader: PlanReader,
        disclosures: Disclosures,
        now: Callable[[], datetime],
    ) -> None:
        """`now` gives an aware instant."""
        self._store = store
        self._plans = plans
        self._reader = reader
        self._disclosures = disclosures
        self._now = now
        self._tasks = ReviewTasks(store, now)

    async def read(self, plan_id: UUID, request: EmergencyRead) -> PlanView:
        """The plan, once the read and the task of reviewing it are on disk together.

        A request that is repeated at once is another showing and no other reading: there is one review of both. Raises
        PlanUnknown for whoever may not, NotYours for those who can read the plan anyway, KeyReused for another request
        under the key or a repeat that comes later, NotRecorded.
        """
        withheld = self._reader.in_emergency(plan_id, request.reader.actor)
        showing = replace(
            withheld.showing,
            emergency=True,
            review_by_council=self._plans.current(plan_id).maintaining_la or PLATFORM_COUNCIL,
            review_by=(london_date(self._now()) + REVIEW_WITHIN).isoformat(),
            request=request.digest.hex(),
        )
        return withheld.recorded_as(showing).against(await self._recorded(plan_id, showing, request))

    async def _recorded(self, plan_id: UUID, showing: Showing, request: EmergencyRead) -> Recorded:
        entry = entry_id(self._store, request.reader.actor, request.key)
        if before := recorded_before(self._store, entry, request.digest):
            if self._now() - before.time > SAME_READING:
                raise KeyReused
            return await self._disclosures.record(showing, request.reader)
        by = self._disclosures.metadata(request.reader, EMERGENCY_GATEWAY)

        def seal() -> Sequence[SealedEvent]:
            shown = self._disclosures.sealed(showing, request.reader, entry)
            return [shown, self._tasks.opened(showing.review_by_council, entry, plan_id, by, showing.review_by)]

        first, _ = await self._disclosures.append(seal)
        EMERGENCY_READS.inc()
        _log.warning("emergency read %s of a plan of council %s", entry, showing.review_by_council)
        return Recorded(id=entry, position=first.position, time=first.recorded_at, showing=showing)
