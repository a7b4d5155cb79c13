"""Consulting settings, deciding what the family asks for, and what health bodies answer."""

import pytest

from domain.document import text_hash
from tests.domain.plan.journey import Journey
from tests.domain.plan.making.places import HEALTH, PREFERENCE
from tests.domain.plan.making.stages import (
    AGREED,
    CONSULTED,
    SECTION_G,
    SENT,
    SETTING,
    THERAPY,
    consulted,
    draft_text,
    finalised,
    finalising,
    served,
    warnings,
)

DAY = "2026-06-15"


def test_a_setting_has_fifteen_days_to_reply() -> None:
    assert consulted().due("D6") == "2026-06-30"
    short = CONSULTED | {"replyBy": "2026-06-29"}
    breach = served().refused("consult-setting", DAY, **short)["reply-time-too-short"]
    assert breach.law == "Code 9.83"


def test_advice_that_the_plan_does_not_hold_is_not_shared() -> None:
    body = CONSULTED | {"adviceShared": {"advice-9": "Says what the school must do"}}
    assert set(served().refused("consult-setting", DAY, **body)) == {"unknown-advice"}
    held = CONSULTED | {"adviceShared": {"advice-b": "Says what the school must do"}}
    history = served().perform("consult-setting", DAY, **held)
    assert history.state.cases["consultation"]["c1"].data["adviceShared"] == held["adviceShared"]


@pytest.mark.parametrize("given", [{}, {"ground": "S39_4_A"}, {"reasons": "We are full"}])
def test_a_setting_that_says_no_gives_ground_and_reasons(given: dict[str, str]) -> None:
    body = {"consultationId": "c1", "receivedOn": "2026-06-25", "answer": "NO"}
    assert set(consulted().refused("answer-consultation", "2026-06-25", **body, **given)) == {"ground-missing"}
    both = {"ground": "S39_4_A", "reasons": "The needs are of another kind"}
    consulted().perform("answer-consultation", "2026-06-25", **body, **both)


def test_a_reply_counts_once() -> None:
    body = {"consultationId": "c1", "receivedOn": "2026-06-25", "answer": "YES"}
    history = consulted().perform("answer-consultation", "2026-06-25", **body)
    assert set(history.refused("answer-consultation", "2026-06-25", **body)) == {"matter-out-of-order"}
    assert history.due("D6") == "not running"


def test_a_withdrawn_consultation_names_nobody() -> None:
    history = consulted().perform("withdraw-consultation", "2026-06-25", consultationId="c1", withdrawnOn="2026-06-25")
    assert set(history.refused("finalise", SENT, **finalising())) == {"setting-not-consulted"}


def test_a_setting_is_named_after_its_reply_or_its_time() -> None:
    history = served().perform("consult-setting", "2026-07-01", **CONSULTED | {"consultedOn": "2026-07-01"})
    assert set(history.refused("finalise", SENT, **finalising())) == {"setting-not-consulted"}
    body = {"consultationId": "c1", "receivedOn": "2026-07-08", "answer": "NO", "ground": "FULL", "reasons": "Full"}
    history.perform("answer-consultation", "2026-07-08", **body)
    history.perform("finalise", SENT, **finalising())
    assert history.status("consultation", "c1") == "NAMED"


def _asked_for(kind: str = "NAMED") -> Journey:
    return consulted().perform(PREFERENCE[0], "2026-07-13", **PREFERENCE[1] | {"kind": kind})


def test_what_the_family_asks_for_is_refused_on_a_ground_only() -> None:
    body = {"preferenceId": "p1", "decidedOn": "2026-07-13", "decision": "REFUSE"}
    breach = _asked_for().refused("decide-preference", "2026-07-13", **body)["ground-missing"]
    assert "CFA s.39(4)" in breach.law
    on_cost = body | {"ground": "S39_4_B_II", "reasons": "It costs more"}
    assert set(_asked_for().refused("decide-preference", "2026-07-13", **on_cost)) == {"costs-not-compared"}
    compared = on_cost | {"costComparison": {"requestedPence": 3_200_000, "alternativePence": 900_000}}
    assert _asked_for().perform("decide-preference", "2026-07-13", **compared).status("preference", "p1") == "DECIDED"


def test_the_setting_that_the_family_asks_for_is_consulted_first() -> None:
    history = served().perform(PREFERENCE[0], "2026-07-13", **PREFERENCE[1])
    body = {"preferenceId": "p1", "decidedOn": "2026-07-13", "decision": "NAME"}
    assert set(history.refused("decide-preference", "2026-07-13", **body)) == {"setting-not-consulted"}


def test_only_a_named_setting_can_refuse_to_admit() -> None:
    body = {"namingDisputeId": "n1", "organisation": "urn:199109", "declinedOn": "2026-07-13", "reasons": "Full"}
    assert set(finalised().refused("decline-named-child", "2026-07-13", **body)) == {"setting-not-named"}


def test_each_answer_of_a_health_body_is_kept_with_the_text_it_is_about() -> None:
    history = served(plan=draft_text(**SECTION_G))
    history.perform("ask-health-agreement", DAY, **HEALTH, askedOn=DAY)
    assert history.state.health_agreements["provision-2"]["status"] == "unknown"
    history.perform("decline-health-provision", "2026-06-18", **HEALTH, declinedOn="2026-06-18", reasons="No capacity")
    assert history.state.health_agreements["provision-2"]["status"] == "notAgreed"
    history.perform("agree-health-provision", AGREED["agreedOn"], **AGREED)
    assert history.state.health_agreements["provision-2"] == {
        "status": "agreed",
        **{key: value for key, value in AGREED.items() if key != "itemId"},
    }


def test_silence_is_no_agreement_and_undoes_none() -> None:
    history = served().perform("agree-health-provision", AGREED["agreedOn"], **AGREED)
    other = HEALTH | {"textHash": text_hash(THERAPY | {"what": "Physiotherapy twice a week"})}
    history.perform("ask-health-agreement", "2026-06-22", **other, askedOn="2026-06-22")
    history.perform("note-health-silence", "2026-07-09", itemId="provision-2", notedOn="2026-07-09")
    assert warnings(history) == {"no-deemed-agreement"}
    assert history.state.health_agreements["provision-2"]["textHash"] == AGREED["textHash"]


def test_agreement_is_the_responsible_bodys_to_give() -> None:
    history = served(plan=draft_text(**SECTION_G))
    body = AGREED | {"bodyType": "NHSE"}
    assert set(history.refused("agree-health-provision", AGREED["agreedOn"], **body)) == {"another-body-is-responsible"}
    assert SETTING not in str(history.state.health_agreements)
