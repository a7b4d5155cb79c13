"""The notary catching up with a log, against bare hashing of the same; and the memory that it takes.

The reference is as short as it can be written: one COPY of times and states, taken apart, leaves and tree hashed with
nothing but hashlib, in memory, and no word kept. Ours reads as the publisher does, checks the form of each event, keeps
tiles and edge on disk, signs, and can be stopped anywhere.
`python -m tests.bench.notary` is the process whose memory is measured; the address and the folder come from the
environment. What it prints is the most memory that it ever had resident, in KiB.
"""

import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
import psycopg

from services.notary.database import CheckpointDatabase
from services.notary.notary import Notary
from services.notary.side_note import SideNotes
from services.notary.signing_keys import SigningKeys
from services.publishing.durable import OneCopy
from services.store.file_keyring import FileKeyring
from services.store.framing import instant
from services.store.postgres.store import open_postgres
from services.store.record_store import RecordStore
from services.store.values import PLAN_LOG
from tests.bench.measuring import Row, alternate, seconds
from tests.bench.replay_memory import EACH, fill, most_resident
from tests.bench.sealed_log import sealed_log
from tests.bench.setting import Bench

CHILDREN = 200
_COPY = "COPY (SELECT time, state FROM ehcp.plan_event ORDER BY position) TO STDOUT (FORMAT binary)"
_HEADER = 19
_FIELDS = struct.Struct("!hiqi")


def notary_rows(bench: Bench) -> Iterator[Row]:
    """Leaves a second, and MiB at the most."""
    events = bench.size(50_000, 5_000)
    with sealed_log(bench, children=CHILDREN, events=events) as (store, url, _), TemporaryDirectory() as folder:
        ours, reference = alternate(
            lambda: events / seconds(partial(_signed, store, url, Path(folder), events)),
            lambda: events / seconds(partial(_hashed, url)),
            bench.rounds,
        )
    yield Row(id="notary-vs-hashing", ours=ours, reference=reference, unit="leaves/s", rounds=bench.rounds)
    yield _memory(bench)


def _signed(store: RecordStore, url: str, folder: Path, events: int) -> None:
    """A tree from the beginning, and its checkpoint."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("TRUNCATE ehcp.tree, ehcp.tree_tile, ehcp.checkpoint, ehcp.checkpoint_key")
    for note in folder.glob("*.note"):
        note.unlink()
    if _notarised(store, url, folder) != events:
        raise RuntimeError("not every event was signed")


def _notarised(store: RecordStore, url: str, folder: Path) -> int:
    database = CheckpointDatabase(url)
    try:
        notary = Notary(
            PLAN_LOG,
            "urn:ehcp-exchange:bench:plan",
            store,
            OneCopy(store),
            database,
            SigningKeys(folder),
            SideNotes(folder),
            lambda: datetime.now(UTC),
        )
        while notary.step():
            pass
    finally:
        database.close()
    stated = SideNotes(folder).read(PLAN_LOG)
    return stated.size if stated else 0


def _hashed(url: str) -> bytes:
    """The root."""
    nodes: list[bytes] = []
    with psycopg.connect(url) as connection, connection.cursor().copy(_COPY) as copy:
        skip = _HEADER
        for data in copy:
            row = bytes(data)[skip:]
            skip = 0
            if len(row) > _FIELDS.size:
                _, _, time, _ = _FIELDS.unpack_from(row)
                nodes.append(_leaf(row[_FIELDS.size :], time))
    while len(nodes) > 1:
        pairs = [sha256(b"\x01" + nodes[at] + nodes[at + 1]).digest() for at in range(0, len(nodes) - 1, 2)]
        nodes = pairs + nodes[-1:] if len(nodes) % 2 else pairs
    return nodes[0]


def _leaf(state: bytes, time: int) -> bytes:
    end = 3 + (state[1] << 8 | state[2])
    header = orjson.loads(state[3:end])
    header["time"] = instant(time).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    clear = orjson.dumps(header, option=orjson.OPT_SORT_KEYS)
    return sha256(b"\x00" + clear + state[end : end + 32] + sha256(state[end + 32 :]).digest()).digest()


def _memory(bench: Bench) -> Row:
    peaks: list[float] = []
    for events in (bench.size(300_000, 50_000), bench.size(10_000, 5_000)):
        with bench.database() as url, TemporaryDirectory() as folder:
            FileKeyring(Path(folder)).current_key("855")
            fill(url, folder, events // EACH)
            place = {**os.environ, "BENCH_URL": url, "BENCH_KEYRING": folder}
            command = [sys.executable, "-m", "tests.bench.notary"]
            found = subprocess.run(command, env=place, stdout=subprocess.PIPE, check=True).stdout
            peaks.append(int(found) / 1024)
    return Row(id="notary-memory", ours=peaks[0], reference=peaks[1], unit="MiB", rounds=1, at_most=1.2)


if __name__ == "__main__":
    place = Path(os.environ["BENCH_KEYRING"])
    with open_postgres(os.environ["BENCH_URL"], keyring=FileKeyring(place)) as record:
        if _notarised(record, os.environ["BENCH_URL"], place) != record.head()[0]:
            raise RuntimeError("not every event was signed")
    print(most_resident())
