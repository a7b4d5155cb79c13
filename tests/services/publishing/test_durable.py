"""Nothing is published that only the primary has: a copy that counts has to have it on disk first."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.postgres import Cluster
from deploy.local.postgres.programs import find_programs
from services.publishing.durable import Replicas
from services.store.file_keyring import FileKeyring
from services.store.postgres.database import PostgresDatabase
from services.store.postgres.migrating import migrate
from services.store.postgres.store import open_postgres
from tests.services.publishing.test_running import until
from tests.support.recording import Recording


@contextmanager
def copy_of(cluster: Cluster, folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A standby named "copy" that writes the primary's log to its own disk."""
    folder.mkdir(exist_ok=True)
    address = f"{cluster.url()}?application_name=copy"
    command = [str(find_programs() / "pg_receivewal"), "--synchronous", "-D", str(folder), "-d", address]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as receiver:
        try:
            yield receiver
        finally:
            receiver.kill()


def test_an_event_counts_once_every_copy_has_it(postgres_cluster: Cluster, tmp_path: Path) -> None:
    address = postgres_cluster.url()
    migrate(address)
    database = PostgresDatabase(address)
    durable = Replicas(database, ["copy"])
    with open_postgres(address, keyring=FileKeyring(tmp_path / "keyring")) as store:
        record = Recording(store)
        record.open()
        assert durable.position() == 0
        with copy_of(postgres_cluster, tmp_path / "wal") as receiver:
            until(lambda: durable.position() == 1)
            os.kill(receiver.pid, signal.SIGSTOP)
            record.open()
            for _ in range(5):
                assert durable.position() == 1
                time.sleep(0.05)
            os.kill(receiver.pid, signal.SIGCONT)
            until(lambda: durable.position() == 2)
    database.close()
