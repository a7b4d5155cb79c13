"""A review that is asked for first is the one that led to what is done: not any review that there ever was."""

import pytest

from tests.domain.plan.keeping.history import History, document, maintained
from tests.domain.plan.keeping.steps import CEASE_BODY, NOTICE

TWENTY = "2006-03-04"
ON = "2026-06-15"
LEFT = CEASE_BODY | {"ground": "LEFT_EDUCATION", "doesNotWishToReturn": True, "sentOn": ON, "outcomesConsidered": True}
SERVED = NOTICE[1] | {"noticeOn": ON, "servedOn": {"contact-1": ON}, "representationsUntil": "2026-06-29"}
FOLLOWING = SERVED | {"purpose": "ANNUAL_REVIEW"}
DAYS = {"r1": "2025-11-10", "r2": "2026-05-11"}


def _held(history: History, review: str, kind: str = "ANNUAL") -> History:
    day = DAYS[review]
    history.record("schedule-review", "2025-10-01", reviewId=review, meetingOn=day, kind=kind, runBy="LA")
    return history.record("hold-review", day, reviewId=review, meetingOn=day)


def _decided(history: History, review: str, decision: str) -> History:
    day = f"{DAYS[review][:8]}20"
    return history.record("decide-review", day, reviewId=review, decision=decision, notifiedOn=day)


@pytest.mark.parametrize("decision", ["KEEP", "AMEND"])
def test_a_plan_does_not_end_on_a_review_that_kept_it(decision: str) -> None:
    history = _decided(_held(maintained(dateOfBirth=TWENTY), "r1"), "r1", decision)
    assert history.refused("propose-cease", ON, **LEFT)["review-first"].law == "reg 30"
    history.record("propose-cease", ON, **LEFT)
    assert history.findings() == {"review-first"}


@pytest.mark.parametrize("decision", ["", "CEASE"])
def test_a_plan_ends_after_the_review_that_is_about_its_end(decision: str) -> None:
    history = _decided(_held(maintained(dateOfBirth=TWENTY), "r1"), "r1", "KEEP")
    _held(history, "r2", "BEFORE_CEASING")
    if decision:
        _decided(history, "r2", decision)
    assert "review-first" not in history.refused("propose-cease", ON, **LEFT)


def test_a_review_of_which_nothing_came_is_not_used_again() -> None:
    history = _decided(_held(maintained(dateOfBirth=TWENTY), "r1"), "r1", "CEASE")
    history.record("propose-cease", "2025-12-01", **LEFT | {"sentOn": "2025-12-01"})
    assert "review-first" not in history.findings()
    history.record("drop-cease", "2026-01-05", ceaseId="c1", reason="A college place was found")
    again = LEFT | {"ceaseId": "c2"}
    assert "review-first" in history.refused("propose-cease", ON, **again)
    _held(history, "r2")
    assert "review-first" not in history.refused("propose-cease", ON, **again)


def test_a_review_that_is_still_to_come_does_not_count() -> None:
    history = maintained(dateOfBirth=TWENTY)
    history.record("schedule-review", "2026-06-01", reviewId="r1", meetingOn="2026-06-29", kind="ANNUAL", runBy="LA")
    assert "review-first" in history.refused("propose-cease", ON, **LEFT)


def test_amendments_after_a_review_follow_the_review_that_led_to_them() -> None:
    history = _decided(_held(maintained(), "r1"), "r1", "KEEP")
    refused = history.refused("serve-amendment-notice", ON, **FOLLOWING)["review-first"]
    assert ("reg 22(1)" in refused.law, refused.pointer) == (True, "/purpose")
    assert "review-first" in history.refused("serve-amendment-notice", ON, **FOLLOWING, reviewId="r1")
    _held(history, "r2")
    assert history.refused("serve-amendment-notice", ON, **FOLLOWING) == {}
    named = history.refused("serve-amendment-notice", ON, **FOLLOWING, reviewId="r1")["review-first"]
    assert named.pointer == "/reviewId"
    history.record("serve-amendment-notice", ON, **FOLLOWING, reviewId="r1")
    assert history.findings() == {"review-first"}


def test_an_amendment_without_a_review_needs_none() -> None:
    assert maintained().refused("serve-amendment-notice", ON, **SERVED) == {}


def test_an_imported_final_says_where_or_why_nowhere() -> None:
    blank = {**document()["sections"]["I"], "placements": {}}
    blank.pop("placementBasis", None)
    empty = document() | {"sections": document()["sections"] | {"I": blank}}
    body = {"council": "855", "sourceFile": {"sha256": "a" * 64, "mediaType": "application/json"}}
    history = History().record("import-baseline", ON, **body, plan=empty, planMadeOn="2026-01-05")
    (found,) = (finding for finding in history.state.findings if finding.rule == "placement-open")
    assert "reg 12(1)(i)" in found.law
    draft = History().record("import-baseline", ON, **body, plan=empty, status="DRAFT_ISSUED")
    assert "placement-open" not in draft.findings()
    whole = History().record("import-baseline", ON, **body, plan=document(), planMadeOn="2026-01-05")
    assert "placement-open" not in whole.findings()
    home = empty | {"sections": empty["sections"] | {"I": {"placementBasis": "EOTAS", "inappropriateBecause": "Ill"}}}
    why = History().record("import-baseline", ON, **body, plan=home, planMadeOn="2026-01-05")
    assert why.findings() == {"otherwise-unfounded"}
