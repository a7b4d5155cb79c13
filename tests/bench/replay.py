"""Replaying the whole log, opened and decoded, against COPY of the same table with everything that opening takes.

The reference is as short as it can be written: one COPY of the events joined with their wrapped keys, unwrap, open,
unzip, orjson. It makes no event out of what it finds. Ours is `RecordStore.replay_pages`.
"""

import struct
from collections.abc import Iterator
from functools import partial
from uuid import UUID

import orjson
import psycopg
import zstandard
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.store.child_keys import child_context
from services.store.file_keyring import FileKeyring
from services.store.record_store import RecordStore
from tests.bench.measuring import Row, alternate, seconds
from tests.bench.sealed_log import sealed_log
from tests.bench.setting import Bench

CHILDREN = 200
_COPY = (
    "COPY (SELECT e.stream, e.sequence, e.type, e.state, k.event_id, k.plan, k.wrapped"
    " FROM ehcp.plan_event e JOIN ehcp_keys.event_key k USING (stream, sequence) ORDER BY e.position)"
    " TO STDOUT (FORMAT binary)"
)
_HEADER, _FIELDS, _END = 19, 7, 2
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
        children = _children(connection, keyring)
        with connection.cursor().copy(_COPY) as copy:
            while data := copy.read():
                row = bytes(data)[skipped:]
                skipped = 0
                if len(row) > _END:
                    stream, sequence, type_, state, event, plan, wrapped = _fields(row)
                    context = b"ehcp event key 1\x00" + stream + sequence + event
                    key = children[plan].decrypt(wrapped[:12], wrapped[12:], context)
                    sealed = state[3 + (state[1] << 8 | state[2]) + 32 :]
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


def _children(
    connection: "psycopg.Connection[tuple[bytes, str, str, bytes]]", keyring: FileKeyring
) -> dict[bytes, AESGCM]:
    rows = connection.execute("SELECT plan, council, key_id, wrapped FROM ehcp_keys.child_key", binary=True)
    return {
        plan: AESGCM(keyring.unwrap(key_id, wrapped, child_context(UUID(bytes=plan), council)))
        for plan, council, key_id, wrapped in rows
    }
