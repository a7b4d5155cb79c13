"""Memory of a fresh process that replays 1,000,000 events, against one that replays 10,000 of the same log.

The log is made by sealing as the platform does, on both cores, and COPY: 100,000 children with ten small events each.
`python -m tests.bench.replay_memory EVENTS` is the process that is measured; the store's address and keyring come from
the environment. What it prints is the most memory that it ever had resident, in KiB.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from uuid import UUID, uuid4

import psycopg
from uuid_utils.compat import uuid7

from services.store.child_keys import SECRET_LENGTH, ChildKey, child_context
from services.store.file_keyring import FileKeyring
from services.store.framing import Envelope
from services.store.postgres.store import open_postgres
from services.store.sealing import seal
from tests.bench.measuring import Row
from tests.bench.sealed_log import COUNCIL, METADATA, TYPE
from tests.bench.setting import Bench

EACH = 10
_CHILDREN = "COPY ehcp_keys.child_key (plan, council, key_id, wrapped, root) FROM STDIN (FORMAT binary)"
START = 1_790_000_000_000_000
DATA = {"text": "What was agreed at the meeting of this term.", "effects": {}}


def replay_memory_rows(bench: Bench) -> Iterator[Row]:
    """MiB at the most."""
    many, few = bench.size(1_000_000, 50_000), bench.size(10_000, 5_000)
    with bench.database() as url, TemporaryDirectory() as folder:
        FileKeyring(Path(folder)).current_key(COUNCIL)
        fill(url, folder, many // EACH)
        # Two at a time: what a process takes doesn't depend on what runs beside it.
        with ThreadPoolExecutor(2) as together:
            sizes = [size for _ in range(bench.rounds) for size in (many, few)]
            peaks = list(together.map(partial(_peak, url, folder), sizes))
    yield Row(
        id="replay-memory",
        ours=median(peaks[::2]) / 1024,
        reference=median(peaks[1::2]) / 1024,
        unit="MiB",
        rounds=bench.rounds,
        at_most=1.2,
    )


def _peak(url: str, keyring: str, events: int) -> int:
    command = [sys.executable, "-m", "tests.bench.replay_memory", str(events)]
    place = {**os.environ, "BENCH_URL": url, "BENCH_KEYRING": keyring}
    return int(subprocess.run(command, env=place, stdout=subprocess.PIPE, check=True).stdout)


def fill(url: str, keyring: str, children: int) -> None:
    """Half the children by either core."""
    halves = [(url, keyring, 0, children // 2), (url, keyring, children // 2, children)]
    with get_context("spawn").Pool(2) as pool:
        pool.starmap(_fill_part, halves)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _fill_part(url: str, keyring_folder: str, first: int, last: int) -> None:
    keyring = FileKeyring(Path(keyring_folder))
    with (
        psycopg.connect(url) as events,
        psycopg.connect(url) as children,
        events.cursor().copy("COPY ehcp.plan_event FROM STDIN (FORMAT binary)") as log,
        children.cursor().copy(_CHILDREN) as child_rows,
    ):
        log.set_types(["int8", "bytea", "int8", "text", "int8", "bytea"])
        child_rows.set_types(["bytea", "text", "text", "bytea", "int8"])
        for number in range(first, last):
            plan, secret, key_id = uuid4(), os.urandom(SECRET_LENGTH), keyring.current_key(COUNCIL)
            child = ChildKey(plan, secret, number=1)
            wrapped = keyring.wrap(key_id, secret, child_context(plan, COUNCIL))
            child_rows.write_row((plan.bytes, COUNCIL, key_id, wrapped, child.root))
            for sequence in range(1, EACH + 1):
                identity = uuid7()
                state = _sealed(plan, sequence, identity, child.data_key(plan.bytes, sequence, identity.bytes))
                position = number * EACH + sequence
                log.write_row((position, plan.bytes, sequence, TYPE, START + position, state))


def _sealed(plan: UUID, sequence: int, identity: UUID, data_key: bytes) -> bytes:
    return seal(Envelope(identity, TYPE, "urn:ehcp-exchange:plan", plan, sequence), METADATA, DATA, data_key)


def _replay(upto: int) -> int:
    """How many events there were."""
    keyring = FileKeyring(Path(os.environ["BENCH_KEYRING"]))
    with open_postgres(os.environ["BENCH_URL"], keyring=keyring) as store:
        return sum(1 for _ in store.replay(upto=upto))


def most_resident() -> int:
    """KiB. Not getrusage's figure, which remembers what the process was before it became this program."""
    stated = re.search(r"^VmHWM:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    if stated is None:
        raise RuntimeError("this system doesn't tell how much memory a process took")
    return int(stated.group(1))


if __name__ == "__main__":
    wanted = int(sys.argv[1])
    if _replay(wanted) != wanted:
        raise RuntimeError("not every event was replayed")
    print(most_resident())
