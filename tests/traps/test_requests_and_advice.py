"""Traps of the request and the assessment: when the time runs, what excuses, who answered what."""

from datetime import date

import pytest

from tests.domain.plan.journey import ADVISED, ASSESSED, COUNCIL, FILE, RECEIVED, Journey, child
from tests.domain.plan.keeping.history import document


def test_trap_01_the_time_runs_in_calendar_weeks_from_the_day_of_receipt() -> None:
    journey = Journey.requested("2026-03-02")
    assert journey.running() == {"D1": "2026-04-13", "D3": "2026-06-22", "D4": "2026-07-20"}
    assert {clock.started_on for clock in journey.state.clocks.values()} == {"2026-03-02"}


def test_trap_02_christmas_is_not_skipped_when_a_request_comes_before_it() -> None:
    running = Journey.requested("2025-12-22").running()
    assert (running["D1"], running["D4"]) == ("2026-02-02", "2026-05-11")


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


def test_trap_37_a_plan_that_another_council_made_comes_in_as_transferred_not_as_a_new_plan() -> None:
    journey = Journey()
    asserted = {
        "planMadeOn": "2023-05-10",
        "lastReviewDecidedOn": "2025-04-30",
        "transferredFrom": "936",
        "transferredInOn": "2025-06-01",
    }
    journey.record("import-baseline", "2026-01-12", council=COUNCIL, sourceFile=FILE, plan=document(), **asserted)
    councils = [party for party in journey.state.parties if party.role == "maintainingCouncil"]
    held = [(party.organisation, party.since, party.until) for party in councils]
    assert held == [("la:936", "2023-05-10", "2025-05-31"), ("la:855", "2025-06-01", None)]
    assert journey.state.maintaining_la == COUNCIL
    assert journey.state.phase_on(date(2026, 1, 12)) == "MAINTAINED"
    assert not {"request-decided", "assessment-decided", "finalised"} & {
        name.split(".")[2] for name in journey.state.facts
    }
    assert journey.state.last("baseline-imported")["transferredFrom"] == "936"


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


def test_trap_73_not_known_to_this_service_meets_d2_and_stands_as_an_answer_without_advice() -> None:
    journey = Journey.assessing().ask("c", ASSESSED)
    answer = {"adviceId": "advice-c", "answer": "notKnownToService", "receivedOn": ADVISED}
    journey.perform("receive-advice", ADVISED, **answer)
    assert journey.clock("D2").met_on == ADVISED
    answered = journey.state.case("advice", "advice-c")
    assert answered is not None
    assert (answered.status, answered.data["answer"]) == ("ANSWERED", "notKnownToService")
    assert [warning.rule for warning in journey.effects.warnings] == ["advice-still-needed"]


def test_trap_74_a_trust_notifies_about_a_child_of_3_the_record_opens_and_d1_runs() -> None:
    journey = Journey()
    told = {"receivedOn": RECEIVED, "notifiedBy": "ods:RX1", "parentInformedOn": "2026-02-20"}
    journey.perform("receive-health-notification", RECEIVED, **told, child=child(dateOfBirth="2023-01-10"))
    assert journey.state.phase == "REQUESTED"
    assert journey.running() == {"D1": "2026-04-13", "D3": "2026-06-22", "D4": "2026-07-20"}


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
