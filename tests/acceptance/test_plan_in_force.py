"""What happens to a final plan over HTTP: reviews, amendments, re-assessment, its end."""

from tests.support.life import ICB, NAMED, SCHOOL, Life, text

BOTH = {"recipients": ["contact-1", "contact-2"], "sentTo": [SCHOOL, ICB]}


def test_a_review_leads_to_an_amended_plan_and_the_change_is_told_in_words(life: Life) -> None:
    life.finalised()
    parent, school = life.family(), life.serving.as_("school", SCHOOL)
    review = {"reviewId": "review-1", "meetingOn": "2026-09-14"}
    life.do("schedule-review", "2026-08-03", **review, kind="ANNUAL", runBy="LA")
    invited = {"sentOn": "2026-08-03", "recipients": ["contact-1", "contact-2"]}
    life.do("invite-to-review", "2026-08-03", **review, **invited)
    life.do("circulate-review-advice", "2026-08-25", reviewId="review-1", sentOn="2026-08-25", recipients=["contact-1"])
    life.do("hold-review", "2026-09-14", who=school, **review)
    report = {"reviewId": "review-1", "sentOn": "2026-09-21", "recommendation": "AMEND"}
    life.do("issue-review-report", "2026-09-21", who=school, **report)

    decision = {"reviewId": "review-1", "decision": "AMEND", "notifiedOn": "2026-10-05"}
    letter_alone = life.refused("decide-review", "2026-10-05", **decision, amendmentNoticeId="notice-1")
    assert "reg 22(2)(a)" in letter_alone["amendment-notice-missing"]["law"]

    draft = life.draft("ANNUAL_REVIEW")
    shorter = {"F": {"provisions": {"provision-1": {"quantity": {"sessions": 2}}}}}
    reworded = {"E": {"outcomes": {"outcome-1": {"text": "Reads two pages aloud"}}}}
    draft = life.patch(draft, {"sections": {**shorter, **reworded}})
    notice = {"amendmentNoticeId": "notice-1", "reviewId": "review-1", "noticeOn": "2026-10-05"}
    served = {"servedOn": {"contact-1": "2026-10-05", "contact-2": "2026-10-05"}, "evidenceNote": "The review report"}
    named = {"draftId": draft[0], "draftRevision": draft[1], "purpose": "ANNUAL_REVIEW"}
    life.do("serve-amendment-notice", "2026-10-05", **notice, **served, **named, representationsUntil="2026-10-19")
    life.do("decide-review", "2026-10-05", **decision, amendmentNoticeId="notice-1")

    said = {"amendmentNoticeId": "notice-1", "receivedOn": "2026-10-19", "text": "We agree", "from": "contact-1"}
    life.do("make-amendment-representation", "2026-10-19", who=parent, **said)
    sent = {"amendmentNoticeId": "notice-1", "sentOn": "2026-10-26", "basis": "COUNCIL", "rightsExplained": True}
    receipt = life.do("amend", "2026-10-26", **sent, **named, **BOTH)
    assert receipt["version"] == 2
    assert life.clock("D14")["status"] == "met"

    diff = parent.get(f"{life.path}/diff", **{"from": 1, "to": 2}).json()
    assert [change["text"] for change in diff["changes"]] == [
        "Outcome reworded",
        "Provision: 1 h 30 min -> 1 h a week",
    ]
    assert life.read(school)["version"]["number"] == 2
    first = life.read(school, version=1)["plan"]
    assert first["sections"]["E"]["outcomes"]["outcome-1"]["text"] == "Reads a page aloud"


def test_a_reassessment_makes_a_new_whole_plan(life: Life) -> None:
    life.imported()
    asked = {"reassessmentId": "again-1", "receivedOn": "2026-06-01", "requestedBy": "PARENT"}
    life.do("request-reassessment", "2026-06-01", who=life.family(), **asked)
    yes = {"reassessmentId": "again-1", "decision": "REASSESS", "origin": "REQUEST"}
    on = "2026-06-08"
    life.do("decide-reassessment", on, **yes, decidedOn=on, notifiedOn=on, lastAssessedOn="2025-06-01")
    served = {"servedOn": {"contact-1": "2026-08-03"}, "serviceMethods": {"contact-1": "EMAIL"}}
    draft = text(life.reference, A={"history": "Assessed anew."})
    until = {"representationsUntil": "2026-08-17", "purpose": "REASSESSMENT"}
    life.do("serve-draft", "2026-08-03", plan=draft, **served, **until)
    again = {"consultationId": "consultation-2", "organisation": SCHOOL, "consultedOn": "2026-08-03"}
    life.do("consult-setting", "2026-08-03", **again)
    answer = {"consultationId": "consultation-2", "receivedOn": "2026-08-10", "answer": "YES"}
    life.do("answer-consultation", "2026-08-10", who=life.serving.as_("school", SCHOOL), **answer)
    life.do("agree-health-provision", "2026-08-10", **{**life.agreement(), "agreedOn": "2026-08-10"})
    final = text(life.reference, section_i=NAMED, A={"history": "Assessed anew."})
    body = life.finalising_body(plan=final, purpose="REASSESSMENT", sentOn="2026-08-24")
    receipt = life.do("finalise", "2026-08-24", **body)
    assert receipt["version"] == 2
    assert life.read()["plan"]["sections"]["A"]["history"] == "Assessed anew."
    assert life.read(asAt="2026-08-23")["version"]["number"] == 1


