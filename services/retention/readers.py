"""Who had read a record that is destroyed: kept without a word of it, under the platform's own key.

The entries of the disclosure log about a child are sealed under that child's key and go with it. That somebody looked
is personal data of whoever looked, and the council answers for it longer than for the record (UK GDPR Art 5(2)). So
before the key is destroyed each entry is written down again: who, for whom, when, under which basis, what kind of
thing and what came of it. The reader's own sentence, the sections and the family's contact are left out.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final
from uuid import UUID, uuid5

from eventsourcing.persistence import IntegrityError
from msgspec import Struct, convert, to_builtins

from domain.plan.acts import PERFORM
from domain.plan.events import EventMetadata, PlanEvent
from services.disclosures.ledger import Entry, ledger
from services.disclosures.values import PLATFORM, PLATFORM_COUNCIL
from services.store.errors import StoreBusy
from services.store.record_store import RecordStore
from services.store.values import DISCLOSURE_LOG

KEPT: Final = "ehcp.disclosure.readers-kept.v1"
"""The type of the entries that hold the readers of a destroyed record."""

PAGE: Final = 500
"""How many readings one entry holds."""

ATTEMPTS: Final = 3
"""How often an entry is sealed when another process made the platform's own key at the same moment."""

_SERVICE: Final = "platform"


class Reading(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """That somebody read, or was refused: `position` is the original entry's in the disclosure log."""

    position: int
    time: str
    actor: str
    organisation: str
    role: str
    what: str
    outcome: str
    channel: str
    issuer: str = ""
    on_behalf_of: str = ""
    gateway: str = ""
    relation: str = ""
    emergency: bool = False


class ReadersKept:
    """Writes down who had read a record, and reads that again."""

    def __init__(self, store: RecordStore) -> None:
        """In the disclosure log of this store."""
        self._store = store

    def keep(self, plan: UUID) -> None:
        """Put the readers of a record on disk; what is there already stays. Raises StoreBusy, StoreUnavailable."""
        readings = [_reading(entry) for entry in ledger(self._store, plan)]
        for number, start in enumerate(range(0, len(readings), PAGE)):
            self._append(plan, number, readings[start : start + PAGE])

    def of_plan(self, plan: UUID) -> Iterator[Reading]:
        """Who had read a record that was destroyed, in order."""
        number = 0
        while page := self._store.read_stream(DISCLOSURE_LOG, _stream(plan, number)):
            (entry,) = page
            if isinstance(entry, PlanEvent):
                yield from convert(entry.data["readings"], list[Reading])
            number += 1

    def _append(self, plan: UUID, number: int, readings: Sequence[Reading]) -> None:
        data = {"plan": str(plan), "readings": to_builtins(readings)}
        for _ in range(ATTEMPTS):
            # Looked at first: most of it is there already when this is repeated.
            if self._store.read_stream(DISCLOSURE_LOG, _stream(plan, number)):
                return
            event = self._store.seal_disclosure(
                PLATFORM, _stream(plan, number), KEPT, _METADATA, data, council=PLATFORM_COUNCIL
            )
            with suppress(IntegrityError):
                self._store.disclose([event]).result()
        if not self._store.read_stream(DISCLOSURE_LOG, _stream(plan, number)):
            raise StoreBusy("who had read the record could not be kept")


_METADATA: Final = EventMetadata(effectiveon="", actor=_SERVICE, actororg=_SERVICE, actorrole="service", mode=PERFORM)


def _stream(plan: UUID, number: int) -> UUID:
    """Where the readers of a record are: the same at every attempt, so that they are kept once."""
    return uuid5(plan, f"readers-kept/{number}")


def _reading(entry: Entry) -> Reading:
    return Reading(
        position=entry.position,
        time=entry.time.isoformat(),
        actor=entry.actor,
        issuer=entry.issuer,
        organisation=entry.organisation,
        role=entry.role,
        what=entry.what,
        outcome=entry.outcome,
        channel=entry.channel,
        on_behalf_of=entry.on_behalf_of,
        gateway=entry.gateway,
        relation=entry.relation,
        emergency=entry.emergency,
    )
