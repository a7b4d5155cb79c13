"""Machine clients: which system may sign in for which organisation, with which public keys, from when until when.

Keys are stated inline as a JWKS (RFC 7517) and never fetched from an address that somebody else controls. Only what the
platform accepts is taken: Ed25519, or RSA of 3,072 bits or more for RS512, each with a key id, and no private part.
"""

import re
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from domain.directory.events import ClientKeysRotated, ClientRegistered, ClientRevoked, Happening

_CLIENT_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,63}")
_THUMBPRINT: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_PRIVATE: Final = frozenset(("d", "p", "q", "dp", "dq", "qi", "oth", "k"))
_SHORTEST_RSA: Final = 3072


class ClientRefused(ValueError):
    """A client, or its keys, that cannot be taken; the text says what to change and repeats no key."""


class KeyPeriod(Struct, frozen=True, kw_only=True):
    """One public key and the last moment at which it is accepted."""

    key: dict[str, Any]
    until: datetime | None = None


class Client(Struct, frozen=True, kw_only=True):
    """A registered client, as its stream was folded. `certificates` are SHA-256 thumbprints (x5t#S256, RFC 8705)."""

    client_id: str
    organisation: str
    role: str
    keys: tuple[KeyPeriod, ...]
    active_from: datetime
    active_until: datetime | None = None
    certificates: tuple[str, ...] = ()
    revoked_at: datetime | None = None
    sequence: int = 0

    def is_active(self, now: datetime) -> bool:
        """Whether it may sign in at a moment."""
        ended = [end for end in (self.active_until, self.revoked_at) if end is not None]
        return self.active_from <= now and all(now < end for end in ended)

    def jwks(self, now: datetime) -> dict[str, Any]:
        """The public keys that are accepted from it at a moment."""
        return {"keys": [period.key for period in self.keys if period.until is None or now < period.until]}


def register_client(known: Client | None, registered: ClientRegistered) -> ClientRegistered:
    """The event that registers a client. Raises ClientRefused."""
    if known is not None:
        raise ClientRefused(f"There is a client {registered.client_id} already; ids are never given twice.")
    if not _CLIENT_ID.fullmatch(registered.client_id):
        raise ClientRefused("A client's id has 3 to 64 letters, digits, dots, hyphens or underscores.")
    if registered.active_until is not None and registered.active_until <= registered.active_from:
        raise ClientRefused("The client's last moment must be after its first.")
    _check_certificates(registered.certificates)
    check_public_keys(registered.jwks)
    return registered


def rotate_keys(known: Client | None, rotated: ClientKeysRotated) -> ClientKeysRotated:
    """The event that gives a client new keys. Raises ClientRefused, also for a key id that has named another key."""
    client = _still_there(known)
    _check_certificates(rotated.certificates)
    check_public_keys(rotated.jwks)
    used = {period.key["kid"]: period.key for period in client.keys}
    if any(used.get(key["kid"], key) != key for key in rotated.jwks["keys"]):
        raise ClientRefused("A key id (kid) names another key already; give new keys new ids.")
    return rotated


def revoke_client(known: Client | None, now: datetime) -> ClientRevoked:
    """The event that ends a client. Raises ClientRefused when there is none, or it was revoked before."""
    _still_there(known)
    return ClientRevoked(revoked_at=now)


def evolve_client(before: Client | None, happening: Happening) -> Client:
    """The client after the next event of its stream. Raises ValueError for an event that cannot come here."""
    match happening:
        case ClientRegistered() if before is None:
            return Client(
                client_id=happening.client_id,
                organisation=happening.organisation,
                role=happening.role,
                keys=tuple(KeyPeriod(key=key) for key in happening.jwks["keys"]),
                active_from=happening.active_from,
                active_until=happening.active_until,
                certificates=happening.certificates,
                sequence=1,
            )
        case ClientKeysRotated() if before is not None:
            return replace(
                before,
                keys=_rotated(before.keys, happening),
                certificates=happening.certificates or before.certificates,
                sequence=before.sequence + 1,
            )
        case ClientRevoked() if before is not None:
            return replace(before, revoked_at=happening.revoked_at, sequence=before.sequence + 1)
        case _:
            raise ValueError(f"{type(happening).__name__} cannot come here in a client's stream")


def check_public_keys(jwks: Any) -> None:
    """Raises ClientRefused unless it is a set of public keys that the platform accepts."""
    keys = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(keys, list) or not keys or not all(isinstance(key, dict) for key in keys):
        raise ClientRefused('Give a JWKS: {"keys": [...]} with at least one key.')
    for key in keys:
        _check_key(key)
    ids = [key["kid"] for key in keys]
    if len(set(ids)) != len(ids):
        raise ClientRefused("Two keys have the same id (kid).")


def _check_key(key: dict[str, Any]) -> None:
    if _PRIVATE & key.keys():
        raise ClientRefused("There is a private or shared key in it: make a new pair, and give the public half alone.")
    if not isinstance(key.get("kid"), str) or not key["kid"]:
        raise ClientRefused("Every key needs an id (kid).")
    if key.get("kty") == "RSA":
        if _bits(key.get("n")) < _SHORTEST_RSA:
            raise ClientRefused("An RSA key has 3,072 bits or more.")
    elif (key.get("kty"), key.get("crv")) != ("OKP", "Ed25519"):
        raise ClientRefused("Keys are RSA (for RS512) or Ed25519 (for EdDSA).")


def _bits(number: Any) -> int:
    try:
        return int.from_bytes(urlsafe_b64decode(f"{number}==")).bit_length()
    except ValueError:
        return 0


def _check_certificates(thumbprints: Sequence[str]) -> None:
    if not all(_THUMBPRINT.fullmatch(thumbprint) for thumbprint in thumbprints):
        raise ClientRefused("A certificate is stated by its SHA-256 thumbprint in base64url (x5t#S256, 43 characters).")


def _still_there(known: Client | None) -> Client:
    if known is None:
        raise ClientRefused("There is no such client.")
    if known.revoked_at is not None:
        raise ClientRefused("The client was revoked; register a new one under another id.")
    return known


def _rotated(keys: tuple[KeyPeriod, ...], happening: ClientKeysRotated) -> tuple[KeyPeriod, ...]:
    new = happening.jwks["keys"]
    kept = (period for period in keys if period.key not in new)
    ending = (
        replace(period, until=min(period.until or happening.previous_until, happening.previous_until))
        for period in kept
    )
    return (*ending, *(KeyPeriod(key=key) for key in new))
