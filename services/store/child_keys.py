"""A child's key in use, and the bounded memory of those that were used last.

A child's key is two secrets, drawn together and wrapped together: one wraps (the keys of snapshots, and data keys where
they are written down), the other, the *root*, is what is derived from: the data keys of events, and the key of copies,
which read models and published states are sealed under. Neither is ever used for the other's work, and the root can be
replaced alone: docs/decisions/0012. Whenever an event is destroyed the root is replaced, so no copy from before, which
may repeat what the event said, opens any more, wherever it lies.
"""

import os
import threading
from collections import OrderedDict
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any, Final
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct
from typing_extensions import override

from services.store.errors import UnknownKey, Unopenable
from services.store.values import ChildKeyRow

KEY_LENGTH: Final = 32
"""Bytes of every key of the store: of AES-256, and of a root."""

SECRET_LENGTH: Final = 2 * KEY_LENGTH
"""Bytes of a child's key: what wraps, then the root."""

NEVER_DERIVED: Final = 2**63
"""Before this position, and so always, the events of a child without a root have their keys in rows."""

_NONCE_LENGTH: Final = 12
_PURPOSE: Final = b"ehcp data key 1"
_PURPOSE_OF_COPIES: Final = b"ehcp copies 1"
_NUMBER_LENGTH: Final = 8
_COPY_BEGINS: Final = _NUMBER_LENGTH + _NONCE_LENGTH


def child_context(plan: UUID, council: str) -> bytes:
    """What a wrapped child's key is bound to."""
    return b"ehcp child key 1\x00" + plan.bytes + council.encode()


def event_context(stream: bytes, sequence: int, event_id: bytes) -> bytes:
    """What a wrapped data key of an event is bound to: another event's row cannot take its place."""
    return b"ehcp event key 1\x00" + stream + sequence.to_bytes(8, "big") + event_id


def snapshot_context(plan: bytes, sequence: int, snapshot_id: bytes) -> bytes:
    """What a wrapped data key of a snapshot is bound to."""
    return b"ehcp snapshot key 1\x00" + plan + sequence.to_bytes(8, "big") + snapshot_id


