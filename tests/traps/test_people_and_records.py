"""Traps of people, protected identities and the record itself, on a plan's own history."""

import json
from datetime import date

import pytest

from domain.errors import Refusal
from domain.plan.evolve import fold
from tests.domain.plan.journey import Journey
from tests.domain.plan.keeping.history import (
    GUARDIAN,
    MANAGER,
    OFFICER,
    OTHER_ID,
    PLAN_ID,
    History,
    document,
    maintained,
)


def test_trap_20_the_rights_pass_at_the_end_of_the_school_leaving_date() -> None:
    history = maintained(dateOfBirth="2010-08-31")
    passing = {"holder": "YOUNG_PERSON", "contactId": "contact-1"}
    refused = history.refused("change-right-holder", "2026-06-26", **passing, since="2026-06-26")
    assert "2026-06-26" in refused["still-of-compulsory-school-age"].text
    history.perform("change-right-holder", "2026-06-27", **passing, since="2026-06-27")
    assert history.status("right-holder", "right-holder") == "YOUNG_PERSON"
    younger = maintained(dateOfBirth="2010-09-01")
    assert "still-of-compulsory-school-age" in younger.refused(
        "change-right-holder", "2027-06-25", **passing, since="2027-06-25"
    )
    younger.perform("change-right-holder", "2027-06-26", **passing, since="2027-06-26")


def test_trap_55_an_alternative_person_needs_an_assessment_that_capacity_is_lacking() -> None:
    history = maintained(dateOfBirth="2009-08-31")
    passing = {"holder": "ALTERNATIVE_PERSON", "since": "2026-06-27", "alternativeKind": "PARENT", "capacityId": "v1"}
    assert "reg 64" in history.refused("change-right-holder", "2026-06-27", **passing)["capacity-not-assessed"].law
    assessed = {"capacityId": "v1", "decision": "Appeals", "assessedBy": "Psychologist", "assessedOn": "2026-06-20"}
    history.perform("assess-capacity", "2026-06-20", **assessed, hasCapacity=False)
    history.perform("change-right-holder", "2026-06-27", **passing)
    assert history.status("right-holder", "right-holder") == "ALTERNATIVE_PERSON"


def test_trap_32_a_superseded_nhs_number_is_kept_with_its_dates_and_never_current() -> None:
    history = maintained()
    history.perform(
        "change-person-identifier", "2026-06-15", nhsNumber="9990000018", since="2026-06-15", reason="SUPERSEDED"
    )
    person = history.state.person
    assert person["identifiers"]["nhsNumber"] == "9990000018"
    assert person["formerIdentifiers"] == {
        "nhsnumber-9990000050": {
            "scheme": "nhsNumber",
            "value": "9990000050",
            "until": "2026-06-15",
            "reason": "SUPERSEDED",
        }
    }
    assert history.state.plan_id == PLAN_ID


def _sealed() -> History:
    new = {
        "name": "Kit Other",
        "dateOfBirth": "2015-03-04",
        "sex": "notKnown",
        "identifiers": {"nhsNumber": "9990000026"},
    }
    history = maintained().perform(
        "change-person-identifier", "2026-05-01", upn="Q801200005002", since="2026-05-01", reason="ISSUED"
    )
    return history.perform(
        "seal-identity",
        "2026-06-15",
        GUARDIAN,
        reason="ADOPTION",
        sealedOn="2026-06-15",
        person=new,
        plan=document() | {"personalDetails": new},
    )


def test_trap_66_old_name_and_numbers_leave_the_person_and_the_text_in_force() -> None:
    state = _sealed().state
    known = json.dumps([state.person, state.document])
    for former in ("Robin Example", "9990000050", "B801200005001", "Q801200005002", "Alex Example"):
        assert former not in known
    assert state.sealed_from == 3
    assert state.current_version().number == 1  # type: ignore[union-attr]
    assert state.current_version().sequence == state.sealed_from  # type: ignore[union-attr]


