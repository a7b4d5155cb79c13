"""Deciding on a request: who asked, who withdraws, what the family is told, and what excuses lateness."""

import pytest

from tests.domain.plan.journey import ASSESSED, RECEIVED, Journey, child
from tests.domain.plan.keeping.history import MANAGER

SCHOOL = {"receivedOn": RECEIVED, "source": "2", "requestId": "request-1", "child": child()}
REFUSAL = {
    "decision": "REFUSE",
    "notifiedOn": ASSESSED,
    "reasons": "The school can meet the needs that were described",
    "rightsExplained": True,
    "recipients": ["contact-1", "contact-2"],
}


def _asked_by_school() -> Journey:
    journey = Journey()
    journey.perform("receive-request", RECEIVED, **SCHOOL)
    return journey


def test_agreeing_to_assess_meets_d1_and_leaves_the_20_weeks_running() -> None:
    journey = Journey.assessing()
    assert journey.state.phase == "ASSESSING"
    assert journey.clock("D1").met_on == ASSESSED
    assert journey.running() == {"D3": "2026-06-22", "D4": "2026-07-20"}


def test_refusing_to_assess_ends_the_20_weeks_and_starts_the_time_to_appeal() -> None:
    journey = Journey.requested()
    journey.perform("decide-request", ASSESSED, **REFUSAL)
    assert journey.state.phase == "ASSESSMENT_REFUSED"
    assert journey.clock("D1").met_on == ASSESSED
    assert set(journey.running()) == {"D26", "D30"}
    assert journey.running()["D26"] == "2026-06-01"


@pytest.mark.parametrize(
    ("missing", "rule"), [("reasons", "reasons-missing"), ("rightsExplained", "rights-not-explained")]
)
def test_a_refusal_gives_its_reasons_and_tells_of_the_rights(missing: str, rule: str) -> None:
    body = {name: value for name, value in REFUSAL.items() if name != missing}
    refused = Journey.requested().refused("decide-request", ASSESSED, **body)
    assert set(refused) == {rule}
    assert refused[rule].pointer == f"/{missing}"


def test_a_refusal_letter_of_the_past_without_rights_is_recorded_with_a_finding() -> None:
    journey = Journey.requested()
    journey.record("decide-request", ASSESSED, **REFUSAL | {"rightsExplained": False})
    assert journey.findings() == {"rights-not-explained"}
    assert journey.state.phase == "ASSESSMENT_REFUSED"


def test_the_family_is_consulted_before_a_decision_on_somebody_else_s_request() -> None:
    journey = _asked_by_school()
    refused = journey.refused("decide-request", ASSESSED, decision="ASSESS", notifiedOn=ASSESSED)
    assert refused["family-not-consulted"].law == "CFA s.36(4)"
    journey.perform("consult-family-on-request", "2026-03-10", consultedOn="2026-03-10", recipients=["contact-1"])
    journey.perform("decide-request", ASSESSED, decision="ASSESS", notifiedOn=ASSESSED)
    assert journey.state.phase == "ASSESSING"


def test_a_decision_is_told_to_contacts_who_may_be_told() -> None:
    contacts = child()["contacts"] | {
        "contact-3": {"order": 3, "kind": "parentOrCarer", "name": "Lee Example", "mayReceive": "no"}
    }
    journey = Journey.requested(contacts=contacts)
    body = {"decision": "ASSESS", "notifiedOn": ASSESSED}
    barred = journey.refused("decide-request", ASSESSED, **body, recipients=["contact-1", "contact-3"])
    assert set(barred) == {"barred-recipient"}
    unknown = journey.refused("decide-request", ASSESSED, **body, recipients=["contact-9"])
    assert set(unknown) == {"unknown-contact"}


def test_a_decision_is_made_under_delegated_authority_apart_from_its_notice() -> None:
    journey = Journey.requested()
    decided = {
        "decisionId": "decision-1",
        "about": "ASSESS",
        "decision": "Assess",
        "decidedOn": "2026-03-25",
        "decidedBy": "SEND manager",
        "delegatedAuthority": "Scheme of delegation 4.12",
    }
    journey.perform("make-decision", "2026-03-25", actor=MANAGER, **decided)
    assert journey.state.phase == "REQUESTED"
    assert journey.running()["D1"] == "2026-04-13"
    assert journey.status("decision", "decision-1") == "MADE"


def test_a_request_joins_under_a_name_of_its_own() -> None:
    joined = {"receivedOn": "2026-03-09", "source": "2", "requestId": "request-1"}
    refused = Journey.requested().refused("join-duplicate-request", "2026-03-09", **joined)
    assert set(refused) == {"request-known"}


