"""The needs assessment: advice asked and answered, what need not be asked, and the decision whether to make a plan."""

import pytest

from tests.domain.plan.journey import ADVISED, ALWAYS_SOUGHT, ASSESSED, ISSUED, Journey

NOTIFIED = {"decision": "ISSUE", "notifiedOn": ISSUED}
REUSED = {
    "adviceId": "advice-d",
    "category": "d",
    "author": "Educational psychologist",
    "writtenOn": "2025-11-03",
    "agreedOn": "2026-04-10",
    "authorAgreed": True,
    "councilAgreed": True,
    "familyAgreed": True,
}


def _answered(answer: str, **data: object) -> Journey:
    journey = Journey.assessing().ask("c", ASSESSED)
    body = {"adviceId": "advice-c", "answer": answer, "receivedOn": ADVISED, **data}
    journey.perform("receive-advice", ADVISED, **body)
    return journey


def test_an_adviser_has_six_weeks() -> None:
    assert Journey.assessing().ask("c", ASSESSED).running()["D2"] == "2026-05-13"


def test_each_adviser_has_a_clock_of_their_own() -> None:
    journey = Journey.assessing().ask("c", ASSESSED).ask("e", "2026-04-08")
    body = {"adviceId": "advice-c", "answer": "advice", "receivedOn": ADVISED}
    journey.perform("receive-advice", ADVISED, **body)
    assert journey.running()["D2"] == "2026-05-20"


@pytest.mark.parametrize(("due_on", "refused"), [("2026-05-13", False), ("2026-05-14", True)])
def test_a_council_can_shorten_the_six_weeks_and_never_lengthen_them(due_on: str, *, refused: bool) -> None:
    body = {"adviceId": "advice-c", "category": "c", "provider": "Trust", "requestedOn": ASSESSED, "dueOn": due_on}
    journey = Journey.assessing()
    if refused:
        assert journey.refused("request-advice", ASSESSED, **body)["advice-due-too-late"].law == "reg 8(1)"
    else:
        journey.perform("request-advice", ASSESSED, **body)
        assert journey.status("advice", "advice-c") == "ASKED"


@pytest.mark.parametrize("answer", ["advice", "appointmentMissed", "redirected"])
def test_any_answer_meets_the_six_weeks(answer: str) -> None:
    assert _answered(answer).clock("D2").met_on == ADVISED


def test_a_waiting_list_is_an_answer_when_it_says_how_long() -> None:
    assert _answered("waitingList", availableOn="2026-09-01").clock("D2").met_on == ADVISED
    body = {"adviceId": "advice-c", "answer": "waitingList", "receivedOn": ADVISED}
    refused = Journey.assessing().ask("c", ASSESSED).refused("receive-advice", ADVISED, **body)
    assert refused["waiting-list-undated"].pointer == "/availableOn"


def test_a_late_answer_is_late_and_taken() -> None:
    journey = Journey.assessing().ask("c", ASSESSED)
    body = {"adviceId": "advice-c", "answer": "advice", "receivedOn": "2026-06-03"}
    journey.perform("receive-advice", "2026-06-03", **body)
    clock = journey.clock("D2")
    assert clock.met_on == "2026-06-03" > clock.due_on


def test_advice_is_chased_until_it_comes_and_clarified_after() -> None:
    journey = Journey.assessing().ask("c", ASSESSED)
    journey.perform("chase-advice", "2026-04-20", adviceId="advice-c", chasedOn="2026-04-20")
    assert journey.running()["D2"] == "2026-05-13"
    clarified = {"adviceId": "advice-c", "clarifiedOn": "2026-05-04", "question": "How many sessions a week?"}
    assert "matter-out-of-order" in journey.refused("clarify-advice", "2026-05-04", **clarified)
    body = {"adviceId": "advice-c", "answer": "advice", "receivedOn": ADVISED}
    journey.perform("receive-advice", ADVISED, **body)
    journey.perform("clarify-advice", "2026-05-04", **clarified)
    assert journey.status("advice", "advice-c") == "ANSWERED"
    chased = {"adviceId": "advice-c", "chasedOn": "2026-05-05"}
    assert "matter-out-of-order" in journey.refused("chase-advice", "2026-05-05", **chased)


def test_an_answer_belongs_to_a_question() -> None:
    body = {"adviceId": "advice-c", "answer": "advice", "receivedOn": ADVISED}
    assert "unknown-matter" in Journey.assessing().refused("receive-advice", ADVISED, **body)
    journey = Journey.assessing()
    journey.record("receive-advice", ADVISED, **body)
    assert journey.findings() == {"unknown-matter"}


@pytest.mark.parametrize("missing", ["authorAgreed", "councilAgreed", "familyAgreed"])
def test_earlier_advice_is_enough_only_when_all_three_agree(missing: str) -> None:
    journey = Journey.assessing()
    refused = journey.refused("agree-advice-reuse", "2026-04-10", **REUSED | {missing: False})
    assert refused["reuse-not-agreed"].law == "reg 6(4)"
    assert refused["reuse-not-agreed"].pointer == f"/{missing}"


def test_the_family_is_asked_anew_always() -> None:
    body = REUSED | {"adviceId": "advice-a", "category": "a"}
    assert set(Journey.assessing().refused("agree-advice-reuse", "2026-04-10", **body)) == {"family-always-asked"}


