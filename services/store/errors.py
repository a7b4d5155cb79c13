"""What can go wrong in the store, as types. No message here ever carries content of a plan.

Identifiers in messages are opaque (random plan ids, sequences, positions), so that a log line about a failure
says which row it concerns and nothing about the child.
"""

from uuid import UUID

from eventsourcing.persistence import IntegrityError


class StoreError(Exception):
    """Anything that the store refuses or cannot do."""


class NotCanonical(StoreError):
    """A value that canonical JSON does not allow.

    `pointer` (RFC 6901) says where; the value is not repeated.
    """

    def __init__(self, pointer: str, reason: str) -> None:
        """`reason` names the kind of value, never the value."""
        super().__init__(f"not canonical JSON: {reason}")
        self.pointer = pointer
        self.reason = reason


class ContentTooLarge(StoreError):
    """Content beyond what one event may hold (64 MiB, far above the largest plan)."""


class MalformedState(StoreError):
    """Stored bytes that do not have the form of docs/log-format.md."""


class Unopenable(StoreError):
    """Ciphertext that does not open with the key that belongs to its place in the log: altered or moved."""


class CommitmentMismatch(StoreError):
    """The opened content is not what the commitment in the clear promises."""


class KeyringPermissions(StoreError):
    """A key file or folder that others than its owner can reach; the message says what to change."""


class UnknownKey(StoreError):
    """A key id that the keyring does not hold."""


class KeyInUse(StoreError):
    """A council's key that cannot be destroyed yet; the message says why."""


class KeyDestroyed(StoreError):
    """The child's key was destroyed: nothing can be added under it or read any more."""

    def __init__(self, plan: UUID) -> None:
        """`plan` is the random id of the record."""
        super().__init__(f"the key of plan {plan} was destroyed")
        self.plan = plan


class ErasureIncomplete(StoreError):
    """The key is deleted, but old pages may still hold it: a reader kept the file busy.

    Repeat the erasure.
    """


class StoreBusy(StoreError):
    """More appends wait than the store accepts; try again shortly (HTTP 503 with Retry-After)."""


class StoreClosed(StoreError):
    """The store was closed; nothing was written."""


class WritesRefused(StoreError):
    """The log isn't the one that was signed or published: nothing is added to it. The text says where it differs."""


class StoreUnavailable(StoreError):
    """The batch could not be made durable (disk full, damaged file); nothing of it was written."""


class OutcomeUnknown(StoreError):
    """The connection broke during an append and stayed broken: repeat the request with the same Idempotency-Key."""

    def __init__(self) -> None:
        """Nothing of the group is repeated."""
        super().__init__("it is not known whether the group was written")


class StoreOwnedElsewhere(StoreError):
    """Another process owns the embedded store. `base_url` is where it serves, when it does."""

    def __init__(self, base_url: str | None, pid: int | None) -> None:
        """What the owner wrote into the lock file; both may be unknown."""
        where = f" and serves at {base_url}" if base_url else ""
        super().__init__(f"the record store is in use by process {pid or 'unknown'}{where}")
        self.base_url = base_url
        self.pid = pid


class UnknownStoreVersion(StoreError):
    """The tables are not those of this release: it must not touch them."""


class SequenceConflict(IntegrityError):
    """The event is not the next of its stream: somebody else was first, or there is a gap."""

    def __init__(self, stream: UUID, sequence: int, expected: int) -> None:
        """`expected` is the sequence that would have been accepted."""
        super().__init__(f"stream {stream}: sequence {sequence} is not the next one, {expected}")
        self.stream = stream
        self.sequence = sequence
        self.expected = expected


class DuplicateLocalReference(IntegrityError):
    """The council already has a plan with this local reference; `existing` is its id."""

    def __init__(self, existing: UUID) -> None:
        """The reference itself is not repeated."""
        super().__init__(f"plan {existing} of this council already has this local reference")
        self.existing = existing


class RequestAlreadyRecorded(IntegrityError):
    """The client's Idempotency-Key is already on record: look the first answer up instead."""

    def __init__(self) -> None:
        """Neither the client nor the key is repeated."""
        super().__init__("a request with this idempotency key is already recorded")


class IndexKeyChanged(StoreBusy):
    """An index key was exchanged while this was on its way: nothing was written, and the same again will do."""

    def __init__(self) -> None:
        """There is nothing else to tell."""
        super().__init__("an index key is being exchanged: try again")


class KeyConflict(IntegrityError):
    """Another key is already kept for the same event or child: the event was sealed twice at once.

    Seal it again.
    """

    def __init__(self, stream: UUID) -> None:
        """`stream` is the stream whose key collided."""
        super().__init__(f"stream {stream}: another key is already kept for it")
        self.stream = stream