def test_only_a_request_that_stands_is_withdrawn() -> None:
    body = {"requestId": "request-2", "withdrawnOn": "2026-03-16"}
    assert set(Journey.requested().refused("withdraw-request", "2026-03-16", **body)) == {"no-such-request"}


def test_a_child_who_moves_away_before_the_final_plan_ends_the_case_here() -> None:
    journey = Journey.assessing().ask("d", "2026-04-10")
    journey.perform("record-move-before-final", "2026-05-04", movedOn="2026-05-04", toLa="936")
    assert journey.state.phase == "WITHDRAWN"
    assert journey.running() == {}
    assert journey.state.maintaining_la == "855"


@pytest.mark.parametrize(
    ("first", "last", "refused"),
    [("2026-04-06", "2026-05-03", False), ("2026-04-06", "2026-05-02", True), ("2026-05-03", "2026-04-06", True)],
)
def test_an_absence_excuses_only_from_4_weeks_on_end(first: str, last: str, *, refused: bool) -> None:
    body = {"exceptionId": "exception-1", "code": "d", "impracticalBecause": "Abroad", "from": first, "to": last}
    journey = Journey.assessing()
    if refused:
        assert "absence-too-short" in journey.refused("record-exception", "2026-05-05", **body)
    else:
        journey.perform("record-exception", "2026-05-05", **body)
        assert journey.clock("D3").excuses == ("d",)


def test_an_adviser_s_excuse_relieves_the_adviser_not_the_council() -> None:
    journey = Journey.assessing().ask("c", "2026-04-10")
    missed = {"exceptionId": "exception-1", "code": "adviser-appointment", "impracticalBecause": "Missed on 5 May"}
    journey.perform("record-exception", "2026-05-06", **missed)
    assert journey.clock("D2").excuses == ("adviser-appointment",)
    assert journey.clock("D4").excuses == ()


def test_a_request_joins_at_any_time_before_the_final_plan() -> None:
    joined = {"receivedOn": "2026-06-01", "source": "1", "requestId": "request-2"}
    journey = Journey.drafting()
    journey.perform("join-duplicate-request", "2026-06-01", **joined)
    assert journey.running() == {"D4": "2026-07-20"}


AGAIN = {"receivedOn": "2027-01-11", "source": "2", "requestId": "request-2"}


def _asked_again() -> Journey:
    journey = Journey.requested()
    journey.perform("decide-request", ASSESSED, **REFUSAL)
    journey.perform("receive-further-request", "2027-01-11", **AGAIN)
    return journey


def test_whoever_was_refused_can_ask_again_with_time_limits_of_its_own() -> None:
    journey = _asked_again()
    assert journey.state.phase == "REQUESTED"
    assert {name: due for name, due in journey.running().items() if name in {"D1", "D3", "D4"}} == {
        "D1": "2027-02-22",
        "D3": "2027-05-03",
        "D4": "2027-05-31",
    }


def test_a_further_request_stands_alone() -> None:
    journey = _asked_again()
    assert journey.status("request", "request-1") == "ANSWERED"
    journey.perform("withdraw-request", "2027-01-18", requestId="request-2", withdrawnOn="2027-01-18")
    assert journey.state.phase == "WITHDRAWN"


def test_the_family_is_consulted_anew_on_a_further_request_of_somebody_else() -> None:
    journey = Journey.requested()
    journey.perform("consult-family-on-request", "2026-03-10", consultedOn="2026-03-10")
    journey.perform("decide-request", ASSESSED, **REFUSAL)
    journey.perform("receive-further-request", "2027-01-11", **AGAIN)
    decided = {"decision": "ASSESS", "notifiedOn": "2027-02-01"}
    assert set(journey.refused("decide-request", "2027-02-01", **decided)) == {"family-not-consulted"}
    journey.perform("consult-family-on-request", "2027-01-18", consultedOn="2027-01-18")
    journey.perform("decide-request", "2027-02-01", **decided)
    assert journey.clock("D1").met_on == "2027-02-01"


def test_advice_of_the_last_time_is_not_advice_sought_this_time() -> None:
    journey = Journey.advised()
    refusal = REFUSAL | {"notifiedOn": "2026-05-20"}
    journey.perform("decide-assessment", "2026-05-20", **refusal)
    journey.perform("receive-further-request", "2027-01-11", **AGAIN | {"source": "1"})
    journey.perform("decide-request", "2027-02-01", decision="ASSESS", notifiedOn="2027-02-01")
    refused = journey.refused("decide-assessment", "2027-03-01", decision="ISSUE", notifiedOn="2027-03-01")
    assert set(refused) == {"advice-not-sought"}


def test_nobody_asks_again_while_a_request_is_open() -> None:
    assert "out-of-order" in Journey.requested().refused("receive-further-request", "2027-01-11", **AGAIN)
