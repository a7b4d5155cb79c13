"""What is hidden of a record over HTTP: no reader sees it at any time asked about, and the evidence of it stays."""

import pytest

from tests.support.life import NAMED, SCHOOL, Life, text

#: Another child's report, as it was attached and as an officer quoted it in section K.
WRONG = "Report about Wren Halloway"


def readings(life: Life, *, sequence: int) -> dict[str, str]:
    """All that anybody can read of the record, now and as known when the entry had just been made."""
    position = life.history()[sequence - 1]["position"]
    ends = ("", "/history", "/versions", f"?knownAt={position}", f"/history?knownAt={position}", "?asAt=2026-06-01")
    readers = {
        "officer": life.officer,
        "manager": life.manager,
        "auditor": life.serving.as_("auditor", "audit"),
        "family": life.family(),
        "school": life.serving.as_("school", SCHOOL),
    }
    return {f"{who} {end}": reader.get(life.path + end).text for who, reader in readers.items() for end in ends}


@pytest.mark.parametrize("destroyed", [False, True], ids=["hidden", "destroyed"])
def test_trap_44_a_wrong_report_is_hidden_from_every_reader_and_what_was_shown_stays(
    life: Life, *, destroyed: bool
) -> None:
    life.imported()
    report = {"evidenceId": "evidence-1", "attachedOn": "2026-06-01", "documentHash": "ab" * 32, "title": WRONG}
    entry = life.do("attach-evidence", "2026-06-01", **report)["event"]["sequence"]
    shown = {"recipient": "Elm Tree School", "gateway": "R13_2_RECIPIENT", "sections": ["K"], "organisation": SCHOOL}
    life.do("disclose", "2026-06-02", **shown)
    assert WRONG in life.officer.get(f"{life.path}/history").text
    redaction = {"redactionId": "redaction-1", "entry": entry, "reason": "Another child's report"}
    alone = life.refused("redact", "2026-06-03", who=life.manager, **redaction, destroyContent=True)
    assert alone.keys() == {"second-person-needed"}
    life.do("redact", "2026-06-03", who=life.manager, **redaction)
    if destroyed:
        proposal = {"erasureId": "erasure-1", "entry": entry, "basis": "WRONG_CHILD", "reason": "Not this child's"}
        life.do("propose-entry-erasure", "2026-06-03", **proposal)
        life.do("erase-entry", "2026-06-03", who=life.manager, erasureId="erasure-1", entry=entry)

    assert {where for where, told in readings(life, sequence=entry).items() if WRONG in told} == set()
    history = life.history()
    assert history[entry - 1]["status"] == ("erased" if destroyed else "redacted")
    assert history[entry - 1]["type"] == "ehcp.plan.evidence-attached.v1"
    assert history[entry]["data"]["recipient"] == "Elm Tree School"
    assert life.read()["phase"] == "MAINTAINED"


def test_trap_44_a_part_of_a_text_is_hidden_and_the_rest_is_read(life: Life) -> None:
    life.imported()
    advice = {"advice": {"advice-1": {"order": 1, "kind": "Report", "author": WRONG}}}
    changed = text(life.reference, section_i=NAMED, K=advice)
    said = {"amendmentNoticeId": "notice-9", "purpose": "TRIBUNAL_ORDER", "basis": "TRIBUNAL_ORDER"}
    amended = {"effectiveOn": "2026-05-04", "sentOn": "2026-05-04", "plan": changed}
    entry = life.record("amend", "2026-05-05", **said, **amended)["event"]["sequence"]
    assert WRONG in life.officer.get(life.path).text
    hiding = {"redactionId": "redaction-1", "entry": entry, "reason": "Another child's report"}
    slip = life.manager.act(life.plan_id, "redact", **hiding, pointer="/plan/sections/K/advice/advice-7")
    assert (slip.status_code, slip.json()["errors"][0]["pointer"]) == (422, "/pointer")
    life.do("redact", "2026-06-03", who=life.manager, **hiding, pointer="/plan/sections/K/advice/advice-1")

    assert {where for where, told in readings(life, sequence=entry).items() if WRONG in told} == set()
    assert WRONG not in life.officer.get(f"{life.path}/diff", **{"from": 1, "to": 2}).text
    assert life.read()["version"]["number"] == 2
    assert life.read()["plan"]["sections"]["A"]["history"].startswith("Robin lives")


def test_a_text_that_is_hidden_as_a_whole_gives_way_to_no_older_one(life: Life) -> None:
    life.imported()
    changed = text(life.reference, section_i=NAMED, A={"history": WRONG})
    said = {"amendmentNoticeId": "notice-9", "purpose": "TRIBUNAL_ORDER", "basis": "TRIBUNAL_ORDER"}
    amended = {"effectiveOn": "2026-05-04", "sentOn": "2026-05-04", "plan": changed}
    entry = life.record("amend", "2026-05-05", **said, **amended)["event"]["sequence"]
    life.do("redact", "2026-06-03", who=life.manager, redactionId="redaction-1", entry=entry, reason="Another child")
    view = life.read()
    assert ("plan" in view, "version" in view, view["phase"]) == (False, False, "MAINTAINED")
    assert life.officer.get(life.path, version=2).status_code == 404
    assert life.read(version=1)["plan"]["sections"]["A"]["history"].startswith("Robin lives")


def test_a_redaction_made_by_mistake_is_undone_by_a_correction(life: Life) -> None:
    life.imported()
    report = {"evidenceId": "evidence-1", "attachedOn": "2026-06-01", "documentHash": "ab" * 32, "title": WRONG}
    entry = life.do("attach-evidence", "2026-06-01", **report)["event"]["sequence"]
    hiding = {"redactionId": "redaction-1", "entry": entry, "reason": "Another child's report"}
    redaction = life.do("redact", "2026-06-03", who=life.manager, **hiding)["event"]["sequence"]
    life.do("correct-entry", "2026-06-04", corrects=redaction, reason="It was about this child")
    assert life.history()[entry - 1]["data"]["title"] == WRONG
