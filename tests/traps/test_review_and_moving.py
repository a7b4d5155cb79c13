"""Traps of reviews, amendments, phase transfers and moves, on a plan's own history."""

from tests.domain.plan.keeping.history import MANAGER, History, document, maintained
from tests.domain.plan.keeping.steps import CONSULTED, NOTICE, PROPOSED


def _reviewed(meeting: str = "2025-11-10") -> History:
    history = maintained("2024-12-01")
    history.record("schedule-review", "2025-10-01", reviewId="r1", meetingOn=meeting, kind="ANNUAL", runBy="LA")
    return history.record("hold-review", meeting, reviewId="r1", meetingOn=meeting)


def _noticed(history: History, on: str, until: str) -> History:
    return history.record(
        "serve-amendment-notice",
        on,
        **NOTICE[1] | {"noticeOn": on, "servedOn": {"contact-1": on}, "representationsUntil": until},
    )


def test_trap_05_report_decision_and_amended_plan_after_a_meeting() -> None:
    history = _reviewed()
    assert (history.due("D11"), history.due("D12"), history.due("D15")) == ("2025-11-24", "2025-12-08", "2026-02-02")
    _noticed(history, "2025-12-01", "2025-12-15")
    assert history.due("D14") == "2026-01-26"


def test_trap_06_a_decision_to_amend_needs_the_amendment_notice() -> None:
    history = _reviewed()
    decision = {"reviewId": "r1", "decision": "AMEND", "notifiedOn": "2025-12-08"}
    refused = history.refused("decide-review", "2025-12-08", **decision)
    assert "reg 22(2)(a)" in refused["amendment-notice-missing"].law
    assert refused["amendment-notice-missing"].pointer == "/amendmentNoticeId"
    _noticed(history, "2025-12-08", "2025-12-22")
    history.perform("decide-review", "2025-12-08", **decision, amendmentNoticeId="n1")
    assert history.due("D12") == "not running"


def test_trap_06_a_notice_that_follows_later_does_not_save_the_decision() -> None:
    history = _noticed(_reviewed(), "2025-12-15", "2025-12-29")
    history.record(
        "decide-review", "2025-12-08", reviewId="r1", decision="AMEND", notifiedOn="2025-12-08", amendmentNoticeId="n1"
    )
    assert history.findings() == {"amendment-notice-later"}
    assert _met(history, "D12") == "2025-12-15"


def test_trap_06_a_letter_without_the_proposed_amendments_leaves_the_four_weeks_running() -> None:
    history = _reviewed()
    history.record("decide-review", "2025-12-08", reviewId="r1", decision="AMEND", notifiedOn="2025-12-08")
    assert history.findings() == {"amendment-notice-missing"}
    assert history.due("D12") == "2025-12-08"
    notice = {"noticeOn": "2026-01-05", "servedOn": {"contact-1": "2026-01-05"}, "reviewId": "r1"}
    history.record(
        "serve-amendment-notice", "2026-01-05", **NOTICE[1] | notice | {"representationsUntil": "2026-01-19"}
    )
    assert _met(history, "D12") == "2026-01-05", "four weeks late"


def _met(history: History, clock_id: str) -> str | None:
    return next(clock.met_on for clock in history.state.clocks.values() if clock.id == clock_id)


def _phase_transfer(kind: str, on: str) -> History:
    return maintained("2026-01-10").perform(
        "plan-phase-transfer", "2026-03-01", phaseTransferId="z1", transferOn=on, transferKind=kind
    )


def test_trap_07_primary_to_secondary_is_due_before_15_february() -> None:
    assert _phase_transfer("primary-to-secondary", "2027-09-01").due("D17") == "2027-02-14"
    assert _phase_transfer("secondary-to-post-16-institution", "2027-09-01").due("D16") == "2027-03-30"


def test_trap_08_college_to_college_is_due_five_months_before() -> None:
    clock = _phase_transfer("post-16-to-post-16", "2026-09-01").state.open_clock("D18")
    assert clock
    assert clock.headline_on == "2026-04-01"


def test_trap_49_a_stay_in_the_own_sixth_form_starts_no_phase_clock() -> None:
    history = _phase_transfer("school-sixth-form", "2027-09-01")
    assert {history.due(clock) for clock in ("D16", "D17", "D18")} == {"not running"}


def test_trap_50_headline_and_safe_date_stand_side_by_side() -> None:
    clock = _phase_transfer("post-16-to-post-16", "2026-09-01").state.open_clock("D18")
    assert clock
    assert (clock.headline_on, clock.safe_on) == ("2026-04-01", "2026-03-31")


