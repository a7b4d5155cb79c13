"""The three questions of a history over HTTP: what was so on a day, what was believed of it then, who knew what when.

`asAt` selects by validity from what is known; `knownAt` is a prefix of the log; both can be asked at once.
"""

from typing import Any

from tests.support.life import NAMED, Life, text

BOTH = {"recipients": ["contact-1", "contact-2"], "sentTo": ["urn:199101", "ods:QJK"], "rightsExplained": True}


def first_words(view: dict[str, Any]) -> str:
    """How section A begins."""
    words: str = view["plan"]["sections"]["A"]["history"]
    return words


def imported_late(life: Life) -> Life:
    """A plan of October 2023 that council 936 made, that moved in June 2025, and that was imported in 2026."""
    life.serving.clock.day = "2026-01-12"
    asserted = {"planMadeOn": "2023-10-02", "finalSentOn": "2023-10-02", "lastReviewDecidedOn": "2025-10-01"}
    moved = {"transferredFrom": "936", "transferredInOn": "2025-06-01", "sourceFile": {"sha256": "cd" * 32, "line": 1}}
    answer = life.officer.open(
        "import-baseline",
        mode="RECORD",
        effectiveOn="2026-01-12",
        council="855",
        localReference=life.reference,
        plan=text(life.reference, section_i=NAMED),
        **asserted,
        **moved,
    )
    assert answer.status_code == 201, answer.json()
    life.plan_id = answer.json()["planId"]
    return life


def late_order(life: Life) -> dict[str, Any]:
    """A text of 20 January that was written down in June."""
    said = {"amendmentNoticeId": "notice-9", "purpose": "TRIBUNAL_ORDER", "basis": "TRIBUNAL_ORDER"}
    changed = text(life.reference, section_i=NAMED, A={"history": "As ordered in January."})
    return life.record("amend", "2026-06-01", effectiveOn="2026-01-20", sentOn="2026-01-20", plan=changed, **said)


def test_an_imported_plan_was_maintained_by_whoever_maintained_it_since_it_was_made(life: Life) -> None:
    imported_late(life)
    told = {day: life.read(asAt=day) for day in ("2023-10-01", "2023-10-02", "2025-05-31", "2025-06-01", "2026-01-12")}
    assert [(view["phase"], view["maintainingLa"], "plan" in view) for view in told.values()] == [
        ("", "", False),
        ("MAINTAINED", "936", True),
        ("MAINTAINED", "936", True),
        ("MAINTAINED", "855", True),
        ("MAINTAINED", "855", True),
    ]
    councils = [p for p in told["2025-05-31"]["inForce"]["parties"] if p["role"] == "maintainingCouncil"]
    assert councils == [
        {"role": "maintainingCouncil", "organisation": "la:936", "since": "2023-10-02", "until": "2025-05-31"}
    ]


def test_the_three_questions_have_three_answers(life: Life) -> None:
    life.imported()
    opened = life.history()[0]["position"]
    late = late_order(life)["event"]["position"]
    day = "2026-02-01"
    as_we_know_now = life.read(asAt=day)
    as_believed_then = life.read(asAt=day, knownAt=opened)
    just_before = life.read(knownAt=late - 1)
    assert first_words(as_we_know_now) == "As ordered in January."
    assert first_words(as_believed_then) == first_words(just_before) == first_words(life.read(asAt="2026-01-19"))
    assert first_words(just_before).startswith("Robin lives")
    assert first_words(life.read(knownAt=late)) == "As ordered in January."
    assert (as_believed_then["sequence"], as_we_know_now["sequence"]) == (1, 2)


def test_a_text_written_down_late_does_not_displace_a_later_one(life: Life) -> None:
    life.imported()
    changed = text(life.reference, section_i=NAMED, A={"history": "As amended in May."})
    served = {"servedOn": {"contact-1": "2026-05-01"}, "representationsUntil": "2026-05-15", "evidenceNote": "Report"}
    notice = {"amendmentNoticeId": "notice-1", "noticeOn": "2026-05-01", "purpose": "ANNUAL_REVIEW"}
    life.do("serve-amendment-notice", "2026-05-01", plan=changed, **notice, **served)
    said = {"amendmentNoticeId": "notice-1", "purpose": "ANNUAL_REVIEW", "basis": "COUNCIL"}
    life.do("amend", "2026-05-18", plan=changed, sentOn="2026-05-18", **said, **BOTH)
    late_order(life)
    assert first_words(life.read()) == "As amended in May."
    told = {day: first_words(life.read(asAt=day)) for day in ("2026-01-20", "2026-05-17", "2026-05-18")}
    assert told == {
        "2026-01-20": "As ordered in January.",
        "2026-05-17": "As ordered in January.",
        "2026-05-18": "As amended in May.",
    }