def test_trap_66_the_new_identity_repeats_nothing_of_the_old_one() -> None:
    new = {"name": "Robin Example", "dateOfBirth": "2015-03-04", "sex": "notKnown"}
    body = {"reason": "ADOPTION", "sealedOn": "2026-06-15"}
    refused = maintained().refused("seal-identity", "2026-06-15", GUARDIAN, **body, person=new)
    assert {"former-identity-repeated", "text-not-issued-anew"} <= set(refused)
    left_in = {"person": new | {"name": "Kit Other"}, "plan": document()}
    refused = maintained().refused("seal-identity", "2026-06-15", GUARDIAN, **body, **left_in)
    assert refused["former-identity-repeated"].pointer == "/plan"


def test_trap_66_only_the_guardian_unseals() -> None:
    history = _sealed()
    assert history.perform("unseal-identity", "2026-07-01", GUARDIAN, reason="Order").state.sealed_from == 0


def test_trap_75_maintaining_council_corporate_parent_and_originating_body_are_three() -> None:
    history = maintained()
    history.perform(
        "change-looked-after",
        "2026-06-01",
        lookedAfter=True,
        corporateParentLa="850",
        since="2026-06-01",
        placedAway=True,
    )
    provision = {"provisionId": "provision-1", "status": "RESOLVED", "odsCode": "QRL", "bodyType": "ICB"}
    refused = history.refused("record-responsible-body", "2026-06-02", **provision, basis="GP_REGISTRATION")
    assert "originating-body-responsible" in refused
    history.perform("record-responsible-body", "2026-06-02", **provision, basis="ORIGINATING_ICB")
    roles = {party.role: party.organisation for party in history.state.parties}
    assert roles == {"maintainingCouncil": "la:855", "corporateParent": "la:850", "healthBody": "ods:QRL"}
    assert history.state.maintaining_la == "855"
    history.perform("change-looked-after", "2026-07-01", lookedAfter=False, since="2026-07-01")
    ended = [party for party in history.state.parties if party.role == "corporateParent"]
    assert [(party.organisation, party.until) for party in ended] == [("la:850", "2026-06-30")]


def test_trap_75_an_unsettled_responsibility_names_nobody() -> None:
    history = maintained()
    refused = history.refused(
        "record-responsible-body", "2026-06-02", provisionId="provision-1", status="UNRESOLVED", odsCode="QRL"
    )
    assert "body-unsettled" in refused
    history.perform("record-responsible-body", "2026-06-02", provisionId="provision-1", status="UNRESOLVED")
    assert [party.role for party in history.state.parties] == ["maintainingCouncil"]
    assert history.status("task", "responsible-body-for-provision-1") == "OPEN"
    settled = {"status": "RESOLVED", "odsCode": "QRL", "bodyType": "ICB", "basis": "GP_REGISTRATION"}
    history.perform("record-responsible-body", "2026-06-20", provisionId="provision-1", **settled)
    assert history.status("task", "responsible-body-for-provision-1") == "DONE"


def _merge(history: History) -> History:
    history.perform(
        "propose-merge",
        "2026-06-01",
        retired=OTHER_ID,
        evidence="Both hold one traced number",
        evidenceKind=["NHS_NUMBER_TRACED"],
    )
    return history.perform("merge-records", "2026-06-02", MANAGER, retired=OTHER_ID)


def _unmerge(history: History) -> History:
    history.perform("propose-unmerge", "2026-06-09", retired=OTHER_ID, reasons="Twins")
    return history.perform("unmerge-records", "2026-06-10", MANAGER, retired=OTHER_ID, reasons="Twins")


def test_trap_69_records_are_merged_by_two_people_and_never_without_a_proposal() -> None:
    history = maintained()
    assert "unknown-matter" in history.refused("merge-records", "2026-06-02", MANAGER, retired=OTHER_ID)
    history.perform(
        "propose-merge", "2026-06-01", MANAGER, retired=OTHER_ID, evidence="One number", evidenceKind=["OTHER"]
    )
    assert "second-person-needed" in history.refused("merge-records", "2026-06-02", MANAGER, retired=OTHER_ID)
    assert history.state.absorbed == ()


