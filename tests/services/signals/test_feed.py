"""What organisations are told by the feed, in order, without a gap, and nothing that isn't theirs."""

import time
from typing import Any
from uuid import UUID

from domain.signals.types import WITHDRAWN
from services.validation import SCHEMA_BASE, Validator
from tests.support.life import CONSULTED, ICB, OTHER_SCHOOL, SCHOOL, Life, text
from tests.support.serving import Caller


def told(caller: Caller, at_least: int = 1, after: int = 0) -> list[dict[str, Any]]:
    """Every signal behind a number, once there are so many."""
    until = time.monotonic() + 20
    while True:
        answer = caller.get("/v1/feed", after=after, limit=500, wait=1)
        assert answer.status_code == 200, answer.json()
        signals: list[dict[str, Any]] = answer.json()["signals"]
        if len(signals) >= at_least:
            return signals
        assert time.monotonic() < until, signals


def types(signals: list[dict[str, Any]]) -> list[str]:
    return [signal["type"] for signal in signals]


def fetched(who: Caller, signal: dict[str, Any]) -> Any:
    """The plan as the signal's `dataref` gives it."""
    answer = who.get(signal["dataref"].removeprefix(who.http.app.state.platform.settings.base_url))  # type: ignore[attr-defined]
    assert answer.status_code == 200, (signal, answer.json())
    return answer.json()


def test_each_party_is_told_what_concerns_it(life: Life) -> None:
    life.finalised()
    school, icb = life.serving.as_("school", SCHOOL), life.serving.as_("health", ICB)
    assert types(told(life.officer, 10)) == [
        "ehcp-access-granted-1",
        *["ehcp-assessment-advice-requested-1"] * 5,
        "ehcp-draft-issued-1",
        "ehcp-consultation-opened-1",
        "ehcp-health-provision-changed-1",
        "ehcp-plan-finalised-1",
    ]
    assert types(told(school, 2)) == ["ehcp-consultation-opened-1", "ehcp-plan-finalised-1"]
    assert types(told(icb, 1)) == ["ehcp-plan-finalised-1"]


def test_a_signal_has_the_shape_of_the_notification_service_and_its_address_gives_that_text(life: Life) -> None:
    life.finalised()
    icb = life.serving.as_("health", ICB)
    (signal,) = told(icb)
    for each in told(life.officer, 10):
        assert Validator.for_schema(f"{SCHEMA_BASE}signals/{each['type']}.schema.json").problems(each) == []
    assert signal.keys() == {
        "specversion", "id", "source", "type", "subject", "time", "versionid", "recipientsequence", "dataref"
    }  # fmt: skip
    assert (signal["subject"], signal["recipientsequence"]) == (life.plan_id, 1)
    view = fetched(icb, signal)
    assert (view["version"]["kind"], view["version"]["number"]) == ("final", 1)
    assert signal["dataref"].endswith(f"version=1&knownAt={signal['versionid']}")


def test_numbers_have_no_gap_and_versions_never_fall(life: Life) -> None:
    life.finalised()
    signals = told(life.officer, 10)
    assert [signal["recipientsequence"] for signal in signals] == list(range(1, len(signals) + 1))
    versions = [int(signal["versionid"]) for signal in signals]
    assert versions == sorted(versions)


def test_after_a_sealing_the_feed_tells_a_former_school_nothing_but_that_it_is_over(life: Life) -> None:
    life.finalised()
    school, health = life.serving.as_("school", SCHOOL), life.serving.as_("health", ICB)
    before = told(school, 2)
    person = {"name": "Kit Umberland", "dateOfBirth": "2015-03-04", "sex": "notKnown"}
    plan = text("NEW-REFERENCE") | {"personalDetails": person}
    plan["sections"] |= {"A": {"history": "Kit lives with two parents."}, "I": {"placementBasis": "TYPE_ONLY"}}
    plan["sections"]["I"]["placements"] = {"placement-2": {"order": 1, "rank": 1, "type": "Secondary school"}}
    body = {"reason": "ADOPTION", "sealedOn": "2026-08-15", "person": person, "plan": plan}
    life.do("seal-identity", "2026-08-15", who=life.serving.as_("identity-guardian", "la:855"), **body)
    after = told(school, 3)
    assert types(after) == [WITHDRAWN] * 3
    assert [signal["id"] for signal in after[:2]] == [signal["id"] for signal in before]
    assert not any("dataref" in signal for signal in after)
    assert {"Kit", "Umberland"}.isdisjoint(str(told(health)).replace('"', " ").split())


def test_a_school_that_was_not_named_is_told_that_it_is_over_and_never_of_the_final_plan(life: Life) -> None:
    life.served()
    asked = {"organisation": OTHER_SCHOOL, "settingName": "Oak Field School", "consultedOn": CONSULTED}
    life.do("consult-setting", CONSULTED, consultationId="consultation-9", **asked)
    other = life.serving.as_("school", OTHER_SCHOOL)
    (first,) = told(other)
    assert fetched(other, first)["version"]["kind"] == "draft"
    life.do(
        "withdraw-consultation", "2026-06-16", consultationId="consultation-9", withdrawnOn="2026-06-16", reason="No"
    )
    assert types(told(other, 2)) == [WITHDRAWN] * 2
    assert other.get(life.path).status_code == 404


def test_of_an_erased_plan_nothing_is_told_but_that_it_is_over(life: Life) -> None:
    life.finalised()
    school = life.serving.as_("school", SCHOOL)
    told(school, 2)
    life.serving.platform.store.erase_plan(UUID(life.plan_id))
    assert types(told(school, 3)) == [WITHDRAWN] * 3
    assert set(types(told(life.officer, 11))) == {WITHDRAWN}


def test_a_cursor_ahead_of_the_last_signal_is_said_to_be_so(life: Life) -> None:
    life.finalised()
    (only,) = told(icb := life.serving.as_("health", ICB))
    assert icb.get("/v1/feed", after=only["recipientsequence"]).status_code == 200
    answer = icb.get("/v1/feed", after=99_999, wait=1)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["text"] == "Your last signal has the number 1: nothing comes after 99999."
