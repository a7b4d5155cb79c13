"""Folders that only their owner and the server's account can enter."""

import os
import stat
from pathlib import Path

from deploy.local.postgres.errors import PostgresError
from deploy.local.postgres.programs import Account, Programs

CHECKOUT = Path(__file__).resolve().parents[3]


def make_folder(folder: Path, programs: Programs) -> None:
    """Make `folder`, through which only the server's account can pass to what it owns there.

    It is also let through the private folders above that are ours to open: the ones made here, and the ones inside the
    checkout (`var/` is private to whoever runs the platform). Raises PostgresError when it still cannot get there.
    """
    way = [folder, *folder.parents]
    made = [step for step in way if not step.exists()]
    for step in reversed(made):
        step.mkdir(mode=0o700)
    if not programs.account.is_other:
        return
    for step in way:
        if step in made or CHECKOUT in step.parents:
            _let_through(step, programs.account)
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
