"""Recording a showing before anything of it leaves, and handing out the content against the proof.

Whoever waits at the same moment shares one commit. What can't be recorded isn't shown.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID, uuid4

from eventsourcing.persistence import IntegrityError

from domain.calendar import london_date
from domain.plan.acts import PERFORM
from domain.plan.events import EventMetadata
from services.disclosures.values import PLATFORM, PLATFORM_COUNCIL, RECORDED, Reader, Recorded, Showing, Withheld
from services.errors import NotRecorded
from services.store.errors import KeyDestroyed, StoreError
from services.store.record_store import RecordStore
from services.store.values import Appended, SealedEvent

ATTEMPTS: Final = 3
"""How often an entry is sealed anew when another process made its record's key at the same moment."""

T = TypeVar("T")


class Disclosures:
    """The disclosure log for everything that answers."""

    def __init__(self, store: RecordStore, now: Callable[[], datetime]) -> None:
        """Record in this store; `now` gives an aware instant."""
        self._store = store
        self._now = now

    async def reveal(self, withheld: Withheld[T], reader: Reader) -> T:
        """The content, once its showing is on disk. Raises NotRecorded, and KeyDestroyed for an erased plan."""
        return withheld.against(await self.record(withheld.showing, reader))

    async def record(self, showing: Showing, reader: Reader) -> Recorded:
        """Record one showing, or refusal. Raises NotRecorded, KeyDestroyed."""
        return _proof(await self.append(lambda: [self.sealed(showing, reader)]), showing)

    async def append(self, seal: Callable[[], Sequence[SealedEvent]]) -> tuple[Appended, ...]:
        """Append entries together, sealed anew should another process have made a key for one of them just then.

        Raises NotRecorded, KeyDestroyed.
        """
        for _ in range(ATTEMPTS):
            try:
                return await self._store.disclose_async(seal())
            except IntegrityError:
                continue
            except KeyDestroyed:
                raise
            except StoreError as error:
                raise NotRecorded from error
        raise NotRecorded

    def record_now(self, showing: Showing, reader: Reader) -> Recorded:
        """As `record`, for a command that has no event loop. Raises NotRecorded."""
        for _ in range(ATTEMPTS):
            try:
                return _proof(self._store.disclose([self.sealed(showing, reader)]).result(), showing)
            except IntegrityError:
                continue
            except StoreError as error:
                raise NotRecorded from error
        raise NotRecorded

    def sealed(self, showing: Showing, reader: Reader, entry: UUID | None = None) -> SealedEvent:
        """The entry, ready to be appended, under a new id unless one is given. Raises KeyDestroyed."""
        record = showing.plan or PLATFORM
        council = None if showing.plan else PLATFORM_COUNCIL
        metadata = self.metadata(reader, showing.gateway)
        data = showing.data(reader)
        return self._store.seal_disclosure(record, entry or uuid4(), RECORDED, metadata, data, council=council)

    def metadata(self, reader: Reader, gateway: str | None = None) -> EventMetadata:
        """Who did it, for whom and under which gateway: the stated one before the one that follows."""
        actor = reader.actor
        return EventMetadata(
            effectiveon=london_date(self._now()).isoformat(),
            actor=actor.subject,
            actorissuer=actor.issuer or None,
            actororg=actor.organisation,
            actorrole=actor.role,
            mode=PERFORM,
            onbehalfof=reader.on_behalf_of or None,
            gateway=reader.gateway or gateway,
            correlationid=reader.correlation_id or None,
        )


def _proof(appended: Sequence[Appended], showing: Showing) -> Recorded:
    first = appended[0]
    return Recorded(id=first.event.originator_id, position=first.position, time=first.recorded_at, showing=showing)  # type: ignore[arg-type]