def test_trap_71_a_wrong_merge_is_undone_on_both_sides() -> None:
    survivor = maintained()
    before = survivor.state
    _merge(survivor)
    assert survivor.state.absorbed == (OTHER_ID,)
    _unmerge(survivor)
    after = survivor.state
    assert after.absorbed == ()
    assert survivor.status("merge", OTHER_ID) == "UNDONE"
    assert (after.phase, after.document, after.person) == (before.phase, before.document, before.person)
    assert after.annulled == (3,), "the entry that merged doesn't count any more"

    retired = maintained()
    retired.plan_id = OTHER_ID
    whole = retired.state
    here = {"survivor": PLAN_ID, "proposedBy": OFFICER.subject}
    retired.perform("retire-record", "2026-06-02", MANAGER, **here)
    assert (retired.state.phase, retired.state.survivor) == ("MERGED", PLAN_ID)
    retired.perform("restore-record", "2026-06-10", MANAGER, **here, reasons="Twins")
    assert (retired.state.phase, retired.state.survivor) == ("MAINTAINED", "")
    assert retired.state.document == whole.document


def test_trap_71_two_people_undo_a_merge_too() -> None:
    survivor = _merge(maintained())
    undoing = {"retired": OTHER_ID, "reasons": "Twins"}
    assert "matter-out-of-order" in survivor.refused("unmerge-records", "2026-06-10", MANAGER, **undoing)
    survivor.perform("propose-unmerge", "2026-06-09", MANAGER, **undoing)
    assert "second-person-needed" in survivor.refused("unmerge-records", "2026-06-10", MANAGER, **undoing)
    assert survivor.state.absorbed == (OTHER_ID,)


@pytest.mark.parametrize("proposer", [{}, {"proposedBy": MANAGER.subject}], ids=["nobody", "the-same-person"])
def test_trap_69_nobody_retires_a_record_alone(proposer: dict[str, str]) -> None:
    refused = maintained().refused("retire-record", "2026-06-02", MANAGER, survivor=OTHER_ID, **proposer)
    assert set(refused) == {"second-person-needed"}


def test_trap_71_nothing_is_rewritten_when_a_merge_is_undone() -> None:
    survivor = _merge(maintained())
    stored = [event.data for event in survivor.events]
    _unmerge(survivor)
    assert [event.data for event in survivor.events[: len(stored)]] == stored


def test_trap_70_a_misfiled_text_no_longer_counts_and_its_place_stays() -> None:
    history = maintained()
    wrong = document(name="Somebody Else")
    history.happened("amended", "2026-06-01", {"version": {"number": 2, "kind": "final"}}, plan=wrong)
    assert history.state.document == wrong
    entry = {"misfiledId": "f1", "entry": 2, "rightPlan": OTHER_ID}
    history.perform("propose-move-entry", "2026-06-02", **entry, reason="Keyed on the wrong child")
    assert "second-person-needed" in history.refused("move-entry", "2026-06-02", OFFICER, **entry)
    assert "another-entry-proposed" in history.refused("move-entry", "2026-06-02", MANAGER, **entry | {"entry": 1})
    history.perform("move-entry", "2026-06-02", MANAGER, **entry)
    state = history.state
    assert state.document == document()
    assert [version.number for version in state.versions] == [1]
    assert state.annulled == (2,)
    assert state.sequence == 4
    assert "entry-does-not-count" in history.refused(
        "redact", "2026-06-03", MANAGER, redactionId="i1", entry=2, reason="x"
    )


def test_trap_44_a_wrong_report_is_hidden_and_the_evidence_stays() -> None:
    history = maintained().perform(
        "disclose", "2026-06-01", recipient="Elm Tree School", gateway="R13_2_RECIPIENT", sections=["K"]
    )
    history.perform("redact", "2026-06-02", MANAGER, redactionId="i1", entry=1, reason="Another child's report")
    state = history.state
    assert state.case("redaction", "i1").data["entry"] == 1  # type: ignore[union-attr]
    assert state.last("disclosed")["recipient"] == "Elm Tree School"
    assert state.annulled == ()


