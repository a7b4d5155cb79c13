"""What sealing costs: 10,000 children in random order, appended and replayed with a cold key cache, against the same
unsealed.

The unsealed side goes the same way and leaves out what sealing is: events have the same header, commitment and folded
content, but no cipher, no keys and no rows of keys. Every part begins with a store that has just been opened: opening
the children's records, appending to them in random order, replaying all.
"""

import os
import random
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import msgspec
import orjson
import zstandard
from eventsourcing.persistence import StoredEvent
from uuid_utils.compat import uuid7

from domain.plan.events import EventMetadata, JsonObject, PlanEvent
from services.store.canonical import canonical, trusted_canonical
from services.store.framing import Envelope, frame, header_of, identity_and_ciphertext, instant
from services.store.keyring import FileKeyring
from services.store.log_table import Row as LogRow
from services.store.parts import SALT_LENGTH, commitment, split
from services.store.postgres.store import open_postgres
from services.store.record_store import RecordStore
from services.store.values import PLAN_LOG, AppendGroup
from tests.bench.measuring import Row, alternate, seconds
from tests.bench.sealed_log import COUNCIL, METADATA, TOGETHER, TYPE, content, in_random_order
from tests.bench.setting import Bench

Place = tuple[UUID, int, JsonObject]
Sealer = Callable[[RecordStore, UUID, int, JsonObject], StoredEvent]
_zip = zstandard.ZstdCompressor(level=1).compress
_unzip = zstandard.ZstdDecompressor().decompress


def encryption_rows(bench: Bench) -> Iterator[Row]:
    """Events a second, appended and replayed."""
    children, events = bench.size(10_000, 500), bench.size(30_000, 1_500)
    dice = random.Random(1)
    places = [(plan, sequence, content(dice)) for plan, sequence in in_random_order(children, events, dice)]
    phases = [places[:children], places[children:]]
    ours, reference = alternate(
        lambda: events / _taken(bench, phases, _sealed, _replayed),
        lambda: events / _taken(bench, phases, _unsealed, _replayed_unsealed),
        bench.rounds,
    )
    yield Row(id="encryption-cost", ours=ours, reference=reference, unit="events/s", rounds=bench.rounds, at_least=0.75)


def _taken(bench: Bench, phases: list[list[Place]], sealer: Sealer, replay: Callable[[RecordStore], int]) -> float:
    """Seconds of work; opening a store is none."""
    with bench.database() as url, tempfile.TemporaryDirectory() as folder:
        keyring = FileKeyring(Path(folder) / "keyring")
        taken = 0.0
        for phase in phases:
            with open_postgres(url, keyring=keyring) as store:
                taken += seconds(lambda store=store, phase=phase: _append_all(store, phase, sealer))
        with open_postgres(url, keyring=keyring) as store:
            return taken + seconds(lambda: replay(store))


def _append_all(store: RecordStore, places: list[Place], sealer: Sealer) -> None:
    """Sealed on this thread while the writer writes what was sealed before."""
    waiting = []
    for start in range(0, len(places), TOGETHER):
        groups = [AppendGroup({PLAN_LOG: [sealer(store, *place)]}) for place in places[start : start + TOGETHER]]
        for future in waiting:
            future.result()
        waiting = store.submit_all(groups)
    for future in waiting:
        future.result()


def _sealed(store: RecordStore, plan: UUID, sequence: int, data: JsonObject) -> StoredEvent:
    return store.seal(plan, sequence, TYPE, METADATA, data, council=COUNCIL if sequence == 1 else None)


def _unsealed(_store: RecordStore, plan: UUID, sequence: int, data: JsonObject) -> StoredEvent:
    """As `services.store.sealing.seal`, without a key."""
    envelope = Envelope(uuid7(), TYPE, "urn:ehcp-exchange:plan", plan, sequence)
    meta = msgspec.to_builtins(METADATA)
    body, parts = canonical(data), split(meta, data)
    salts = {name: os.urandom(SALT_LENGTH) for name in parts}
    written = trusted_canonical({name: salt.hex() for name, salt in salts.items()})
    plain = b'{"data":%b,"metadata":%b,"salts":%b}' % (body, canonical(meta), written)
    return StoredEvent(plan, sequence, TYPE, frame(header_of(envelope), commitment(parts, salts), _zip(plain)))


def _replayed(store: RecordStore) -> int:
    return sum(len(page) for page in store.replay_pages())


def _replayed_unsealed(store: RecordStore) -> int:
    return sum(len([_opened(row) for row in page]) for page in store.sealed_pages())


def _opened(row: LogRow) -> PlanEvent:
    position, stream, sequence, type_, time, state = row
    identity, folded = identity_and_ciphertext(state)
    found = orjson.loads(_unzip(folded))
    return PlanEvent(
        plan=UUID(bytes=stream),
        type=type_,
        sequence=sequence,
        position=position,
        time=instant(time),
        id=identity,
        metadata=EventMetadata(**found["metadata"]),
        data=found["data"],
    )
