"""Deciding on a request: who asked, who withdraws, what the family is told, and what excuses lateness."""

import pytest

from tests.domain.plan.journey import ASSESSED, MANAGER, RECEIVED, Journey, child

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


def test_trap_53_two_requests_are_one_case_and_d1_stays() -> None:
    journey = Journey.requested()
    joined = {"receivedOn": "2026-03-09", "source": "2", "requestId": "request-2"}
    journey.perform("join-duplicate-request", "2026-03-09", **joined)
    assert journey.running()["D1"] == "2026-04-13"
    journey.perform("withdraw-request", "2026-03-16", requestId="request-2", withdrawnOn="2026-03-16")
    assert journey.state.phase == "REQUESTED"
    assert journey.running() == {"D1": "2026-04-13", "D3": "2026-06-22", "D4": "2026-07-20"}
    assert journey.status("request", "request-2") == "WITHDRAWN"
    assert journey.status("request", "request-1") == "STANDING"


def test_trap_53_when_nobody_s_request_stands_any_more_the_case_is_over() -> None:
    journey = Journey.requested()
    journey.perform("withdraw-request", "2026-03-16", requestId="request-1", withdrawnOn="2026-03-16")
    assert journey.state.phase == "WITHDRAWN"
    assert journey.running() == {}
    assert journey.clock("D1").met_on is None


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


def _asked_of_the_head(on: str) -> Journey:
    journey = Journey.requested("2026-06-22")
    journey.perform("decide-request", "2026-07-06", decision="ASSESS", notifiedOn="2026-07-06")
    return journey.ask("b", on)


CLOSED = {
    "exceptionId": "exception-1",
    "code": "a",
    "adviceId": "advice-b",
    "closedOn": "2026-07-22",
    "reopensOn": "2026-09-02",
    "impracticalBecause": "The head could not be reached in the summer",
}


@pytest.mark.parametrize("asked_on", ["2026-07-15", "2026-08-26"])
def test_trap_17_a_head_asked_in_the_window_of_a_long_closure_excuses(asked_on: str) -> None:
    journey = _asked_of_the_head(asked_on).perform("record-exception", "2026-09-07", **CLOSED)
    assert {stop.excuse for stop in journey.effects.clock_stops} == {"a"}
    assert journey.clock("D4").excuses == ("a",)


@pytest.mark.parametrize("asked_on", ["2026-07-14", "2026-08-27"])
def test_trap_17_a_head_asked_outside_the_window_excuses_nothing(asked_on: str) -> None:
    refused = _asked_of_the_head(asked_on).refused("record-exception", "2026-09-07", **CLOSED)
    assert set(refused) == {"not-asked-in-that-time"}
    assert "reg 10(4)(a)" in refused["not-asked-in-that-time"].law


def test_trap_17_another_adviser_s_request_in_the_window_excuses_nothing() -> None:
    journey = _asked_of_the_head("2026-07-10").ask("c", "2026-07-20")
    assert set(journey.refused("record-exception", "2026-09-07", **CLOSED)) == {"not-asked-in-that-time"}


def test_trap_17_a_christmas_closure_of_two_weeks_is_never_an_exception() -> None:
    christmas = CLOSED | {"closedOn": "2026-12-21", "reopensOn": "2027-01-04"}
    journey = _asked_of_the_head("2026-12-15")
    assert set(journey.refused("record-exception", "2027-01-05", **christmas)) == {"closure-too-short"}


def test_trap_18_an_exception_excuses_the_council_and_never_moves_the_due_date() -> None:
    journey = Journey.assessing()
    before = journey.running()
    circumstances = {"exceptionId": "exception-1", "code": "c", "impracticalBecause": "The child was in hospital"}
    journey.perform("record-exception", "2026-04-20", **circumstances)
    assert journey.running() == before
    assert journey.clock("D4").excuses == ("c",)
    assert journey.clock("D4").due_on == "2026-07-20"


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


def test_trap_77_a_coronavirus_reason_relaxes_only_in_its_time_and_only_when_recorded() -> None:
    journey = Journey.requested("2020-02-10")
    assert journey.clock("D4").due_on == "2020-06-29"
    reason = {"exceptionId": "exception-1", "code": "coronavirus", "impracticalBecause": "The clinic was closed"}
    journey.record("record-exception", "2020-06-22", **reason, **{"from": "2020-05-04", "to": "2020-07-31"})
    assert journey.clock("D4").excuses == ("coronavirus",)
    assert journey.clock("D4").due_on == "2020-06-29"


def test_trap_77_after_25_september_2020_no_limit_was_relaxed_for_a_coronavirus_reason() -> None:
    reason = {"exceptionId": "exception-1", "code": "coronavirus", "impracticalBecause": "The clinic was closed"}
    refused = Journey.requested().refused("record-exception", "2026-03-20", **reason)
    assert refused["not-relaxed-then"].law == "SI 2020/471 reg 2"
