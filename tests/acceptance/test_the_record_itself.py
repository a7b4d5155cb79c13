"""Keeping the record right over HTTP: protected identities, merges, misfiled entries, corrections, records in error."""

from typing import Any

from tests.support.life import NAMED, SCHOOL, Life, text

NEW_NAME = "Kit Umberland"
SEALED = "2026-06-15"
#: A number of the 999 test range that no other plan of these journeys holds.
OLD_NUMBER, NEW_NUMBER = "9990000018", "9990000042"


def leaves(life: Life) -> list[str]:
    store = life.serving.platform.store
    return [store.leaf(position).hex() for position in range(1, store.head()[0] + 1)]


def sealed(life: Life) -> Life:
    """A plan in force whose child is adopted."""
    life.imported(identifiers={"nhsNumber": OLD_NUMBER, "upn": None})
    seal(life)
    return life


def seal(life: Life) -> None:
    life.do("seal-identity", SEALED, who=life.serving.as_("identity-guardian", "la:855"), **sealing())


def sealing(**contacts: Any) -> dict[str, Any]:
    """What is said when the identity is sealed; `contacts` are those of the new one."""
    numbers = {"identifiers": {"nhsNumber": NEW_NUMBER}}
    person = {"name": NEW_NAME, "dateOfBirth": "2015-03-04", "sex": "notKnown", **numbers}
    person |= {"contacts": {name.replace("_", "-"): contact for name, contact in contacts.items()}} if contacts else {}
    school = {"placement-2": {"order": 1, "rank": 1, "name": "Oak School", "urn": "199303"}}
    plan = text("NEW-REFERENCE", section_i={"placementBasis": "NAMED", "placements": school})
    plan["personalDetails"] = person
    plan["sections"]["A"] = {"history": "Kit lives with two parents."}
    return {"reason": "ADOPTION", "sealedOn": SEALED, "person": person, "plan": plan}


def test_trap_66_search_on_the_old_identity_finds_nothing_and_on_the_new_one_the_child(life: Life) -> None:
    sealed(life)
    search = life.officer
    assert life.plan_id not in search.post("/v1/plans/search", {"nhsNumber": OLD_NUMBER}).json()["planIds"]
    assert life.plan_id in search.post("/v1/plans/search", {"nhsNumber": NEW_NUMBER}).json()["planIds"]


def test_trap_66_no_reading_of_the_past_shows_the_old_identity(life: Life) -> None:
    sealed(life)
    sealing = life.history()[-1]["position"]
    for end in (
        "", "?version=1", "?asAt=2026-01-10", f"?knownAt={sealing - 1}", f"?asAt=2026-01-10&knownAt={sealing - 1}",
        "/history", f"/history?knownAt={sealing - 1}", "/versions", "/diff?from=1&to=1", "/drafts", "/clocks",
    ):  # fmt: skip
        for reader in (life.officer, life.manager, life.serving.as_("auditor", "audit")):
            told = reader.get(life.path + end).text
            for old in ("Quillfeather", OLD_NUMBER, "Elm Tree"):
                assert old not in told, (end, old)
    assert "localReference" not in life.read(knownAt=sealing - 1), "nor under which reference it was kept"
    assert life.serving.as_("school", SCHOOL).get(f"{life.path}?asAt=2026-01-10").status_code == 404
    assert life.family().get(life.path).status_code == 404
    assert life.read()["plan"]["personalDetails"]["name"] == NEW_NAME


