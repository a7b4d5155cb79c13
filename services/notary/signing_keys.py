"""The keys that sign checkpoints: in files beside the councils' keys, and apart from them in every other way.

    checkpoint.2.pem    the key that signs (PKCS #8), mode 0600
    checkpoint.1.pub    the public halves of this and every earlier one, 64 hexadecimal digits
    checkpoint.2.pub

An exchange makes the next pair and destroys the private half before it: what that has signed stays verifiable.
"""

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from services.notary.notes import CheckpointKey
from services.store.errors import UnknownKey
from services.store.files import private_folder, refuse_open_to_others, sync_folder

_PRIVATE: Final = re.compile(r"checkpoint\.([1-9][0-9]*)\.pem")
_PUBLIC: Final = re.compile(r"checkpoint\.([1-9][0-9]*)\.pub")


class CheckpointKeys(Protocol):
    """Where the keys that sign checkpoints are."""

    def current(self) -> CheckpointKey:
        """The key that signs now; the first is made when it is asked for."""

    def rotate(self) -> CheckpointKey:
        """Make a new key, and destroy the private halves of the ones before."""

    def public_keys(self) -> list[bytes]:
        """Every public key that there ever was, 32 bytes each, in the order in which they were made."""

    def close(self) -> None:
        """Let go of what is held open."""


class SigningKeys:
    """The signing keys in files. The first is made when it is asked for. Implements CheckpointKeys."""

    def __init__(self, folder: Path) -> None:
        """Keys in this folder, which is made when there is something to put into it."""
        self._folder = folder

    def current(self) -> Ed25519PrivateKey:
        """The key that signs now. Raises KeyringPermissions, UnknownKey for a file that holds none."""
        number = max(self._numbers(_PRIVATE), default=0)
        return self._known(number) if number else self._made(1 + max(self._numbers(_PUBLIC), default=0))

    def rotate(self) -> Ed25519PrivateKey:
        """Make a new key, and destroy the ones before."""
        before = self._numbers(_PRIVATE)
        made = self._made(1 + max([*before, *self._numbers(_PUBLIC)], default=0))
        for number in before:
            self._destroy(self._folder / f"checkpoint.{number}.pem")
        return made

    def retire(self) -> None:
        """Destroy every private half, as another kind of key has taken over; the public ones stay."""
        for number in self._numbers(_PRIVATE):
            self._destroy(self._folder / f"checkpoint.{number}.pem")

    def close(self) -> None:
        """Nothing is held open."""

    def public_keys(self) -> list[bytes]:
        """Every public key that there ever was, 32 bytes each, in the order in which they were made."""
        return [
            bytes.fromhex((self._folder / f"checkpoint.{number}.pub").read_text())
            for number in sorted(self._numbers(_PUBLIC))
        ]

    def _numbers(self, form: re.Pattern[str]) -> list[int]:
        if not self._folder.is_dir():
            return []
        return [int(found[1]) for path in self._folder.iterdir() if (found := form.fullmatch(path.name))]

    def _read(self, number: int) -> Ed25519PrivateKey:
        path = self._folder / f"checkpoint.{number}.pem"
        refuse_open_to_others(path)
        try:
            key = load_pem_private_key(path.read_bytes(), password=None)
        except ValueError:
            key = None
        if not isinstance(key, Ed25519PrivateKey):
            raise UnknownKey(f"{path.name} does not hold a key for checkpoints (Ed25519, PKCS #8)")
        return key

    def _made(self, number: int) -> Ed25519PrivateKey:
        """Have a key on disk before anything is signed with it. Of two made at the same moment the first counts."""
        private_folder(self._folder)
        key = Ed25519PrivateKey.generate()
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        _write(self._folder / f"checkpoint.{number}.pem", pem)
        return self._known(number)

    def _known(self, number: int) -> Ed25519PrivateKey:
        """The key, with its public half in a file of its own, also where a process ended between the two."""
        key, public = self._read(number), self._folder / f"checkpoint.{number}.pub"
        if not public.exists():
            _write(public, f"{key.public_key().public_bytes_raw().hex()}\n".encode())
        return key

    def _destroy(self, path: Path) -> None:
        with path.open("r+b") as file:
            file.write(b"0" * path.stat().st_size)
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
        sync_folder(self._folder)


def _write(path: Path, content: bytes) -> None:
    """Write a file that wasn't there, whole or not at all; one that another process made meanwhile stays."""
    unfinished = path.with_suffix(f".{uuid4().hex}.new")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(unfinished, path)
    unfinished.unlink()
    sync_folder(path.parent)
