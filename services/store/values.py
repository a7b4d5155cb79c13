"""The values that go into the store and come out of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from eventsourcing.persistence import Notification, StoredEvent

from services.store.framing import instant, leaf_hash

PLAN_LOG: Final = "plan"
"""The log of legal acts: one stream per plan, published, verifiable."""

DRAFT_LOG: Final = "draft"
"""The log of working text: one stream per draft, never published, never signalled."""

DIRECTORY_LOG: Final = "directory"
"""The log of organisations and machine clients: one stream for each, nothing personal, in the clear."""

DISCLOSURE_LOG: Final = "disclosure"
"""The log of who was shown what: one stream per entry, so that readers never wait for each other; never published."""

RETENTION_LOG: Final = "retention"
"""The log of what was destroyed, by which rule and by whom: certificates, nothing of a child, in the clear."""

DELIVERY_LOG: Final = "delivery"
"""The log of what became of messages in MESH: sent, collected, given up; nothing personal, in the clear."""

ADOPTION_LOG: Final = "adoption"
"""The log of which edition of which rules counts from which day on: one stream a kind and council, in the clear."""

CLEAR_LOGS: Final = (DIRECTORY_LOG, RETENTION_LOG, DELIVERY_LOG, ADOPTION_LOG)
"""The logs in the clear: no key opens them, and none that is destroyed closes them."""

_IN_THE_CLEAR: Final = frozenset(CLEAR_LOGS)

FOLLOWING_LOGS: Final = frozenset((DISCLOSURE_LOG, RETENTION_LOG, DELIVERY_LOG))
"""The logs that tell of reading, and of what follows from what was decided: written even while no act is taken."""

ENDING_TYPES: Final = frozenset(("ehcp.directory.access-ended.v1", "ehcp.directory.client-revoked.v1"))
"""The events that take access away: recorded even while no act is taken, since reading goes on."""

LOGS: Final = (PLAN_LOG, DRAFT_LOG, *CLEAR_LOGS, DISCLOSURE_LOG)
"""Every log of the store. Each has positions and sequences of its own."""


SEALED_LOGS: Final = (PLAN_LOG, DRAFT_LOG, DISCLOSURE_LOG)
"""The logs whose events are sealed, each under a data key of its own."""


class ChildKeyRow(msgspec.Struct, frozen=True, gc=False):
    """A child's key as it is kept: wrapped by the named key of a council.

    `root` numbers, at random, the root that it holds; None for a key of an earlier release, which holds none.
    `rows_upto` says up to which position of each log the data keys of its events are rows of their own: a JSON object,
    None for none.
    """

    plan: UUID
    council: str
    key_id: str
    wrapped: bytes
    root: int | None = None
    rows_upto: str | None = None


class EventKeyRow(msgspec.Struct, frozen=True):
    """An event's data key where it is written down: wrapped by the child's key."""

    plan: UUID
    stream: UUID
    sequence: int
    event_id: UUID
    wrapped: bytes


class SealedEvent(msgspec.Struct, frozen=True, gc=False):
    """An event to be stored that says which root its key comes of; with the child's key while that isn't on disk yet.

    What the `eventsourcing` library's StoredEvent has it has too, under the same names, and is made in a tenth of the
    time: there is one for each event that is appended.
    """

    originator_id: UUID
    originator_version: int
    topic: str
    state: bytes
    event_id: UUID
    plan: UUID
    root: int
    child: ChildKeyRow | None = None

    @property
    def stream(self) -> UUID:
        """The stream."""
        return self.originator_id

    @property
    def is_of_plan(self) -> bool:
        """Whether its stream is the plan's own."""
        # The same object as a rule: comparing two UUIDs costs more.
        return self.originator_id is self.plan or self.originator_id == self.plan

    @property
    def opens_stream(self) -> bool:
        """Whether it is the first event of a stream of the plan's that is not its own."""
        return self.originator_version == 1 and not self.is_of_plan


EventToStore = StoredEvent | SealedEvent
"""What an append is given: sealed events, or those of a log that no key opens."""


@dataclass(frozen=True)
class RecordedEvent(Notification):
    """A row of a log, still sealed: `id` is its position, `time` microseconds since the epoch, UTC."""

    time: int

    @property
    def leaf(self) -> bytes:
        """The leaf hash, 32 bytes."""
        return leaf_hash(self.state, self.time)