def test_trap_66_who_was_a_contact_before_is_not_taken_for_one_of_the_new_family(life: Life) -> None:
    """A birth parent's account leads to a contact's id: under it nobody of the new identity is found."""
    life.imported(identifiers={"nhsNumber": OLD_NUMBER, "upn": None})
    life.serving.clock.day = SEALED
    guardian = life.serving.as_("identity-guardian", "la:855")
    adopter = {"order": 1, "kind": "parentOrCarer", "name": "Lee Umberland", "mayReceive": "yes"}
    same_id = sealing(contact_1=adopter, contact_7=adopter)
    refused = guardian.act(life.plan_id, "seal-identity", **same_id).json()
    assert [error["rule"] for error in refused["errors"]] == ["contact-id-of-former-identity"]
    assert refused["errors"][0]["pointer"] == "/person/contacts/contact-1"

    life.record("seal-identity", SEALED, who=guardian, **same_id)
    assert life.family("contact-1").get(life.path).status_code == 404
    assert life.family("contact-7").get(life.path).status_code == 200
    again = life.officer.act(life.plan_id, "add-contact", contactId="contact-2", contact=adopter)
    assert again.json()["errors"][0]["rule"] == "contact-known"
    life.do("unseal-identity", SEALED, who=guardian, reason="Order of a court")
    assert life.family("contact-1").get(life.path).status_code == 404, "it is the new family's record still"


def test_trap_66_the_guardian_alone_reads_what_was_sealed(life: Life) -> None:
    sealed(life)
    guardian = life.serving.as_("identity-guardian", "la:855")
    assert "Quillfeather" in guardian.get(life.path, asAt="2026-01-10").text
    assert "Quillfeather" not in life.manager.get(life.path, asAt="2026-01-10").text


def test_trap_66_a_draft_begun_under_the_old_identity_is_no_more(life: Life) -> None:
    life.imported(identifiers={"nhsNumber": OLD_NUMBER, "upn": None})
    draft = life.draft("ANNUAL_REVIEW")
    seal(life)
    assert life.officer.get(f"{life.path}/drafts").json() == {"drafts": []}
    assert life.officer.get(f"{life.path}/drafts/{draft[0]}").status_code == 404
    notice = {"amendmentNoticeId": "notice-1", "noticeOn": SEALED, "purpose": "ANNUAL_REVIEW"}
    until = {"representationsUntil": "2026-06-29", "draftId": draft[0], "draftRevision": draft[1]}
    answer = life.officer.act(life.plan_id, "serve-amendment-notice", mode="RECORD", **notice, **until)
    assert answer.status_code == 422


def test_trap_66_a_merged_record_is_sealed_before_the_one_that_goes_on(life: Life) -> None:
    survivor, retired = proposed(life)
    survivor.do("merge-records", "2026-06-15", who=survivor.manager, retired=retired.plan_id)
    guardian = life.serving.as_("identity-guardian", "la:855")
    person = {"name": NEW_NAME, "dateOfBirth": "2015-03-04", "sex": "notKnown"}
    sealing = {"reason": "ADOPTION", "sealedOn": SEALED, "person": person}
    plan = text("NEW", section_i=NAMED, A={"history": "Kit is here."}) | {"personalDetails": person}
    open_still = survivor.refused("seal-identity", SEALED, who=guardian, **sealing, plan=plan)
    assert retired.plan_id in open_still["merged-record-open"]["text"]
    assert retired.family().get(retired.path).status_code == 200
    retired.do("seal-identity", SEALED, who=guardian, **sealing)
    survivor.do("seal-identity", SEALED, who=guardian, **sealing, plan=plan)
    assert retired.family().get(retired.path).status_code == 404
    for record in (survivor, retired):
        for end in ("", "/history", "/versions", "/disclosures"):
            assert "Quillfeather" not in record.officer.get(record.path + end).text
    school = life.serving.as_("school", SCHOOL).get(survivor.path)
    assert retired.plan_id not in school.text + survivor.officer.get(survivor.path).text


def test_trap_66_no_record_of_the_former_identity_is_merged_into_a_sealed_one(life: Life) -> None:
    survivor, retired = sealed(life), Life(life.serving).requested()
    proposal = {"retired": retired.plan_id, "evidence": "Both hold one traced number", "evidenceKind": ["OTHER"]}
    survivor.do("propose-merge", SEALED, **proposal)
    refused = survivor.refused("merge-records", "2026-06-16", who=survivor.manager, retired=retired.plan_id)
    assert "merged-record-open" in refused
    guardian = life.serving.as_("identity-guardian", "la:855")
    person = {"name": NEW_NAME, "dateOfBirth": "2015-03-04", "sex": "notKnown"}
    sealing = {"reason": "ADOPTION", "sealedOn": "2026-06-16", "person": person}
    retired.do("seal-identity", "2026-06-16", who=guardian, **sealing)
    survivor.do("merge-records", "2026-06-16", who=survivor.manager, retired=retired.plan_id)


