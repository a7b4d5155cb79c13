"""Public keys that others sign with: taken from a JWKS (RFC 7517) with care, and held in memory.

A key set is data from outside, even when the operator wrote it down: secret keys, short RSA keys and encryption keys in
it are never used to check a signature.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from msgspec import Struct

from connectors.identity.jws import KEY_KINDS, fits

#: The shortest RSA key that counts, in bits (NIST SP 800-131A).
MIN_RSA_BITS: Final = 2048
_MAX_RSA_BITS: Final = 8192
_MAX_KEYS: Final = 100
_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_KINDS: Final[Mapping[str, type[OKPKey] | type[RSAKey] | type[ECKey]]] = {"OKP": OKPKey, "RSA": RSAKey, "EC": ECKey}


class KeysUnusable(ValueError):
    """A key set that no signature can be checked with; the text says why."""


class KeyRing(Struct, frozen=True):
    """Keys that don't change while the process runs."""

    keys: tuple[Key, ...]

    def named(self, key_id: str) -> tuple[Key, ...]:
        """The keys of that id."""
        return tuple(key for key in self.keys if key.kid == key_id)

    @classmethod
    def of(cls, keys: Iterable[Key]) -> "KeyRing":
        """A ring of keys that are in memory already; each gets its thumbprint as id when it has none."""
        held = tuple(keys)
        for key in held:
            key.ensure_kid()
        return cls(held)


def public_keys(stated: Any, *, strict: bool = True) -> KeyRing:
    """The usable signature keys of a JWKS.

    Keys of other kinds and uses are passed over (RFC 7517 section 5). A private or secret key, which should never have
    left its owner, makes the whole set unusable when `strict` (what an operator wrote down), else is passed over.
    Raises KeysUnusable when nothing is left.
    """
    entries = stated.get("keys") if isinstance(stated, dict) else None
    if not isinstance(entries, list) or len(entries) > _MAX_KEYS:
        raise KeysUnusable('a key set has the form {"keys": [...]}')
    if strict and any(isinstance(entry, dict) and _PRIVATE & entry.keys() for entry in entries):
        raise KeysUnusable("a key set for checking signatures must hold public keys only")
    kept = tuple(key for entry in entries if (key := _public_key(entry)) is not None)
    if not kept:
        raise KeysUnusable("the key set has no public key with an id (kid) for signatures")
    return KeyRing(kept)


def _public_key(entry: Any) -> Key | None:
    if not isinstance(entry, dict) or _PRIVATE & entry.keys() or not isinstance(entry.get("kid"), str):
        return None
    kind = _KINDS.get(entry["kty"]) if isinstance(entry.get("kty"), str) else None
    if kind is None:
        return None
    # Certificates and addresses in a key are not looked at: they say nothing that a signature needs.
    plain = {name: value for name, value in entry.items() if not name.startswith("x5")}
    if entry["kty"] == "RSA" and not _is_sound_modulus(entry.get("n")):
        return None
    try:
        key: Key = kind.import_key(plain)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key if any(fits(key, algorithm) for algorithm in KEY_KINDS) else None


def _is_sound_modulus(stated: Any) -> bool:
    """Judged by its length in base64url, before any arithmetic is done with it."""
    bits = len(stated) * 6 if isinstance(stated, str) else 0
    return MIN_RSA_BITS <= bits <= _MAX_RSA_BITS + 6
