"""Opening a record: a request, a health body's notification, a plan made before the platform, the same file again."""

import pytest

from tests.domain.plan.journey import ADVISED, COUNCIL, FILE, MADE, RECEIVED, Journey, child
from tests.domain.plan.keeping.history import document

BASELINE = {"council": COUNCIL, "sourceFile": FILE}
NOTIFIED = {
    "receivedOn": RECEIVED,
    "notifiedBy": "ods:QJK",
    "requestId": "notification-1",
    "child": child(dateOfBirth="2023-01-10"),
    "parentInformedOn": "2026-02-20",
}


def _imported(on: str = "2026-06-01", **asserted: object) -> Journey:
    journey = Journey()
    journey.record("import-baseline", on, **{**BASELINE, "plan": document(), **asserted})
    return journey


def test_a_request_opens_the_record_of_a_child_with_its_council() -> None:
    journey = Journey.requested()
    state = journey.state
    assert (state.phase, state.maintaining_la) == ("REQUESTED", COUNCIL)
    assert state.person == child()
    assert [(p.role, p.organisation, p.since) for p in state.parties] == [("maintainingCouncil", "la:855", RECEIVED)]
    assert journey.status("request", "request-1") == "STANDING"


def test_a_request_starts_the_6_16_and_20_weeks_from_the_day_of_receipt() -> None:
    assert Journey.requested().running() == {"D1": "2026-04-13", "D3": "2026-06-22", "D4": "2026-07-20"}


def test_a_request_of_another_body_names_the_council_that_answers() -> None:
    journey = Journey(council="")
    body = {"receivedOn": RECEIVED, "source": "2", "child": child()}
    refused = journey.refused("receive-request", RECEIVED, **body)
    assert refused["council-missing"].pointer == "/council"
    journey.perform("receive-request", RECEIVED, council="936", **body)
    assert journey.state.maintaining_la == "936"


def test_a_request_keeps_the_council_s_own_case_number() -> None:
    journey = Journey()
    body = {"receivedOn": RECEIVED, "source": "1", "child": child(), "localReference": "SEN-0042"}
    journey.perform("receive-request", RECEIVED, **body)
    assert journey.state.local_reference == "SEN-0042"


def test_the_legal_date_is_the_day_of_receipt() -> None:
    body = {"receivedOn": RECEIVED, "source": "1", "child": child()}
    refused = Journey().refused("receive-request", "2026-03-05", **body)
    assert refused["dates-differ"].pointer == "/receivedOn"


@pytest.mark.parametrize(("born", "answered"), [("2001-03-03", True), ("2001-03-02", False), ("2000-06-01", False)])
def test_an_assessment_can_be_asked_for_until_the_25th_birthday(born: str, *, answered: bool) -> None:
    body = {"receivedOn": RECEIVED, "source": "1", "child": child(dateOfBirth=born)}
    journey = Journey()
    if answered:
        assert journey.perform("receive-request", RECEIVED, **body).state.phase == "REQUESTED"
    else:
        assert journey.refused("receive-request", RECEIVED, **body)["too-old"].pointer == "/child/dateOfBirth"


def test_a_second_opening_of_a_record_is_refused_and_when_recorded_takes_nothing_away() -> None:
    journey = Journey.assessing()
    body = {"receivedOn": ADVISED, "source": "2", "requestId": "request-2", "child": child(name="Somebody Else")}
    assert "out-of-order" in journey.refused("receive-request", ADVISED, **body)


@pytest.mark.parametrize(
    ("born", "told", "rule"),
    [
        ("2021-03-01", "2026-02-20", ""),
        ("2020-12-31", "2026-02-20", "of-school-age"),
        ("2020-08-31", "2026-02-20", "of-school-age"),
        ("2023-01-10", None, "parent-not-informed"),
        ("2023-01-10", "2026-03-03", "parent-not-informed"),
    ],
)
def test_a_health_body_notifies_of_a_child_under_school_age_once_the_parent_knows(
    born: str, told: str | None, rule: str
) -> None:
    body = NOTIFIED | {"child": child(dateOfBirth=born)} | ({"parentInformedOn": told} if told else {})
    if told is None:
        del body["parentInformedOn"]
    journey = Journey()
    if rule:
        refused = journey.refused("receive-health-notification", RECEIVED, **body)
        assert set(refused) == {rule}
        assert refused[rule].law.startswith("CFA s.23")
    else:
        assert journey.perform("receive-health-notification", RECEIVED, **body).state.phase == "REQUESTED"


def test_a_notification_that_came_without_the_parent_knowing_is_recorded_with_a_finding() -> None:
    journey = Journey()
    journey.record("receive-health-notification", RECEIVED, **NOTIFIED | {"parentInformedOn": "2026-03-04"})
    assert journey.findings() == {"parent-not-informed"}
    assert journey.running()["D1"] == "2026-04-13"


def test_a_living_plan_comes_in_with_its_text_person_and_council() -> None:
    state = Journey.maintained().state
    assert (state.phase, state.maintaining_la, state.baseline) == ("MAINTAINED", COUNCIL, True)
    version = state.current_version()
    assert version is not None
    assert (version.number, version.kind, version.effective_on) == (1, "final", MADE)
    assert state.document == document()
    assert state.person == document()["personalDetails"]
    assert state.health_agreements == {}


