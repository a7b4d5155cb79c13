"""Signed tokens read strictly: compact JWS (RFC 7515) whose signature is checked before a claim is believed.

Stricter than the RFC where leniency has been the hole: one spelling of base64url and no member named twice, so that no
two readers see different tokens; only header parameters that are known here; never a key that the token brings itself
(`jwk`, `jku`, `x5c`, `x5u`), never `crit` or `b64`, never "none" or a shared secret, one key of one kind per algorithm.
"""

import binascii
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection
from typing import Any, Final, Protocol

import orjson
from joserfc.errors import JoseError
from joserfc.jwk import Key
from joserfc.jws import JWSRegistry
from msgspec import Struct

#: Every algorithm that a configuration may allow, with the kind of key and the curve that it goes with.
KEY_KINDS: Final = {
    "Ed25519": ("OKP", "Ed25519"),
    "EdDSA": ("OKP", "Ed25519"),
    "RS256": ("RSA", ""),
    "RS384": ("RSA", ""),
    "RS512": ("RSA", ""),
    "PS256": ("RSA", ""),
    "PS384": ("RSA", ""),
    "PS512": ("RSA", ""),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
}
#: The longest token that is looked at, in characters; ours take about 700, those of large providers 2,500.
MAX_TOKEN: Final = 8 * 1024
_MAX_HEADER: Final = 1024
#: How deeply claims may be nested; those of large providers reach four levels.
_MAX_DEPTH: Final = 16
_HEADER: Final = frozenset({"alg", "kid", "typ", "x5t", "x5t#S256"})
_COMPACT: Final = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_KEY_ID: Final = re.compile(r"[\x21-\x7e]{1,200}")


class TokenRefused(Exception):
    """The token can't be accepted. `code` says why, for figures and logs; it never repeats the token."""

    def __init__(self, code: str) -> None:
        """Keep the code: a few words joined by hyphens."""
        super().__init__(code)
        self.code = code


class Signed(Struct, frozen=True, kw_only=True):
    """A token that is well formed. Nothing in it is believed until `verify` has passed."""

    algorithm: str
    key_id: str
    type: str
    claims: dict[str, Any]
    signing_input: bytes
    signature: bytes


class Keys(Protocol):
    """The public keys of somebody who signs."""

    def named(self, key_id: str) -> tuple[Key, ...]:
        """The keys of that id, none when there is none."""


def read(token: str, *, limit: int = MAX_TOKEN) -> Signed:
    """The parts of a compact JWS. Raises TokenRefused for anything but one well-formed, plainly signed token."""
    if len(token) > limit:
        raise TokenRefused("oversized")
    parts = _COMPACT.fullmatch(token)
    if parts is None:
        raise TokenRefused("malformed")
    if len(parts[1]) > _MAX_HEADER:
        raise TokenRefused("oversized")
    header = json_object(_decoded(parts[1]))
    if not header.keys() <= _HEADER:
        raise TokenRefused("header-not-known")
    algorithm, key_id, type_ = header.get("alg"), header.get("kid"), header.get("typ", "JWT")
    if not isinstance(algorithm, str) or algorithm not in KEY_KINDS:
        raise TokenRefused("algorithm")
    if not isinstance(key_id, str) or not _KEY_ID.fullmatch(key_id):
        raise TokenRefused("no-key-id")
    if not isinstance(type_, str):
        raise TokenRefused("type")
    return Signed(
        algorithm=algorithm,
        key_id=key_id,
        type=type_.lower().removeprefix("application/"),
        claims=json_object(_decoded(parts[2])),
        signing_input=f"{parts[1]}.{parts[2]}".encode(),
        signature=_decoded(parts[3]),
    )


def verify(signed: Signed, keys: Keys, algorithms: Collection[str]) -> dict[str, Any]:
    """The claims, once one of the keys of that id has signed them with an allowed algorithm. Raises TokenRefused."""
    if signed.algorithm not in algorithms:
        raise TokenRefused("algorithm")
    named = keys.named(signed.key_id)
    if not named:
        raise TokenRefused("unknown-key")
    if not any(_is_signed_by(key, signed) for key in named):
        raise TokenRefused("signature")
    return signed.claims


def fits(key: Key, algorithm: str) -> bool:
    """Whether the key is of the one kind that the algorithm goes with, and not meant for something else."""
    kind, curve = KEY_KINDS[algorithm]
    return (
        key.key_type == kind
        and (not curve or key.get("crv") == curve)
        and key.get("use") in (None, "sig")
        and key.get("alg") in (None, algorithm)
    )


def _is_signed_by(key: Key, signed: Signed) -> bool:
    if not fits(key, signed.algorithm):
        return False
    # RFC 9864 gave the same signature its full name; the old one stays common.
    name = "Ed25519" if signed.algorithm == "EdDSA" else signed.algorithm
    try:
        return JWSRegistry.algorithms[name].verify(signed.signing_input, signed.signature, key)
    except (JoseError, ValueError):
        return False


def _decoded(part: str) -> bytes:
    try:
        content = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (binascii.Error, ValueError):
        raise TokenRefused("malformed") from None
    if urlsafe_b64encode(content).rstrip(b"=").decode() != part:
        raise TokenRefused("malformed")
    return content


def json_object(content: bytes) -> dict[str, Any]:
    """A JSON object as I-JSON (RFC 7493) wants it: UTF-8, whole characters, every name once. Raises TokenRefused."""
    try:
        value = orjson.loads(content)
        json.loads(content, object_pairs_hook=_names_once, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        raise TokenRefused("malformed") from None
    if not isinstance(value, dict):
        raise TokenRefused("malformed")
    if _is_deeper(value, _MAX_DEPTH):
        raise TokenRefused("too-deep")
    return value


def _is_deeper(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    members = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(member, levels - 1) for member in members)


def _names_once(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise TokenRefused("repeated-name")
