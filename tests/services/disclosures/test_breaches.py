"""Who was shown what turned out to be wrong: redacted, misfiled, or read while two records were merged."""

from typing import Any

from tests.support.life import SCHOOL, Life


def breaches(life: Life) -> list[dict[str, Any]]:
    answer = life.officer.get(f"{life.path}/possible-breaches")
    assert answer.status_code == 200, answer.json()
    found: list[dict[str, Any]] = answer.json()["breaches"]
    return found


def test_trap_44_the_readers_of_what_is_redacted_are_listed_and_no_others(life: Life) -> None:
    life.imported()
    school = life.serving.as_("school", SCHOOL)
    life.officer.get(f"{life.path}/history")
    report = {"evidenceId": "evidence-1", "attachedOn": "2026-06-01", "documentHash": "ab" * 32, "title": "Wrong child"}
    entry = life.do("attach-evidence", "2026-06-01", **report)["event"]["sequence"]
    life.read(school)
    life.family().get(f"{life.path}/history")
    life.manager.get(f"{life.path}/history")
    life.officer.get(f"{life.path}/history", after=entry)
    assert breaches(life) == []
    redaction = {"redactionId": "redaction-1", "entry": entry, "reason": "Another child's report"}
    life.do("redact", "2026-06-03", who=life.manager, **redaction)
    proposal = {"erasureId": "erasure-1", "entry": entry, "basis": "WRONG_CHILD", "reason": "Another child's report"}
    life.do("propose-entry-erasure", "2026-06-03", **proposal)
    life.do("erase-entry", "2026-06-03", who=life.manager, erasureId="erasure-1", entry=entry)
    life.manager.get(f"{life.path}/history")
    (found,) = breaches(life)
    assert (found["kind"], found["entry"]) == ("redacted", entry)
    assert [(reader["role"], reader["what"]) for reader in found["readers"]] == [("send-manager", "history")]


def test_trap_70_who_read_a_text_on_the_wrong_child_survives_the_destruction_of_the_text(life: Life) -> None:
    life.imported()
    school, other = life.serving.as_("school", SCHOOL), Life(life.serving).imported()
    entry = life.history()[0]["sequence"]
    life.read(school)
    other.read(school)
    draft = life.draft("ANNUAL_REVIEW")
    life.officer.get(f"{life.path}/drafts/{draft[0]}")
    evidence = {"evidenceId": "evidence-1", "attachedOn": "2026-06-01", "documentHash": "ab" * 32, "title": "Wrong"}
    filed = life.do("attach-evidence", "2026-06-01", **evidence)["event"]["sequence"]
    life.officer.get(f"{life.path}/history")
    moving = {"misfiledId": "misfiled-1", "entry": filed, "rightPlan": other.plan_id}
    life.do("propose-move-entry", "2026-06-02", **moving, reason="Another child's report")
    life.do("move-entry", "2026-06-03", who=life.manager, **moving)
    hiding = {"redactionId": "redaction-1", "entry": entry, "reason": "The wrong child's text"}
    life.do("redact", "2026-06-04", who=life.manager, **hiding)
    misfiled, redacted = breaches(life)
    assert (misfiled["kind"], misfiled["entry"]) == ("misfiled", filed)
    assert [reader["role"] for reader in misfiled["readers"]] == ["case-officer"]
    assert (redacted["kind"], redacted["entry"]) == ("redacted", entry)
    assert "school" in {reader["role"] for reader in redacted["readers"]}
    assert {reader["draftId"] for reader in redacted["mayRepeat"]} == {draft[0]}
    assert breaches(other) == []


def test_trap_71_reads_while_two_records_were_wrongly_merged_are_listed_on_both(life: Life) -> None:
    life.imported()
    retired = Life(life.serving).requested()
    life.read(life.serving.as_("school", SCHOOL))
    proposal = {"retired": retired.plan_id, "evidence": "Both hold one traced number", "evidenceKind": ["OTHER"]}
    life.do("propose-merge", "2026-06-15", **proposal)
    life.do("merge-records", "2026-06-16", who=life.manager, retired=retired.plan_id)
    life.read(life.family())
    retired.read()
    assert breaches(life) == []
    undone = {"retired": retired.plan_id, "reasons": "Two children after all"}
    life.do("propose-unmerge", "2026-06-17", **undone)
    life.do("unmerge-records", "2026-06-17", who=life.manager, **undone)
    life.read()
    (found,) = breaches(life)
    assert (found["kind"], found["otherPlan"]) == ("wrong-merge", retired.plan_id)
    assert ("family", "plan") in {(reader["role"], reader["what"]) for reader in found["readers"]}
    assert "school" not in {reader["role"] for reader in found["readers"]}
    (other_side,) = breaches(retired)
    assert other_side["otherPlan"] == life.plan_id
    assert {reader["what"] for reader in other_side["readers"]} == {"plan"}
