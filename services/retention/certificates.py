"""The retention log as the rest of the platform asks it: the certificates of what was destroyed.

What another process certified is seen within FRESH_SECONDS. The log is looked at for every caller alike, so that no
question to it tells whether a plan exists.
"""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import Struct

from domain.plan.acts import PERFORM
from domain.plan.events import EventMetadata
from domain.retention.certificates import EVENTS, Certificate, Decision, EntryErased, RecordErased
from services.store.clear import ClearEvent
from services.store.clear_log import ClearLog
from services.store.errors import SequenceConflict
from services.store.framing import instant

FRESH_SECONDS: Final = 1.0
"""How old an answer may be with respect to what other processes certify."""

ATTEMPTS: Final = 5
"""How often a certificate is made again when another one about the same record came first."""


class Certified(Struct, frozen=True, kw_only=True):
    """A certificate with where it stands in the retention log and when it was recorded."""

    certificate: Certificate
    position: int
    time: datetime
    id: UUID


class Certificates:
    """Issues certificates and finds them."""

    def __init__(self, log: ClearLog, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Over the retention log; `clock` counts seconds."""
        self._log = log
        self._clock = clock
        self._lock = threading.Lock()
        self._of_plan: dict[UUID, list[Certified]] = {}
        self._position = 0
        self._looked_at = float("-inf")

    def record_erased(self, plan: UUID) -> Certified | None:
        """The certificate of a record that was destroyed as a whole; asks the log anew when none is known."""
        return self._whole(plan) or self._whole_now(plan)

    def told(self, plan: UUID) -> RecordErased | None:
        """As `record_erased` by what is in memory: asks the log nothing."""
        found = self._whole(plan)
        return found.certificate if found and isinstance(found.certificate, RecordErased) else None

    def of_plan(self, plan: UUID) -> tuple[Certified, ...]:
        """Every certificate about a record, in order."""
        self.look()
        return tuple(self._of_plan.get(plan, ()))

    def of_council(self, council: str) -> Iterator[Certified]:
        """Every certificate of what a council destroyed, in order."""
        self.look()
        found = (one for several in tuple(self._of_plan.values()) for one in several)
        mine = [one for one in found if one.certificate.council == council]
        yield from sorted(mine, key=lambda one: one.position)

    def all(self) -> Iterator[Certified]:
        """Every certificate."""
        self.look(anew=True)
        for several in tuple(self._of_plan.values()):
            yield from tuple(several)

    def issue(self, certificate: Certificate) -> Certified:
        """Put a certificate on disk; one that says the same is there already is returned instead.

        Raises StoreBusy, StoreUnavailable.
        """
        plan = UUID(certificate.plan)
        for _ in range(ATTEMPTS):
            self.look(anew=True)
            known = self._of_plan.get(plan, [])
            if found := next((one for one in known if _is_same(one.certificate, certificate)), None):
                return found
            by, data = _metadata(certificate.approved), EVENTS.data_of(certificate)
            event = self._log.event(plan, len(known) + 1, EVENTS.type_of(certificate), by, data)
            try:
                self._log.append([event])
            except SequenceConflict:
                continue
        self.look(anew=True)
        return next(one for one in self._of_plan.get(plan, []) if _is_same(one.certificate, certificate))

    def look(self, *, anew: bool = False) -> None:
        """Take in what was certified since, unless the log was asked a moment ago."""
        if not anew and self._clock() - self._looked_at < FRESH_SECONDS:
            return
        with self._lock:
            looked_at = self._clock()
            if self._log.head() > self._position:
                for page in self._log.pages(self._position):
                    for event in page:
                        self._take(event)
            self._looked_at = looked_at

    def _take(self, event: ClearEvent) -> None:
        certificate = EVENTS.read(event.type, event.data)
        found = Certified(certificate=certificate, position=event.position, time=instant(event.time), id=event.id)
        self._of_plan.setdefault(event.stream, []).append(found)
        self._position = event.position

    def _whole(self, plan: UUID) -> Certified | None:
        known = self._of_plan.get(plan, ())
        return next((one for one in known if isinstance(one.certificate, RecordErased)), None)

    def _whole_now(self, plan: UUID) -> Certified | None:
        self.look(anew=True)
        return self._whole(plan)


def _is_same(one: Certificate, other: Certificate) -> bool:
    """Whether both are about the same destruction: a record is destroyed once, and so is each of its entries."""
    if isinstance(one, EntryErased) and isinstance(other, EntryErased):
        return one.entry == other.entry
    return isinstance(one, RecordErased) and isinstance(other, RecordErased)


def _metadata(approved: Decision) -> EventMetadata:
    return EventMetadata(
        effectiveon=approved.on,
        actor=approved.by,
        actorissuer=approved.issuer or None,
        actororg=approved.organisation,
        actorrole=approved.role,
        mode=PERFORM,
    )
