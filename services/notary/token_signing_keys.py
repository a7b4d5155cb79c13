"""The keys that sign checkpoints in a PKCS#11 token: made there, used there, and nothing of them ever leaves it.

Pairs of Ed25519 (CKM_EDDSA) with the label `checkpoint.2`; both halves have one id. An exchange makes the next pair and
destroys the private halves before it; their public halves stay. Should two processes have made a pair of one number at
the same moment, the one with the lower id signs. OASIS PKCS#11 3.0, of which tokens of 2.40 know as much as is used.
"""

import os
import re
import threading
from collections.abc import Callable
from typing import Any, Final, TypeVar

import pkcs11
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pkcs11 import Attribute, KeyType, ObjectClass
from pkcs11.exceptions import PKCS11Error

from services.notary.signing_keys import SigningKeys
from services.store.token_session import TokenAddress, unavailable

_LABEL: Final = re.compile(r"checkpoint\.([1-9][0-9]*)")
#: The curve as PKCS#11 names it: a DER PrintableString "edwards25519".
_CURVE: Final = b"\x13\x0cedwards25519"
_PUBLIC_LENGTH: Final = 32

T = TypeVar("T")


class TokenKey:
    """A key in the token. Implements CheckpointKey."""

    def __init__(self, private: Any, public: Ed25519PublicKey) -> None:
        """`private` is the token's name for it, good while its session lasts."""
        self._private = private
        self._public = public

    def sign(self, content: bytes, /) -> bytes:
        """The signature, 64 bytes. Raises StoreUnavailable."""
        return _asked(lambda: bytes(self._private.sign(content, mechanism=pkcs11.Mechanism.EDDSA)))

    def public_key(self) -> Ed25519PublicKey:
        """The public half."""
        return self._public


class TokenSigningKeys:
    """The signing keys of an installation that has a token. Implements CheckpointKeys; safe for threads."""

    def __init__(self, token: TokenAddress, files: SigningKeys) -> None:
        """Nothing is opened before a key is asked for; keys in `files`, of earlier, end when the token has one."""
        self._token = token
        self._files = files
        self._lock = threading.RLock()
        self._session: Any = None

    def current(self) -> TokenKey:
        """The key that signs now; the first is made when it is asked for. Raises StoreUnavailable."""
        with self._lock:
            private = self._halves(ObjectClass.PRIVATE_KEY)
            number = max(private, default=0) or self._make(1 + max(self._halves(ObjectClass.PUBLIC_KEY), default=0))
            self._files.retire()
            chosen = self._halves(ObjectClass.PRIVATE_KEY)[number][0]
            public = next(one for one in self._halves(ObjectClass.PUBLIC_KEY)[number] if one.id == chosen.id)
            return TokenKey(chosen, _public(public))

    def rotate(self) -> TokenKey:
        """Make a new key, and destroy the private halves of the ones before. Raises StoreUnavailable."""
        with self._lock:
            before = [key for keys in self._halves(ObjectClass.PRIVATE_KEY).values() for key in keys]
            self._make(1 + max(self._halves(ObjectClass.PUBLIC_KEY), default=0))
            for key in before:
                _asked(key.destroy)
            return self.current()

    def public_keys(self) -> list[bytes]:
        """Every public key that there ever was, 32 bytes each, in the order in which they were made."""
        with self._lock:
            known = self._halves(ObjectClass.PUBLIC_KEY)
            made = [_public(key).public_bytes_raw() for number in sorted(known) for key in known[number]]
            return [*self._files.public_keys(), *made]

    def close(self) -> None:
        """Let go of the token. Safe to call twice."""
        with self._lock:
            session, self._session = self._session, None
            if session is not None:
                _asked(session.close)

    def _halves(self, kind: ObjectClass) -> dict[int, list[Any]]:
        """The private or the public halves by their number, of one number in the order of their ids."""
        if self._session is None:
            self._session = self._token.opened()
        wanted = {Attribute.CLASS: kind, Attribute.KEY_TYPE: KeyType.EC_EDWARDS}
        found: dict[int, list[Any]] = {}
        for key in _asked(lambda: list(self._session.get_objects(wanted))):
            if number := _LABEL.fullmatch(key.label or ""):
                found.setdefault(int(number[1]), []).append(key)
        return {number: sorted(keys, key=lambda key: bytes(key.id)) for number, keys in found.items()}

    def _make(self, number: int) -> int:
        curve = {Attribute.EC_PARAMS: _CURVE}
        private = {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False}
        _asked(
            lambda: self._session.create_domain_parameters(KeyType.EC_EDWARDS, curve, local=True).generate_keypair(
                mechanism=pkcs11.Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
                label=f"checkpoint.{number}",
                id=os.urandom(16),
                store=True,
                private_template=private,
            )
        )
        return number


def _public(key: Any) -> Ed25519PublicKey:
    """The point, which is wrapped into a DER OCTET STRING by some tokens and not by others."""
    return Ed25519PublicKey.from_public_bytes(_asked(lambda: bytes(key[Attribute.EC_POINT]))[-_PUBLIC_LENGTH:])


def _asked(ask: Callable[[], T]) -> T:
    try:
        return ask()
    except PKCS11Error as error:
        raise unavailable(error) from None
