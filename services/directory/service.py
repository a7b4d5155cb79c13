"""The directory as the rest of the platform asks it: the log folded in memory, and caught up as it grows.

What another process recorded is seen within FRESH_SECONDS: a question is answered from memory, and only the first in
that time asks the log whether it has grown.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from msgspec import Struct

from domain.calendar import LONDON
from domain.directory.clients import Client
from domain.directory.events import EVENTS, Happening
from domain.directory.organisation import NAME, Organisation
from domain.directory.register import Register
from domain.directory.successions import Successions
from domain.plan.acts import RECORD
from domain.plan.events import EventMetadata
from services.directory.folded import Folded
from services.store.clear_log import ClearLog

FRESH_SECONDS: Final = 1.0
"""How old an answer may be with respect to what other processes record."""

OPERATOR: Final = "operator"
"""The role of whoever runs the platform: no party to any plan."""


class Entry(Struct, frozen=True, kw_only=True):
    """The next event of a stream, to be recorded."""

    stream: UUID
    sequence: int
    happening: Happening


class DirectoryService:
    """Organisations and machine clients. Implements domain.directory.comparing.Directory."""

    def __init__(
        self, log: ClearLog, now: Callable[[], datetime], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`now` is the civil clock, `clock` counts seconds. The log is read when it is first asked for."""
        self._log = log
        self._now = now
        self._clock = clock
        self._folded = Folded()
        self._looked_at = float("-inf")
        self._lock = threading.Lock()

    def today(self) -> date:
        """The civil date in London."""
        return self._now().astimezone(LONDON).date()

    def organisations(self) -> Register:
        """All organisations. Raises StoreUnavailable, MalformedState."""
        return self._current().organisations

    def successions(self) -> Successions:
        """When who answers for whom changes."""
        return self._current().successions

    def client(self, client_id: str) -> Client | None:
        """A machine client by its id."""
        return self._current().clients.get(client_id)

    def clients(self) -> tuple[Client, ...]:
        """Every machine client, in order of registration."""
        return tuple(self._current().clients.values())

    def endings(self) -> Mapping[str, datetime]:
        """Up to when access was ended, by scope."""
        return self._current().endings

    def times_ended(self, scope: str) -> int:
        """How often access was ended in a scope."""
        return self._current().times_ended.get(scope, 0)

    def find(self, identifier: str, on: date) -> Organisation | None:
        """Who an identifier ("urn:100001") named on a day."""
        return self.organisations().find(identifier, on)

    def name(self, identifier: str, on: date) -> str:
        """What the organisation that an identifier named on a day was called then; "" where that isn't known."""
        found = self.find(identifier, on)
        return found.value(NAME, on) if found else ""

    def answering(self, identifier: str, on: date) -> tuple[Organisation, ...]:
        """Who answers on a day for whom the identifier names: itself, or whoever carries on."""
        return self.organisations().answering(identifier, on)

    def same_organisation(self, one: str, other: str, on: date) -> bool:
        """Whether both identifiers stand for one organisation on a day."""
        return one == other or self.organisations().same_organisation(one, other, on)

    def known_as(self, organisation: str, on: date) -> frozenset[str]:
        """Every identifier that is the same organisation on a day."""
        return self.organisations().known_as(organisation, on)

    def record(self, entries: Sequence[Entry], *, actor: str, actor_org: str = "platform") -> int:
        """Record events durably, all or none, and return the log's position.

        `actor` is an opaque id: the log is in the clear, and says of no person who they are. Raises SequenceConflict
        when somebody else was first.
        """
        metadata = EventMetadata(
            effectiveon=self.today().isoformat(), actor=actor, actororg=actor_org, actorrole=OPERATOR, mode=RECORD
        )
        made = [
            self._log.event(
                entry.stream, entry.sequence, EVENTS.type_of(entry.happening), metadata, EVENTS.data_of(entry.happening)
            )
            for entry in entries
        ]
        appended = self._log.append(made)
        self.look_again()
        return appended[-1].position

    def look_again(self) -> None:
        """Ask the log at the next question, however short ago it was asked."""
        self._looked_at = float("-inf")

    def _current(self) -> Folded:
        if self._clock() - self._looked_at < FRESH_SECONDS:
            return self._folded
        with self._lock:
            looked_at = self._clock()
            if self._log.head() > self._folded.position:
                for page in self._log.pages(self._folded.position):
                    for event in page:
                        self._folded.take(event)
            self._looked_at = looked_at
        return self._folded
