"""Folders that only their owner and the server's account can enter."""

import os
import stat
from pathlib import Path

from deploy.local.postgres.errors import PostgresError
from deploy.local.postgres.programs import Account, Programs

CHECKOUT = Path(__file__).resolve().parents[3]


def make_server_folder(folder: Path, programs: Programs) -> None:
    """Make `folder` for the server alone, and let it through the private folders above that are ours to open.

    Those are the ones made here and the ones inside the checkout (`var/` is private to whoever runs the platform).
    Raises PostgresError when the server's account still cannot get there.
    """
    opened = [parent for parent in folder.parents if not parent.exists()]
    for parent in reversed(opened):
        parent.mkdir(mode=0o700)
    folder.mkdir(mode=0o700, exist_ok=True)
    programs.account.own(folder)
    if not programs.account.is_other:
        return
    opened += [parent for parent in folder.parents if CHECKOUT in parent.parents and parent not in opened]
    for parent in opened:
        _let_through(parent, programs.account)
    if programs.as_server(["test", "-x", folder]).returncode:
        raise PostgresError(
            f"PostgreSQL does not run as root, and its user cannot reach {folder}: name another folder, or make the"
            " folders above it enterable (chmod o+x)."
        )


def _let_through(folder: Path, account: Account) -> None:
    """Nobody but the account gets more than it had, and the account may only pass: it cannot list what is there."""
    mode = stat.S_IMODE(folder.stat().st_mode)
    if not mode & stat.S_IXOTH and not mode & stat.S_IRWXG:
        os.chown(folder, -1, account.gid)
        folder.chmod(mode | stat.S_IXGRP)
