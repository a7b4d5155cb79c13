"""The keyring in a PKCS#11 token: a hardware security module, or SoftHSM for trying it. Keys never leave it.

Councils' keys are AES-256 objects (CKM_AES_GCM), those for hashes generic secrets (CKM_SHA256_HMAC); the label is the
key id. All are sensitive and cannot be extracted. A label is no unique name in PKCS#11: should two machines have made
the same key at the same moment, the one with the lower id wraps, and either unwraps. OASIS PKCS#11 2.40.
"""

import os
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import pkcs11
from pkcs11 import Attribute, GCMParams, KeyType, MechanismFlag, ObjectClass
from pkcs11.exceptions import (
    EncryptedDataInvalid,
    EncryptedDataLenRange,
    GeneralError,
    PKCS11Error,
)

from services.store.errors import UnknownKey, Unopenable
from services.store.keyring import (
    HASHING,
    KEY_ID,
    KeyInfo,
    council_name,
    described,
    is_made_when_asked,
    name_of,
    newest_of,
    next_index,
    number_of,
)
from services.store.token_session import TokenAddress, unavailable

LOOK_SECONDS: Final = 1.0
"""How often the token is asked whether another process made a newer key."""

_NONCE_LENGTH: Final = 12
_TAG_BITS: Final = 128
_BITS: Final = 256
_ALTERED: Final = (EncryptedDataInvalid, EncryptedDataLenRange, GeneralError)
"""What tokens answer when the tag of AES-GCM is wrong: there is no error of its own for it."""

T = TypeVar("T")


class TokenKeyring:
    """A keyring in a token; keys are made when they are first asked for. Implements KeyCustody."""

    def __init__(self, module: str, token: str, pin: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Log in to the token of that label through the PKCS#11 library `module`.

        Raises StoreUnavailable when there is no such library or token, or the PIN is wrong.
        """
        self._clock = clock
        self._lock = threading.RLock()
        self._keys: dict[str, list[Any]] = {}
        self._newest: dict[str, str] = {}
        self._looked_at = float("-inf")
        self._session: Any = TokenAddress(module=module, label=token, pin=pin).opened()

    def all_keys(self) -> tuple[KeyInfo, ...]:
        """Every key there is. A token does not tell when it made them."""
        return described(sorted(set(self._labels())), {})

    def current_key(self, council: str) -> str:
        """The id `la-<council>.<number>` of the council's newest key. Raises UnknownKey for what is no council code."""
        name = council_name(council)
        with self._lock:
            if self._clock() - self._looked_at >= LOOK_SECONDS:
                self._newest = newest_of(self._labels())
                self._looked_at = self._clock()
            return self._newest.get(name) or self._create(f"{name}.1")

    def rotate(self, council: str) -> str:
        """Make a new key for the council and return its id."""
        self._looked_at = float("-inf")
        newest = self.current_key(council)
        return self._create(f"{name_of(newest)}.{number_of(newest) + 1}")

    def new_index_key(self) -> str:
        """Make the next index key and return its id."""
        with self._lock:
            return self._create(next_index(self._labels()))

    def remove(self, key_id: str) -> None:
        """Destroy a key in the token. Raises UnknownKey."""
        with self._lock:
            for key in self._named(key_id):
                self._asked(key.destroy)
            self._keys.pop(key_id, None)
            self._looked_at = float("-inf")

    def wrap(self, key_id: str, secret: bytes, context: bytes) -> bytes:
        """Nonce (12 bytes) || AES-256-GCM of `secret`, with `context` as associated data."""
        nonce = os.urandom(_NONCE_LENGTH)
        with self._lock:
            key = self._named(key_id)[0]
            return nonce + self._asked(lambda: bytes(key.encrypt(secret, **_gcm(nonce, context))))

    def unwrap(self, key_id: str, wrapped: bytes, context: bytes) -> bytes:
        """The secret again."""
        with self._lock:
            known = self._named(key_id)
            secret = _decrypted(known, wrapped, context)
            if secret is None:
                # Another machine may have made a key of the same name since: those that are there now.
                del self._keys[key_id]
                secret = _decrypted([key for key in self._named(key_id) if key not in known], wrapped, context)
        if secret is None:
            raise Unopenable("a wrapped key does not open with the council's key")
        return secret

    def keyed_hash(self, key_id: str, purpose: str, value: str) -> bytes:
        """HMAC-SHA256 under an index key of purpose || 0x00 || value."""
        message = purpose.encode() + b"\x00" + value.encode()
        with self._lock:
            if key_id not in self._keys and key_id not in (held := self._labels()) and is_made_when_asked(key_id, held):
                self._create(key_id)
            key = self._named(key_id)[0]
            return self._asked(lambda: bytes(key.sign(message, mechanism=pkcs11.Mechanism.SHA256_HMAC)))

    def close(self) -> None:
        """Log out. Safe to call twice."""
        with self._lock:
            self._keys.clear()
            session, self._session = self._session, None
            if session is not None:
                self._asked(session.close)

    def _labels(self) -> Sequence[str]:
        with self._lock:
            found = self._asked(lambda: list(self._session.get_objects({Attribute.CLASS: ObjectClass.SECRET_KEY})))
        return [key.label for key in found if KEY_ID.fullmatch(key.label or "")]

    def _named(self, key_id: str) -> list[Any]:
        """The objects of that label, the one that wraps first. Raises UnknownKey."""
        if key_id not in self._keys:
            wanted = {Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.LABEL: key_id}
            found = self._asked(lambda: list(self._session.get_objects(wanted)))
            if not found:
                raise UnknownKey(f"the keyring does not hold the key {key_id}")
            self._keys[key_id] = sorted(found, key=lambda key: bytes(key.id))
        return self._keys[key_id]

    def _create(self, key_id: str) -> str:
        hashes = name_of(key_id) in HASHING
        self._asked(
            lambda: self._session.generate_key(
                KeyType.GENERIC_SECRET if hashes else KeyType.AES,
                _BITS,
                label=key_id,
                id=os.urandom(16),
                store=True,
                capabilities=(
                    MechanismFlag.SIGN | MechanismFlag.VERIFY
                    if hashes
                    else MechanismFlag.ENCRYPT | MechanismFlag.DECRYPT
                ),
                template={Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
            )
        )
        self._newest[name_of(key_id)] = key_id
        return key_id

    def _asked(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except PKCS11Error as error:
            raise unavailable(error) from None


def _decrypted(keys: Sequence[Any], wrapped: bytes, context: bytes) -> bytes | None:
    """What one of the keys opens, None when none does."""
    nonce, sealed = wrapped[:_NONCE_LENGTH], wrapped[_NONCE_LENGTH:]
    for key in keys:
        try:
            return bytes(key.decrypt(sealed, **_gcm(nonce, context)))
        except _ALTERED:
            continue
        except PKCS11Error as error:
            raise unavailable(error) from None
    return None


def _gcm(nonce: bytes, context: bytes) -> dict[str, Any]:
    return {
        "mechanism": pkcs11.Mechanism.AES_GCM,
        "mechanism_param": GCMParams(nonce=nonce, aad=context, tag_bits=_TAG_BITS),
    }
