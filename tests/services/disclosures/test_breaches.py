"""Who was shown what turned out to be wrong: redacted, misfiled, or read while two records were merged."""

from time import sleep
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


def merged(life: Life, retired: Life, on: str) -> None:
    proposal = {"retired": retired.plan_id, "evidence": "Both hold one traced number", "evidenceKind": ["OTHER"]}
    life.do("propose-merge", on, **proposal)
    life.do("merge-records", on, who=life.manager, retired=retired.plan_id)


def unmerged(life: Life, retired: Life, on: str) -> None:
    undone = {"retired": retired.plan_id, "reasons": "Two children after all"}
    life.do("propose-unmerge", on, **undone)
    life.do("unmerge-records", on, who=life.manager, **undone)


def readers(breach: dict[str, Any], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(reader[name] for name in names) for reader in breach["readers"]]


def test_trap_71_reads_while_two_records_were_wrongly_merged_are_listed_on_both(life: Life) -> None:
    life.imported()
    retired = Life(life.serving).requested()
    life.read(life.serving.as_("school", SCHOOL))
    merged(life, retired, "2026-06-16")
    life.read(life.family())
    retired.read()
    assert breaches(life) == []
    unmerged(life, retired, "2026-06-17")
    life.read()
    (found,) = breaches(life)
    assert (found["kind"], found["otherPlan"]) == ("wrong-merge", retired.plan_id)
    assert ("family", "plan") in {(reader["role"], reader["what"]) for reader in found["readers"]}
    assert "school" not in {reader["role"] for reader in found["readers"]}
    (other_side,) = breaches(retired)
    assert other_side["otherPlan"] == life.plan_id
    assert {reader["what"] for reader in other_side["readers"]} == {"plan"}


def test_what_was_read_of_a_wrongly_merged_record_is_told_whatever_way_it_went(life: Life) -> None:
    life.imported()
    retired = Life(life.serving).requested(identifiers={})
    school, auditor = life.serving.as_("school", SCHOOL), life.serving.as_("auditor", "audit")
    merged(life, retired, "2026-06-16")
    life.read(school)
    life.read(asAt="2026-01-10")
    life.read(knownAt="1")
    assert life.officer.get(f"{life.path}/entitlements", organisation=SCHOOL, on="2026-06-16").status_code == 200
    assert life.officer.get(f"{life.path}/history").status_code == 200
    fhir = {**life.officer.headers, "Accept": "application/fhir+json"}
    assert life.officer.http.get(life.path, headers=fhir).status_code == 200
    other = Life(life.serving).imported(identifiers={"nhsNumber": "9990000018"})
    if (platform := life.serving.platform).settings.on_postgresql:
        platform.projection.running.start()
        platform.signals.running.start()
    while life.plan_id not in life.officer.get("/v1/plans").text:
        sleep(0.05)
    while life.plan_id not in life.officer.get("/v1/feed", after=0).text:
        sleep(0.05)
    life.officer.post("/v1/plans/search", {"nhsNumber": "9990000050"})
    unmerged(life, retired, "2026-06-17")
    life.officer.post("/v1/plans/search", {"nhsNumber": "9990000050"})
    (found,) = breaches(life)
    assert {"plan", "history", "entitlements"} <= {what for (what,) in readers(found, "what")}
    assert len([one for one in readers(found, "what") if one == ("plan",)]) >= 3
    (seen,) = [reader for reader in found["readers"] if reader["role"] == "school"]
    assert {"A", "B", "F", "I"} <= set(seen["sections"])
    assert {one["what"] for one in found["told"]} == {"list", "feed", "search"}
    assert len([one for one in found["told"] if one["what"] == "search"]) == 1, "not the one behind the un-merge"
    assert other.plan_id not in str(found)
    assert auditor.get(f"{life.path}/possible-breaches").json()["breaches"] == [found]


def test_a_record_that_is_merged_again_is_listed_once_for_each_time(life: Life) -> None:
    life.imported()
    retired = Life(life.serving).requested(identifiers={})
    school, family = life.serving.as_("school", SCHOOL), life.family()
    may = {who: who.get(life.path).json() for who in (school, family)}
    for number, reader in enumerate((school, family)):
        merged(life, retired, f"2026-06-1{2 + 2 * number}")
        life.read(reader)
        unmerged(life, retired, f"2026-06-1{3 + 2 * number}")
    life.read(school)
    first, second = breaches(life)
    assert first["until"] < second["since"]
    assert (readers(first, "role"), readers(second, "role")) == ([("school",)], [("family",)])
    for who, before in may.items():
        after = who.get(life.path).json()
        assert [after[name] for name in ("plan", "phase", "version")] == [
            before[name] for name in ("plan", "phase", "version")
        ]
    merged(life, retired, "2026-06-18")
    assert breaches(life) == [first, second], "what is merged still is no breach"


def test_the_list_is_for_the_council_and_auditors_and_on_record_itself(life: Life) -> None:
    life.imported()
    retired = Life(life.serving).requested(identifiers={})
    merged(life, retired, "2026-06-16")
    unmerged(life, retired, "2026-06-17")
    breaches(life)
    entries = life.officer.get(f"{life.path}/disclosures").json()["disclosures"]
    assert "possible-breaches" in {entry["what"] for entry in entries}
    for who, status in (
        (life.family(), 403),
        (life.serving.as_("school", SCHOOL), 403),
        (life.serving.officer("936"), 404),
    ):
        assert who.get(f"{life.path}/possible-breaches").status_code == status


def test_one_person_does_not_undo_a_merge_by_a_correction(life: Life) -> None:
    life.imported()
    retired = Life(life.serving).requested(identifiers={})
    merged(life, retired, "2026-06-16")
    entry = life.history()[-1]["sequence"]
    refused = life.refused("correct-entry", "2026-06-17", life.manager, corrects=entry, reason="Two children")
    assert "second-person-needed" in refused
    unmerged(life, retired, "2026-06-17")
    entry = life.history()[-1]["sequence"]
    refused = life.refused("correct-entry", "2026-06-17", life.manager, corrects=entry, reason="One child after all")
    assert "second-person-needed" in refused
