"""A process that stops in the middle of an append (SIGSTOP, a frozen machine) holds up nobody else."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

from services.store.file_keyring import FileKeyring
from services.store.postgres.store import open_postgres
from services.store.values import PLAN_LOG, AppendGroup
from tests.services.store.conftest import Clock, Record

ROOT = Path(__file__).parents[4]

APPENDS = """
import sys
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4
from eventsourcing.persistence import StoredEvent
from services.store.postgres.batches import PostgresBatches
from services.store.postgres.database import conninfo_of
from services.store.values import PLAN_LOG, AppendGroup
from services.store.writer import Writer

writer = Writer(PostgresBatches(conninfo_of(sys.argv[1]), None))

def append(_):
    plan, state = uuid4(), bytes(20_000)
    for step in range(1, 1_000_000):
        writer.submit(AppendGroup({PLAN_LOG: [StoredEvent(plan, step, "ehcp.plan.amended.v1", state)]})).result()
        print(step, flush=True)

with ThreadPoolExecutor(8) as pool:
    list(pool.map(append, range(8)))
"""

STOPS = 25
STUCK = 60.0
"""After so many seconds an append counts as held up for ever."""


def test_a_stopped_client_holds_up_nobody(migrated: str, tmp_path: Path, clock: Clock) -> None:
    dice = random.Random(7)
    with open_postgres(migrated, keyring=FileKeyring(tmp_path / "keyring"), clock=clock) as store:
        record, plan = Record(store, tmp_path, clock), uuid4()
        command = [sys.executable, "-c", APPENDS, migrated]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as other:
            assert other.stdout is not None
            for stop in range(STOPS):
                other.stdout.readline()
                time.sleep(dice.uniform(0, 0.02))
                os.kill(other.pid, signal.SIGSTOP)
                for n in range(4):
                    event = record.seal(plan, stop * 4 + n + 1)
                    store.submit(AppendGroup({PLAN_LOG: [event]})).result(timeout=STUCK)
                os.kill(other.pid, signal.SIGCONT)
            assert other.poll() is None, "the other process must have been at work all the time"
            other.kill()
        positions = [row[0] for row in store.rows(limit=1_000_000)]
        assert positions == list(range(1, len(positions) + 1))
        assert len(positions) > STOPS * 4
