"""If-Match on acts: who names a state is held to it, who doesn't is decided anew."""

from uuid import uuid4

from tests.support.life import Life
from tests.support.together import post_together

MEETING = {"mode": "RECORD", "effectiveOn": "2026-04-20", "heldOn": "2026-04-20"}


def test_an_act_on_the_state_that_was_read_is_done_and_gives_the_next_tag(life: Life) -> None:
    life.drafting()
    read = life.officer.get(life.path)
    done = life.officer.act(life.plan_id, "hold-coproduction-meeting", tag=read.headers["ETag"], **MEETING)
    assert done.status_code == 201
    assert done.headers["ETag"] == f'"{read.json()["sequence"] + 1}"'
    assert life.officer.get(life.path).headers["ETag"] == done.headers["ETag"]


def test_an_act_on_a_stale_state_is_turned_away_with_the_current_tag(life: Life) -> None:
    life.drafting()
    current = life.officer.get(life.path).headers["ETag"]
    before = life.serving.platform.store.head()
    stale = life.officer.act(life.plan_id, "hold-coproduction-meeting", tag='"1"', **MEETING)
    assert stale.status_code == 412
    assert stale.headers["ETag"] == current
    assert life.serving.platform.store.head() == before


def test_a_tag_that_is_none_of_the_platform_is_malformed(life: Life) -> None:
    life.requested()
    for tag in ("*", 'W/"1"', "1", '"x"', '"d1"x'):
        assert life.officer.act(life.plan_id, "hold-coproduction-meeting", tag=tag, **MEETING).status_code == 400


def test_many_acts_at_once_on_one_plan_are_all_done_without_a_gap(life: Life) -> None:
    life.drafting()
    first = life.read()["sequence"]
    path = f"{life.path}/acts/hold-coproduction-meeting"
    answers = post_together(life.officer, [(path, MEETING, {"Idempotency-Key": str(uuid4())}) for _ in range(40)])
    assert {answer.status_code for answer in answers} == {201}
    assert sorted(a.json()["event"]["sequence"] for a in answers) == list(range(first + 1, first + 41))
    assert [event["sequence"] for event in life.history()] == list(range(1, first + 41))


def test_of_many_acts_at_once_that_name_one_state_exactly_one_is_done(life: Life) -> None:
    life.drafting()
    tag = life.officer.get(life.path).headers["ETag"]
    path = f"{life.path}/acts/hold-coproduction-meeting"
    named = [(path, MEETING, {"Idempotency-Key": str(uuid4()), "If-Match": tag}) for _ in range(10)]
    answers = post_together(life.officer, named)
    assert sorted(answer.status_code for answer in answers) == [201, *([412] * 9)]
    current = life.officer.get(life.path).headers["ETag"]
    assert {answer.headers["ETag"] for answer in answers if answer.status_code == 412} == {current}