def test_an_order_of_the_tribunal_is_recorded_and_the_plan_issues_as_ordered(life: Life) -> None:
    life.imported()
    asked = {"mediationId": "mediation-1", "requestedOn": "2026-06-01", "issues": ["education"]}
    life.do("request-mediation", "2026-06-01", who=life.family(), **asked)
    certificate = {"mediationId": "mediation-1", "certificateOn": "2026-06-08"}
    life.record("issue-mediation-certificate", "2026-06-08", **certificate)
    performed = life.officer.act(life.plan_id, "register-appeal", appealId="appeal-1", about=["c-ii"])
    first = performed.json()["errors"][0]
    assert (performed.status_code, first["rule"], first["pointer"]) == (409, "mode-not-allowed", "/mode")
    assert "s.51" in first["law"]
    appeal = {"appealId": "appeal-1", "about": ["c-ii"], "certificateOn": "2026-06-08", "sentToCouncilOn": "2026-06-15"}
    life.record("register-appeal", "2026-06-15", **appeal)
    ordered = {"appealId": "appeal-1", "orderOn": "2026-07-01", "orders": ["AMEND_CONTENTS"]}
    life.record("record-tribunal-order", "2026-07-01", **ordered)
    assert life.clock("D35")["dueOn"] == "2026-08-05"

    unmet = text(life.reference, section_i=NAMED, F={"provisions": {"provision-1": {"needIds": None}}})
    sent = {"amendmentNoticeId": "notice-1", "sentOn": "2026-07-20", "purpose": "TRIBUNAL_ORDER"}
    sent |= {"appealId": "appeal-1", "rightsExplained": True}
    receipt = life.do("amend", "2026-07-20", plan=unmet, basis="TRIBUNAL_ORDER", **sent, **BOTH)
    assert receipt["version"] == 2
    assert "need-without-provision" in {warning["rule"] for warning in receipt["warnings"]}
    assert life.clock("D35")["status"] == "met"


def test_a_plan_is_ceased_in_steps_and_maintained_until_the_window_is_over(life: Life) -> None:
    life.imported(dateOfBirth="2006-03-04")
    matter = {"ceaseId": "cease-1", "ground": "HIGHER_EDUCATION", "reasons": "A place at a university"}
    life.do("propose-cease", "2026-01-12", **matter, sentOn="2026-01-12", recipients=["contact-1"])
    asked = {"familyConsultedOn": "2026-01-12", "settingConsultedOn": "2026-01-12", "setting": SCHOOL}
    life.do("consult-on-cease", "2026-01-12", ceaseId="cease-1", **asked)
    told = {"notifiedOn": "2026-02-16", "notifiedOrganisations": [SCHOOL, ICB], "recipients": ["contact-1"]}
    told["rightsExplained"] = True
    life.do("decide-cease", "2026-02-16", **matter, **told)
    early = life.refused("cease", "2026-03-01", ceaseId="cease-1", reason="3")
    assert early["appeal-window-open"]["law"].startswith("CFA s.45(4)")
    assert life.read()["phase"] == "MAINTAINED"

    life.do("cease", "2026-05-01", ceaseId="cease-1", reason="3")
    assert life.read()["phase"] == "CEASED"
    assert life.read(asAt="2026-04-30")["phase"] == "MAINTAINED"
    review = {"reviewId": "review-1", "meetingOn": "2026-09-14", "kind": "ANNUAL", "runBy": "LA"}
    assert "record-ended" in life.refused("schedule-review", "2026-05-02", **review)


def test_trap_65_after_a_death_nothing_runs_and_nothing_more_is_sent(life: Life) -> None:
    life.imported()
    review = {"reviewId": "review-1", "meetingOn": "2026-06-29", "kind": "ANNUAL", "runBy": "LA"}
    life.do("schedule-review", "2026-05-04", **review)
    life.record("record-death", "2026-05-21", effectiveOn="2026-05-20", diedOn="2026-05-20", source="Register office")
    assert life.read()["phase"] == "ENDED_DEATH"
    clocks = life.officer.get(f"{life.path}/clocks").json()["clocks"]
    assert {clock["status"] for clock in clocks} <= {"met", "metLate", "closed"}
    invited = {"reviewId": "review-1", "meetingOn": "2026-06-29", "sentOn": "2026-05-22"}
    assert "record-ended" in life.refused("invite-to-review", "2026-05-22", **invited, recipients=["contact-1"])


def test_a_hold_stops_erasure_until_it_is_lifted(life: Life) -> None:
    life.imported()
    life.do("set-legal-hold", "2026-05-04", holdId="hold-1", reason="An inquiry")
    life.record("record-death", "2026-05-21", effectiveOn="2026-05-20", diedOn="2026-05-20", source="Register office")
    proposal = {"erasureId": "erasure-1", "reason": "Its time is over"}
    refused = life.refused("propose-erasure", "2046-05-21", **proposal)
    assert set(refused) == {"legal-hold"}
    life.do("lift-legal-hold", "2046-05-22", who=life.manager, holdId="hold-1", reason="Inquiry ended")
    life.do("propose-erasure", "2046-05-23", **proposal)
    life.do("expire-retention", "2046-05-23", who=life.manager, erasureId="erasure-1")
    answer = life.officer.get(life.path)
    assert answer.status_code == 410
    assert answer.json()["certificate"]["rule"] == "DOB_31"
    assert "Quillfeather" not in answer.text
