"""The plan log as an `eventsourcing` Application.

The library's notification log, event store and subscriptions on it.

The plan itself is our own decide and evolve, not the library's aggregates; a domain event here is a
PlanEvent. The library's transcoders, cipher and compressor are not used: they bind nothing and let content
change its type.
"""

from typing import cast
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import ApplicationRecorder, JSONTranscoder, Mapper, StoredEvent
from eventsourcing.utils import Environment, EnvType
from typing_extensions import override

from domain.plan.events import PlanEvent
from services.store.log_table import Row
from services.store.opening import EventOpener
from services.store.sealer import EventSealer
from services.store.values import PLAN_LOG, RecordedEvent


class PlanEventMapper(Mapper[UUID]):
    """Between PlanEvent and the stored form. Reading one event at a time: for many, RecordStore is faster."""

    def __init__(self, sealer: EventSealer, opener: EventOpener) -> None:
        """The library asks for a transcoder; none of its values is ever encoded."""
        super().__init__(JSONTranscoder())
        self._sealer = sealer
        self._opener = opener

    @override
    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredEvent:
        """Seal a PlanEvent. Its position and time are not taken over: the append assigns them."""
        event = cast("PlanEvent", domain_event)
        place = event.plan, event.sequence, event.type
        # To the library, which hands it on to our recorder, it is what has these names.
        return cast("StoredEvent", self._sealer.seal(*place, event.metadata, event.data, event_id=event.id))

    @override
    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[UUID]:
        """Open what our recorder returned: a PlanEvent, or Erased when the key is gone."""
        (entry,) = self._opener.open_page([row_of(cast("RecordedEvent", stored_event))], PLAN_LOG)
        return cast("DomainEventProtocol[UUID]", entry)


class PlanLog(Application[UUID]):
    """The log of legal acts.

    `events.get(plan)` gives its history, `notification_log` its sections, as the library has them.
    """

    name = "plan"

    def __init__(self, recorder: ApplicationRecorder, mapper: PlanEventMapper) -> None:
        """Both are ours; nothing is taken from the environment."""
        self._given = recorder, mapper
        super().__init__()

    @override
    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        """Nothing: the library's settings in the process environment would else reach into the record."""
        return Environment(name, env)

    @override
    def construct_recorder(self) -> ApplicationRecorder:
        """The store's recorder."""
        return self._given[0]

    @override
    def construct_mapper(self) -> Mapper[UUID]:
        """The store's mapper."""
        return self._given[1]


def row_of(event: RecordedEvent) -> Row:
    """A recorded event as the row that it was."""
    return Row(
        event.id,
        cast("UUID", event.originator_id).bytes,
        event.originator_version,
        event.topic,
        event.time,
        event.state,
    )
