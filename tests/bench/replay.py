"""Replaying the whole log, opened and decoded, against COPY of the same table with everything that opening takes.

The reference is as short as it can be written: one COPY of the events, keys derived, open, unzip, orjson. It makes
no event out of what it finds. Ours is `RecordStore.replay_pages`.
"""

import struct
from collections.abc import Iterator
from functools import partial
from hashlib import blake2b
from uuid import UUID

import orjson
import psycopg
import zstandard
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.store.child_keys import KEY_LENGTH, child_context
from services.store.file_keyring import FileKeyring
from services.store.framing import event_id
from services.store.record_store import RecordStore
from tests.bench.measuring import Row, alternate, seconds
from tests.bench.sealed_log import sealed_log
from tests.bench.setting import Bench

CHILDREN = 200
_COPY = "COPY (SELECT stream, sequence, type, state FROM ehcp.plan_event ORDER BY position) TO STDOUT (FORMAT binary)"
_HEADER, _FIELDS, _END = 19, 4, 2
_LENGTH = struct.Struct("!i").unpack_from


def replay_rows(bench: Bench) -> Iterator[Row]:
    """Events a second."""
    events = bench.size(50_000, 5_000)
    with sealed_log(bench, children=CHILDREN, events=events) as (store, url, keyring):
        ours, reference = alternate(
            lambda: events / seconds(partial(_replayed, store)),
            lambda: events / seconds(partial(_copied, url, keyring)),
            bench.rounds,
        )
    yield Row(id="replay-vs-copy", ours=ours, reference=reference, unit="events/s", rounds=bench.rounds, at_least=0.6)


def _replayed(store: RecordStore) -> int:
    return sum(len(page) for page in store.replay_pages())


def _copied(url: str, keyring: FileKeyring) -> int:
    events, skipped = 0, _HEADER
    unzip = zstandard.ZstdDecompressor().decompress
    with psycopg.connect(url, autocommit=True) as connection:
        roots = _roots(connection, keyring)
        with connection.cursor().copy(_COPY) as copy:
            while data := copy.read():
                row = bytes(data)[skipped:]
                skipped = 0
                if len(row) > _END:
                    stream, sequence, type_, state = _fields(row)
                    header_end = 3 + (state[1] << 8 | state[2])
                    place = stream + sequence + event_id(state[3:header_end]).bytes
                    key = blake2b(place, digest_size=32, key=roots[stream], person=b"ehcp data key 1").digest()
                    sealed = state[header_end + 32 :]
                    orjson.loads(unzip(AESGCM(key).decrypt(sealed[:12], sealed[12:], stream + sequence + type_)))
                    events += 1
    return events


def _fields(row: bytes) -> list[bytes]:
    fields, at = [], 2
    for _ in range(_FIELDS):
        (length,) = _LENGTH(row, at)
        at += 4
        fields.append(row[at : at + length])
        at += length
    return fields


def _roots(connection: "psycopg.Connection[tuple[bytes, str, str, bytes]]", keyring: FileKeyring) -> dict[bytes, bytes]:
    rows = connection.execute("SELECT plan, council, key_id, wrapped FROM ehcp_keys.child_key", binary=True)
    return {
        plan: keyring.unwrap(key_id, wrapped, child_context(UUID(bytes=plan), council))[KEY_LENGTH:]
        for plan, council, key_id, wrapped in rows
    }
