"""What could they see on that day? One call of a council or an auditor, answered from the log."""

from typing import Any

from tests.support.life import CONSULTED, ICB, OTHER_SCHOOL, SCHOOL, SENT, Life
from tests.support.serving import Caller

ASKED = {"consultationId": "consultation-9", "organisation": OTHER_SCHOOL, "consultedOn": CONSULTED}


def answers(
    life: Life, organisation: str, on: str, who: Caller | None = None, **more: Any
) -> dict[str, dict[str, Any]]:
    told = (who or life.officer).get(f"{life.path}/entitlements", organisation=organisation, on=on, **more)
    assert told.status_code == 200, told.json()
    return {answer["known"]: answer for answer in told.json()["answers"]}


def now(life: Life, organisation: str, on: str) -> dict[str, Any]:
    return answers(life, organisation, on)["asKnownNow"]


def test_what_a_consulted_school_could_see_begins_when_it_was_asked_and_ends_with_its_reply(life: Life) -> None:
    life.served()
    life.do("consult-setting", CONSULTED, **ASKED)
    school = life.serving.as_("school", OTHER_SCHOOL)
    replied = {"consultationId": "consultation-9", "receivedOn": "2026-06-25", "answer": "YES"}
    life.do("answer-consultation", "2026-06-25", who=school, **replied)
    life.serving.clock.day = "2026-11-02"
    assert not now(life, OTHER_SCHOOL, "2026-06-14")["allowed"]
    during = now(life, OTHER_SCHOOL, "2026-06-20")
    (role,) = during["roles"]
    assert (role["relation"], role["gateway"]) == ("consulted-setting", "S39_S40_CONSULTATION")
    (text,) = role["texts"]
    assert text["version"]["kind"] == "draft"
    assert "I" not in text["sections"]
    assert {"section-i", "advice"} <= set(text["withheld"])
    assert during["policy"] == "2026-11"
    assert not now(life, OTHER_SCHOOL, "2026-06-25")["allowed"]
    (held,) = now(life, OTHER_SCHOOL, "2026-09-01")["relations"]
    assert (held["since"], held["until"]) == (CONSULTED, "2026-06-24")


def test_what_was_recorded_later_changes_what_is_known_now_and_not_what_was_known_then(life: Life) -> None:
    life.served()
    life.do("consult-setting", CONSULTED, **ASKED)
    before = life.serving.platform.store.head()[0]
    withdrawn = {"consultationId": "consultation-9", "withdrawnOn": "2026-06-16", "reason": "Asked in error"}
    life.serving.clock.day = "2026-07-01"
    body = {"mode": "RECORD", "effectiveOn": "2026-06-16", **withdrawn}
    assert life.officer.post(f"{life.path}/acts/withdraw-consultation", body).status_code == 201
    assert not now(life, OTHER_SCHOOL, "2026-06-20")["allowed"]
    then = answers(life, OTHER_SCHOOL, "2026-06-20", knownAt=before)
    assert then["asKnownAt"]["allowed"]
    at_the_time = answers(life, OTHER_SCHOOL, "2026-06-20")["asKnownThen"]
    assert (at_the_time["allowed"], at_the_time["reason"].startswith("There was no record")) == (False, True)


def test_the_named_school_and_the_health_body_are_told_apart_by_day_and_by_what_is_withheld(life: Life) -> None:
    life.finalised()
    assert [role["relation"] for role in now(life, SCHOOL, "2026-07-09")["roles"]] == ["consulted-setting"]
    (school,), (board,) = now(life, SCHOOL, SENT)["roles"], now(life, ICB, SENT)["roles"][:1]
    assert (school["relation"], board["relation"]) == ("named-setting", "responsible-health-body")
    assert "upn" not in school["texts"][0]["withheld"]
    assert "upn" in board["texts"][0]["withheld"]
    assert now(life, "contact:contact-1", SENT)["roles"][0]["relation"] == "parent"
    assert not now(life, "urn:199109", SENT)["allowed"]


def test_only_the_council_and_auditors_are_told_and_for_a_stranger_there_is_no_such_plan(life: Life) -> None:
    life.finalised()
    asked = {"organisation": SCHOOL, "on": SENT}
    path = f"{life.path}/entitlements"
    assert answers(life, SCHOOL, SENT, life.serving.as_("auditor", "audit")) == answers(life, SCHOOL, SENT)
    for known in (life.serving.as_("school", SCHOOL), life.serving.as_("health", ICB), life.family()):
        assert known.get(path, **asked).status_code == 403
    stranger = life.serving.officer("936")
    nowhere = stranger.get("/v1/plans/0b9d7c52-0000-4000-8000-000000000000/entitlements", **asked)
    answer = stranger.get(path, **asked)
    assert (answer.status_code, answer.content) == (404, nowhere.content) == (nowhere.status_code, answer.content)
    for wrong in ({"on": SENT}, {"organisation": SCHOOL}, {"organisation": "school", "on": SENT}):
        assert life.officer.get(path, **wrong).status_code == 422


def test_an_inspectorate_sees_a_plan_that_was_opened_to_it_until_the_last_day(life: Life) -> None:
    life.finalised()
    ofsted = life.serving.as_("regulator", "regulator:ofsted")
    assert ofsted.get(life.path).status_code == 404
    opened = {
        "recipient": "Ofsted",
        "organisation": "regulator:ofsted",
        "gateway": "R17_INSPECTION",
        "sections": ["B", "F"],
    }
    life.do("disclose", "2026-09-01", **opened)
    assert ofsted.get(life.path).status_code == 404, "shown once, it opens nothing"
    life.do("disclose", "2026-09-01", **opened, until="2026-09-30")
    view = life.read(ofsted)
    assert view["plan"]["sections"]["B"]
    assert view["plan"]["sections"]["C"] == {}
    assert not life.serving.as_("regulator", "regulator:lgsco").get(life.path).is_success
    life.serving.clock.day = "2026-10-01"
    assert ofsted.get(life.path).status_code == 404
    assert now(life, "regulator:ofsted", "2026-09-30")["allowed"]
    assert not now(life, "regulator:ofsted", "2026-10-01")["allowed"]
