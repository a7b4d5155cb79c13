"""Traps of serving a draft: the 15 days, section I, and who is served."""

from typing import Any

import pytest

from tests.domain.plan.keeping.history import document, maintained
from tests.domain.plan.keeping.steps import NOTICE
from tests.domain.plan.making.stages import SERVED, draft_text, drafting, final_text, reassessing, serving


def _by_post(until: str, *days: str) -> dict[str, Any]:
    """A draft that is posted, for one contact on each of the days of service."""
    contacts = [f"contact-{number}" for number in range(1, len(days) + 1)]
    return serving(
        servedOn=dict(zip(contacts, days, strict=True)),
        serviceMethods=dict.fromkeys(contacts, "POST"),
        representationsUntil=until,
    )


def _too_short(until: str, *days: str) -> bool:
    return set(drafting().refused("serve-draft", days[0], **_by_post(until, *days))) == {"window-too-short"}


def _window(until: str, *days: str) -> str:
    """The last day for representations of a draft that is sent on the first of the days."""
    return drafting().perform("serve-draft", days[0], **_by_post(until, *days)).due("D5")


def test_trap_03_draft_served_minimum_15_days_inclusive() -> None:
    assert _too_short("2026-06-25", "2026-06-12")
    assert _window("2026-06-26", "2026-06-12") == "2026-06-26"


def test_trap_03_the_refusal_cites_the_regulation_and_points_at_the_date() -> None:
    short = drafting().refused("serve-draft", SERVED, **serving(representationsUntil="2026-06-25"))["window-too-short"]
    assert "reg 13(1)(a)" in short.law
    assert short.pointer == "/representationsUntil"


def test_trap_04_bank_holidays_do_not_extend_the_window_and_longer_is_allowed() -> None:
    assert _too_short("2026-01-01", "2025-12-19")
    assert _window("2026-01-02", "2025-12-19") == "2026-01-02"
    assert _window("2026-03-01", "2025-12-19")


def test_trap_54_the_window_ends_with_the_person_served_last() -> None:
    assert _too_short("2026-06-28", "2026-06-12", "2026-06-15")
    assert _window("2026-06-29", "2026-06-12", "2026-06-15") == "2026-06-29"


def test_trap_61_ten_days_in_a_past_letter_are_a_finding_and_now_a_refusal() -> None:
    ten_days = serving(representationsUntil="2026-06-21")
    assert set(drafting().refused("serve-draft", SERVED, **ten_days)) == {"window-too-short"}
    recorded = drafting().record("serve-draft", SERVED, **ten_days, today="2026-08-01")
    assert recorded.findings() == {"window-too-short"}
    assert recorded.state.phase == "DRAFT_ISSUED"


@pytest.mark.parametrize(
    "section",
    [
        {"placementBasis": "NAMED", "placements": {"placement-1": {"order": 1, "rank": 1, "name": "Elm Tree School"}}},
        {"placements": {"placement-1": {"order": 1, "rank": 1, "urn": "199101"}}},
    ],
    ids=["by-name", "by-number"],
)
def test_trap_23_a_draft_that_names_a_school_is_refused(section: dict[str, object]) -> None:
    breach = drafting().refused("serve-draft", SERVED, **serving(plan=draft_text(I=section)))["draft-names-setting"]
    assert "CFA s.38(5)" in breach.law
    assert breach.pointer == "/plan/sections/I"


def test_trap_57_a_first_draft_with_a_type_only_is_refused() -> None:
    typed = draft_text(I={"placements": {"placement-1": {"order": 1, "rank": 1, "type": "Special school"}}})
    assert set(drafting().refused("serve-draft", SERVED, **serving(plan=typed))) == {"draft-names-setting"}
    assert drafting().record("serve-draft", SERVED, **serving(plan=typed)).findings() == {"draft-names-setting"}


def test_trap_57_a_draft_after_reassessment_names_no_setting_either() -> None:
    body = serving(plan=final_text(), purpose="REASSESSMENT")
    assert set(reassessing().refused("serve-draft", SERVED, **body)) == {"draft-names-setting"}
    history = reassessing().perform("serve-draft", SERVED, **body | {"plan": draft_text()})
    assert history.state.phase == "MAINTAINED"
    assert history.state.document["sections"]["I"], "the version in force keeps its section I"


def test_trap_57_an_amendment_draft_with_the_section_i_in_force_is_served() -> None:
    notice = NOTICE[1] | {"plan": document(), "noticeOn": SERVED, "servedOn": {"contact-1": SERVED}}
    history = maintained()
    history.perform("serve-amendment-notice", SERVED, **notice | {"representationsUntil": "2026-06-26"})
    assert history.status("amendment", "n1") == "SERVED"


def test_trap_22_a_barred_parent_is_not_served() -> None:
    history = drafting().perform("restrict-contact", "2026-06-02", contactId="contact-2", reason="A court order")
    refused = history.refused("serve-draft", SERVED, **serving())
    assert set(refused) == {"barred-recipient"}
    history.perform(
        "serve-draft", SERVED, **serving(servedOn={"contact-1": SERVED}, serviceMethods={"contact-1": "POST"})
    )
    assert history.state.phase == "DRAFT_ISSUED"


def test_trap_56_a_foster_carer_without_parental_responsibility_is_served_and_answers() -> None:
    carer = {"order": 3, "kind": "parentOrCarer", "name": "Jo Example", "parentalResponsibility": "no"}
    history = drafting().perform("add-contact", "2026-06-02", contactId="contact-3", contact=carer)
    history.perform("serve-draft", SERVED, **serving(servedOn={"contact-1": SERVED, "contact-3": SERVED}))
    history.perform(
        "make-representation", "2026-06-20", receivedOn="2026-06-20", contactId="contact-3", text="Please quantify"
    )
    assert history.state.happened("representation-received")
