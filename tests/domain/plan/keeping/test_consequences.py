"""What keeping a plan changes beyond the matter itself: clocks, holds, parties, contacts."""

from domain.plan.acts import Actor
from domain.plan.rights import right_holder_on
from tests.domain.plan.keeping.history import MANAGER, PLAN_ID, History, document, maintained, refused_to_assess


def _reviewed() -> History:
    history = maintained("2024-12-01")
    history.record("schedule-review", "2025-09-01", reviewId="r1", meetingOn="2025-10-01", kind="ANNUAL", runBy="LA")
    history.record("hold-review", "2025-10-01", reviewId="r1", meetingOn="2025-10-01")
    return history.record("decide-review", "2025-10-20", reviewId="r1", decision="KEEP", notifiedOn="2025-10-20")


def test_the_review_clock_stands_still_while_the_child_is_detained() -> None:
    history = _reviewed()
    assert history.due("D7") == "2026-10-19"
    history.perform("record-detention", "2026-01-10", detentionId="d1", detainedOn="2026-01-10")
    assert history.due("D7") == "not running"
    history.perform("record-release", "2026-03-01", detentionId="d1", releasedOn="2026-03-01")
    assert history.due("D7") == "2026-10-19"
    assert history.status("task", "review-after-d1") == "OPEN"


def test_after_a_long_detention_the_review_is_due_on_release() -> None:
    history = _reviewed()
    history.perform("record-detention", "2026-01-10", detentionId="d1", detainedOn="2026-01-10")
    history.perform("record-release", "2027-03-01", detentionId="d1", releasedOn="2027-03-01")
    assert history.due("D7") == "2027-03-01"


def test_a_postponed_meeting_has_its_own_two_weeks() -> None:
    history = maintained()
    history.perform("schedule-review", "2026-06-01", reviewId="r1", meetingOn="2026-06-29", kind="ANNUAL", runBy="LA")
    assert history.due("D9") == "2026-06-15"
    history.perform("postpone-review", "2026-06-02", reviewId="r1", meetingOn="2026-07-13", reason="Illness")
    running = [clock.due_on for clock in history.state.clocks.values() if clock.id == "D9" and not clock.closed]
    assert running == ["2026-06-29"]


def _appealed() -> History:
    return maintained().record(
        "register-appeal", "2026-07-13", appealId="p1", about=["c-iii"], sentToCouncilOn="2026-07-13"
    )


def test_a_directed_day_replaces_the_computed_one() -> None:
    history = _appealed()
    computed = history.due("D31")
    history.record(
        "record-tribunal-direction",
        "2026-07-20",
        directionId="q1",
        appealId="p1",
        what="Respond",
        dueOn="2026-08-14",
        replacesClock="D31",
    )
    assert (computed, history.due("D31")) == ("2026-09-22", "2026-08-14")
    history.perform("respond-to-appeal", "2026-08-14", appealId="p1", sentOn="2026-08-14", opposes=True)
    assert history.due("D31") == "not running"


def test_a_direction_of_its_own_runs_until_it_is_complied_with() -> None:
    history = _appealed()
    direction = {"directionId": "q1", "appealId": "p1", "what": "Send a bundle", "dueOn": "2026-08-20"}
    history.record("record-tribunal-direction", "2026-07-20", **direction)
    assert history.due("DIRECTION") == "2026-08-20"
    history.perform("comply-with-direction", "2026-08-10", directionId="q1", doneOn="2026-08-10")
    assert history.due("DIRECTION") == "not running"


def test_a_remedy_runs_until_it_is_met() -> None:
    history = maintained().record("record-ombudsman-enquiry", "2026-05-01", enquiryId="e1", receivedOn="2026-05-01")
    history.perform(
        "record-remedy-due", "2026-06-01", remedyId="y1", enquiryId="e1", what="Apologise", dueOn="2026-07-01"
    )
    assert history.due("REMEDY") == "2026-07-01"
    history.perform("meet-remedy", "2026-06-20", remedyId="y1", doneOn="2026-06-20")
    assert history.due("REMEDY") == "not running"


