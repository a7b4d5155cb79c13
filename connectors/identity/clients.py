"""Machine clients: which organisation's system signs with which keys.

Keys stand in the register itself, put there by somebody who has checked whose they are. No address that a client names
is ever fetched: that would let it make the platform call anything inside its network.
"""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol

from joserfc.jwk import Key, KeySet
from msgspec import Struct

from connectors.identity.configuration import CLIENTS_SCHEMA, ConfigurationFault, checked
from connectors.identity.keys import KeysUnusable, public_keys
from connectors.identity.principal import ORGANISATION, ROLES


class RegisteredClient(Struct, frozen=True, kw_only=True):
    """A system that may sign in by itself.

    `certificate_thumbprints` (SHA-256 of the DER, base64url): when there are any, the client must also show one of
    these certificates, and its tokens are bound to it. It is active at `active_from` and no longer at `active_until`.
    """

    client_id: str
    organisation: str
    role: str
    jwks: KeySet
    certificate_thumbprints: frozenset[str] = frozenset()
    active_from: datetime | None = None
    active_until: datetime | None = None

    def is_active(self, now: datetime) -> bool:
        """Whether it may sign in at this instant."""
        begun = self.active_from is None or self.active_from <= now
        return begun and (self.active_until is None or now < self.active_until)

    def named(self, key_id: str) -> tuple[Key, ...]:
        """The client's keys of that id."""
        return tuple(key for key in self.jwks if key.kid == key_id)


class ClientRegistry(Protocol):
    """Where machine clients are looked up."""

    def client(self, client_id: str) -> RegisteredClient | None:
        """The client of that id, None when there is none."""


class NoClients:
    """The registry of an installation that has none. Implements ClientRegistry."""

    def client(self, client_id: str) -> RegisteredClient | None:  # noqa: ARG002 (of the protocol)
        """None."""
        return None


class FileClients:
    """The clients in a JSON file, read again when the file has changed. Implements ClientRegistry.

    A file that has become wrong changes nothing until it is right again; `complain` is told why.
    """

    def __init__(self, path: Path, complain: Callable[[str], None] = lambda _text: None) -> None:
        """Read the file. Raises ConfigurationFault."""
        self._path = path
        self._complain = complain
        self._state = _state(path)
        self._clients = read_clients(path)

    def client(self, client_id: str) -> RegisteredClient | None:
        """The client of that id."""
        state = _state(self._path)
        if state != self._state:
            self._state = state
            try:
                self._clients = read_clients(self._path)
            except ConfigurationFault as fault:
                self._complain(str(fault))
        return self._clients.get(client_id)


_LONGEST_FILE: Final = 16 * 1024 * 1024


def read_clients(path: Path) -> dict[str, RegisteredClient]:
    """The clients that a file registers, by id. Raises ConfigurationFault."""
    try:
        stated = json.loads(path.read_bytes()[:_LONGEST_FILE])
    except (OSError, ValueError) as error:
        raise ConfigurationFault(f"{path} can't be read as JSON ({type(error).__name__})") from None
    checked(stated, CLIENTS_SCHEMA, str(path))
    found: dict[str, RegisteredClient] = {}
    for entry in stated["clients"]:
        if entry["clientId"] in found:
            raise ConfigurationFault(f"{path} registers the client {entry['clientId']} twice")
        found[entry["clientId"]] = _client(entry, path)
    return found


def _client(entry: dict[str, Any], path: Path) -> RegisteredClient:
    client_id = entry["clientId"]
    if entry["role"] not in ROLES - {"family"} or not ORGANISATION.fullmatch(entry["organisation"]):
        raise ConfigurationFault(f"{path}: the client {client_id} has a role or organisation that doesn't exist here")
    try:
        keys = public_keys(entry["jwks"])
    except KeysUnusable as unusable:
        raise ConfigurationFault(f"{path}: the client {client_id}: {unusable}") from None
    return RegisteredClient(
        client_id=client_id,
        organisation=entry["organisation"],
        role=entry["role"],
        jwks=KeySet(list(keys.keys)),
        certificate_thumbprints=frozenset(entry.get("certificateThumbprints", ())),
        active_from=_instant(entry.get("activeFrom")),
        active_until=_instant(entry.get("activeUntil")),
    )


def _instant(stated: str | None) -> datetime | None:
    return datetime.fromisoformat(stated) if stated else None


def _state(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_mtime_ns, found.st_size, found.st_ino)