def test_trap_71_nobody_but_the_council_is_told_with_which_other_childs_record_it_was_merged(life: Life) -> None:
    survivor, retired = proposed(life)
    merged = survivor.do("merge-records", "2026-06-16", who=survivor.manager, retired=retired.plan_id)
    position = merged["event"]["position"] + 1
    assert retired.read(retired.family())["mergedInto"] == survivor.plan_id, "where it goes on"
    undone = {"retired": retired.plan_id, "reasons": "Two children after all"}
    survivor.do("propose-unmerge", "2026-06-17", **undone)
    survivor.do("unmerge-records", "2026-06-17", who=survivor.manager, **undone)
    for record, other in ((survivor, retired), (retired, survivor)):
        for parameters in ({}, {"knownAt": position}):
            assert other.plan_id not in record.family().get(record.path, **parameters).text
    assert survivor.read(knownAt=position)["absorbed"] == [retired.plan_id], "the council knows"


def proposed(life: Life) -> tuple[Life, Life]:
    """Two records of one child, and the proposal that the second is retired."""
    survivor, retired = life.imported(), Life(life.serving).requested()
    proposal = {"retired": retired.plan_id, "evidence": "Both hold one traced number", "evidenceKind": ["OTHER"]}
    survivor.do("propose-merge", "2026-06-15", **proposal)
    return survivor, retired


def test_trap_71_a_merge_is_undone_and_both_histories_are_as_before(life: Life) -> None:
    survivor, retired = proposed(life)
    before = retired.read(), retired.history()
    merged = survivor.do("merge-records", "2026-06-16", who=survivor.manager, retired=retired.plan_id)
    assert [event["type"] for event in merged["also"]] == ["ehcp.plan.records-merged.v1"]
    assert survivor.read()["absorbed"] == [retired.plan_id]
    assert (retired.read()["phase"], retired.read()["mergedInto"]) == ("MERGED", survivor.plan_id)
    undone = {"retired": retired.plan_id, "reasons": "Two children after all"}
    alone = survivor.refused("unmerge-records", "2026-06-17", who=survivor.manager, **undone)
    assert "matter-out-of-order" in alone
    survivor.do("propose-unmerge", "2026-06-17", **undone)
    survivor.do("unmerge-records", "2026-06-17", who=survivor.manager, **undone)
    assert survivor.read()["absorbed"] == []
    after = retired.read()
    assert (after["phase"], "mergedInto" in after) == (before[0]["phase"], False)
    assert retired.history()[: len(before[1])] == before[1]


def test_two_people_merge_records(life: Life) -> None:
    survivor, retired = Life(life.serving).imported(), Life(life.serving).requested()
    proposal = {"retired": retired.plan_id, "evidence": "One number", "evidenceKind": ["OTHER"]}
    survivor.do("propose-merge", "2026-06-15", who=survivor.manager, **proposal)
    refused = survivor.refused("merge-records", "2026-06-16", who=survivor.manager, retired=retired.plan_id)
    assert "second-person-needed" in refused


def test_a_merge_with_another_councils_record_is_refused_and_neither_is_changed(life: Life) -> None:
    survivor, other = life.imported(), Life(life.serving, "936").requested()
    proposal = {"retired": other.plan_id, "evidence": "One number", "evidenceKind": ["OTHER"]}
    survivor.do("propose-merge", "2026-06-15", **proposal)
    before = life.serving.platform.store.head()
    answer = survivor.manager.act(survivor.plan_id, "merge-records", retired=other.plan_id)
    assert answer.status_code in {403, 422}
    assert life.serving.platform.store.head() == before