def test_appeal_enquiry_claim_and_onward_appeal_hold_the_records() -> None:
    history = _appealed()
    history.record("appeal-onward", "2026-09-01", onwardAppealId="o1", appealId="p1", madeOn="2026-09-01", by="COUNCIL")
    history.record("record-ombudsman-enquiry", "2026-09-02", enquiryId="e1", receivedOn="2026-09-02")
    history.record("receive-pre-action-letter", "2026-09-03", claimId="j1", receivedOn="2026-09-03")
    history.record("record-judicial-review", "2026-09-20", claimId="j1", issuedOn="2026-09-20")
    held = {hold.id for hold in history.state.open_cases("hold", "ON")}
    assert held == {"appeal-p1", "onward-appeal-o1", "ombudsman-e1", "claim-j1"}


def test_an_order_to_make_a_plan_leads_back_to_drafting() -> None:
    history = refused_to_assess()
    history.happened("assessment-decided", "2026-06-01", {"phase": "ISSUE_REFUSED"}, decision="REFUSE")
    history.record("register-appeal", "2026-06-10", appealId="p1", about=["b"])
    history.record("record-tribunal-order", "2026-07-01", appealId="p1", orderOn="2026-07-01", orders=["MAKE_PLAN"])
    assert history.state.phase == "DRAFTING"
    assert (history.due("D33a"), history.due("D33b")) == ("2026-08-05", "2026-09-16")


def test_an_order_to_reassess_asks_for_the_decision_again() -> None:
    history = maintained()
    history.record(
        "request-reassessment", "2026-05-01", reassessmentId="a1", receivedOn="2026-05-01", requestedBy="PARENT"
    )
    refusal = {
        "decision": "REFUSE",
        "rightsExplained": True,
        "origin": "REQUEST",
        "ground": "NOT_NECESSARY",
        "reasons": "Seen lately",
    }
    history.perform("decide-reassessment", "2026-05-10", reassessmentId="a1", decidedOn="2026-05-10", **refusal)
    history.record("register-appeal", "2026-06-10", appealId="p1", about=["d"])
    history.record("record-tribunal-order", "2026-07-01", appealId="p1", orderOn="2026-07-01", orders=["REASSESS"])
    assert history.status("reassessment", "a1") == "REQUESTED"
    history.perform(
        "decide-reassessment",
        "2026-07-10",
        reassessmentId="a1",
        decision="REASSESS",
        origin="REQUEST",
        decidedOn="2026-07-10",
    )
    assert history.status("reassessment", "a1") == "REASSESSING"
    assert history.due("D32a") == "not running"


def test_a_dismissed_appeal_changes_nothing() -> None:
    history = refused_to_assess().record("register-appeal", "2026-03-01", appealId="p1", about=["a"])
    history.record("record-tribunal-order", "2026-07-01", appealId="p1", orderOn="2026-07-01", orders=["DISMISSED"])
    assert history.state.phase == "ASSESSMENT_REFUSED"


def test_a_contact_is_replaced_whole_and_an_ended_number_leaves() -> None:
    history = maintained()
    new = {"order": 1, "kind": "parentOrCarer", "name": "Alex Renamed", "email": "alex@example.org"}
    history.perform("change-contact", "2026-06-15", contactId="contact-1", contact=new)
    assert history.state.person["contacts"]["contact-1"] == new
    history.perform("change-person-identifier", "2026-06-16", ended=["upn"], since="2026-06-16", reason="INVALIDATED")
    assert "upn" not in history.state.person["identifiers"]
    assert history.state.person["formerIdentifiers"]["upn-b801200005001"]["until"] == "2026-06-16"


