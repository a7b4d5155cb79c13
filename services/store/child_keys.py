"""A child's key in use, and the bounded memory of those that were used last."""

import os
import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.store.errors import Unopenable
from services.store.values import ChildKeyRow, EventKeyRow

KEY_LENGTH: Final = 32
"""Bytes of every key of the store: AES-256."""

_NONCE_LENGTH: Final = 12


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
    """Unwraps many data keys of a child with one cipher. Not to be kept: it takes 2.5 KB."""

    __slots__ = ("_decrypt", "plan")

    def __init__(self, plan: UUID, secret: bytes) -> None:
        """`secret` is the child's key."""
        self.plan = plan
        self._decrypt = AESGCM(secret).decrypt

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The data key again. Raises Unopenable when it was altered or belongs to another place."""
        try:
            return self._decrypt(wrapped[:_NONCE_LENGTH], wrapped[_NONCE_LENGTH:], context)
        except (InvalidTag, ValueError):
            raise Unopenable("a data key does not open with the child's key") from None


class ChildKey:
    """A child's key, unwrapped. `durable` turns true once its wrapped form is on disk.

    The cipher is made for each use: it takes less than a microsecond, and kept it would take 2.5 KB a child.
    """

    __slots__ = ("_secret", "durable", "row")

    def __init__(self, row: ChildKeyRow, secret: bytes, *, durable: bool) -> None:
        """`secret` is the 32-byte key that `row` holds wrapped."""
        self.row = row
        self.durable = durable
        self._secret = secret

    def wrap(self, data_key: bytes, context: bytes) -> bytes:
        """Nonce (12 bytes) || AES-256-GCM of a data key, bound to `context`."""
        return self._wrapped(os.urandom(_NONCE_LENGTH), data_key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The data key again. Raises Unopenable when it was altered or belongs to another place."""
        return self.unwrapper().unwrap(wrapped, context)

    def unwrapper(self) -> Unwrapper:
        """What unwraps many of the child's data keys, one after the other."""
        return Unwrapper(self.row.plan, self._secret)

    def new_event_key(self, stream: UUID, sequence: int, event_id: UUID) -> tuple[bytes, EventKeyRow]:
        """A fresh data key for one event, and the row that keeps it wrapped."""
        drawn = os.urandom(KEY_LENGTH + _NONCE_LENGTH)
        data_key, nonce = drawn[:KEY_LENGTH], drawn[KEY_LENGTH:]
        wrapped = self._wrapped(nonce, data_key, event_context(stream.bytes, sequence, event_id.bytes))
        return data_key, EventKeyRow(self.row.plan, stream, sequence, event_id, wrapped)

    def _wrapped(self, nonce: bytes, data_key: bytes, context: bytes) -> bytes:
        return nonce + AESGCM(self._secret).encrypt(nonce, data_key, context)


class ChildKeyCache:
    """The unwrapped keys of the children used last, at most `limit`; the least recently used goes first."""

    def __init__(self, limit: int) -> None:
        """`limit` bounds the memory: about 1 KB a key."""
        self._limit = limit
        self._keys: OrderedDict[bytes, ChildKey] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, plan: UUID) -> ChildKey | None:
        """The key when it is remembered."""
        place = plan.bytes
        with self._lock:
            key = self._keys.get(place)
            if key is not None:
                self._keys.move_to_end(place)
            return key

    def durable_among(self, plans: Iterable[bytes]) -> dict[bytes, ChildKey]:
        """Those of the keys that are remembered and known to be on disk."""
        found: dict[bytes, ChildKey] = {}
        with self._lock:
            for plan in plans:
                key = self._keys.get(plan)
                if key is not None and key.durable:
                    self._keys.move_to_end(plan)
                    found[plan] = key
        return found

    def put(self, key: ChildKey) -> ChildKey:
        """Remember a key.

        Returns the one that counts: the first, unless only the second is known to be on disk.
        """
        place = key.row.plan.bytes
        with self._lock:
            kept = self._keys.setdefault(place, key)
            if key.durable and not kept.durable:
                kept = self._keys[place] = key
            self._keys.move_to_end(place)
            while len(self._keys) > self._limit:
                self._keys.popitem(last=False)
            return kept

    def forget(self, plan: UUID) -> None:
        """Drop a key at once: it was destroyed or rewrapped."""
        with self._lock:
            self._keys.pop(plan.bytes, None)
