"""Every rule of keeping a plan that refuses an act, with the law that it cites."""

from __future__ import annotations

from typing import Any

import pytest

from tests.domain.plan.keeping.history import OFFICER, maintained
from tests.domain.plan.keeping.places import PLACES
from tests.domain.plan.keeping.refusals import REFUSALS, REFUSE, REQUIRED
from tests.domain.plan.keeping.steps import (
    ASKED,
    NOTICE,
    ON,
    Place,
    Step,
)


@pytest.mark.parametrize(
    ("act", "data", "before", "rule", "law", "place"),
    REFUSALS,
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_breach_refuses_the_act_and_cites_the_law(
    act: str, data: dict[str, Any], before: tuple[Step, ...], rule: str, law: str, place: dict[str, Any]
) -> None:
    settings = {"by": OFFICER} | place
    history = Place(data, before, **settings).history()
    refused = history.refused(act, ON, settings["by"], **dict(data))
    assert rule in refused
    assert law in refused[rule].law
    assert refused[rule].text.endswith(".")


@pytest.mark.parametrize(
    ("act", "data", "before", "rule", "law", "place"),
    REFUSALS,
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_same_breach_is_a_finding_of_what_has_happened(
    act: str, data: dict[str, Any], before: tuple[Step, ...], rule: str, law: str, place: dict[str, Any]
) -> None:
    settings = {"by": OFFICER} | place
    history = Place(data, before, **settings).history()
    history.record(act, ON, settings["by"], **dict(data))
    assert rule in history.findings()
    assert any(law in finding.law for finding in history.state.findings if finding.rule == rule)


def test_section_41_is_a_dated_flag() -> None:
    approved = REQUIRED | {"settingKind": "SECTION_41", "section41ApprovedFrom": "2015-01-01"}
    assert maintained().refused("require-setting-review", ON, **approved) == {}


def test_a_reassessment_within_six_months_may_be_refused() -> None:
    history = maintained().record("request-reassessment", ON, **ASKED[1])
    recent = REFUSE | {"ground": "WITHIN_6_MONTHS", "lastAssessedOn": "2025-12-02"}
    history.perform("decide-reassessment", ON, **recent)
    assert history.status("reassessment", "a1") == "REFUSED"


def test_what_was_ordered_is_not_refused_again() -> None:
    history = maintained().record("request-reassessment", "2026-05-01", **ASKED[1] | {"receivedOn": "2026-05-01"})
    refusal = REFUSE | {"ground": "NOT_NECESSARY", "decidedOn": "2026-05-10", "rightsExplained": True}
    history.perform("decide-reassessment", "2026-05-10", **refusal)
    history.record("register-appeal", "2026-05-20", appealId="p1", about=["d"])
    history.record("record-tribunal-order", "2026-06-01", appealId="p1", orderOn="2026-06-01", orders=["REASSESS"])
    refused = history.refused("decide-reassessment", ON, **refusal | {"decidedOn": ON})
    assert "reg 44(2)" in refused["decided-by-order"].law


def test_the_family_may_say_that_nothing_more_will_come() -> None:
    open_until = NOTICE[1] | {"representationsUntil": "2026-06-29"}
    history = maintained().record("serve-amendment-notice", "2026-06-01", **open_until)
    assert "representations-still-open" in history.refused("amend", ON, **dict(PLACES["amend"].data))
    history.record(
        "make-amendment-representation",
        "2026-06-10",
        amendmentNoticeId="n1",
        receivedOn="2026-06-10",
        nothingFurther=True,
    )
    history.perform("amend", ON, **dict(PLACES["amend"].data))
    assert history.status("amendment", "n1") == "AMENDED"


def test_a_text_that_the_tribunal_ordered_needs_no_notice() -> None:
    history = maintained().record("register-appeal", "2026-05-01", appealId="p1", about=["c-ii"])
    history.record(
        "record-tribunal-order", "2026-06-01", appealId="p1", orderOn="2026-06-01", orders=["AMEND_CONTENTS"]
    )
    assert history.due("D35") == "2026-07-06"
    ordered = PLACES["amend"].data | {"basis": "TRIBUNAL_ORDER", "amendmentNoticeId": "order-p1", "appealId": "p1"}
    history.perform("amend", ON, **ordered)
    assert history.due("D35") == "not running"
