"""A clerical correction given as a merge patch: the text that comes of it is a digital plan, and stored whole."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain.plan.evolve import effects_of
from services.bootstrap import Platform, open_platform
from services.errors import InvalidContent
from services.requests import ActRequest
from services.settings import Settings
from tests.domain.plan.journey import FILE
from tests.domain.plan.keeping.history import OFFICER, document

ON = "2026-07-13"


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    opened = open_platform(Settings(database_url=f"sqlite:///{tmp_path}/ehcp.sqlite"))
    yield opened
    opened.close()


def _request(act: str, **body: Any) -> ActRequest:
    sent = {"mode": "RECORD", "effectiveOn": ON, **body}
    return ActRequest(act=act, body=sent, actor=OFFICER, idempotency_key=act, body_sha256=b"1")


def _imported(platform: Platform) -> UUID:
    baseline = {"council": "855", "sourceFile": FILE, "planMadeOn": ON, "finalSentOn": ON, "plan": document()}
    return UUID(str(asyncio.run(platform.keeper.open_record(_request("import-baseline", **baseline))).plan_id))


def _correct(platform: Platform, plan: UUID, patch: dict[str, Any]) -> None:
    body = {"correctedOn": ON, "what": "A slip of the pen", "patch": patch}
    asyncio.run(platform.keeper.perform(plan, _request("correct-clerical-error", **body)))


def test_the_corrected_text_is_stored_whole_under_the_same_version(platform: Platform) -> None:
    plan = _imported(platform)
    _correct(platform, plan, {"sections": {"A": {"history": "Robin lives by the sea."}}})
    event = platform.plans.history(plan)[-1]
    version = effects_of(event).version  # type: ignore[arg-type]
    assert version is not None
    assert version.number == 1
    assert platform.plans.current(plan).document["sections"]["A"] == {"history": "Robin lives by the sea."}


@pytest.mark.parametrize(
    ("patch", "pointer"),
    [
        ({"sections": {"A": {"histori": "By the sea"}}}, "/patch/sections/A"),
        ({"sections": {"C": {"needs": 5}}}, "/patch/sections/C/needs"),
        ({"personalDetails": {"name": None}}, "/patch/personalDetails"),
        (
            {"personalDetails": {"identifiers": {"nhsNumber": "9990000051"}}},
            "/patch/personalDetails/identifiers/nhsNumber",
        ),
    ],
)
def test_a_change_that_makes_no_digital_plan_is_refused_with_its_place(
    platform: Platform, patch: dict[str, Any], pointer: str
) -> None:
    plan = _imported(platform)
    with pytest.raises(InvalidContent) as refused:
        _correct(platform, plan, patch)
    assert all(fault.pointer.startswith(pointer) for fault in refused.value.faults)
    assert platform.plans.current(plan).sequence == 1


def test_a_section_cannot_be_taken_out(platform: Platform) -> None:
    plan = _imported(platform)
    with pytest.raises(InvalidContent) as refused:
        _correct(platform, plan, {"sections": {"K": None}})
    assert {fault.pointer for fault in refused.value.faults} == {"/patch/sections/K"}
