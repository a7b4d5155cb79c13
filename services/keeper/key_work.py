"""What an event means for keys, done once it is on disk: content made unreadable, a key wrapped for another council.

Every step is safe to repeat. Should the platform stop between an append and its key work, the work is done when the
request is repeated, by another process within seconds (`services.keeper.key_watch`), and in any case at the next start
(`catch_up`).
"""

from collections.abc import Iterable

from domain.plan.acts import PERFORM
from domain.plan.events import HistoryEntry, PlanEvent
from services.retention.erasing import Erasing
from services.store.errors import KeyDestroyed
from services.store.record_store import RecordStore

MISFILED = "ehcp.plan.event-misfiled.v1"
REDACTED = "ehcp.plan.redaction-applied.v1"
ENTRY_ERASED = "ehcp.plan.entry-erased.v1"
EXPIRED = "ehcp.plan.retention-expired.v1"
TRANSFERRED = "ehcp.plan.transferred.v1"
#: The events that mean something for keys.
TYPES = (MISFILED, REDACTED, ENTRY_ERASED, EXPIRED, TRANSFERRED)
#: How many of the log's last events are looked at when the platform starts: far more than can be on their way at once.
CATCH_UP = 2_000


class KeyWork:
    """Follows events with what they mean for keys."""

    def __init__(self, store: RecordStore, erasing: Erasing) -> None:
        """Rewrap keys of this store, and destroy them by `erasing`."""
        self._store = store
        self._erasing = erasing

    def catch_up(self) -> int:
        """Do what the last process may have left undone; how much was destroyed again that a backup brought back.

        Raises StoreError.
        """
        again = self._erasing.finish()
        self.follow_all(self._store.read_log(max(0, self._store.head()[0] - CATCH_UP), limit=CATCH_UP))
        return again

    def follow_all(self, entries: Iterable[HistoryEntry]) -> None:
        """Follow each event of a history; erased ones mean nothing any more."""
        for entry in entries:
            if isinstance(entry, PlanEvent):
                self.follow(entry)

    def follow(self, event: PlanEvent) -> None:
        """Do the key work of one event that is on disk."""
        performed = event.metadata.mode == PERFORM
        if event.type == MISFILED:
            self._erasing.entry(event, "misfiled", "misfiledId")
        elif event.type == ENTRY_ERASED and performed:
            self._erasing.entry(event, "entry-erasure", "erasureId")
        elif event.type == REDACTED and performed and event.data.get("destroyContent", False):
            self._erasing.entry(event, "redaction", "redactionId")
        elif event.type == EXPIRED and performed:
            self._erasing.record(event)
        elif event.type == TRANSFERRED:
            self._rewrap(event)

    def _rewrap(self, event: PlanEvent) -> None:
        try:
            self._store.keys.rewrap(event.plan, event.data["toLa"])
        except KeyDestroyed:
            # Transferred and erased since: there is nothing left to wrap.
            return
