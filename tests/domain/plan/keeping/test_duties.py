"""Which act meets, moves or ends which duty: on a plan's own history, where one clock isn't another's."""

from domain.plan.state import Clock
from tests.domain.plan.journey import Journey
from tests.domain.plan.keeping.history import History, document, maintained, refused_to_assess
from tests.domain.plan.keeping.places import PLACES
from tests.domain.plan.keeping.steps import NOTICE, ON
from tests.domain.plan.making.stages import finalised

AMENDED = PLACES["amend"].data


def _running(history: History) -> dict[str, str]:
    """The running clocks by the name under which the table or an order knows them."""
    open_still = (c for c in history.state.clocks.values() if not c.met_on and not c.closed)
    return {clock.key.partition("@")[0]: clock.due_on for clock in open_still}


def _clock(history: History, clock_id: str) -> Clock:
    return max((c for c in history.state.clocks.values() if c.id == clock_id), key=lambda c: c.started_by)


def _amended(history: History, on: str, **changes: str) -> History:
    history.record(NOTICE[0], on, **NOTICE[1] | {"noticeOn": on, "purpose": changes.get("purpose", "ANNUAL_REVIEW")})
    return history.record("amend", on, **AMENDED | {"sentOn": on} | changes)


def test_the_plan_that_a_concession_leads_to_is_owed_until_it_is_sent() -> None:
    history = refused_to_assess("2026-02-01").record("register-appeal", "2026-03-01", appealId="p1", about=["a"])
    history.perform("concede-appeal", "2026-03-10", appealId="p1", concededOn="2026-03-10", orders=["ASSESS"])
    assert _running(history) == {"D39/D32a": "2026-03-24", "D39/D32b": "2026-05-19", "D39/D32c": "2026-06-16"}
    history.record("decide-request", "2026-03-20", decision="ASSESS", notifiedOn="2026-03-20")
    assert _running(history) == {"D39/D32b": "2026-05-19", "D39/D32c": "2026-06-16"}
    history.record("decide-assessment", "2026-05-04", decision="ISSUE", notifiedOn="2026-05-04")
    assert _running(history) == {"D39/D32c": "2026-06-16"}
    history.record("finalise", "2026-06-15", plan=document(), sentOn="2026-06-15", purpose="INITIAL", basis="COUNCIL")
    assert "D39/D32c" not in _running(history)
    met = {key.partition("@")[0]: clock.met_on for key, clock in history.state.clocks.items() if clock.id == "D39"}
    assert met == {"D39/D32a": "2026-03-20", "D39/D32b": None, "D39/D32c": "2026-06-15"}


def test_a_concession_of_a_refusal_to_assess_can_still_end_in_a_refusal_of_a_plan() -> None:
    history = refused_to_assess("2026-02-01").record("register-appeal", "2026-03-01", appealId="p1", about=["a"])
    history.perform("concede-appeal", "2026-03-10", appealId="p1", concededOn="2026-03-10", orders=["ASSESS"])
    history.record("decide-request", "2026-03-20", decision="ASSESS", notifiedOn="2026-03-20")
    history.record("decide-assessment", "2026-05-04", decision="REFUSE", notifiedOn="2026-05-04")
    assert not {"D39/D32b", "D39/D32c"} & _running(history).keys()


def test_an_agreed_change_is_owed_until_the_amended_plan_is_sent() -> None:
    history = maintained()
    history.record("request-mediation", "2026-05-20", mediationId="m1", requestedOn="2026-05-20", issues=["education"])
    agreed = {"issues": ["appealable"], "orders": ["AMEND_CONTENTS"]}
    history.record("agree-in-mediation", "2026-06-10", mediationId="m1", agreedOn="2026-06-10", **agreed)
    history.record(NOTICE[0], "2026-06-11", **NOTICE[1] | {"noticeOn": "2026-06-11"})
    assert _running(history)["D41a/D35"] == "2026-07-15"
    history.record("amend", "2026-07-01", **AMENDED | {"sentOn": "2026-07-01", "basis": "MEDIATION_AGREEMENT"})
    assert "D41a/D35" not in _running(history)


def test_after_a_transfer_one_review_is_due_and_the_next_year_runs_from_it() -> None:
    history = Journey.maintained("2025-10-01")
    assert history.due("D7") == "2026-09-30"
    moved = {"transferOn": "2026-09-14", "movedOn": "2026-09-14", "lastReviewOn": "2025-10-01"}
    history.perform("transfer-plan", "2026-09-14", transferId="t1", toLa="936", **moved)
    assert (history.due("D7"), history.due("D22")) == ("not running", "2026-12-13")
    kept = {"reviewId": "r1", "decision": "KEEP", "notifiedOn": "2026-12-01"}
    history.record("decide-review", "2026-12-01", **kept)
    assert (history.due("D7"), history.due("D22")) == ("2027-11-30", "not running")


def test_a_move_that_does_not_happen_ends_the_duty_to_transfer() -> None:
    history = maintained().perform("notify-move", ON, transferId="t1", awareOn=ON, toLa="936")
    assert history.due("D20") == "2026-07-03"
    history.perform("cancel-move", ON, transferId="t1", reason="They stay")
    assert history.due("D20") == "not running"
    assert _clock(history, "D20").met_on is None


def test_naming_a_setting_in_an_amended_plan_ends_what_others_were_asked() -> None:
    history = maintained()
    history.perform("consult-setting", ON, consultationId="c1", organisation="urn:199102", consultedOn=ON)
    assert history.due("D6") == "2026-06-30"
    _amended(history, "2026-06-20")
    assert history.due("D6") == "not running"


