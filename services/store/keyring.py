"""The keys at the top: one key-encryption key per council, and one key for blind indexes.

`KeyWrapper` is all that the store asks for, so that a Vault transit engine or a PKCS#11 token can stand in
for files. The file keyring is a folder (mode 0700) of small files (mode 0600), one key each: `la-855.1.key`
is the first key of council 855; the highest number wraps, older ones only unwrap. Each file holds 64
hexadecimal digits.
"""

import hmac
import os
import re
import threading
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.store.errors import UnknownKey, Unopenable
from services.store.files import refuse_open_to_others, sync_folder

_KEY_LENGTH: Final = 32
_NONCE_LENGTH: Final = 12
_COUNCIL: Final = re.compile(r"[0-9]{3}")


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


class FileKeyring:
    """A keyring in a folder; keys are made when they are first asked for.

    Implements KeyWrapper and BlindIndex.
    """

    def __init__(self, folder: Path) -> None:
        """Open or create the folder. Raises KeyringPermissions when anyone but its owner can reach a key."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._lock = threading.Lock()
        refuse_open_to_others(folder)
        self._keys = {path.name.removesuffix(".key"): _read_key(path) for path in folder.glob("*.key")}
        self._ciphers: dict[str, AESGCM] = {}
        self._newest: dict[str, str] = {}
        for key_id in sorted(self._keys, key=_number):
            self._newest[_name(key_id)] = key_id

    def current_key(self, council: str) -> str:
        """The id `la-<council>.<number>` of the council's newest key.

        Raises UnknownKey for what is no council code.
        """
        if not _COUNCIL.fullmatch(council):
            raise UnknownKey("a council is named by the three digits of its DfE code")
        return self._newest.get(f"la-{council}") or self._create(f"la-{council}.1")

    def rotate(self, council: str) -> str:
        """Make a new key for the council and return its id; what older keys wrapped stays readable."""
        newest = self.current_key(council)
        return self._create(f"{_name(newest)}.{_number(newest) + 1}")

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

    def blind(self, purpose: str, value: str) -> bytes:
        """HMAC-SHA256 under the index key of purpose || 0x00 || value."""
        key = self._key(self._newest.get("index") or self._create("index.1"))
        return hmac.digest(key, purpose.encode() + b"\x00" + value.encode(), sha256)

    def _cipher(self, key_id: str) -> AESGCM:
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            cipher = self._ciphers[key_id] = AESGCM(self._key(key_id))
        return cipher

    def _key(self, key_id: str) -> bytes:
        """The key, read again from the folder when another process may have made it since. Raises UnknownKey."""
        if key_id not in self._keys:
            path = self._folder / f"{key_id}.key"
            if not path.is_file():
                raise UnknownKey(f"the keyring does not hold the key {key_id}")
            self._keys[key_id] = _read_key(path)
        return self._keys[key_id]

    def _create(self, key_id: str) -> str:
        with self._lock:
            if key_id not in self._keys:
                self._keys[key_id] = _write_key(self._folder / f"{key_id}.key")
                self._newest[_name(key_id)] = key_id
        return key_id


def _name(key_id: str) -> str:
    return key_id.rpartition(".")[0]


def _number(key_id: str) -> int:
    return int(key_id.rpartition(".")[2])


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
    if not re.fullmatch(r"(la-[0-9]{3}|index)\.[1-9][0-9]*\.key", path.name):
        raise UnknownKey(f"{path.name} is not the name of a key file")
    try:
        key = bytes.fromhex(path.read_text())
    except ValueError:
        key = b""
    if len(key) != _KEY_LENGTH:
        raise UnknownKey(f"{path.name} does not hold a key: 64 hexadecimal digits")
    return key
