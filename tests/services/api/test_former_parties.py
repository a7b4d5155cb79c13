"""What is left to who was responsible, from the day after on: the texts of its own time, and nothing of later."""

from tests.support.life import SCHOOL, Life
from tests.support.serving import Serving
from tests.support.whole_life import NEXT, NEXT_BODY, marked, whole_life


def test_a_text_that_is_recorded_after_a_partys_time_is_not_its_own_though_it_is_dated_within_it(
    platform: Serving,
) -> None:
    """A former council keeps what was there while it was responsible, not what another council has found out since."""
    life = whole_life(platform)
    former = life.callers()["former-council"]
    before = former.get(life.path).json()
    text = marked(life.reference, "final", NEXT, NEXT_BODY)
    text["sections"]["A"]["history"] = "Found out by the next council"
    corrected = {"plan": text, "correctedOn": "2026-09-15", "what": "A word"}
    answer = life.officer.act(
        life.plan_id, "correct-clerical-error", mode="RECORD", **corrected, effectiveOn="2026-09-15"
    )
    assert answer.status_code == 201, answer.json()
    assert "Found out" in life.officer.get(life.path).text
    assert former.get(life.path).json() == before
    for asked in ({}, {"version": 2}, {"asAt": "2026-09-20"}, {"knownAt": answer.json()["event"]["position"]}):
        assert "Found out" not in former.get(life.path, **asked).text


def test_who_may_read_is_decided_by_the_plan_as_it_stands_whatever_moment_is_read(platform: Serving) -> None:
    """A school that is named doesn't read, as of when it was consulted, the draft that it was consulted on."""
    life = Life(platform).finalised()
    school = platform.as_("school", SCHOOL)
    asked = next(event for event in life.history() if event["type"] == "ehcp.plan.setting-consulted.v1")
    then = school.get(life.path, knownAt=asked["position"])
    assert (then.status_code, "plan" in then.json()) == (200, False)
    assert school.get(life.path, knownAt=asked["position"], draft=1).status_code == 404
    assert life.read(school)["version"]["number"] == 1