def test_trap_48_the_year_runs_from_the_review_decision_and_nothing_else() -> None:
    history = maintained("2025-10-01")
    history.record("schedule-review", "2026-07-01", reviewId="r1", meetingOn="2026-08-20", kind="ANNUAL", runBy="LA")
    history.record("hold-review", "2026-08-20", reviewId="r1", meetingOn="2026-08-20")
    _noticed(history, "2026-09-15", "2026-09-29")
    history.record(
        "decide-review", "2026-09-15", reviewId="r1", decision="AMEND", notifiedOn="2026-09-15", amendmentNoticeId="n1"
    )
    assert history.due("D7") == "2027-09-14"
    history.record("amend", "2026-11-20", amendmentNoticeId="n1", sentOn="2026-11-20", basis="COUNCIL", plan=document())
    assert history.due("D7") == "2027-09-14"
    _noticed(history, "2027-01-05", "2027-01-19")
    history.record("amend", "2027-02-01", amendmentNoticeId="n1", sentOn="2027-02-01", basis="COUNCIL", plan=document())
    assert history.due("D7") == "2027-09-14"


def test_trap_52_the_councils_own_decision_to_reassess_starts_14_weeks() -> None:
    history = maintained().perform(
        "decide-reassessment",
        "2026-05-11",
        reassessmentId="a1",
        decision="REASSESS",
        origin="OWN_DECISION",
        decidedOn="2026-05-11",
    )
    assert history.due("D25") == "2026-08-17"
    assert history.status("reassessment", "a1") == "REASSESSING"


def _transferred() -> History:
    history = maintained("2023-05-01")
    history.record("notify-move", "2026-09-01", transferId="t1", awareOn="2026-09-01", toLa="936")
    return history.perform(
        "transfer-plan",
        "2026-09-14",
        transferId="t1",
        toLa="936",
        transferOn="2026-09-14",
        movedOn="2026-09-14",
        lastReviewOn="2025-10-01",
    )


def test_trap_10_after_a_transfer_the_family_is_told_and_the_plan_reviewed_by_the_later_date() -> None:
    history = _transferred()
    assert history.due("D21") == "2026-10-26"
    assert history.due("D22") == "2026-12-13"
    history.perform(
        "inform-family-after-transfer",
        "2026-10-20",
        transferId="t1",
        sentOn="2026-10-20",
        willReassess=False,
        reviewBy="2026-12-13",
    )
    assert history.due("D21") == "not running"


def test_trap_63_a_council_that_does_not_adopt_a_transferred_plan_maintains_it() -> None:
    history = _transferred()
    history.perform("dispute-area", "2026-09-20", disputeId="u1", raisedBy="936", reasons="The address is not ours")
    state = history.state
    assert (state.phase, state.maintaining_la) == ("MAINTAINED", "936")
    council = [p for p in state.parties if p.role == "maintainingCouncil"]
    assert [(p.organisation, p.since, p.until) for p in council] == [
        ("la:855", "2023-05-01", "2026-09-13"),
        ("la:936", "2026-09-14", None),
    ]


def test_trap_63_the_old_council_maintains_the_plan_until_the_child_has_moved() -> None:
    refused = maintained().refused(
        "transfer-plan",
        "2026-09-01",
        transferId="t1",
        toLa="936",
        transferOn="2026-09-01",
        movedOn="2026-09-14",
        lastReviewOn="2025-10-01",
    )
    assert "reg 15(2)" in refused["not-moved-yet"].law


def test_trap_33_a_council_is_named_only_while_it_exists() -> None:
    history = maintained("2020-01-10")
    move = {"transferId": "t1", "awareOn": "2022-03-01", "toLa": "909"}
    assert history.refused("notify-move", "2022-03-01", **move) == {}
    later = history.refused("notify-move", "2024-03-01", **move | {"awareOn": "2024-03-01"})
    assert "not-a-council-in-england" in later
    wales = history.refused("notify-move", "2024-03-01", **move | {"awareOn": "2024-03-01", "toLa": "660"})
    assert "not-a-council-in-england" in wales