class Appended(msgspec.Struct, frozen=True):
    """Where an event stands now that it is on disk. `time` is microseconds since the epoch, UTC."""

    log: str
    position: int
    time: int
    event: EventToStore

    @property
    def recorded_at(self) -> datetime:
        """The moment of recording."""
        return instant(self.time)

    @property
    def leaf(self) -> bytes:
        """The leaf hash, 32 bytes (computed when asked: the writer does no work that a caller can do)."""
        return leaf_hash(self.event.state, self.time)


Outcome = tuple[Appended, ...] | Exception
"""What became of a group: where its events stand, or why none of it was written."""


class StreamRange(msgspec.Struct, frozen=True):
    """The events `first` to `last` of one stream of one log."""

    log: str
    stream: UUID
    first: int
    last: int


class IdempotencyRecord(msgspec.Struct, frozen=True):
    """That a client made a request under a key of its own choosing, blinded.

    `plan` is what it acted on, `others` the request under the other index keys that count, while one takes over.
    """

    request: bytes
    body: bytes
    plan: UUID
    others: tuple[bytes, ...] = ()

    @property
    def forms(self) -> tuple[bytes, ...]:
        """The request under every index key that counts: each of them is kept."""
        return (self.request, *self.others)


class RecordedRequest(msgspec.Struct, frozen=True):
    """A request found again: the events that answered it, from which the answer is rebuilt."""

    plan: UUID
    written: tuple[StreamRange, ...]
    body: bytes
    created: datetime


class PlanMatch(msgspec.Struct, frozen=True):
    """A blinded identifier by which a plan can be found; `kind` is localReference, nhsNumber or upn.

    `council` is the authority whose reference it is (three digits), empty for national numbers.
    """

    kind: str
    council: str
    index: bytes


class RegisterChange(msgspec.Struct, frozen=True, kw_only=True):
    """What the register of plans says of a plan from this append on: the whole row, not a difference.

    `matches` are all identifiers by which it is found; none for a record that is voided or merged into
    `retired_into`; None when they stay what they were, as most acts leave them.
    """

    plan: UUID
    council: str
    phase: str
    version: int = 0
    retired_into: UUID | None = None
    matches: tuple[PlanMatch, ...] | None = ()


class RegisterRow(msgspec.Struct, frozen=True, kw_only=True):
    """A plan in a worklist: codes and positions, no personal word."""

    plan: UUID
    council: str
    phase: str
    version: int
    last_sequence: int
    opened_position: int
    updated_position: int
    retired_into: UUID | None


@dataclass(frozen=True, slots=True)
class AppendGroup:
    """One act's writes: all of them or none, in one transaction, whatever else shares the commit.

    `events` holds the events of each log in order; `idempotency` and `register` are recorded with them. A log in the
    clear is written alone: nothing about a child depends on the same commit.
    """

    events: Mapping[str, Sequence[EventToStore]]
    idempotency: IdempotencyRecord | None = None
    register: Sequence[RegisterChange] = field(default=())

    def __post_init__(self) -> None:
        """Raises ValueError for a group that would write to a log in the clear and to anything else."""
        if self.clear_log and (len(self.events) > 1 or self.idempotency or self.register):
            raise ValueError("a group writes to a log in the clear alone")

    @property
    def is_following(self) -> bool:
        """Whether it tells what was shown, finishes what was decided before, or takes access away."""
        return all(
            log in FOLLOWING_LOGS or ENDING_TYPES.issuperset(event.topic for event in events)
            for log, events in self.events.items()
        )

    @property
    def clear_log(self) -> str | None:
        """The log in the clear that it writes to, if it does."""
        if _IN_THE_CLEAR.isdisjoint(self.events):
            return None
        return next(log for log in CLEAR_LOGS if log in self.events)


class Snapshot(msgspec.Struct, frozen=True):
    """A folded state up to `sequence`, as bytes that `state_version` of the fold understands."""

    plan: UUID
    sequence: int
    state_version: int
    state: bytes


class SnapshotErased(msgspec.Struct, frozen=True):
    """A snapshot whose key was destroyed."""

    plan: UUID
    sequence: int
