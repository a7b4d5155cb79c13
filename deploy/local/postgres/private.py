"""Clusters that live as long as those who use them, even when these are killed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.held import ALONE, SHARED, base_folder, held
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
    with held(base or _base(), name, ALONE, _destroy) as folder:
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
    with held(base or _base(), f"shared-{name}", SHARED, _destroy) as folder:
        cluster = Cluster(folder)
        cluster.start()
        yield cluster.url()


def _destroy(folder: Path) -> None:
    Cluster(folder).destroy()


def _base() -> Path:
    try:
        return base_folder("postgres")
    except PermissionError as error:
        raise PostgresError(str(error)) from None
