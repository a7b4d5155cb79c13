"""The keyring in files: a folder (mode 0700) of small files (mode 0600), one key each, 64 hexadecimal digits.

The folder is looked at again when it has changed, so that a key that another process made or destroyed is seen.
"""

import hmac
import os
import re
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.store.errors import UnknownKey, Unopenable
from services.store.files import refuse_open_to_others, sync_folder
from services.store.keyring import (
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

_KEY_LENGTH: Final = 32
_NONCE_LENGTH: Final = 12
_KEY_FILE: Final = re.compile(rf"{KEY_ID.pattern}\.key")
LOOK_SECONDS: Final = 0.25
"""How long a process relies on what it saw in the folder: a new child's key costs no look of its own."""

_SETTLED_NS: Final = 1_000_000_000
"""A folder that changed less than a second ago may change again within the same tick of its clock."""


class FileKeyring:
    """A keyring in a folder; keys are made when they are first asked for. Implements KeyCustody."""

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Open or create the folder. Raises KeyringPermissions when anyone but its owner can reach a key."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._lock = threading.Lock()
        refuse_open_to_others(folder)
        self._keys: dict[str, bytes] = {}
        self._ciphers: dict[str, AESGCM] = {}
        self._newest: dict[str, str] = {}
        self._seen = -1
        self._clock = clock
        self._looked_at = float("-inf")
        for path in folder.glob("*.key"):
            self._keys[path.name.removesuffix(".key")] = _read_key(path)
        self._look()

    def all_keys(self) -> tuple[KeyInfo, ...]:
        """Every key there is. Raises KeyringPermissions when one of them can be reached by others."""
        found = self._found()
        made: dict[str, datetime | None] = {}
        for key_id in found:
            path = self._path(key_id)
            refuse_open_to_others(path)
            made[key_id] = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return described(found, made)

    def current_key(self, council: str) -> str:
        """The id `la-<council>.<number>` of the council's newest key.

        Raises UnknownKey for what is no council code.
        """
        self._look()
        return self._newest.get(f"la-{council}") or self._create(f"{council_name(council)}.1")

    def rotate(self, council: str) -> str:
        """Make a new key for the council and return its id."""
        self._looked_at = float("-inf")
        newest = self.current_key(council)
        return self._create(f"{name_of(newest)}.{number_of(newest) + 1}")

    def new_index_key(self) -> str:
        """Make the next index key and return its id."""
        return self._create(next_index(self._found()))

    def remove(self, key_id: str) -> None:
        """Destroy a key: its file is overwritten and removed."""
        path = self._path(key_id)
        if not KEY_ID.fullmatch(key_id) or not path.is_file():
            raise UnknownKey(f"the keyring does not hold the key {key_id}")
        with path.open("r+b") as file:
            file.write(b"0" * (2 * _KEY_LENGTH))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
        sync_folder(self._folder)
        self._keys.pop(key_id, None)
        self._ciphers.pop(key_id, None)
        self._looked_at = float("-inf")
        self._look()

    def wrap(self, key_id: str, secret: bytes, context: bytes) -> bytes:
        """Nonce (12 bytes) || AES-256-GCM of `secret`, with `context` as associated data."""
        nonce = os.urandom(_NONCE_LENGTH)
        return nonce + self._cipher(key_id).encrypt(nonce, secret, context)

    def unwrap(self, key_id: str, wrapped: bytes, context: bytes) -> bytes:
        """The secret again."""
        try:
            return self._cipher(key_id).decrypt(wrapped[:_NONCE_LENGTH], wrapped[_NONCE_LENGTH:], context)
        except (InvalidTag, ValueError):
            raise Unopenable("a wrapped key does not open with the council's key") from None

    def keyed_hash(self, key_id: str, purpose: str, value: str) -> bytes:
        """HMAC-SHA256 under an index key of purpose || 0x00 || value."""
        if key_id not in self._keys and not self._path(key_id).is_file() and is_made_when_asked(key_id, self._found()):
            self._create(key_id)
        return hmac.digest(self._key(key_id), purpose.encode() + b"\x00" + value.encode(), sha256)

    def close(self) -> None:
        """Nothing is held open."""

    def _look(self) -> None:
        """Learn the names of the keys again, now and then, when the folder has changed."""
        now = self._clock()
        if now - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = now
        changed = self._folder.stat().st_mtime_ns
        if changed == self._seen and time.time_ns() - changed > _SETTLED_NS:
            return
        self._newest = newest_of(self._found())
        self._seen = changed

    def _found(self) -> list[str]:
        with os.scandir(self._folder) as entries:
            return [entry.name.removesuffix(".key") for entry in entries if _KEY_FILE.fullmatch(entry.name)]

    def _path(self, key_id: str) -> Path:
        return self._folder / f"{key_id}.key"

    def _cipher(self, key_id: str) -> AESGCM:
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            cipher = self._ciphers[key_id] = AESGCM(self._key(key_id))
        return cipher

    def _key(self, key_id: str) -> bytes:
        """The key, read from the folder when another process may have made it since. Raises UnknownKey."""
        if key_id not in self._keys:
            path = self._path(key_id)
            if not path.is_file():
                raise UnknownKey(f"the keyring does not hold the key {key_id}")
            self._keys[key_id] = _read_key(path)
        return self._keys[key_id]

    def _create(self, key_id: str) -> str:
        with self._lock:
            if key_id not in self._keys:
                self._keys[key_id] = _write_key(self._path(key_id))
                self._newest[name_of(key_id)] = key_id
            elif not self._path(key_id).is_file():
                # What is wrapped with a key that only this process remembers is lost when it ends.
                raise UnknownKey(f"the file of the key {key_id} is gone: bring it back from its backup")
        return key_id


def _write_key(path: Path) -> bytes:
    """Make a key and have it on disk, whole or not at all, before anything is wrapped with it.

    When another process made one of this name at the same moment, that one counts.
    """
    unfinished = path.with_suffix(f".{os.getpid()}.new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(os.urandom(_KEY_LENGTH).hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(unfinished, path)
    unfinished.unlink()
    sync_folder(path.parent)
    return _read_key(path)


def _read_key(path: Path) -> bytes:
    refuse_open_to_others(path)
    if not _KEY_FILE.fullmatch(path.name):
        raise UnknownKey(f"{path.name} is not the name of a key file")
    try:
        key = bytes.fromhex(path.read_text())
    except ValueError:
        key = b""
    if len(key) != _KEY_LENGTH:
        raise UnknownKey(f"{path.name} does not hold a key: 64 hexadecimal digits")
    return key