def test_trap_34_versions_from_before_keep_the_health_body_of_their_time() -> None:
    history = maintained("2025-10-01")
    history.happened(
        "health-provision-agreed",
        "2025-10-01",
        {"parties": [{"role": "healthBody", "organisation": "ods:QJK", "since": "2025-10-01"}]},
    )
    before = history.state.document
    history.perform(
        "change-commissioner",
        "2026-04-02",
        changeId="b1",
        fromOds="QJK",
        toOds="QT1",
        since="2026-04-01",
        awareOn="2026-04-01",
        reason="BODY_ABOLISHED",
    )
    bodies = [p for p in history.state.parties if p.role == "healthBody"]
    assert [(p.organisation, p.since, p.until) for p in bodies] == [
        ("ods:QJK", "2025-10-01", "2026-03-31"),
        ("ods:QT1", "2026-04-01", None),
    ]
    assert history.state.document == before


def test_trap_36_meeting_and_letter_are_two_dates() -> None:
    history = _reviewed()
    history.perform(
        "decide-review", "2025-12-08", reviewId="r1", decision="KEEP", notifiedOn="2025-12-08", rightsExplained=True
    )
    state = history.state
    assert state.last("review-held")["meetingOn"] == "2025-11-10"
    assert state.last("review-decided")["notifiedOn"] == "2025-12-08"
    assert state.fact("review-decided").last_on == "2025-12-08"  # type: ignore[union-attr]


def test_trap_22_nobody_barred_is_among_the_recipients() -> None:
    history = maintained().perform(
        "restrict-contact", "2026-06-01", contactId="contact-2", reason="Order of the family court"
    )
    notice = NOTICE[1] | {
        "noticeOn": "2026-06-15",
        "representationsUntil": "2026-06-29",
        "servedOn": {"contact-1": "2026-06-15", "contact-2": "2026-06-15"},
    }
    refused = history.refused("serve-amendment-notice", "2026-06-15", **notice)
    assert refused["barred-recipient"].pointer == "/servedOn"
    history.perform("serve-amendment-notice", "2026-06-15", **notice | {"servedOn": {"contact-1": "2026-06-15"}})
    shown = {"recipient": "Parent", "gateway": "S_SUBJECT_ACCESS", "sections": ["B"], "contactId": "contact-2"}
    assert "barred-recipient" in history.refused("disclose", "2026-06-16", **shown)


def test_trap_22_changing_an_address_does_not_lift_the_bar() -> None:
    history = maintained().perform("restrict-contact", "2026-06-01", contactId="contact-2", reason="Order")
    changed = {"contactId": "contact-2", "contact": {"order": 2, "kind": "parentOrCarer", "name": "Sam Example"}}
    assert "restriction-stands" in history.refused("change-contact", "2026-06-02", **changed)
    history.perform("lift-contact-restriction", "2026-06-03", MANAGER, contactId="contact-2", reason="Order ended")
    assert history.state.person["contacts"]["contact-2"]["mayReceive"] == "yes"
    assert "restrictionReason" not in history.state.person["contacts"]["contact-2"]


def test_trap_65_death_closes_every_clock_and_every_booked_review() -> None:
    history = maintained("2025-10-01")
    history.record("schedule-review", "2026-05-01", reviewId="r1", meetingOn="2026-06-10", kind="ANNUAL", runBy="LA")
    history.record(PROPOSED[0], "2026-05-02", **PROPOSED[1])
    history.record(CONSULTED[0], "2026-05-03", **CONSULTED[1])
    history.perform("record-death", "2026-05-20", diedOn="2026-05-20", source="Register office")
    state = history.state
    assert state.phase == "ENDED_DEATH"
    assert [clock for clock in state.clocks.values() if not clock.met_on and not clock.closed] == []
    assert history.status("review", "r1") == history.status("cease", "c1") == "CLOSED_BY_DEATH"
    assert history.status("bereavement", "bereavement") == "OPEN"
    assert "record-ended" in history.refused(
        "schedule-review", "2026-05-21", reviewId="r2", meetingOn="2026-06-10", kind="ANNUAL", runBy="LA"
    )


def test_trap_65_a_death_recorded_by_mistake_is_undone_by_a_correction() -> None:
    history = maintained("2025-10-01")
    history.record("schedule-review", "2026-05-01", reviewId="r1", meetingOn="2026-06-10", kind="ANNUAL", runBy="LA")
    running = history.due("D10")
    history.perform("record-death", "2026-05-20", diedOn="2026-05-20", source="A misread letter")
    history.perform("correct-entry", "2026-05-21", MANAGER, corrects=3, reason="Another child")
    assert history.state.phase == "MAINTAINED"
    assert history.status("review", "r1") == "SCHEDULED"
    assert history.due("D10") == running