def test_agreed_reuse_ends_the_question_that_was_asked_already() -> None:
    journey = Journey.assessing().ask("d", ASSESSED)
    journey.perform("agree-advice-reuse", "2026-04-10", **REUSED)
    assert "D2" not in journey.running()
    assert journey.clock("D2").met_on is None
    assert journey.status("advice", "advice-d") == "REUSED"


def test_a_panel_and_a_meeting_stop_no_clock_and_decide_nothing() -> None:
    journey = Journey.assessing()
    before = (journey.running(), journey.state.phase)
    journey.perform("consider-at-panel", "2026-04-15", consideredOn="2026-04-15", about="ISSUE", advice="Issue a plan")
    journey.perform("hold-coproduction-meeting", "2026-04-16", heldOn="2026-04-16", attended=["Parent", "SENCO"])
    assert (journey.running(), journey.state.phase) == before


@pytest.mark.parametrize("left_out", ALWAYS_SOUGHT)
def test_a_plan_is_decided_on_all_the_advice_that_must_be_sought(left_out: str) -> None:
    journey = Journey.assessing()
    for category in ALWAYS_SOUGHT.replace(left_out, ""):
        journey.ask(category, ASSESSED)
    refused = journey.refused("decide-assessment", ISSUED, **NOTIFIED)
    assert refused["advice-not-sought"].law == f"reg 6(1)({left_out})"
    journey.record("decide-assessment", ISSUED, **NOTIFIED)
    assert journey.findings() == {"advice-not-sought"}
    assert journey.state.phase == "DRAFTING"


def test_reused_advice_counts_as_sought() -> None:
    journey = Journey.assessing()
    for category in "abce":
        journey.ask(category, ASSESSED)
    journey.perform("agree-advice-reuse", "2026-04-10", **REUSED)
    journey.perform("decide-assessment", ISSUED, **NOTIFIED)
    assert journey.state.phase == "DRAFTING"


@pytest.mark.parametrize(
    ("changed", "needed"),
    [
        ({"dateOfBirth": "2011-09-01"}, True),
        ({"dateOfBirth": "2012-08-31", "ncYear": 9}, True),
        ({"dateOfBirth": "2012-09-01"}, False),
        ({"dateOfBirth": "2011-09-01", "ncYear": 8}, False),
    ],
)
def test_preparation_for_adulthood_is_asked_about_from_year_9(changed: dict[str, object], *, needed: bool) -> None:
    journey = Journey.advised(**changed)
    if needed:
        refused = journey.refused("decide-assessment", ISSUED, **NOTIFIED)
        assert refused["advice-not-sought"].law == "reg 6(1)(g)"
        journey.ask("g", ADVISED)
    journey.perform("decide-assessment", ISSUED, **NOTIFIED)
    assert journey.state.phase == "DRAFTING"


def test_deciding_to_make_a_plan_leaves_only_the_20_weeks() -> None:
    assert Journey.drafting().running() == {"D4": "2026-07-20"}


def test_refusing_to_make_a_plan_meets_the_16_weeks_and_starts_the_time_to_appeal() -> None:
    journey = Journey.advised()
    refusal = {"decision": "REFUSE", "notifiedOn": ISSUED, "reasons": "Support is enough", "rightsExplained": True}
    journey.perform("decide-assessment", ISSUED, **refusal)
    assert journey.state.phase == "ISSUE_REFUSED"
    assert journey.clock("D3").met_on == ISSUED
    assert set(journey.running()) == {"D26", "D30"}


def test_a_refusal_to_make_a_plan_gives_reasons_and_rights() -> None:
    refused = Journey.advised().refused("decide-assessment", ISSUED, decision="REFUSE", notifiedOn=ISSUED)
    assert {"reasons-missing", "rights-not-explained"} == set(refused)


def test_advice_is_asked_and_answered_in_a_reassessment() -> None:
    journey = Journey.maintained()
    own = {"reassessmentId": "again-1", "decision": "REASSESS", "origin": "OWN_DECISION", "decidedOn": "2026-05-11"}
    journey.perform("decide-reassessment", "2026-05-11", **own)
    journey.ask("d", "2026-05-12")
    assert journey.running()["D2"] == "2026-06-23"
    body = {"adviceId": "advice-d", "answer": "advice", "receivedOn": "2026-06-01"}
    journey.perform("receive-advice", "2026-06-01", **body)
    assert "D2" not in journey.running()


def test_advice_is_not_asked_for_a_plan_that_nobody_assesses_again() -> None:
    body = {"adviceId": "advice-d", "category": "d", "provider": "Psychologist", "requestedOn": "2026-05-12"}
    refused = Journey.maintained().refused("request-advice", "2026-05-12", **body)
    assert set(refused) == {"no-assessment"}


def test_an_assessment_follows_a_decision_to_assess() -> None:
    body = {"adviceId": "advice-d", "category": "d", "provider": "Psychologist", "requestedOn": "2026-03-12"}
    assert "out-of-order" in Journey.requested().refused("request-advice", "2026-03-12", **body)
    assert "out-of-order" in Journey.requested().refused("decide-assessment", ISSUED, **NOTIFIED)


def test_advice_that_comes_after_the_waiting_list_is_taken() -> None:
    journey = _answered("waitingList", availableOn="2026-09-01")
    late = {"adviceId": "advice-c", "answer": "advice", "receivedOn": "2026-09-14"}
    journey.perform("receive-advice", "2026-09-14", **late)
    advice = journey.state.case("advice", "advice-c")
    assert advice is not None
    assert advice.data["answer"] == "advice"
    assert journey.clock("D2").met_on == ADVISED
