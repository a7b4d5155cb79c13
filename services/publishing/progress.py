"""How far the logs are in Kafka, noted in the database of signals: for whoever asks without asking the cluster.

What counts is kept in Kafka itself, in the transaction of the records. A note may be some seconds old.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Final

from sqlalchemy.dialects import postgresql, sqlite

from services.projection.log import PASSING
from services.signals.database import SignalDatabase
from services.signals.tables import publications
from services.store.framing import microseconds

NOTE_SECONDS: Final = 1.0
"""How often notes are written at most."""


class Progress:
    """Takes notes from the publishers of a process, in whatever thread they are."""

    def __init__(
        self, database: SignalDatabase, now: Callable[[], datetime], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`now` dates the notes."""
        self._database = database
        self._now = now
        self._clock = clock
        self._not_before = 0.0
        self._new: dict[str, int] = {}
        self._written: dict[str, int] = {}
        self._lock = threading.Lock()

    def note(self, log: str, position: int) -> None:
        """A log is so far. While the database is away nothing is noted: the next note will be newer."""
        with self._lock:
            if self._written.get(log) != position:
                self._new[log] = position
            if not self._new or self._clock() < self._not_before:
                return
            self._not_before = self._clock() + NOTE_SECONDS
            new, self._new = self._new, {}
            with suppress(*PASSING):
                self._write(new)
                self._written |= new

    def _write(self, new: dict[str, int]) -> None:
        at = microseconds(self._now())
        made = sqlite if self._database.is_embedded else postgresql
        insert = made.insert(publications)
        changed = {"position": insert.excluded.position, "at": insert.excluded.at}
        statement = insert.on_conflict_do_update(index_elements=["log"], set_=changed)
        with self._database.writing() as connection:
            connection.execute(statement, [{"log": log, "position": where, "at": at} for log, where in new.items()])
