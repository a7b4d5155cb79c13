"""One process owns the embedded store: the lock file.

The lock is the kernel's (flock), so that it ends with its process however that ends. The file's content tells
others where the owner serves, so that a command that wants to write can go there over HTTP instead.
"""

import fcntl
import os
from pathlib import Path

import msgspec

from services.store.errors import StoreOwnedElsewhere


class Owner(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who holds the lock; unknown in the moment between taking it and writing this down."""

    pid: int | None = None
    base_url: str | None = None


class StoreLock:
    """The lock, held until `release` or the end of the process."""

    def __init__(self, path: Path, base_url: str | None = None) -> None:
        """Take the lock. Raises StoreOwnedElsewhere, with the owner's address when it serves."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = _read(self._descriptor)
            os.close(self._descriptor)
            raise StoreOwnedElsewhere(owner.base_url, owner.pid) from None
        self.announce(base_url)

    def announce(self, base_url: str | None) -> None:
        """Write into the file where this process serves; None while it does not."""
        content = msgspec.json.encode(Owner(os.getpid(), base_url))
        os.pwrite(self._descriptor, content, 0)
        os.ftruncate(self._descriptor, len(content))

    def release(self) -> None:
        """Let the next process in. The file stays: removing it would let two processes lock two files."""
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)


def owner_of(path: Path) -> Owner | None:
    """Who holds the lock at the moment, None when nobody does."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(descriptor)
    else:
        return None
    finally:
        os.close(descriptor)


def _read(descriptor: int) -> Owner:
    try:
        return msgspec.json.decode(os.pread(descriptor, 4096, 0), type=Owner)
    except msgspec.DecodeError:
        return Owner()