def test_a_corrected_day_moves_the_text_from_the_correction_on(life: Life) -> None:
    life.imported()
    wrong = late_order(life)["event"]
    said = {"amendmentNoticeId": "notice-9", "purpose": "TRIBUNAL_ORDER", "basis": "TRIBUNAL_ORDER"}
    changed = text(life.reference, section_i=NAMED, A={"history": "As ordered in January."})
    right = {"replacement": {**said, "sentOn": "2026-02-20", "plan": changed}, "correctEffectiveOn": "2026-02-20"}
    life.do("correct-entry", "2026-06-02", corrects=wrong["sequence"], reason="Sent in February", **right)
    assert first_words(life.read(asAt="2026-02-19")).startswith("Robin lives")
    assert first_words(life.read(asAt="2026-02-20")) == "As ordered in January."
    assert first_words(life.read(asAt="2026-02-19", knownAt=wrong["position"])) == "As ordered in January."


def test_a_merge_that_was_undone_shows_only_to_whoever_asks_what_was_known_meanwhile(life: Life) -> None:
    survivor, retired = life.imported(), Life(life.serving).requested()
    proposal = {"retired": retired.plan_id, "evidence": "One number", "evidenceKind": ["OTHER"]}
    survivor.do("propose-merge", "2026-06-15", **proposal)
    merged = survivor.do("merge-records", "2026-06-16", who=survivor.manager, retired=retired.plan_id)
    undone = {"retired": retired.plan_id, "reasons": "Two children"}
    survivor.do("propose-unmerge", "2026-06-20", **undone)
    survivor.do("unmerge-records", "2026-06-20", who=survivor.manager, **undone)
    meanwhile = merged["also"][0]["position"]
    then = retired.read(knownAt=meanwhile)
    assert (then["phase"], then["mergedInto"]) == ("MERGED", survivor.plan_id)
    assert survivor.read(knownAt=meanwhile)["absorbed"] == [retired.plan_id]
    assert retired.read(asAt="2026-06-17")["phase"] == "REQUESTED"
    assert "mergedInto" not in retired.read(asAt="2026-06-17")
    assert survivor.read(asAt="2026-06-17")["absorbed"] == []


def test_a_text_on_the_wrong_child_is_in_force_on_the_right_one_on_no_day_on_the_wrong_one(life: Life) -> None:
    wrong, right = life.imported(), Life(life.serving).imported()
    filed = late_order(wrong)["event"]
    moving = {"misfiledId": "misfiled-1", "entry": filed["sequence"], "rightPlan": right.plan_id}
    wrong.do("propose-move-entry", "2026-06-02", **moving, reason="Keyed on the wrong child")
    wrong.do("move-entry", "2026-06-03", who=wrong.manager, **moving)
    for asked in (
        {},
        {"asAt": "2026-02-01"},
        {"knownAt": filed["position"]},
        {"asAt": "2026-02-01", "knownAt": filed["position"]},
    ):
        assert first_words(wrong.read(**asked)).startswith("Robin lives"), asked
    assert wrong.officer.get(wrong.path, version=2).status_code == 404
    assert first_words(right.read(asAt="2026-02-01")) == "As ordered in January."
    assert first_words(right.read(asAt="2026-01-19")).startswith("Robin lives")


