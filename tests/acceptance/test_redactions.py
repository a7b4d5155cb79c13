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


def carried_on(life: Life) -> tuple[int, int]:
    """A report about another child in section K of a final text, and again in the next one; the two entries."""
    life.imported()
    advice = {"advice": {"advice-1": {"order": 1, "kind": "Report", "author": WRONG}}}
    said = {"amendmentNoticeId": "notice-9", "purpose": "TRIBUNAL_ORDER", "basis": "TRIBUNAL_ORDER"}
    entries = []
    for day, history in (("2026-05-04", "Robin reads."), ("2026-05-14", "Robin has moved house.")):
        plan = text(life.reference, section_i=NAMED, A={"history": history}, K=advice)
        dates = {"effectiveOn": day, "sentOn": day, "amendmentNoticeId": f"notice-{day}"}
        entries.append(life.record("amend", "2026-05-15", **said | dates, plan=plan)["event"]["sequence"])
    return entries[0], entries[1]


HIDING = {"redactionId": "redaction-1", "reason": "Another child's report"}
ADVICE = "/plan/sections/K/advice/advice-1"


def test_trap_44_what_a_text_carried_on_is_hidden_in_every_text_that_says_the_same(life: Life) -> None:
    first, second = carried_on(life)
    life.family().get(life.path)
    done = life.do("redact", "2026-06-03", who=life.manager, **HIDING, entry=first, pointer=ADVICE)
    assert done["warnings"][0]["rule"] == "hidden-elsewhere-too"
    assert str(second) in done["warnings"][0]["text"]
    for sequence in (first, second):
        assert {where for where, told in readings(life, sequence=sequence).items() if WRONG in told} == set()
    for pair in ({"from": 2, "to": 3}, {"from": 1, "to": 3}):
        assert WRONG not in life.officer.get(f"{life.path}/diff", **pair).text
    assert life.read()["plan"]["sections"]["A"]["history"] == "Robin has moved house."
    found = life.officer.get(f"{life.path}/possible-breaches").json()["breaches"]
    assert {breach["entry"] for breach in found} == {first, second}
    assert any(breach["readers"] for breach in found if breach["entry"] == second), "the family read it in the second"


def test_trap_44_no_draft_brings_back_what_was_hidden(life: Life) -> None:
    _, second = carried_on(life)
    draft = life.draft("ANNUAL_REVIEW")
    life.patch(draft, {"sections": {"A": {"history": "Robin reads well now."}}})
    life.do("redact", "2026-06-03", who=life.manager, **HIDING, entry=second, pointer=ADVICE)
    later = life.draft("ANNUAL_REVIEW")
    for one in (draft, later):
        read = life.officer.get(f"{life.path}/drafts/{one[0]}")
        assert WRONG not in read.text
        assert read.json()["plan"]["sections"]["K"] == {"advice": {}}
    assert life.officer.get(f"{life.path}/drafts/{draft[0]}").json()["plan"]["sections"]["A"] == {
        "history": "Robin reads well now."
    }
    patch = {"sections": {"A": {"history": "Robin is taller."}}}
    life.record("correct-clerical-error", "2026-06-04", correctedOn="2026-06-04", what="Height", patch=patch)
    assert life.read()["plan"]["sections"]["A"]["history"] == "Robin is taller."
    assert WRONG not in life.officer.get(life.path).text + life.officer.get(f"{life.path}/history").text


@pytest.mark.parametrize("part", [{"pointer": ADVICE}, {}], ids=["part", "whole"])
def test_trap_44_words_that_were_destroyed_come_back_in_no_draft(life: Life, part: dict[str, str]) -> None:
    _, second = carried_on(life)
    draft = life.draft("ANNUAL_REVIEW")
    life.do("redact", "2026-06-03", who=life.manager, **HIDING, entry=second, **part)
    proposal = {"erasureId": "erasure-1", "entry": second, "basis": "WRONG_CHILD", "reason": "Not this child's"}
    life.do("propose-entry-erasure", "2026-06-03", **proposal)
    life.do("erase-entry", "2026-06-03", who=life.manager, erasureId="erasure-1", entry=second)
    assert WRONG not in life.officer.get(f"{life.path}/drafts/{draft[0]}").text
    assert WRONG not in life.officer.get(f"{life.path}/drafts").text


def test_a_draft_from_a_text_that_is_hidden_as_a_whole_keeps_only_its_own_words(life: Life) -> None:
    _, second = carried_on(life)
    draft = life.patch(life.draft("ANNUAL_REVIEW"), {"sections": {"A": {"history": "Robin reads well now."}}})
    life.do("redact", "2026-06-03", who=life.manager, **HIDING, entry=second)
    own = life.officer.get(f"{life.path}/drafts/{draft[0]}").json()["plan"]["sections"]
    assert own.pop("A") == {"history": "Robin reads well now."}
    assert WRONG not in str(own)
    assert own["B"] == {}
    blank = life.officer.get(f"{life.path}/drafts/{life.draft('ANNUAL_REVIEW')[0]}").json()["plan"]
    assert not any(blank["sections"].values()), "nothing goes on from it"


def test_what_was_hidden_by_mistake_in_every_text_comes_back_in_every_text(life: Life) -> None:
    first, _ = carried_on(life)
    done = life.do("redact", "2026-06-03", who=life.manager, **HIDING, entry=first, pointer=ADVICE)
    assert WRONG not in str(life.read(version=3)["plan"])
    life.do("correct-entry", "2026-06-04", corrects=done["event"]["sequence"], reason="It was about this child")
    assert [WRONG in str(life.read(version=number)["plan"]) for number in (2, 3)] == [True, True]


@pytest.mark.parametrize("part", ["/plan/sections/C", "/plan/sections", "/plan/personalDetails", "/plan", ""])
def test_whatever_is_hidden_every_form_is_still_read(life: Life, part: str) -> None:
    life.finalised()
    entry = int(life.read()["version"]["sequence"])
    pointer = {"pointer": part} if part else {}
    life.do("redact", "2026-07-20", who=life.manager, **HIDING, entry=entry, **pointer)
    draft = life.officer.post(f"{life.path}/drafts", {"purpose": "ANNUAL_REVIEW"})
    assert draft.status_code in {201, 422}, draft.text
    readers = (life.officer, life.family(), life.serving.as_("school", SCHOOL), life.serving.as_("health", "ods:QJK"))
    for reader in readers:
        for end in ("", "/history", "/versions", "/clocks", "/diff?from=draft-1&to=1", "/disclosures"):
            for form in ("application/json", "application/fhir+json"):
                answer = life.serving.http.get(life.path + end, headers={**reader.headers, "Accept": form})
                assert answer.status_code < 500, (end, form, answer.text)
                hidden = "Tight calf muscles" if part in {"/plan/sections/C", "/plan/sections", "/plan", ""} else ""
                assert not hidden or hidden not in answer.text, (end, form)
