"""The keys at the top: one key-encryption key per council, and the keys of blind indexes.

`KeyWrapper` is all that the store asks for, so that a PKCS#11 token (services.store.token_keyring) or another service
can stand in for files. Keys are numbered per council: `la-855.2` took over from `la-855.1`. The highest number wraps,
older ones only unwrap; `index.1` makes blind indexes, beside it `index.2` while that takes over (store.index_keys).
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol

from msgspec import Struct

from services.store.errors import UnknownKey

COUNCIL: Final = re.compile(r"[0-9]{3}")
KEY_ID: Final = re.compile(r"(la-[0-9]{3}|index|operator)\.[1-9][0-9]*")
INDEX: Final = "index"
FIRST_INDEX: Final = f"{INDEX}.1"
OPERATOR: Final = "operator.1"
"""The key that names whoever gives commands on the machine: never exchanged, so that one person stays one person."""

HASHING: Final = frozenset({INDEX, "operator"})
"""Keys of these names make keyed hashes; all others wrap."""


class KeyInfo(Struct, frozen=True, kw_only=True, rename="camel"):
    """A key of the keyring: whether it is the one in use now, and since when it exists where that is known.

    `council` is empty for the keys of hashes.
    """

    key_id: str
    council: str
    current: bool
    made: datetime | None = None


class KeyWrapper(Protocol):
    """What wraps the children's keys: the one place where a council's own key is used."""

    def current_key(self, council: str) -> str:
        """The id of the key that wraps for this council now (DfE code of the authority, three digits)."""

    def wrap(self, key_id: str, secret: bytes, context: bytes) -> bytes:
        """Encrypt `secret` under the named key, bound to `context`. Raises UnknownKey."""

    def unwrap(self, key_id: str, wrapped: bytes, context: bytes) -> bytes:
        """The secret again. Raises UnknownKey, or Unopenable when the bytes or their context were altered."""


class KeyedHash(Protocol):
    """What blind indexes are made with: the one place where an index key is used."""

    def keyed_hash(self, key_id: str, purpose: str, value: str) -> bytes:
        """HMAC-SHA256 of purpose || 0x00 || value, 32 bytes: equal inputs, equal bytes; without the key, nothing.

        `index.1` is made when there is no index key yet, and `operator.1`. Raises UnknownKey for any other missing.
        """


class Keyring(KeyWrapper, KeyedHash, Protocol):
    """Both: what the store is opened with."""


class KeyCustody(Keyring, Protocol):
    """A keyring as whoever runs the platform sees it: keys are listed, exchanged and destroyed."""

    def all_keys(self) -> tuple[KeyInfo, ...]:
        """Every key there is, by council and number."""

    def rotate(self, council: str) -> str:
        """Make a new key for the council and return its id; what older keys wrapped stays readable.

        Every process wraps with it within a second or so.
        """

    def new_index_key(self) -> str:
        """Make an index key that comes after those that there are, and return its id. It isn't used yet."""

    def remove(self, key_id: str) -> None:
        """Destroy a key. Nothing may be wrapped with it any more: who calls has seen to that. Raises UnknownKey."""

    def close(self) -> None:
        """Let go of whatever holds the keys."""


def name_of(key_id: str) -> str:
    """What a key is for: "la-855", or "index"."""
    return key_id.rpartition(".")[0]


def number_of(key_id: str) -> int:
    """Which of the keys for that it is, from 1."""
    return int(key_id.rpartition(".")[2])


def council_name(council: str) -> str:
    """The name of a council's keys, "la-855". Raises UnknownKey for what is no council code."""
    if not COUNCIL.fullmatch(council):
        raise UnknownKey("a council is named by the three digits of its DfE code")
    return f"la-{council}"


def is_made_when_asked(key_id: str, held: Sequence[str]) -> bool:
    """Whether a key for hashes is to be made now: beside other index keys the first doesn't come back."""
    return key_id == OPERATOR or (key_id == FIRST_INDEX and INDEX not in newest_of(held))


def next_index(key_ids: Sequence[str]) -> str:
    """The id of the index key that comes after these."""
    newest = newest_of(key_ids).get(INDEX)
    return f"{INDEX}.{number_of(newest) + 1 if newest else 1}"


def newest_of(key_ids: Sequence[str]) -> dict[str, str]:
    """The newest key of each name."""
    return {name_of(key_id): key_id for key_id in sorted(key_ids, key=number_of)}


def described(key_ids: Sequence[str], made: Mapping[str, datetime | None]) -> tuple[KeyInfo, ...]:
    """What is to be said of these keys."""
    newest = newest_of(key_ids)
    return tuple(
        KeyInfo(
            key_id=key_id,
            council="" if name_of(key_id) in HASHING else name_of(key_id).removeprefix("la-"),
            current=newest[name_of(key_id)] == key_id,
            made=made.get(key_id),
        )
        for key_id in sorted(key_ids, key=lambda key_id: (name_of(key_id), number_of(key_id)))
    )
