"""Finishing, while the platform runs, what a process that ended between an append and its key work has left undone.

The process that did an act does its key work at once. Only if it ends just then does it stay undone: every other
process that serves finds it here within seconds, and so does a new one at its start.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from services.keeper.key_work import TYPES, KeyWork
from services.repeating import Repeating
from services.store.errors import StoreError
from services.store.record_store import RecordStore

LOOK_SECONDS: Final = 5.0
SETTLED: Final = timedelta(seconds=10)
"""How long an event is left to the process that put it on record."""

_log = logging.getLogger(__name__)


class KeyWatch:
    """Follows the log's events that mean something for keys, some seconds behind."""

    def __init__(
        self, store: RecordStore, key_work: KeyWork, now: Callable[[], datetime], seconds: float = LOOK_SECONDS
    ) -> None:
        """Nothing runs before `start`. What is on record by now was caught up with when the platform was opened."""
        self._store = store
        self._key_work = key_work
        self._now = now
        self._position = store.head()[0]
        self._repeating = Repeating("key-watch", self._look, seconds)

    def start(self) -> None:
        """Begin."""
        self._repeating.start()

    def stop(self) -> None:
        """End after the event at hand. Safe without a start."""
        self._repeating.stop()

    def look(self) -> None:
        """Follow what has settled since the last look. Raises StoreError."""
        head, _ = self._store.head()
        settled = self._now() - SETTLED
        for entry in self._store.replay(self._position, upto=head, types=TYPES):
            if self._repeating.stopping.is_set() or entry.time > settled:
                return
            self._key_work.follow_all([entry])
            self._position = entry.position
        self._position = head

    def _look(self) -> None:
        try:
            self.look()
        except StoreError as error:
            _log.warning("key work waits: %s", type(error).__name__)
