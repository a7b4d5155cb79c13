"""Two processes that act on one plan: each decides on what the log says, never on what it remembers."""

import asyncio
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from domain.errors import Refusal
from domain.plan.acts import Actor
from services.bootstrap import Platform, open_platform
from services.errors import PlanErased, StaleState
from services.requests import ActRequest
from services.settings import Settings
from tests.support.fictional import fictional_plan

OFFICER = Actor(subject="officer", organisation="la:855", role="case-officer")
CONTACT = {
    "contactId": "contact-9",
    "contact": {"order": 9, "kind": "parentOrCarer", "name": "Perran Marshbanks", "mayReceive": "yes"},
}
ACCESS = {"reader": "la:855", "gateway": "CONTROLLER_INTERNAL"}


@pytest.fixture
def platforms(migrated: str, tmp_path: Path) -> Iterator[tuple[Platform, Platform]]:
    """Two processes' worth of services on one database."""
    settings = Settings(database_url=migrated, keyring=str(tmp_path / "keyring"))
    first = open_platform(settings)
    second = open_platform(settings)
    yield first, second
    first.close()
    second.close()


def request(act: str, *, tag: str | None = None, key: str = "", **body: Any) -> ActRequest:
    content = {"mode": "PERFORM", "effectiveOn": "2026-11-02", **body}
    return ActRequest(
        act=act,
        body=content,
        actor=OFFICER,
        idempotency_key=key or str(uuid4()),
        body_sha256=sha256(orjson.dumps(content)).digest(),
        if_match=tag,
    )


def opened(platform: Platform) -> UUID:
    asked = {"mode": "RECORD", "council": "855", "sourceFile": {"sha256": "0" * 64, "line": 1}}
    receipt = asyncio.run(platform.keeper.open_record(request("import-baseline", plan=fictional_plan(1), **asked)))
    return UUID(receipt.plan_id)


def perform(platform: Platform, plan: UUID, asked: ActRequest) -> int:
    """The sequence of the act's event."""
    return asyncio.run(platform.keeper.perform(plan, asked)).event.sequence


def test_acts_by_turns_follow_one_another(platforms: tuple[Platform, Platform]) -> None:
    plan = opened(platforms[0])
    written = [perform(platforms[turn % 2], plan, request("note-access", **ACCESS)) for turn in range(6)]
    assert written == [2, 3, 4, 5, 6, 7]


def test_what_only_an_old_state_refuses_is_done(platforms: tuple[Platform, Platform]) -> None:
    here, there = platforms
    plan = opened(here)
    perform(here, plan, request("note-access", **ACCESS))
    perform(there, plan, request("add-contact", **CONTACT))
    assert perform(here, plan, request("change-contact", **CONTACT)) == 4


def test_what_only_an_old_state_allows_is_refused(platforms: tuple[Platform, Platform]) -> None:
    here, there = platforms
    plan = opened(here)
    perform(here, plan, request("note-access", **ACCESS))
    perform(there, plan, request("add-contact", **CONTACT))
    with pytest.raises(Refusal):
        perform(here, plan, request("add-contact", **CONTACT))


def test_a_tag_that_only_an_old_state_has_is_stale(platforms: tuple[Platform, Platform]) -> None:
    here, there = platforms
    plan = opened(here)
    perform(there, plan, request("note-access", **ACCESS))
    with pytest.raises(StaleState) as stale:
        perform(here, plan, request("note-access", tag="1", **ACCESS))
    assert stale.value.current == "2"
    assert perform(here, plan, request("note-access", tag="2", **ACCESS)) == 3


def test_a_request_is_answered_once_whoever_is_asked_again(platforms: tuple[Platform, Platform]) -> None:
    here, there = platforms
    plan = opened(here)
    perform(there, plan, request("note-access", **ACCESS))
    asked = request("note-access", key="once", **ACCESS)
    assert [perform(platform, plan, asked) for platform in (here, there, here)] == [3, 3, 3]


def test_a_plan_that_another_process_erased_takes_no_act(platforms: tuple[Platform, Platform]) -> None:
    here, there = platforms
    plan = opened(here)
    perform(here, plan, request("note-access", **ACCESS))
    there.store.erase_plan(plan)
    with pytest.raises(PlanErased):
        perform(here, plan, request("note-access", **ACCESS))