def test_a_certificate_moves_the_time_to_appeal_against_its_decision() -> None:
    history = finalised()
    assert history.due("D30") == "2026-09-10"
    certificate = {"mediationId": "m1", "certificateOn": "2026-08-28"}
    history.record("decline-mediation", "2026-08-25", mediationId="m1", informedOn="2026-08-25")
    history.record("issue-mediation-certificate", "2026-08-28", **certificate)
    assert history.due("D30") == "2026-09-28"
    assert _clock(history, "D30").started_on == "2026-07-10"


def test_a_certificate_never_shortens_the_time_to_appeal() -> None:
    history = finalised()
    history.record("decline-mediation", "2026-07-13", mediationId="m1", informedOn="2026-07-13")
    history.record("issue-mediation-certificate", "2026-07-14", mediationId="m1", certificateOn="2026-07-14")
    assert history.due("D30") == "2026-09-10"


def test_a_certificate_is_about_the_decision_of_the_letter_that_the_mediation_names() -> None:
    history = finalised()
    notice = NOTICE[1] | {"noticeOn": "2026-07-13"}
    history.record(NOTICE[0], "2026-07-13", **notice)
    left = {"amendmentNoticeId": "n1", "notifiedOn": "2026-08-03", "reasons": "Not needed"}
    history.record("abandon-amendment", "2026-08-03", **left)
    asked = {"mediationId": "m1", "requestedOn": "2026-08-10", "issues": ["education"]}
    history.record("request-mediation", "2026-08-10", **asked, decisionLetterOn="2026-07-10")
    history.record("issue-mediation-certificate", "2026-09-08", mediationId="m1", certificateOn="2026-09-08")
    windows = {c.started_on: c.due_on for c in history.state.clocks.values() if c.id == "D30"}
    assert windows == {"2026-07-10": "2026-10-08", "2026-08-03": "2026-10-05"}


def test_whoever_tells_the_adviser_that_they_want_no_mediation_has_contacted_the_adviser() -> None:
    history = finalised()
    history.record("decline-mediation", "2026-07-20", mediationId="m1", informedOn="2026-07-20")
    assert _clock(history, "D26").met_on == "2026-07-20"


def test_an_order_ends_the_councils_time_to_answer_the_appeal() -> None:
    history = maintained().record("register-appeal", "2026-06-01", appealId="p1", about=["c-ii"])
    assert history.due("D31") != "not running"
    history.record(
        "record-tribunal-order", "2026-06-08", appealId="p1", orderOn="2026-06-08", orders=["AMEND_CONTENTS"]
    )
    assert history.due("D31") == "not running"


def test_only_the_amendment_that_names_the_next_setting_meets_the_duty_of_a_phase_transfer() -> None:
    history = maintained()
    planned = {"phaseTransferId": "z1", "transferOn": "2027-09-01", "transferKind": "primary-to-secondary"}
    history.perform("plan-phase-transfer", ON, **planned)
    _amended(history, "2026-10-01", purpose="AMENDMENT_WITHOUT_REVIEW")
    assert history.due("D17") == "2027-02-14"
    _amended(history, "2027-02-01", purpose="PHASE_TRANSFER")
    assert _clock(history, "D17").met_on == "2027-02-01"


def test_an_amendment_without_a_review_leaves_the_time_after_the_review_running() -> None:
    history = maintained().record("hold-review", ON, reviewId="r1", meetingOn=ON)
    _amended(history, "2026-06-20", purpose="AMENDMENT_WITHOUT_REVIEW")
    assert history.due("D15") == "2026-09-07"
    _amended(history, "2026-08-20", purpose="ANNUAL_REVIEW")
    assert history.due("D15") == "not running"


def test_a_meeting_that_is_over_needs_no_notice_any_more() -> None:
    history = maintained()
    booked = {"reviewId": "r1", "meetingOn": "2026-06-29"}
    history.perform("schedule-review", ON, **booked, kind="ANNUAL", runBy="LA")
    assert set(history.refused("hold-review", "2026-06-29", **booked)) == {"notice-not-given", "advice-not-circulated"}
    history.record("hold-review", "2026-06-29", **booked)
    assert history.findings() == {"notice-not-given", "advice-not-circulated"}
    assert (history.due("D9"), history.due("D10")) == ("not running", "not running")
    assert _clock(history, "D9").met_on is None


def test_what_is_written_down_late_of_a_plan_that_has_ended_starts_no_clock() -> None:
    history = maintained("2020-10-01").happened("ceased", "2026-05-31", {"phase": "CEASED"}, reason="3")
    history.record("hold-review", "2026-03-02", reviewId="r1", meetingOn="2026-03-02", today=ON)
    assert _running(history) == {}
    assert history.findings() == {"record-ended", "unknown-matter"}
    history.record("register-appeal", ON, appealId="p1", about=["f"])
    assert history.due("D31") != "not running", "an appeal against the end is answered after it"


def test_a_young_childs_imported_plan_is_considered_every_three_to_six_months() -> None:
    history = Journey.maintained("2026-04-01", dateOfBirth="2023-01-10")
    clock = _clock(history, "D8")
    assert (clock.safe_on, clock.due_on, clock.kind) == ("2026-07-01", "2026-10-01", "advice")
    assert history.due("D7") == "2027-03-31"
