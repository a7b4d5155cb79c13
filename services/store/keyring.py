"""The keys at the top: one key-encryption key per council, and one key for blind indexes.

`KeyWrapper` is all that the store asks for, so that a PKCS#11 token (services.store.token_keyring) or another service
can stand in for files. Keys are numbered per council: `la-855.2` took over from `la-855.1`. The highest number wraps,
older ones only unwrap; `index.1` makes blind indexes.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol

from msgspec import Struct

from services.store.errors import UnknownKey

COUNCIL: Final = re.compile(r"[0-9]{3}")
KEY_ID: Final = re.compile(r"(la-[0-9]{3}|index)\.[1-9][0-9]*")
INDEX: Final = "index"


class KeyInfo(Struct, frozen=True, kw_only=True, rename="camel"):
    """A key of the keyring: whether it is the one in use now, and since when it exists where that is known.

    `council` is empty for the key of blind indexes.
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


class BlindIndex(Protocol):
    """Turns an identifier into bytes that can be looked up and say nothing."""

    def blind(self, purpose: str, value: str) -> bytes:
        """HMAC-SHA256 of purpose and value, 32 bytes: equal inputs, equal bytes; without the key, nothing."""


class Keyring(KeyWrapper, BlindIndex, Protocol):
    """Both: what the store is opened with."""


class KeyCustody(Keyring, Protocol):
    """A keyring as whoever runs the platform sees it: keys are listed, exchanged and destroyed."""

    def all_keys(self) -> tuple[KeyInfo, ...]:
        """Every key there is, by council and number."""

    def rotate(self, council: str) -> str:
        """Make a new key for the council and return its id; what older keys wrapped stays readable.

        Every process wraps with it within a second or so.
        """

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


def newest_of(key_ids: Sequence[str]) -> dict[str, str]:
    """The newest key of each name."""
    return {name_of(key_id): key_id for key_id in sorted(key_ids, key=number_of)}


def described(key_ids: Sequence[str], made: Mapping[str, datetime | None]) -> tuple[KeyInfo, ...]:
    """What is to be said of these keys."""
    newest = newest_of(key_ids)
    return tuple(
        KeyInfo(
            key_id=key_id,
            council=name_of(key_id).removeprefix("la-") if name_of(key_id) != INDEX else "",
            current=newest[name_of(key_id)] == key_id,
            made=made.get(key_id),
        )
        for key_id in sorted(key_ids, key=lambda key_id: (name_of(key_id), number_of(key_id)))
    )
