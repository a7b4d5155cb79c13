"""From the autumn of year 11 on a task asks who will hold the rights (CFA s.80): once, until somebody has said so."""

from typing import Any

import pytest

from domain.plan.outcomes.coming_of_age import SETTLE_RIGHTS
from tests.domain.plan.journey import FILE
from tests.domain.plan.keeping.history import History, document, maintained

BORN = "2010-03-04"
"""Sixteen in March 2026: year 11 begins on 1 September 2025, compulsory school age ends on 26 June 2026."""

REVIEW = {"reviewId": "r1", "meetingOn": "2025-11-10", "kind": "ANNUAL", "runBy": "LA"}
MOVE = {"phaseTransferId": "z1", "transferOn": "2026-09-01", "transferKind": "secondary-to-post-16-institution"}


def _task(history: History) -> Any:
    return history.state.case("task", SETTLE_RIGHTS)


@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("schedule-review", REVIEW),
        ("hold-review", {"reviewId": "r1", "meetingOn": "2025-09-01"}),
        ("plan-phase-transfer", MOVE),
    ],
)
def test_the_task_is_raised_by_what_keeps_the_plan_in_year_11(act: str, body: dict[str, Any]) -> None:
    history = maintained("2025-01-10", dateOfBirth=BORN)
    assert _task(history) is None
    history.record(act, "2025-09-01", **body)
    assert (_task(history).status, _task(history).data["dueOn"]) == ("OPEN", "2026-06-26")
    assert "CFA s.80" in _task(history).data["law"]


def test_a_day_before_year_11_nothing_is_asked() -> None:
    history = maintained("2025-01-10", dateOfBirth=BORN).record("schedule-review", "2025-08-31", **REVIEW)
    assert _task(history) is None
    younger = maintained("2025-01-10").record("schedule-review", "2025-09-01", **REVIEW)
    assert _task(younger) is None


def test_the_task_is_raised_once_and_no_day_ends_it() -> None:
    history = maintained("2025-01-10", dateOfBirth=BORN).record("schedule-review", "2025-09-01", **REVIEW)
    first = _task(history)
    history.record("hold-review", "2026-07-01", reviewId="r1", meetingOn="2026-07-01")
    assert _task(history) == first


def test_it_is_done_when_somebody_has_said_who_holds_the_rights() -> None:
    history = maintained("2025-01-10", dateOfBirth=BORN).record("schedule-review", "2025-09-01", **REVIEW)
    history.perform("change-right-holder", "2026-06-27", holder="YOUNG_PERSON", since="2026-06-27")
    assert _task(history).status == "DONE"
    history.record("hold-review", "2026-07-01", reviewId="r1", meetingOn="2026-07-01")
    assert _task(history).status == "DONE"


def test_an_imported_plan_of_somebody_that_old_asks_at_once() -> None:
    body = {"council": "855", "sourceFile": FILE, "plan": document(dateOfBirth=BORN)}
    assert _task(History().record("import-baseline", "2026-05-01", **body)).status == "OPEN"
    settled = maintained("2025-01-10", dateOfBirth=BORN)
    settled.record("change-right-holder", "2026-06-27", holder="YOUNG_PERSON", since="2026-06-27")
    settled.record("schedule-review", "2026-09-01", **REVIEW | {"meetingOn": "2026-11-10"})
    assert _task(settled) is None
