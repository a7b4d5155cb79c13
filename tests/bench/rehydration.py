"""Folding a plan of 1,000 events without a snapshot, against the `eventsourcing` library's `repository.get`.

Both read the same history from PostgreSQL: the same types, metadata and data, sealed on either side. The library has
its own cipher and compressor, and an aggregate that keeps of each event less than our fold
does: the last data of each type and the text in force.
"""

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from eventsourcing.application import Application
from eventsourcing.cryptography import AESCipher
from eventsourcing.domain import Aggregate, event
from msgspec import to_builtins
from psycopg.conninfo import conninfo_to_dict

from domain.plan.events import PlanEvent
from services.bootstrap import Platform, open_platform
from services.plans import Known, Plans
from services.requests import ActRequest
from services.settings import Settings
from tests.bench.long_history import act_request, plan_with
from tests.bench.measuring import Row, alternate, seconds
from tests.bench.setting import Bench

LENGTH = 1_000
TEXT = "The provision of section F was not made as the plan says, and the school was told. " * 18
CIPHERS = {
    "rehydrate-vs-library": "eventsourcing.cryptography:AESCipher",
    "rehydrate-vs-library-pycryptodome": "eventsourcing.cipher:AESCipher",
}


def rehydration_rows(bench: Bench) -> Iterator[Row]:
    """Plans a second; once against the quicker cipher, once against the one that the library's documentation names."""
    length, times = bench.size(LENGTH, 200), bench.size(10, 3)
    with bench.database() as url, tempfile.TemporaryDirectory() as folder:
        platform = open_platform(Settings(database_url=url, keyring=f"{folder}/keyring"))
        plan_id = asyncio.run(_record(platform, length))
        history = [entry for entry in platform.store.read_plan(plan_id) if isinstance(entry, PlanEvent)]
        for name, cipher in CIPHERS.items():
            with bench.empty_database() as library_url, _library(library_url, cipher) as library:
                same = _repeated(library, history)
                ours, reference = alternate(
                    lambda: times / seconds(partial(_ours, platform, plan_id, times)),
                    lambda library=library, same=same: times / seconds(partial(_theirs, library, same, times)),
                    bench.rounds,
                )
            yield Row(id=name, ours=ours, reference=reference, unit="plans/s", rounds=bench.rounds, at_least=4)
        platform.close()


async def _record(platform: Platform, length: int) -> UUID:
    """A baseline, then what happens often: complaints, evidence, access, each with some 1.5 KB of text."""
    plan_id = await plan_with(platform, 1, length)
    for number in range(1, length):
        await platform.keeper.perform(plan_id, HAPPENS_OFTEN[number % len(HAPPENS_OFTEN)](number))
    return plan_id


def _complaint(number: int) -> ActRequest:
    said = {"complaintId": f"complaint-{number}", "receivedOn": "2026-11-02", "from": "A parent", "about": TEXT}
    return act_request("receive-complaint", mode="RECORD", **said)


def _evidence(number: int) -> ActRequest:
    said = {"evidenceId": f"evidence-{number}", "attachedOn": "2026-11-02", "documentHash": f"{number:064x}"}
    return act_request("attach-evidence", mode="RECORD", title=TEXT, **said)


def _access(_number: int) -> ActRequest:
    return act_request("note-access", mode="PERFORM", reader="la:855", gateway="CONTROLLER_INTERNAL", reason=TEXT)


HAPPENS_OFTEN = (_complaint, _evidence, _access)


def _ours(platform: Platform, plan_id: UUID, times: int) -> None:
    for _ in range(times):
        Plans(platform.store).as_known(plan_id, Known())


class Record(Aggregate):
    """A plan as an aggregate of the library."""

    @event("Opened")
    def __init__(self, identity: UUID) -> None:  # noqa: ARG002 - the library reads the name
        self.last: dict[str, Any] = {}
        self.document: dict[str, Any] = {}

    @staticmethod
    def create_id(identity: UUID) -> UUID:
        """The plan's own."""
        return identity

    @event("Happened")
    def happened(self, type: str, metadata: dict[str, Any], data: dict[str, Any]) -> None:  # noqa: A002, ARG002
        """Fold one event."""
        self.last[type] = data
        if "plan" in data:
            self.document = data["plan"]


def _library(url: str, cipher: str) -> "Application[UUID]":
    stated = conninfo_to_dict(url)
    return Application(
        env={
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": str(stated["dbname"]),
            "POSTGRES_HOST": str(stated["host"]),
            "POSTGRES_PORT": str(stated["port"]),
            "POSTGRES_USER": str(stated["user"]),
            "POSTGRES_PASSWORD": str(stated["password"]),
            "CIPHER_TOPIC": cipher,
            "CIPHER_KEY": AESCipher.create_key(32),
            "COMPRESSOR_TOPIC": "eventsourcing.compressor:ZlibCompressor",
        }
    )


def _repeated(library: "Application[UUID]", history: Sequence[PlanEvent]) -> UUID:
    """The same history as the library keeps it."""
    record = Record(uuid4())
    for entry in history:
        record.happened(entry.type, to_builtins(entry.metadata), entry.data)
    library.save(record)
    return record.id


def _theirs(library: "Application[UUID]", identity: UUID, times: int) -> None:
    for _ in range(times):
        library.repository.get(identity)
