"""Blind indexes: identifiers and names as keyed hashes that can be looked up and say nothing.

A hash tells which index key made it: under `index.1` it is 32 bytes, under a later one these and the key's number (two
bytes, big-endian). While a key takes over from another both are accepted: whatever is kept is kept under each, and
looked for under any. So no process is wrong that has not heard of the newer one yet (docs/decisions/0014).
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

from services.store.keyring import INDEX, KeyedHash

FIRST: Final = 1
"""The number of the first index key."""

HASH_LENGTH: Final = 32
"""Bytes of a keyed hash, without the number of its key."""

REMEMBERED: Final = 256
"""How many hashes are remembered: what is looked for is written down a moment later, if nobody has it."""

_NUMBER_LENGTH: Final = 2


class BlindIndex:
    """Turns an identifier into bytes that can be looked up and say nothing. Safe to use from several threads."""

    def __init__(self, keyring: KeyedHash, accepted: Callable[[], Sequence[int]] = lambda: (FIRST,)) -> None:
        """`accepted` asks for the numbers of the keys that count now, in any order; at least one."""
        self._keyring = keyring
        self._ask = accepted
        self._accepted: tuple[int, ...] = ()
        self._remembered = lru_cache(REMEMBERED)(self._form)

    @property
    def accepted(self) -> tuple[int, ...]:
        """The numbers of the keys that count, as this process knows it: the newest first."""
        if not self._accepted:
            self.look()
        return self._accepted

    def look(self) -> None:
        """Learn which keys count now."""
        self._accepted = tuple(sorted(self._ask(), reverse=True))

    def blind(self, purpose: str, value: str) -> bytes:
        """The hash of purpose and value under the newest key. Raises UnknownKey when the keyring lacks it."""
        return self._form(self.accepted[0], purpose, value)

    def blinds(self, purpose: str, value: str) -> tuple[bytes, ...]:
        """The hashes under every key that counts, the newest first: what is kept, and what is looked for."""
        return tuple([self._remembered(number, purpose, value) for number in self.accepted])

    def steady(self, purpose: str, value: str) -> bytes:
        """The hash under the oldest key that counts: the same in every process while a key takes over."""
        return self._form(self.accepted[-1], purpose, value)

    def secret(self, number: int, purpose: str, value: str) -> bytes:
        """A key of 32 bytes that is derived from the index key of that number."""
        return self._keyring.keyed_hash(key_name(number), purpose, value)

    def _form(self, number: int, purpose: str, value: str) -> bytes:
        return self.secret(number, purpose, value) + marked(number)


def key_name(number: int) -> str:
    """The id of an index key in the keyring."""
    return f"{INDEX}.{number}"


def marked(number: int) -> bytes:
    """What stands behind the hashes of that key: nothing behind those of the first."""
    return b"" if number == FIRST else number.to_bytes(_NUMBER_LENGTH, "big")


def number_behind(mark: bytes) -> int:
    """The key that a mark names."""
    return int.from_bytes(mark, "big") if mark else FIRST
