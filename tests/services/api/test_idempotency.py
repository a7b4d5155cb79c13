"""Idempotency-Key: a request that is sent twice is done once, and answered the same both times."""

from pathlib import Path
from uuid import uuid4

from tests.support.life import Life
from tests.support.serving import Serving, serving
from tests.support.together import post_together

MEETING = {"mode": "RECORD", "effectiveOn": "2026-04-20", "heldOn": "2026-04-20"}


def meeting(life: Life) -> str:
    return f"{life.path}/acts/hold-coproduction-meeting"


def test_without_a_key_nothing_is_done(life: Life) -> None:
    life.requested()
    before = life.serving.platform.store.head()
    for key in ("", "two words", "x" * 129):
        answer = life.officer.post(meeting(life), MEETING, Idempotency_Key=key)
        assert answer.status_code == 400
        assert answer.json()["type"].endswith("/idempotency-key")
    assert life.serving.platform.store.head() == before


def test_a_repeat_gets_the_same_receipt_and_makes_no_second_event(life: Life) -> None:
    life.requested()
    first = life.officer.post(meeting(life), MEETING, Idempotency_Key="meeting")
    again = life.officer.post(meeting(life), MEETING, Idempotency_Key="meeting")
    assert first.status_code == again.status_code == 201
    assert again.json() == first.json()
    assert again.headers["ETag"] == first.headers["ETag"]
    assert life.read()["sequence"] == first.json()["event"]["sequence"]


def test_a_repeat_after_others_have_acted_still_gets_the_first_receipt(life: Life) -> None:
    life.requested()
    first = life.officer.post(meeting(life), MEETING, Idempotency_Key="early")
    life.officer.post(meeting(life), MEETING, Idempotency_Key="late")
    assert life.officer.post(meeting(life), MEETING, Idempotency_Key="early").json() == first.json()


def test_a_repeat_after_a_restart_gets_the_same_receipt(tmp_path: Path) -> None:
    with serving(tmp_path) as before:
        life = Life(before).requested()
        first = life.officer.post(meeting(life), MEETING, Idempotency_Key="meeting")
    with serving(tmp_path, issuer=before.issuer) as after:
        again = after.officer().post(meeting(life), MEETING, Idempotency_Key="meeting")
        assert (again.status_code, again.json()) == (201, first.json())
        leaf = after.platform.store.leaf(again.json()["event"]["position"]).hex()
        assert again.json()["event"]["leafHash"] == leaf


def test_another_body_under_the_same_key_is_refused(life: Life) -> None:
    life.requested()
    life.officer.post(meeting(life), MEETING, Idempotency_Key="once")
    before = life.serving.platform.store.head()
    other = life.officer.post(meeting(life), {**MEETING, "note": "Another meeting"}, Idempotency_Key="once")
    assert other.status_code == 422
    assert other.json()["type"].endswith("/idempotency-key-reused")
    assert life.serving.platform.store.head() == before


def test_the_same_body_for_another_plan_under_the_same_key_is_refused(platform: Serving) -> None:
    one, other = Life(platform).requested(), Life(platform).requested()
    one.officer.post(meeting(one), MEETING, Idempotency_Key="shared")
    answer = one.officer.post(meeting(other), MEETING, Idempotency_Key="shared")
    assert answer.status_code == 422
    assert other.read()["sequence"] == 1


def test_two_callers_may_use_the_same_key(life: Life) -> None:
    life.requested()
    mine = life.officer.post(meeting(life), MEETING, Idempotency_Key="key-of-two")
    hers = life.manager.post(meeting(life), MEETING, Idempotency_Key="key-of-two")
    assert mine.json()["event"]["sequence"] < hers.json()["event"]["sequence"]


def test_concurrent_repeats_make_one_event_and_get_one_receipt(life: Life) -> None:
    life.requested()
    answers = post_together(life.officer, [(meeting(life), MEETING, {"Idempotency-Key": "together"})] * 8)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert life.read()["sequence"] == answers[0].json()["event"]["sequence"] == 2


def test_concurrent_repeats_that_open_a_record_open_one(platform: Serving) -> None:
    officer = platform.officer("936")
    child = {"name": "Kit Marshbanks", "dateOfBirth": "2016-05-04"}
    asked = {"mode": "RECORD", "effectiveOn": "2026-10-01", "receivedOn": "2026-10-01", "source": "1", "child": child}
    sent = [("/v1/plans/opened-by/receive-request", asked, {"Idempotency-Key": "open"})] * 6
    answers = post_together(officer, sent)
    assert len({answer.json()["planId"] for answer in answers}) == 1
    assert len(officer.get("/v1/plans").json()["plans"]) == 1


def test_a_refusal_is_not_kept_so_the_same_key_serves_once_the_cause_is_gone(life: Life) -> None:
    life.requested()
    life.serving.clock.day = "2026-04-20"
    performed = {**MEETING, "mode": "PERFORM"}
    refused = life.officer.post(meeting(life), performed, Idempotency_Key="try-again")
    assert refused.status_code == 409
    assert refused.json()["errors"][0]["rule"] == "out-of-order"
    life.do("decide-request", "2026-04-20", decision="ASSESS", notifiedOn="2026-04-20")
    assert life.officer.post(meeting(life), performed, Idempotency_Key="try-again").status_code == 201


def test_opening_a_draft_twice_under_one_key_opens_one(life: Life) -> None:
    life.imported()
    key = str(uuid4())
    body = {"purpose": "ANNUAL_REVIEW"}
    drafts = f"{life.path}/drafts"
    first = life.officer.post(drafts, body, Idempotency_Key=key)
    again = life.officer.post(drafts, body, Idempotency_Key=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json()["draftId"] == first.json()["draftId"]
    assert len(life.officer.get(drafts).json()["drafts"]) == 1
    other = life.officer.post(drafts, {"purpose": "PHASE_TRANSFER"}, Idempotency_Key=key)
    assert other.status_code == 422


def test_a_key_used_for_an_act_does_not_open_a_draft(life: Life) -> None:
    life.imported()
    body = {"mode": "RECORD", "effectiveOn": "2026-04-20", "holdId": "hold-1", "reason": "An inquiry"}
    assert life.officer.post(f"{life.path}/acts/set-legal-hold", body, Idempotency_Key="crossed").status_code == 201
    assert life.officer.post(f"{life.path}/drafts", body, Idempotency_Key="crossed").status_code == 422
