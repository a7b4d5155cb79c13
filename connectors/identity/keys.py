"""Public keys that others sign with: taken from a JWKS (RFC 7517) with care, and held in memory.

A key set is data from outside, even when the operator wrote it down: secret keys, short RSA keys and encryption keys in
it are never used to check a signature.
"""

from base64 import urlsafe_b64decode
from collections.abc import Iterable, Mapping
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from msgspec import Struct

from connectors.identity.jws import KEY_KINDS, fits

#: The shortest RSA key that counts, in bits: 128 bits of security (NIST SP 800-57 part 1, ASVS 5.0 11.2.3).
LEAST_RSA_BITS: Final = 3072
_MAX_RSA_BITS: Final = 8192
_MAX_KEYS: Final = 100
#: The points of Ed25519 whose order divides 8, by their y with the sign taken off, in hexadecimal: under such a "public
#: key" one signature fits many texts, so that its owner could deny any of theirs (RFC 8032 section 8.9; libsodium).
_SMALL_ORDER: Final = frozenset(
    bytes.fromhex(y)
    for y in (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    )
)
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


def public_keys(stated: Any, *, strict: bool = True, least_bits: int = LEAST_RSA_BITS) -> KeyRing:
    """The usable signature keys of a JWKS.

    Keys of other kinds and uses, and RSA keys under `least_bits`, are passed over (RFC 7517 section 5). A private or
    secret key, which should never have left its owner, makes the whole set unusable when `strict` (what an operator
    wrote down), else is passed over. Raises KeysUnusable when nothing is left.
    """
    entries = stated.get("keys") if isinstance(stated, dict) else None
    if not isinstance(entries, list) or len(entries) > _MAX_KEYS:
        raise KeysUnusable('a key set has the form {"keys": [...]}')
    if strict and any(isinstance(entry, dict) and _PRIVATE & entry.keys() for entry in entries):
        raise KeysUnusable("a key set for checking signatures must hold public keys only")
    kept = tuple(key for entry in entries if (key := _public_key(entry, least_bits)) is not None)
    if not kept:
        sizes = f"RSA keys of {least_bits:,} bits or more count"
        raise KeysUnusable(f"the key set has no public key with an id (kid) for signatures; {sizes}")
    return KeyRing(kept)


def rsa_bits(modulus: Any) -> int:
    """How long an RSA key is whose modulus is written so (base64url); 0 for what is none, or too long to look at."""
    if not isinstance(modulus, str) or len(modulus) * 6 > _MAX_RSA_BITS + 6:
        return 0
    try:
        return int.from_bytes(urlsafe_b64decode(modulus + "=" * (-len(modulus) % 4))).bit_length()
    except ValueError:
        return 0


def _public_key(entry: Any, least_bits: int) -> Key | None:
    if not isinstance(entry, dict) or _PRIVATE & entry.keys() or not isinstance(entry.get("kid"), str):
        return None
    kind = _KINDS.get(entry["kty"]) if isinstance(entry.get("kty"), str) else None
    if kind is None:
        return None
    # Certificates and addresses in a key are not looked at: they say nothing that a signature needs.
    plain = {name: value for name, value in entry.items() if not name.startswith("x5")}
    if (entry["kty"] == "RSA" and rsa_bits(entry.get("n")) < least_bits) or _is_of_small_order(entry):
        return None
    try:
        key: Key = kind.import_key(plain)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key if any(fits(key, algorithm) for algorithm in KEY_KINDS) else None


def _is_of_small_order(entry: dict[str, Any]) -> bool:
    """Whether it is a point of Edwards' curve that no private key leads to; what can't be read isn't decided here."""
    point = entry.get("x")
    if entry["kty"] != "OKP" or not isinstance(point, str):
        return False
    try:
        content = bytearray(urlsafe_b64decode(point + "=" * (-len(point) % 4)))
    except ValueError:
        return False
    content[-1:] = bytes(byte & 0x7F for byte in content[-1:])
    return bytes(content) in _SMALL_ORDER