class Unwrapper:
    """Unwraps what a child's key wraps, many one after the other. Not to be kept: it takes 2.5 KB."""

    __slots__ = ("_decrypt",)

    def __init__(self, secret: bytes) -> None:
        """`secret` is the child's key."""
        self._decrypt = AESGCM(secret[:KEY_LENGTH]).decrypt

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The secret again. Raises Unopenable when it was altered or belongs to another place."""
        try:
            return self._decrypt(wrapped[:_NONCE_LENGTH], wrapped[_NONCE_LENGTH:], context)
        except (InvalidTag, ValueError):
            raise Unopenable("a data key does not open with the child's key") from None


class ChildKey(Struct, gc=False, eq=False):
    """A child's key, unwrapped: `secret` is 64 bytes, or 32 of one of an earlier release.

    `number` and `marks` are the root's number and `rows_upto` of its row. `unwritten` is the row itself as long as it
    isn't known to be on disk; `used` is the cache's.

    The cipher is made for each use: it takes less than a microsecond, and kept it would take 2.5 KB a child. Ten
    thousand of these stay in memory: they are small, hold nothing that could lead back to them, and aren't walked for
    cycles.
    """

    plan: UUID
    secret: bytes
    number: int | None = None
    marks: str | None = None
    unwritten: ChildKeyRow | None = None
    used: bool = False

    @override
    def __repr__(self) -> str:
        """Without the secret."""
        return f"<the key of plan {self.plan}>"

    @override
    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """The same for a console that shows what variables hold."""
        return [("plan", self.plan)]

    @property
    def root(self) -> int:
        """The number of the root that new events' keys come of. Raises UnknownKey for a key without a root."""
        if self.number is None:
            raise UnknownKey(f"the key of plan {self.plan} has no root")
        return self.number

    def data_key(self, stream: bytes, sequence: int, event_id: bytes) -> bytes:
        """The key of one event, of a new one or of one that stands behind `rows_upto`, 32 bytes.

        Keyed BLAKE2b (RFC 7693) of its place under the root.
        """
        place = stream + sequence.to_bytes(8, "big") + event_id
        return blake2b(place, digest_size=KEY_LENGTH, key=self.secret[KEY_LENGTH:], person=_PURPOSE).digest()

    def wrap(self, secret: bytes, context: bytes) -> bytes:
        """Nonce (12 bytes) || AES-256-GCM of a secret, bound to `context`."""
        nonce = os.urandom(_NONCE_LENGTH)
        return nonce + AESGCM(self.secret[:KEY_LENGTH]).encrypt(nonce, secret, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The secret again. Raises Unopenable when it was altered or belongs to another place."""
        return Unwrapper(self.secret).unwrap(wrapped, context)

    def seal_copy(self, content: bytes, context: bytes) -> bytes:
        """The number of the root (8 bytes) || nonce (12 bytes) || AES-256-GCM of a copy of what events say."""
        nonce = os.urandom(_NONCE_LENGTH)
        return self._copies_of() + nonce + AESGCM(self._copies()).encrypt(nonce, content, context)

    def open_copy(self, sealed: bytes, context: bytes) -> bytes | None:
        """The copy again; None for one from before an event was destroyed. Raises Unopenable when it was altered."""
        number, nonce, content = sealed[:_NUMBER_LENGTH], sealed[_NUMBER_LENGTH:_COPY_BEGINS], sealed[_COPY_BEGINS:]
        if number != self._copies_of():
            return None
        try:
            return AESGCM(self._copies()).decrypt(nonce, content, context)
        except (InvalidTag, ValueError):
            raise Unopenable("a copy does not open with the child's key") from None

    def _copies(self) -> bytes:
        """The key of copies; of a child without a root it comes of what there is."""
        root = self.secret[KEY_LENGTH:] or self.secret
        return blake2b(digest_size=KEY_LENGTH, key=root, person=_PURPOSE_OF_COPIES).digest()

    def _copies_of(self) -> bytes:
        return (self.number or 0).to_bytes(_NUMBER_LENGTH, "big")

    @property
    def has_rows(self) -> bool:
        """Whether the keys of any of the child's events are in rows."""
        return self.marks is not None or self.number is None

    def rows_upto(self, log: str) -> int:
        """Up to which position of a log the keys of the child's events are in rows: 0 where none is."""
        if self.number is None:
            return NEVER_DERIVED
        return rows_upto(self.marks).get(log, 0) if self.marks else 0


def kept(row: ChildKeyRow, secret: bytes) -> ChildKey:
    """The key that a row on disk holds, of which `secret` is what it wraps."""
    return ChildKey(row.plan, secret, row.root, row.rows_upto)


def rows_upto(marks: str | None) -> dict[str, int]:
    """Up to which position of each log that they name the keys of a child's events are in rows."""
    return msgspec.json.decode(marks, type=dict[str, int]) if marks else {}


class ChildKeyCache:
    """The unwrapped keys of the children used last, at most `limit`; what wasn't used for long goes first.

    Ten thousand keys lie scattered in memory: a look at one changes nothing but the key itself, and takes no lock, as
    one look into a dictionary is whole. A list in order of use would touch its neighbours, too.
    """

    def __init__(self, limit: int) -> None:
        """`limit` bounds the memory: about 1 KB a key."""
        self._limit = limit
        self._keys: OrderedDict[bytes, ChildKey] = OrderedDict()
        self._lock = threading.Lock()
        self.forgotten = 0

    def get(self, plan: UUID) -> ChildKey | None:
        """The key when it is remembered."""
        key = self._keys.get(plan.bytes)
        if key is not None:
            key.used = True
        return key

    def durable_among(self, plans: Iterable[bytes]) -> dict[bytes, ChildKey]:
        """Those of the keys that are remembered and known to be on disk."""
        found: dict[bytes, ChildKey] = {}
        remembered = self._keys.get
        for plan in plans:
            key = remembered(plan)
            if key is not None and key.unwritten is None:
                key.used = True
                found[plan] = key
        return found

    def put(self, key: ChildKey) -> ChildKey:
        """Remember a key that was made.

        Returns the one that counts: the first.
        """
        with self._lock:
            return self._keep(key.plan.bytes, key)

    def put_read(self, keys: dict[bytes, ChildKey], forgotten: int) -> dict[bytes, ChildKey]:
        """Remember keys that were read since `forgotten` was asked; those that count, by plan.

        They are used once and not kept when any key was forgotten meanwhile: what was read may be what was forgotten.
        Nor is a key without a root, since any process may give it one.
        """
        with self._lock:
            if forgotten != self.forgotten:
                return keys
            keep = self._keep
            return {plan: key if key.number is None else keep(plan, key) for plan, key in keys.items()}

    def forget(self, plan: UUID) -> None:
        """Drop a key at once: it was destroyed, replaced or rewrapped."""
        with self._lock:
            self.forgotten += 1
            self._keys.pop(plan.bytes, None)

    def _keep(self, plan: bytes, key: ChildKey) -> ChildKey:
        """The first counts, unless only the second is known to be on disk."""
        first = self._keys.get(plan)
        if first is None:
            while len(self._keys) >= self._limit:
                self._let_go_of_one()
        if first is None or (key.unwritten is None and first.unwritten is not None):
            first = self._keys[plan] = key
        return first

    def _let_go_of_one(self) -> None:
        """Of the first that wasn't used since it was last passed over."""
        plan = next(iter(self._keys))
        while self._keys[plan].used:
            self._keys[plan].used = False
            self._keys.move_to_end(plan)
            plan = next(iter(self._keys))
        del self._keys[plan]
