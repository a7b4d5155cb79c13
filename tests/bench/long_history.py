"""Reading a plan with 1,000 events against one with 10 and the same final text, on both databases.

Cold (nothing in memory: a snapshot and its tail) and, on SQLite, also warm.
"""

import asyncio
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import orjson

from domain.plan.acts import Actor
from services.bootstrap import Platform, open_platform, utc_now
from services.entity_tags import EntityTags
from services.plans import Plans
from services.reading import PlanReader
from services.requests import ActRequest
from services.settings import Settings
from tests.bench.measuring import Row, alternate, seconds
from tests.bench.setting import Bench
from tests.support.fictional import fictional_plan

OFFICER = Actor(subject="bench", organisation="la:855", role="case-officer")
LONG, SHORT = 1_000, 10
READS = 40


def read_rows(bench: Bench) -> Iterator[Row]:
    """Microseconds a read."""
    with tempfile.TemporaryDirectory() as folder:
        with bench.database() as url:
            settings = Settings(database_url=url, keyring=f"{folder}/keyring")
            yield from _rows(bench, settings, {"read-1000-vs-10": True})
        embedded = Settings(database_url=f"sqlite:///{folder}/record/record.sqlite")
        yield from _rows(bench, embedded, {"read-1000-vs-10-sqlite": True, "read-1000-vs-10-sqlite-warm": False})


def _rows(bench: Bench, settings: Settings, wanted: dict[str, bool]) -> Iterator[Row]:
    platform = open_platform(settings)
    long, short = (asyncio.run(plan_with(platform, events, events)) for events in (LONG, SHORT))
    for name, cold in wanted.items():
        ours, reference = alternate(
            lambda cold=cold: _micros(platform, long, cold=cold),
            lambda cold=cold: _micros(platform, short, cold=cold),
            bench.rounds,
        )
        yield Row(id=name, ours=ours, reference=reference, unit="us/read", rounds=bench.rounds, at_most=1.3)
    platform.close()


def _micros(platform: Platform, plan_id: UUID, *, cold: bool) -> float:
    def read_all() -> None:
        reader = platform.reader
        for _ in range(READS):
            if cold:
                tags = EntityTags(platform.store.index, platform.access, utc_now)
                reader = PlanReader(Plans(platform.store), platform.rules, platform.access, tags, utc_now)
            reader.view(plan_id, OFFICER)

    return seconds(read_all) / READS * 1e6


async def plan_with(platform: Platform, events: int, number: int) -> UUID:
    """A plan with a baseline and so many events in all; the others are of a kind that happens often."""
    baseline = act_request(
        "import-baseline",
        plan=fictional_plan(number, needs=12),
        mode="RECORD",
        council="855",
        sourceFile={"sha256": "0" * 64, "line": number},
    )
    plan_id = UUID((await platform.keeper.open_record(baseline)).plan_id)
    for _ in range(1, events):
        noted = act_request("note-access", mode="PERFORM", reader="la:855", gateway="CONTROLLER_INTERNAL")
        await platform.keeper.perform(plan_id, noted)
    return plan_id


def act_request(act: str, **body: Any) -> ActRequest:
    """An officer's request, made for the first time."""
    content = {"effectiveOn": "2026-11-02", **body}
    return ActRequest(
        act=act,
        body=content,
        actor=OFFICER,
        idempotency_key=str(uuid4()),
        body_sha256=sha256(orjson.dumps(content)).digest(),
    )
