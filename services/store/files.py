"""Files that must be private and must survive a power cut."""

import os
import stat
from pathlib import Path
from typing import Final

from services.store.errors import KeyringPermissions

_OTHERS: Final = 0o077
_ROOT: Final = 0


def private_folder(folder: Path) -> Path:
    """Create the folder for its owner alone when it is not there yet; returns it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def sync_folder(folder: Path) -> None:
    """Force the folder's entries to disk: a new file is only there for good after this."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def refuse_open_to_others(path: Path) -> None:
    """Raise KeyringPermissions, saying what to run, when anybody else has a right to the path or can put another there.

    It must be ours or root's, for nobody else's eyes, and not lie where everybody can rename it.
    """
    found = path.stat()
    if found.st_uid not in {os.geteuid(), _ROOT}:
        raise KeyringPermissions(f"{path} belongs to somebody else (user {found.st_uid}): find out who put it there")
    around = path.resolve().parent
    if (mode := around.stat().st_mode) & stat.S_IWOTH and not mode & stat.S_ISVTX:
        raise KeyringPermissions(
            f"Everybody can put something else in the place of {path}: run `chmod o-w {around}` and start again"
        )
    mode = found.st_mode & 0o777
    if mode & _OTHERS:
        wanted = "700" if path.is_dir() else "600"
        raise KeyringPermissions(
            f"{path} can be reached by others (mode {mode:o}): run `chmod {wanted} {path}` and start again"
        )
