"""Clusters that live as long as those who use them, even when these are killed.

Each cluster's folder has a lock file beside it. Whoever uses the cluster holds the lock, and the system lets go of it
when the process ends in whatever way: so a folder whose lock is free is a leftover, and the next to come removes it.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.postgres.cluster import Cluster
from deploy.local.postgres.errors import PostgresError
from deploy.local.postgres.profiles import Profile
from deploy.local.postgres.programs import find_programs

#: A PostgreSQL that is there already: with it set, tests start none. Its user must be able to create databases.
EXISTING_SERVER = "EHCP_TEST_DATABASE_URL"


@contextmanager
def private_cluster(
    *, profile: Profile = "test", fsync_delay_ms: float = 0, base: Path | None = None
) -> Iterator[Cluster]:
    """A running cluster for the caller alone; it is destroyed at the end."""
    find_programs()
    name = f"private-{os.getpid()}-{os.urandom(4).hex()}"
    with _held(base or _base(), name, fcntl.LOCK_EX) as folder:
        cluster = Cluster(folder, profile=profile, fsync_delay_ms=fsync_delay_ms)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.destroy()


@contextmanager
def shared_server(name: str, *, base: Path | None = None) -> Iterator[str]:
    """The address of a server that every process which gives the same name shares; the last to leave destroys it.

    It is the existing server of EHCP_TEST_DATABASE_URL when that is set: then nothing is started.
    """
    if EXISTING_SERVER in os.environ:
        yield os.environ[EXISTING_SERVER]
        return
    find_programs()
    with _held(base or _base(), f"shared-{name}", fcntl.LOCK_SH) as folder:
        cluster = Cluster(folder)
        cluster.start()
        yield cluster.url()


@contextmanager
def _held(base: Path, name: str, kind: int) -> Iterator[Path]:
    """Hold the lock of the cluster `name`: leftovers go before, and the cluster itself when its last holder leaves."""
    lock = base / f"{name}.lock"
    with _alone(base):
        _remove_leftovers(base)
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(handle, kind)
    try:
        yield base / name
    finally:
        with _alone(base):
            os.close(handle)
            _remove_leftovers(base)


def _remove_leftovers(base: Path) -> None:
    """Destroy every cluster that nobody holds."""
    for lock in base.glob("*.lock"):
        with lock.open("r+") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            Cluster(lock.with_suffix("")).destroy()
            lock.unlink()


def _base() -> Path:
    """Our folder in /var/tmp, which is on a disk where /tmp may be memory: an fsync shall be one."""
    place = Path("/var/tmp")  # noqa: S108 - what is made in it is private and known to be ours
    if not place.is_dir():
        place = Path(tempfile.gettempdir())
    base = place / f"ehcp-exchange-postgres-{os.geteuid()}"
    base.mkdir(mode=0o711, exist_ok=True)
    if base.is_symlink() or base.stat().st_uid != os.geteuid():
        raise PostgresError(f"{base} belongs to somebody else.")
    return base


@contextmanager
def _alone(base: Path) -> Iterator[None]:
    handle = os.open(base, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