def test_an_import_is_recorded_never_performed() -> None:
    assert "mode-not-allowed" in Journey().refused("import-baseline", MADE, plan=document(), **BASELINE)


def test_the_year_to_the_next_review_runs_from_the_last_review_decision_as_asserted() -> None:
    journey = _imported(planMadeOn="2023-05-01", finalSentOn="2025-12-01", lastReviewDecidedOn="2025-10-15")
    assert journey.running()["D7"] == "2026-10-14"


def test_the_year_to_the_next_review_of_a_plan_never_reviewed_runs_from_the_day_it_was_made() -> None:
    assert _imported(planMadeOn="2025-10-01").running()["D7"] == "2026-09-30"


def test_a_review_meeting_that_waits_for_its_decision_is_due_in_4_weeks() -> None:
    journey = _imported("2025-11-20", planMadeOn="2023-05-01", reviewMeetingOn="2025-11-10")
    assert journey.running()["D12"] == "2025-12-08"


def test_a_plan_without_any_asserted_date_counts_from_the_import() -> None:
    journey = _imported("2026-06-01")
    version = journey.state.current_version()
    assert version is not None
    assert version.effective_on == "2026-06-01"
    assert journey.running()["D7"] == "2027-05-31"


@pytest.mark.parametrize(
    ("status", "running"),
    [
        ("REQUESTED", {"D1": "2026-04-13", "D3": "2026-06-22", "D4": "2026-07-20"}),
        ("ASSESSING", {"D3": "2026-06-22", "D4": "2026-07-20"}),
        ("DRAFTING", {"D4": "2026-07-20"}),
        ("ASSESSMENT_REFUSED", {}),
        ("ISSUE_REFUSED", {}),
        ("CEASED", {}),
    ],
)
def test_a_case_comes_in_where_it_stands_and_owes_what_is_left(status: str, running: dict[str, str]) -> None:
    journey = Journey()
    asserted = {"status": status, "child": child(), "requestReceivedOn": RECEIVED}
    journey.record("import-baseline", "2026-04-02", **BASELINE, **asserted)
    assert journey.state.phase == status
    assert journey.running() == running


def test_a_draft_comes_in_as_a_draft_not_as_law() -> None:
    journey = _imported("2026-06-15", status="DRAFT_ISSUED", requestReceivedOn=RECEIVED)
    assert journey.state.current_version() is None
    draft = journey.state.latest_draft()
    assert draft is not None
    assert draft.number == 1


@pytest.mark.parametrize(
    ("asserted", "rule"),
    [
        ({"requestReceivedOn": "2026-01-05", "planMadeOn": "2025-12-01"}, "dates-out-of-order"),
        ({"planMadeOn": "2026-01-05", "finalSentOn": "2025-12-01"}, "dates-out-of-order"),
        ({"lastReviewDecidedOn": "2026-06-02"}, "not-yet"),
        ({"textKind": "draft"}, "draft-is-not-law"),
        ({"status": "DRAFT_ISSUED", "textKind": "final"}, "final-before-its-time"),
    ],
)
def test_what_a_council_asserts_is_never_refused_its_contradictions_are_findings(
    asserted: dict[str, str], rule: str
) -> None:
    assert rule in _imported("2026-06-01", **asserted).findings()


def test_an_import_of_nobody_s_plan_is_a_finding() -> None:
    journey = Journey()
    journey.record("import-baseline", MADE, **BASELINE)
    assert journey.findings() == {"child-missing"}


def test_acts_go_on_from_an_imported_case() -> None:
    journey = Journey()
    asserted = {"status": "ASSESSING", "child": child(), "requestReceivedOn": RECEIVED}
    journey.record("import-baseline", "2026-04-02", **BASELINE, **asserted)
    assert journey.ask("d", "2026-04-02").running()["D2"] == "2026-05-14"


def test_the_same_file_again_changes_no_law() -> None:
    journey = Journey.maintained()
    before = journey.state
    journey.record("update-from-import", "2026-06-01", sourceFile=FILE, draftId="draft-1", differences=3)
    after = journey.state
    assert (after.versions, after.document, after.person) == (before.versions, before.document, before.person)
    assert (after.clocks, after.phase) == (before.clocks, before.phase)
    assert after.last("import-repeated")["sourceFile"] == FILE


def test_a_move_between_phases_that_lies_ahead_comes_in_with_its_duty() -> None:
    moving = {"transferOn": "2027-09-01", "transferKind": "primary-to-secondary"}
    journey = _imported("2026-06-01", planMadeOn="2025-10-01", **moving)
    assert journey.running()["D17"] == "2027-02-14"
    assert journey.status("phase-transfer", "imported-transfer") == "PLANNED"


def test_an_imported_plan_brings_its_own_case_number() -> None:
    assert _imported(plan=document() | {"localReference": "SEN-0042"}).state.local_reference == "SEN-0042"


def test_the_request_behind_an_imported_case_can_be_withdrawn() -> None:
    journey = Journey()
    asserted = {"status": "ASSESSING", "child": child(), "requestReceivedOn": RECEIVED}
    journey.record("import-baseline", "2026-04-02", **BASELINE, **asserted)
    journey.perform("withdraw-request", "2026-04-13", requestId="request-1", withdrawnOn="2026-04-13")
    assert journey.state.phase == "WITHDRAWN"
    assert journey.running() == {}