def test_of_two_dated_placements_the_one_of_the_day_is_in_force(life: Life) -> None:
    life.imported()
    primary = NAMED["placements"]["placement-1"]
    both = {
        "placement-1": primary | {"to": "2027-08-31"},
        "placement-2": {"order": 2, "rank": 1, "name": "Oak School", "urn": "199303", "from": "2027-09-01"},
    }
    asked = {"consultationId": "consultation-1", "organisation": "urn:199303", "consultedOn": "2026-12-01"}
    life.do("consult-setting", "2026-12-01", **asked)
    said = {"consultationId": "consultation-1", "receivedOn": "2026-12-08", "answer": "YES"}
    life.do("answer-consultation", "2026-12-08", **said)
    notice = {"amendmentNoticeId": "notice-1", "noticeOn": "2026-12-10", "purpose": "PHASE_TRANSFER"}
    served = {"servedOn": {"contact-1": "2026-12-10"}, "representationsUntil": "2026-12-24", "evidenceNote": "Report"}
    life.do("serve-amendment-notice", "2026-12-10", plan=text(life.reference, section_i=NAMED), **notice, **served)
    dated = text(life.reference, section_i={"placementBasis": "NAMED", "placements": both})
    sent = BOTH | {"sentTo": ["urn:199101", "urn:199303", "ods:QJK"], "basis": "COUNCIL", "purpose": "PHASE_TRANSFER"}
    life.do("amend", "2027-02-01", amendmentNoticeId="notice-1", plan=dated, sentOn="2027-02-01", **sent)
    told = {day: list(life.read(asAt=day)["inForce"]["placements"]) for day in ("2027-08-31", "2027-09-01")}
    assert told == {"2027-08-31": ["placement-1"], "2027-09-01": ["placement-2"]}
    assert life.read(asAt="2027-01-31")["version"]["number"] == 1
    assert life.read(asAt="2027-08-31")["plan"] == life.read(asAt="2027-09-01")["plan"], "one text holds both"


def test_a_former_council_and_body_stand_with_their_days(life: Life) -> None:
    life.imported()
    change = {"changeId": "change-1", "fromOds": "QJK", "toOds": "QT1", "since": "2026-04-01"}
    life.do("change-commissioner", "2026-04-02", **change, awareOn="2026-04-02", reason="BODY_ABOLISHED")
    move = {"transferId": "move-1", "toLa": "936", "transferOn": "2026-06-15", "movedOn": "2026-06-15"}
    life.do("transfer-plan", "2026-06-15", **move, lastReviewOn="2025-10-01")
    new = life.serving.officer("936")
    assert life.read(new, asAt="2026-06-14")["maintainingLa"] == "855"
    assert life.read(new, asAt="2026-06-15")["maintainingLa"] == "936"
    bodies = {
        day: [p["organisation"] for p in life.read(new, asAt=day)["inForce"]["parties"] if p["role"] == "healthBody"]
        for day in ("2026-03-31", "2026-04-01")
    }
    assert bodies == {"2026-03-31": ["ods:QJK"], "2026-04-01": ["ods:QT1"]}
    family = life.read(life.family(), asAt="2026-06-15")
    assert "parties" not in family["inForce"]


def test_any_two_texts_are_compared_a_draft_with_the_final_and_two_drafts_of_one_number(life: Life) -> None:
    life.finalised()
    changed = text(life.reference, section_i=NAMED, E={"outcomes": {"outcome-1": {"text": "Reads two pages aloud"}}})
    served = {"servedOn": {"contact-1": "2026-10-05"}, "representationsUntil": "2026-10-19", "evidenceNote": "Report"}
    notice = {"amendmentNoticeId": "notice-1", "noticeOn": "2026-10-05", "purpose": "ANNUAL_REVIEW"}
    proposed = life.do("serve-amendment-notice", "2026-10-05", plan=changed, **notice, **served)
    versions = life.officer.get(f"{life.path}/versions").json()["versions"]
    first_draft = next(version["sequence"] for version in versions if version["kind"] == "draft")

    def words(older: str, newer: str) -> list[str]:
        answer = life.officer.get(f"{life.path}/diff", **{"from": older, "to": newer})
        assert answer.status_code == 200, answer.json()
        return [change["text"] for change in answer.json()["changes"]]

    assert words("1", "draft-1") == ["Outcome reworded"]
    assert words(f"event-{first_draft}", "1") == [
        "Section I: placement basis added",
        "Placement added",
    ]
    assert words(f"event-{first_draft}", f"event-{proposed['event']['sequence']}")[-1] == "Placement added"
    for wrong in ("draft-9", "event-1", "event-99"):
        assert life.officer.get(f"{life.path}/diff", **{"from": wrong, "to": "1"}).status_code == 404
    for wrong in ("first", "draft-0", "-1", "1;2"):
        assert life.officer.get(f"{life.path}/diff", **{"from": wrong, "to": "1"}).status_code == 422
