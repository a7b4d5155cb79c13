"""Health data is neither withheld nor given without an opinion that counts (DPA 2018 Sch 3 paras 5, 6)."""

from typing import Any

import pytest

from services.subject_access.parts import part_id
from tests.services.subject_access.asking import HEALTH, OPINION, RELEASE, SEEN, TODAY, Asking, record
from tests.support.life import Life

LAW = "DPA 2018 Sch 3 paras 5, 6"
TOMORROW, LATER = "2026-07-21", "2027-03-01"
#: The period of six months that ends with the day of the decision begins on 21 January.
FIRST_DAY, DAY_BEFORE = "2026-01-21", "2026-01-20"
WITHHELD = {"decision": "WITHHOLD", "exemption": HEALTH, "reasons": "Likely to cause serious harm"}
RELEASING = {"accessId": "s1", "packageSha256": "ab" * 32, "rightsExplained": True}


@pytest.fixture
def asking(life: Life) -> Asking:
    life.finalised()
    return Asking(life).asked()


def refused(asking: Asking, **decided: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Why the answer can't be prepared so, by rule."""
    found = asking.material()
    said = {"accessId": "s1", "upTo": found["upTo"], "decisions": asking.decisions(**decided)}
    return asking.life.refused("prepare-subject-access", TODAY, **said)


def health_part(asking: Asking) -> str:
    part: str = next(part["id"] for part in asking.material()["marked"] if HEALTH in part["reasons"])
    return part


@pytest.mark.parametrize("decision", [RELEASE, WITHHELD], ids=["released", "withheld"])
def test_without_an_opinion_it_can_be_neither_given_nor_withheld(asking: Asking, decision: dict[str, Any]) -> None:
    why = refused(asking, SERIOUS_HARM_HEALTH=decision)
    part = health_part(asking)
    assert {rule: item["pointer"].rpartition("/")[2] for rule, item in why.items()} == {
        "professional-not-asked": "consulted", "opinion-undated": "opinionOn",
    }  # fmt: skip
    assert all(item["pointer"].startswith("/decisions/p-") for item in why.values())
    assert {item["law"] for item in why.values()} == {LAW}
    only = {part: decision | {"consulted": OPINION["consulted"]}}
    said = {"accessId": "s1", "upTo": asking.material()["upTo"], "decisions": only}
    undated = asking.life.refused("prepare-subject-access", TODAY, **said)
    assert {item["pointer"] for item in undated.values()} == {f"/decisions/{part}/opinionOn"}


@pytest.mark.parametrize("decision", [RELEASE, WITHHELD], ids=["released", "withheld"])
def test_an_opinion_counts_for_six_months_up_to_the_day_on_which_it_is_relied_on(
    asking: Asking, decision: dict[str, Any]
) -> None:
    for day, rule in ((DAY_BEFORE, "opinion-too-old"), (TOMORROW, "opinion-not-yet-given")):
        why = refused(asking, SERIOUS_HARM_HEALTH=decision | OPINION | {"opinionOn": day})
        assert set(why) == {rule}
        assert why[rule]["pointer"].endswith("/opinionOn")
        assert why[rule]["law"] == LAW
    for day in (FIRST_DAY, TODAY):
        asking.prepared(SERIOUS_HARM_HEALTH=decision | OPINION | {"opinionOn": day})


def test_what_has_been_seen_already_is_given_without_an_opinion_but_not_without_saying_so(asking: Asking) -> None:
    unsaid = refused(asking, SERIOUS_HARM_HEALTH={"decision": "RELEASE", "alreadySeen": True})
    assert set(unsaid) == {"seen-without-reasons"}
    assert unsaid["seen-without-reasons"]["pointer"].endswith("/reasons")
    assert "child or young person" in unsaid["seen-without-reasons"]["text"], "not the parent who asks (para 6(2))"
    assert "professional-not-asked" in refused(asking, SERIOUS_HARM_HEALTH=SEEN | {"alreadySeen": False})
    assert "professional-not-asked" in refused(asking, SERIOUS_HARM_HEALTH=WITHHELD | {"alreadySeen": True})
    asking.prepared(SERIOUS_HARM_HEALTH=SEEN).reviewed().released()
    assert asking.take().status_code == 200


def test_what_is_withheld_for_another_reason_needs_no_opinion(asking: Asking) -> None:
    kept = {"decision": "WITHHOLD", "exemption": "LEGAL_PRIVILEGE", "reasons": "Written for the appeal"}
    asking.prepared(SERIOUS_HARM_HEALTH=kept).reviewed().released()
    assert asking.take().status_code == 200


def test_an_opinion_that_has_grown_too_old_stops_the_review(asking: Asking) -> None:
    asking.prepared(SERIOUS_HARM_HEALTH=RELEASE | OPINION | {"opinionOn": FIRST_DAY})
    why = asking.life.refused("review-subject-access", TOMORROW, asking.life.manager, accessId="s1")
    assert (why["opinion-too-old"]["law"], why["opinion-too-old"]["pointer"]) == (LAW, "/accessId")
    assert "p-" in why["opinion-too-old"]["text"], "it says which part"
    asking.reviewed()


def test_an_opinion_that_has_grown_too_old_stops_the_release(asking: Asking) -> None:
    asking.prepared(SERIOUS_HARM_HEALTH=RELEASE | OPINION | {"opinionOn": FIRST_DAY}).reviewed()
    assert asking.material()["withoutOpinion"] == []
    assert asking.take(asking.life.officer).status_code == 200
    releasing = RELEASING | {"packageSha256": asking.material()["packageSha256"]}
    why = asking.life.refused("release-subject-access", TOMORROW, **releasing, releasedOn=TOMORROW)
    assert set(why) == {"opinion-too-old"}
    backdated = asking.life.refused("release-subject-access", TOMORROW, **releasing, releasedOn=TODAY)
    assert "opinion-too-old" in backdated
    found = asking.material()
    assert health_part(asking) in found["withoutOpinion"]
    assert "packageSha256" not in found
    taken = asking.take(asking.life.officer)
    assert taken.status_code == 409
    assert {item["rule"] for item in taken.json()["errors"]} == {"opinion-too-old"}


def test_what_was_released_in_time_can_be_taken_later(asking: Asking) -> None:
    asking.prepared(SERIOUS_HARM_HEALTH=RELEASE | OPINION | {"opinionOn": FIRST_DAY}).reviewed().released()
    asking.life.serving.clock.day = LATER
    assert record(asking.take())["about"]["request"] == "s1"


def test_a_release_that_is_only_written_down_gives_nothing_without_an_opinion(asking: Asking) -> None:
    life, found = asking.life, asking.material()
    decisions = asking.decisions(SERIOUS_HARM_HEALTH=RELEASE)
    told = life.record("prepare-subject-access", TODAY, accessId="s1", upTo=found["upTo"], decisions=decisions)
    assert {item["rule"] for item in told["findings"]} == {"professional-not-asked", "opinion-undated"}
    life.record("review-subject-access", TODAY, life.manager, accessId="s1")
    assert health_part(asking) in asking.material()["withoutOpinion"]
    life.record("release-subject-access", TODAY, **RELEASING, releasedOn=TODAY)
    for who in (life.officer, asking.family):
        taken = asking.take(who)
        assert taken.status_code == 409
        assert {item["rule"] for item in taken.json()["errors"]} == {"professional-not-asked", "opinion-undated"}


def test_health_data_of_a_draft_that_is_released_needs_an_opinion_too(asking: Asking) -> None:
    asking.life.draft("ANNUAL_REVIEW")
    marked = {part["id"]: part for part in asking.material()["marked"]}
    draft = next(part["source"] for part in marked.values() if part["source"].startswith("draft/"))
    section = part_id(draft, "/plan/sections/C")
    assert marked[section]["reasons"] == [HEALTH]
    decided = asking.decisions() | {section: RELEASE}
    said = {"accessId": "s1", "upTo": asking.material()["upTo"], "decisions": decided}
    assert "professional-not-asked" in asking.life.refused("prepare-subject-access", TODAY, **said)
    kept = {"decision": "WITHHOLD", "exemption": "NEGOTIATIONS", "reasons": "Not agreed yet"}
    asking.decided(said["upTo"], decided | {part_id(draft, ""): kept}).reviewed().released()
    assert record(asking.take())["drafts"] == [], "what lies in something withheld isn't given"