def test_trap_41_the_hold_wins_over_the_end_of_retention() -> None:
    history = maintained("2020-10-01", dateOfBirth="2010-05-04")
    history.happened("ceased", "2030-08-31", {"phase": "CEASED"}, reason="3")
    over = {"erasureId": "e1", "reason": "Its time is over"}
    refused = history.refused("propose-erasure", "2041-05-03", OFFICER, **over)
    assert "2041-05-04" in refused["retention-not-over"].text
    history.perform("set-legal-hold", "2040-01-01", holdId="h1", reason="An inquiry")
    assert set(history.refused("propose-erasure", "2041-05-04", OFFICER, **over)) == {"legal-hold"}
    history.perform("lift-legal-hold", "2041-05-04", MANAGER, holdId="h1", reason="Inquiry ended")
    assert set(history.refused("propose-erasure", "2041-05-04", OFFICER, **over, rule="DOB_45")) == {"another-rule"}
    history.perform("propose-erasure", "2041-05-04", OFFICER, **over)
    history.perform("expire-retention", "2041-05-04", MANAGER, erasureId="e1")


def test_trap_41_a_hold_between_proposal_and_approval_ends_the_proposal() -> None:
    history = maintained("2020-10-01", dateOfBirth="2010-05-04")
    history.happened("ceased", "2030-08-31", {"phase": "CEASED"}, reason="3")
    history.perform("propose-erasure", "2041-05-04", OFFICER, erasureId="e1", reason="Its time is over")
    history.perform("set-legal-hold", "2041-05-05", holdId="h1", reason="A claim")
    refused = history.refused("expire-retention", "2041-05-06", MANAGER, erasureId="e1")
    assert set(refused) == {"legal-hold", "held-since-proposed"}
    history.perform("lift-legal-hold", "2041-05-07", MANAGER, holdId="h1", reason="Settled")
    refused = history.refused("expire-retention", "2041-05-08", MANAGER, erasureId="e1")
    assert set(refused) == {"held-since-proposed"}
    history.perform("propose-erasure", "2041-05-08", OFFICER, erasureId="e2", reason="Its time is over")
    history.perform("expire-retention", "2041-06-05", MANAGER, erasureId="e2")


def test_trap_41_another_councils_rule_keeps_the_record_longer() -> None:
    history = maintained("2020-10-01", dateOfBirth="2010-05-04")
    history.happened("ceased", "2030-08-31", {"phase": "CEASED", "maintainingLa": "888"}, reason="3")
    over = {"erasureId": "e1", "reason": "Its time is over"}
    assert (
        "2055-05-04 (rule DOB_45)"
        in history.refused("propose-erasure", "2041-05-04", OFFICER, **over)["retention-not-over"].text
    )
    history.perform("propose-erasure", "2055-05-04", OFFICER, **over)


def test_trap_43_the_state_follows_the_sequence_and_not_the_order_of_legal_dates() -> None:
    history = maintained("2025-10-01")
    history.happened("ceased", "2026-08-31", {"phase": "CEASED"}, reason="3")
    history.record("change-name", "2026-03-01", name="Robin Renamed", today="2026-09-01")
    state = history.state
    assert state.phase == "CEASED"
    assert state.sequence == 3
    assert state.person["name"] == "Robin Renamed"
    assert fold(PLAN_ID, history.events[:1]).phase == "MAINTAINED"


def test_trap_43_a_step_that_is_written_down_late_does_not_set_the_case_back() -> None:
    history = Journey.drafting()
    history.record("decide-request", "2026-03-20", decision="ASSESS", notifiedOn="2026-03-20", today="2026-06-01")
    assert history.state.phase == "DRAFTING"
    assert history.state.phase_on(date(2026, 3, 25)) == "REQUESTED"


def test_a_hold_for_an_appeal_stands_until_the_appeal_has_ended() -> None:
    history = maintained().record("register-appeal", "2026-06-01", appealId="p1", about=["c-iii"])
    lifting = {"holdId": "appeal-p1", "reason": "Done"}
    assert "still-pending" in history.refused("lift-legal-hold", "2026-06-02", MANAGER, **lifting)
    history.record("withdraw-appeal", "2026-06-10", appealId="p1", withdrawnOn="2026-06-10")
    history.perform("lift-legal-hold", "2026-06-11", MANAGER, **lifting)
    assert history.status("hold", "appeal-p1") == "LIFTED"


def test_a_record_with_a_final_plan_is_never_voided() -> None:
    with pytest.raises(Refusal, match="final-plan-exists"):
        maintained().perform("void-record", "2026-06-01", MANAGER, reason="Twice")