def test_a_parent_changes_their_own_details_only() -> None:
    parent = Actor(subject="p-1", organisation="family", role="family", plan_id=PLAN_ID, contact_id="contact-1")
    history = maintained()
    own = {
        "order": 1,
        "kind": "parentOrCarer",
        "name": "Alex Example",
        "mayReceive": "yes",
        "telephone": "01632 960001",
    }
    other = {"contactId": "contact-2", "contact": own | {"order": 2}}
    assert "another-persons-details" in history.refused("change-contact", "2026-06-15", parent, **other)
    promoted = {"contactId": "contact-1", "contact": own | {"parentalResponsibility": "yes"}}
    assert "decided-by-the-council" in history.refused("change-contact", "2026-06-15", parent, **promoted)
    assert "another-persons-details" in history.refused(
        "request-format", "2026-06-15", parent, contactId="contact-2", format="Large print"
    )
    history.perform("change-contact", "2026-06-15", parent, contactId="contact-1", contact=own)
    assert history.state.person["contacts"]["contact-1"]["telephone"] == "01632 960001"


def test_a_restricted_contact_may_have_the_address_hidden() -> None:
    history = maintained().perform(
        "restrict-contact", "2026-06-15", contactId="contact-2", reason="Refuge", hideAddress=True
    )
    contact = history.state.person["contacts"]["contact-2"]
    assert (contact["mayReceive"], contact["addressRestricted"]) == ("no", True)


def test_rights_pass_by_law_and_by_what_is_recorded() -> None:
    history = maintained(dateOfBirth="2010-08-31")
    day = history.state.date_of_birth()
    assert day
    leaving = day.replace(year=2026, month=6, day=26)
    after = leaving.replace(day=27)
    assert (right_holder_on(history.state, leaving), right_holder_on(history.state, after)) == (
        "PARENT",
        "YOUNG_PERSON",
    )
    helped = {"holder": "YOUNG_PERSON_WITH_HELPER", "since": "2026-06-27", "helper": "contact-1"}
    history.perform("change-right-holder", "2026-06-27", **helped)
    assert right_holder_on(history.state, after) == "YOUNG_PERSON"


def test_nobody_knows_who_holds_the_rights_without_a_date_of_birth() -> None:
    state = History().state
    assert right_holder_on(state, maintained().state.date_of_birth()) == ""  # type: ignore[arg-type]


def test_a_plan_from_another_council_is_the_same_plan_not_a_new_one() -> None:
    history = History().record(
        "receive-transferred-plan",
        "2025-06-01",
        transferId="t1",
        fromLa="936",
        toLa="855",
        transferOn="2025-06-01",
        madeOn="2023-02-01",
        lastReviewOn="2025-01-15",
        plan=document(),
    )
    state = history.state
    assert (state.phase, state.maintaining_la, state.document) == ("MAINTAINED", "855", document())
    assert state.current_version().basis == "TRANSFER"  # type: ignore[union-attr]
    assert state.case("transfer", "t1").data["madeOn"] == "2023-02-01"  # type: ignore[union-attr]
    assert state.date_of_birth()
    assert history.due("D21") == "2025-07-13"
    assert history.due("D22") == "2026-01-14"


def test_a_correction_replaces_what_an_entry_says_from_then_on() -> None:
    history = _reviewed()
    stored = history.events[-1].data
    rebuilt = stored | {"notifiedOn": "2025-10-22"}
    history.perform(
        "correct-entry",
        "2025-11-01",
        MANAGER,
        corrects=4,
        reason="The letter went out two days later",
        replacement={"notifiedOn": "2025-10-22"},
        correctEffectiveOn="2025-10-22",
        resolved={"replacement": rebuilt},
    )
    assert history.state.last("review-decided")["notifiedOn"] == "2025-10-22"
    assert history.state.fact("review-decided").last_on == "2025-10-22"  # type: ignore[union-attr]
    assert history.events[3].data == stored