def test_trap_70_an_entry_on_the_wrong_child_is_moved_and_nobody_reads_it_there(life: Life) -> None:
    wrong, right = life.imported(), Life(life.serving).imported()
    evidence = {"evidenceId": "evidence-1", "attachedOn": "2026-06-01", "documentHash": "ab" * 32}
    filed = wrong.do("attach-evidence", "2026-06-01", **evidence, title="Report about somebody else")
    entry, before = filed["event"]["sequence"], leaves(life)
    moving = {"misfiledId": "misfiled-1", "entry": entry, "rightPlan": right.plan_id}
    wrong.do("propose-move-entry", "2026-06-02", **moving, reason="Another child's report")
    moved = wrong.do("move-entry", "2026-06-03", who=wrong.manager, **moving)
    assert len(moved["also"]) == 2

    for reader in (wrong.officer, wrong.manager, life.serving.as_("auditor", "audit")):
        told = reader.get(f"{wrong.path}/history")
        assert "somebody else" not in told.text
        assert told.json()["events"][entry - 1]["status"] == "erased"
    assert "somebody else" in right.officer.get(f"{right.path}/history").text
    assert leaves(life)[: len(before)] == before
    assert wrong.read()["phase"] == "MAINTAINED"
    wrong.do("set-legal-hold", "2026-06-04", holdId="hold-1", reason="A breach is assessed")


def test_a_move_of_an_entry_that_is_repeated_gives_the_first_receipt(life: Life) -> None:
    wrong, right = life.imported(), Life(life.serving).imported()
    evidence = {"evidenceId": "evidence-1", "attachedOn": "2026-06-01", "documentHash": "ab" * 32, "title": "Wrong"}
    entry = wrong.do("attach-evidence", "2026-06-01", **evidence)["event"]["sequence"]
    moving = {"misfiledId": "misfiled-1", "entry": entry, "rightPlan": right.plan_id}
    wrong.do("propose-move-entry", "2026-06-02", **moving, reason="Wrong child")
    body = {"mode": "PERFORM", "effectiveOn": "2026-06-02", **moving}
    path = f"{wrong.path}/acts/move-entry"
    first = wrong.manager.post(path, body, Idempotency_Key=f"move-{wrong.plan_id}")
    again = wrong.manager.post(path, body, Idempotency_Key=f"move-{wrong.plan_id}")
    assert first.status_code == again.status_code == 201
    assert again.json() == first.json()


def test_a_corrected_text_reads_as_corrected_and_as_it_stood_when_asked_for(life: Life) -> None:
    life.imported()
    imported = life.history()[0]
    assert life.read()["plan"]["sections"]["A"]["history"].startswith("Robin lives")
    said = {name: value for name, value in imported["data"].items() if name != "effects"}
    plan = text(life.reference, section_i=NAMED, A={"history": "Keyed from the right letter."})
    correction = {"corrects": 1, "reason": "Another text was sent", "replacement": {**said, "plan": plan}}
    life.do("correct-entry", "2026-06-22", **correction)
    assert life.read()["plan"]["sections"]["A"]["history"] == "Keyed from the right letter."
    then = life.read(knownAt=imported["position"])
    assert then["plan"]["sections"]["A"]["history"].startswith("Robin lives")


def test_a_record_opened_in_error_is_voided_and_found_no_more(life: Life) -> None:
    life.requested(identifiers={"nhsNumber": "9990000069"})
    life.do("void-record", "2026-03-03", who=life.manager, reason="Opened twice")
    assert life.read()["phase"] == "VOIDED"
    found = life.officer.post("/v1/plans/search", {"nhsNumber": "9990000069"}).json()
    assert found == {"planIds": []}
    decision = {"decision": "ASSESS", "notifiedOn": "2026-03-04"}
    assert "record-ended" in life.refused("decide-request", "2026-03-04", **decision)


def test_a_final_plan_is_never_voided(life: Life) -> None:
    life.imported()
    assert life.refused("void-record", "2026-06-22", who=life.manager, reason="Opened twice")
