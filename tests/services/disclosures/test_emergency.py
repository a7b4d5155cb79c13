"""Emergency reads: at once for a safeguarding lead, with an alarm and a review, and not a word to the family."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from prometheus_client import REGISTRY

from tests.services.disclosures.conftest import Log, of
from tests.support.life import SCHOOL, Life
from tests.support.serving import Caller

REASON = {"reason": "The child said today that home is not safe tonight"}


@pytest.fixture
def life(life: Life) -> Life:
    return life.finalised()


def lead(life: Life, organisation: str = "ods:RAA") -> Caller:
    return life.serving.as_("safeguarding-lead", organisation)


def emergency(life: Life, who: Caller, key: str = "", body: Any = None) -> httpx.Response:
    headers = {"Idempotency_Key": key or str(uuid4())}
    return who.post(f"{life.path}/emergency-reads", REASON if body is None else body, **headers)


def reviews_due(life: Life) -> list[dict[str, Any]]:
    answer = life.manager.get("/v1/disclosure-reviews", council="855")
    assert answer.status_code == 200, answer.json()
    found: list[dict[str, Any]] = answer.json()["reviews"]
    return [task for task in found if task["planId"] == life.plan_id]


def test_a_safeguarding_lead_reads_the_plan_at_once_and_only_so(life: Life) -> None:
    assert lead(life).get(life.path).status_code == 404
    answer = emergency(life, lead(life))
    assert answer.status_code == 200
    assert answer.json()["plan"]["sections"]["B"]
    assert lead(life).get(life.path).status_code == 404


def test_it_raises_an_alarm_that_names_nobody(life: Life, caplog: pytest.LogCaptureFixture) -> None:
    before = REGISTRY.get_sample_value("ehcp_emergency_reads_total") or 0
    with caplog.at_level(logging.WARNING):
        emergency(life, lead(life))
    assert REGISTRY.get_sample_value("ehcp_emergency_reads_total") == before + 1
    (said,) = (r.getMessage() for r in caplog.records if "emergency read" in r.getMessage())
    assert "council 855" in said
    for private in ("Robin", "safe tonight", "ods:RAA", life.plan_id):
        assert private not in said


def test_it_is_a_task_of_the_council_until_a_manager_has_reviewed_it(life: Life) -> None:
    emergency(life, lead(life))
    (task,) = reviews_due(life)
    assert (task["role"], task["organisation"], task["overdue"]) == ("safeguarding-lead", "ods:RAA", False)
    assert task["reviewBy"] == "2026-07-17"
    life.serving.clock.day = "2026-07-18"
    assert reviews_due(life)[0]["overdue"] is True
    path = f"{life.path}/disclosures/{task['disclosureId']}/review"
    withheld = {"decision": "withhold", "reasons": "An enquiry has begun"}
    assert life.manager.post(path, withheld).status_code == 201
    assert reviews_due(life) == []
    assert life.manager.post(path, {"decision": "release", "reasons": "It has ended"}).status_code == 201
    assert reviews_due(life) == []


def test_trap_68_the_family_learns_nothing_of_it_until_it_is_released_the_auditor_at_once(life: Life) -> None:
    family, auditor = life.family(), life.serving.as_("auditor", "audit")

    def told() -> list[Any]:
        pages = [family.get(f"{life.path}{end}") for end in ("", "/history", "/versions", "/clocks")]
        listed = family.get(f"{life.path}/disclosures").json()["disclosures"]
        readers = [entry for entry in listed if entry["who"] != "You"]
        return [readers, *((page.content, page.headers.get("etag")) for page in pages)]

    before = told()
    emergency(life, lead(life))
    assert told() == before
    seen = auditor.get(f"{life.path}/disclosures").json()["disclosures"]
    (entry,) = (shown for shown in seen if shown.get("emergency"))
    assert (entry["gateway"], entry["reason"]) == ("CA04_16LA_SAFEGUARDING", REASON["reason"])
    path = f"{life.path}/disclosures/{entry['id']}/review"
    assert life.manager.post(path, {"decision": "release", "reasons": "Over"}).status_code == 201
    (released,) = (reader for reader in told()[0] if reader["id"] == entry["id"])
    assert (released["who"], released["law"]) == ("A person responsible for safeguarding", "Children Act 2004 s.16LA")
    assert REASON["reason"] not in str(released)


def test_the_review_names_the_decision_not_to_share_that_came_of_it(life: Life) -> None:
    emergency(life, lead(life))
    (task,) = reviews_due(life)
    said = {"gateway": "CA04_16LA_SAFEGUARDING", "reasons": "More detrimental to the child"}
    declined = life.do("decide-not-to-share", "2026-07-12", **said)["event"]["sequence"]
    path = f"{life.path}/disclosures/{task['disclosureId']}/review"
    body = {"decision": "withhold", "reasons": "Not passed on", "decisionNotToShare": declined}
    assert life.manager.post(path, {**body, "decisionNotToShare": 10_000}).status_code == 422
    assert life.manager.post(path, body).status_code == 201
    page = life.officer.get(f"{life.path}/disclosures").json()
    (entry,) = (shown for shown in page["disclosures"] if shown.get("emergency"))
    assert entry["review"]["decisionNotToShare"] == declined == page["notShared"][0]["sequence"]


def test_whoever_may_not_finds_no_plan_and_whoever_reads_it_anyway_is_told_so(life: Life) -> None:
    nowhere = f"/v1/plans/{uuid4()}/emergency-reads"
    for who in (
        life.serving.officer("936"),
        life.serving.as_("school", "urn:199102"),
        life.serving.as_("service", "x"),
    ):
        answer = emergency(life, who)
        assert (answer.status_code, answer.content) == (404, who.post(nowhere, REASON).content)
    assert lead(life).post(nowhere, REASON).status_code == 404
    for who in (life.officer, life.family(), life.serving.as_("school", SCHOOL)):
        assert emergency(life, who).status_code == 403
    assert reviews_due(life) == []


@pytest.mark.parametrize("body", [{}, {"reason": "too short"}, {**REASON, "more": 1}, {"reason": 7}, []])
def test_without_a_reason_nothing_is_shown(life: Life, log: Log, body: Any) -> None:
    log.mark()
    answer = emergency(life, lead(life), body=body)
    assert answer.status_code in {400, 422}
    assert log.new() == []


def test_a_request_that_is_repeated_at_once_is_another_showing_and_one_reading_to_review(life: Life, log: Log) -> None:
    log.mark()
    answers = [emergency(life, lead(life), "one-key") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    entries = [entry for entry in log.new() if entry["record"] == of(life)]
    assert [(entry["what"], entry["emergency"]) for entry in entries] == [("plan", True)] * 3
    assert len(reviews_due(life)) == 1
    assert not any(
        entry["who"] != "You" for entry in life.family().get(f"{life.path}/disclosures").json()["disclosures"]
    )
    other = {"reason": "Another reason, under the same key"}
    assert emergency(life, lead(life), "one-key", other).status_code == 422


def test_an_old_request_opens_nothing_any_more(life: Life, log: Log) -> None:
    """Else one reason, reviewed once, would do for every day after."""
    assert emergency(life, lead(life), "one-key").status_code == 200
    life.serving.clock.day = (datetime.now(UTC).date() + timedelta(days=2)).isoformat()  # entries have true times
    log.mark()
    assert emergency(life, lead(life), "one-key").status_code == 422
    assert [entry for entry in log.new() if entry["record"] == of(life)] == []
    assert emergency(life, lead(life), "another-key").status_code == 200
