"""What sealing costs: 10,000 children in random order, appended and replayed, against the same unsealed.

The unsealed side goes through the same code and leaves out what sealing is: a cipher that does nothing, no keys and no
rows of keys. Every part begins with a store that has just been opened, so
without a key in memory: opening the children's records, appending to them in random order, replaying all.
"""

import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from uuid_utils.compat import uuid7

from domain.plan.events import JsonObject, PlanEvent
from services.bootstrap import spare_the_collector
from services.store import sealing
from services.store.file_keyring import FileKeyring
from services.store.framing import Envelope, identity_and_ciphertext, instant
from services.store.log_table import Row as LogRow
from services.store.postgres.store import open_postgres
from services.store.record_store import RecordStore
from services.store.upcasting import Upcasting
from services.store.values import PLAN_LOG, AppendGroup, EventToStore, Outcome, SealedEvent
from tests.bench.measuring import Row, alternate, seconds
from tests.bench.sealed_log import COUNCIL, METADATA, TOGETHER, TYPE, content, in_random_order, require_written
from tests.bench.setting import Bench

NO_UPCASTS = Upcasting({})
"""As the store has it where no type has an older version: neither side leaves it out."""

Place = tuple[UUID, int, JsonObject]
Sealer = Callable[[RecordStore, Sequence[Place]], Sequence[EventToStore]]


class NoCipher:
    """Stands in for AES-GCM where nothing is to be sealed."""

    def __init__(self, key: bytes) -> None:
        """Any key will do."""

    def encrypt(self, nonce: bytes, data: bytes, associated: bytes) -> bytes:  # noqa: ARG002 - as AESGCM has it
        return data

    def decrypt(self, nonce: bytes, data: bytes, associated: bytes) -> bytes:  # noqa: ARG002 - as AESGCM has it
        return data


def encryption_rows(bench: Bench) -> Iterator[Row]:
    """Events a second, appended and replayed: with three events a child, and with ten.

    A third of the first are children's openings, whose keys are made and wrapped; of the second a tenth.
    """
    children = bench.size(10_000, 500)
    for name, each in (("encryption-cost", 3), ("encryption-cost-10", 10)):
        yield _row(bench, name, children, children * each)


def _row(bench: Bench, name: str, children: int, events: int) -> Row:
    dice = random.Random(1)
    places = [(plan, sequence, content(dice)) for plan, sequence in in_random_order(children, events, dice)]
    spare_the_collector()  # what is to be written is neither side's: else whoever makes more objects has it walked
    phases = [places[:children], places[children:]]
    ours, reference = alternate(
        lambda: events / _taken(bench, phases, _sealed, _replayed),
        lambda: events / _taken(bench, phases, _unsealed, _replayed_unsealed),
        bench.rounds,
    )
    return Row(id=name, ours=ours, reference=reference, unit="events/s", rounds=bench.rounds, at_least=0.75)


def _taken(bench: Bench, phases: list[list[Place]], sealer: Sealer, replay: Callable[[RecordStore], int]) -> float:
    """Seconds of work; opening a store is none."""
    with bench.database() as url, tempfile.TemporaryDirectory() as folder:
        keyring = FileKeyring(Path(folder) / "keyring")
        taken = 0.0
        for phase in phases:
            with _opened_store(url, keyring) as store:
                taken += seconds(lambda store=store, phase=phase: _append_all(store, phase, sealer))
        with _opened_store(url, keyring) as store:
            return taken + seconds(lambda: replay(store))


@contextmanager
def _opened_store(url: str, keyring: FileKeyring) -> Iterator[RecordStore]:
    """A store without a key in memory, its connections made: one for the log, one for the keys."""
    with open_postgres(url, keyring=keyring) as store:
        with store.keys.database.reader(), store.keys.database.reader():
            pass
        yield store


def _append_all(store: RecordStore, places: list[Place], sealer: Sealer) -> None:
    """Sealed on this thread while the writer writes what was sealed before."""
    waiting: Future[list[Outcome]] | None = None
    for start in range(0, len(places), TOGETHER):
        events = sealer(store, places[start : start + TOGETHER])
        groups = [AppendGroup({PLAN_LOG: [event]}) for event in events]
        require_written(waiting)
        waiting = store.submit_all(groups)
    require_written(waiting)


def _sealed(store: RecordStore, places: Sequence[Place]) -> list[SealedEvent]:
    """The children's keys come in one query for all of them."""
    store.keys.children_of({plan.bytes for plan, sequence, _ in places if sequence > 1})
    return [
        store.seal(plan, sequence, TYPE, METADATA, data, council=COUNCIL if sequence == 1 else None)
        for plan, sequence, data in places
    ]


def _unsealed(_store: RecordStore, places: Sequence[Place]) -> list[StoredEvent]:
    with patch.object(sealing, "AESGCM", NoCipher):
        return [_unsealed_event(*place) for place in places]


def _unsealed_event(plan: UUID, sequence: int, data: JsonObject) -> StoredEvent:
    envelope = Envelope(uuid7(), TYPE, "urn:ehcp-exchange:plan", plan, sequence)
    return StoredEvent(plan, sequence, TYPE, sealing.seal(envelope, METADATA, data, b""))


def _replayed(store: RecordStore) -> int:
    return sum(1 for _ in store.replay())


def _replayed_unsealed(store: RecordStore) -> int:
    with patch.object(sealing, "AESGCM", NoCipher):
        return sum(1 for page in store.sealed_pages() for _ in map(_opened, page))


def _opened(row: LogRow) -> PlanEvent:
    position, stream, sequence, type_, time, state = row
    identity, ciphertext = identity_and_ciphertext(state)
    metadata, opened = sealing.open_bound(ciphertext, sealing.associated_data(stream, sequence, type_), b"")
    newest, opened = NO_UPCASTS(type_, opened)
    return PlanEvent(
        plan=UUID(bytes=stream),
        type=newest,
        sequence=sequence,
        position=position,
        time=instant(time),
        id=identity,
        metadata=metadata,
        data=opened,
    )
