"""Servers that live as long as those who use them, even when these are killed.

Each server's folder has a lock file beside it. Whoever uses the server holds the lock, and the system lets go of it
when the process ends in whatever way: so a folder whose lock is free is a leftover, and the next to come removes it.
"""

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

#: How a holder holds: alone, or with others of the same name.
ALONE, SHARED = fcntl.LOCK_EX, fcntl.LOCK_SH

Destroy = Callable[[Path], None]


def base_folder(kind: str) -> Path:
    """Our folder in /var/tmp, which is on a disk where /tmp may be memory: an fsync shall be one.

    Raises PermissionError when it is somebody else's.
    """
    place = Path("/var/tmp")  # noqa: S108 - what is made in it is private and known to be ours
    if not place.is_dir():
        place = Path(tempfile.gettempdir())
    base = place / f"ehcp-exchange-{kind}-{os.geteuid()}"
    base.mkdir(mode=0o711, exist_ok=True)
    if base.is_symlink() or base.stat().st_uid != os.geteuid():
        raise PermissionError(f"{base} belongs to somebody else.")
    return base


@contextmanager
def held(base: Path, name: str, kind: int, destroy: Destroy) -> Iterator[Path]:
    """Hold the lock of the server `name`: leftovers go before, and the server itself when its last holder leaves."""
    lock = base / f"{name}.lock"
    with _one_at_a_time(base):
        _remove_leftovers(base, destroy)
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(handle, kind)
    try:
        yield base / name
    finally:
        with _one_at_a_time(base):
            os.close(handle)
            _remove_leftovers(base, destroy)


def _remove_leftovers(base: Path, destroy: Destroy) -> None:
    """Destroy every server that nobody holds."""
    for lock in base.glob("*.lock"):
        with lock.open("r+") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            destroy(lock.with_suffix(""))
            lock.unlink()


@contextmanager
def _one_at_a_time(base: Path) -> Iterator[None]:
    handle = os.open(base, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
