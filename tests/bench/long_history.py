"""Reading a plan with 1,000 events against one with 10 and the same final text: cold (from disk) and warm."""

import asyncio
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson

from domain.plan.acts import Actor
from services.bootstrap import Platform, open_platform
from services.plans import Plans
from services.reading import PlanReader
from services.requests import ActRequest
from services.settings import Settings
from tests.bench.measuring import ROUNDS, Row, alternate, seconds
from tests.support.fictional import fictional_plan

OFFICER = Actor(subject="bench", organisation="la:855", role="case-officer")
LONG, SHORT = 1_000, 10
READS = 40


def long_history() -> Iterator[Row]:
    """Microseconds a read: `read-1000-vs-10` with nothing in memory, and with the state in memory."""
    with tempfile.TemporaryDirectory() as folder:
        platform = open_platform(Settings(database_url=f"sqlite:///{folder}/record/record.sqlite"))
        long, short = (asyncio.run(_plan_with(platform, events)) for events in (LONG, SHORT))
        for name, cold in (("read-1000-vs-10", True), ("read-1000-vs-10-warm", False)):
            ours, reference = alternate(
                lambda cold=cold: _micros(platform, long, cold=cold),
                lambda cold=cold: _micros(platform, short, cold=cold),
            )
            yield Row(id=name, ours=ours, reference=reference, unit="us/read", rounds=ROUNDS, at_most=1.3)
        platform.close()


def _micros(platform: Platform, plan_id: UUID, *, cold: bool) -> float:
    def read_all() -> None:
        reader = platform.reader
        for _ in range(READS):
            if cold:
                reader = PlanReader(Plans(platform.store), platform.rules)
            reader.view(plan_id, OFFICER)

    return seconds(read_all) / READS * 1e6


async def _plan_with(platform: Platform, events: int) -> UUID:
    """A plan with a baseline and so many events in all; the others are of a kind that happens often."""
    baseline = _request(
        "import-baseline",
        "baseline",
        plan=fictional_plan(events, needs=12),
        mode="RECORD",
        council="855",
        sourceFile={"sha256": "0" * 64, "line": events},
    )
    plan_id = UUID((await platform.keeper.open_record(baseline)).plan_id)
    for number in range(1, events):
        noted = _request("note-access", f"{number}", mode="PERFORM", reader="la:855", gateway="CONTROLLER_INTERNAL")
        await platform.keeper.perform(plan_id, noted)
    return plan_id


def _request(act: str, key: str, **body: Any) -> ActRequest:
    content = {"effectiveOn": "2026-11-02", **body}
    return ActRequest(
        act=act,
        body=content,
        actor=OFFICER,
        idempotency_key=f"{act}-{key}-{body.get('sourceFile', {}).get('line', '')}-{id(body)}",
        body_sha256=sha256(orjson.dumps(content)).digest(),
    )
