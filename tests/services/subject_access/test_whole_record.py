"""Everything that is held is in the answer or told of, and nothing that is hidden: also what was done to the record."""

from typing import Any

import pytest

from tests.services.subject_access.asking import TODAY, WITHHOLD, Asking, files, record
from tests.support.life import Life

NEED = "/plan/sections/B/needs/need-1"
OURS, THEIRS = "We say that she reads well", "I say that she is never read to"
ZUT = {"order": 9, "kind": "other", "name": "Ida Z", "mayReceive": "yes"}


@pytest.fixture
def final(life: Life) -> Life:
    return life.finalised()


def entries(given: dict[str, Any]) -> dict[int, dict[str, Any]]:
    return {entry["entry"]: entry for entry in given["record"]}


def destroyed(life: Life, entry: int) -> None:
    proposal = {"erasureId": "erasure-1", "entry": entry, "basis": "WRONG_CHILD", "reason": "Not this child's"}
    life.do("propose-entry-erasure", TODAY, **proposal)
    life.do("erase-entry", TODAY, life.manager, erasureId="erasure-1", entry=entry)


def test_an_entry_that_was_destroyed_is_told_of_and_says_nothing(final: Life) -> None:
    report = {"evidenceId": "evidence-1", "attachedOn": TODAY, "documentHash": "ab" * 32, "title": "Wren Halloway"}
    entry = final.do("attach-evidence", TODAY, **report)["event"]["sequence"]
    destroyed(final, entry)
    answer = Asking(final).asked().prepared().reviewed().released().take()
    found = entries(record(answer))
    assert sorted(found) == list(range(1, max(found) + 1)), "nothing is left out without a word"
    assert (found[entry]["status"], found[entry]["title"]) == ("erased", "Attach a document")
    assert "said" not in found[entry]
    assert "Wren Halloway" not in "".join(files(answer).values())


def test_a_destroyed_entry_of_a_kind_that_is_marked_is_decided_about_too(final: Life) -> None:
    said = {"requestedBy": "A tutor", "gateway": "R17_INTERESTS", "reasons": "Wren Halloway asked"}
    entry = final.do("decide-not-to-share", TODAY, **said)["event"]["sequence"]
    destroyed(final, entry)
    asking = Asking(final).asked()
    (marked,) = [part for part in asking.material()["marked"] if part["source"] == f"erased/{entry}"]
    assert marked["reasons"] == ["CHILD_ABUSE_DATA"]
    withheld = WITHHOLD | {"exemption": "CHILD_ABUSE_DATA"}
    answer = asking.prepared(CHILD_ABUSE_DATA=withheld).reviewed().released().take()
    assert entry not in entries(record(answer))


def test_what_a_hidden_entry_says_of_people_is_not_told_from_the_record_of_people(final: Life) -> None:
    added = final.do("add-contact", TODAY, contactId="contact-9", contact=ZUT)["event"]["sequence"]
    asking = Asking(final).asked()
    assert "Ida Z" in final.officer.get(asking.path).text
    final.do("redact", TODAY, final.manager, redactionId="r1", entry=added, reason="Another child's aunt")
    assert "Ida Z" not in final.officer.get(asking.path).text
    answer = asking.prepared().reviewed().released().take()
    assert record(answer)["person"]["contacts"].keys() == {"contact-1", "contact-2"}
    assert "Ida Z" not in "".join(files(answer).values())


def test_a_statement_stands_beside_what_it_disputes_in_the_answer_too(final: Life) -> None:
    carrier = int(final.read()["version"]["sequence"])
    for number, (contact, said) in enumerate((("contact-1", OURS), ("contact-2", THEIRS))):
        stated = {"disputeId": f"d{number}", "statedOn": TODAY, "requester": contact, "entry": carrier}
        final.do("attach-statement", TODAY, final.family(contact), **stated, pointer=NEED, statement=said)
    answer = Asking(final).asked().prepared(THIRD_PARTY=WITHHOLD).reviewed().released().take()
    found = entries(record(answer))
    beside = {"about": NEED, "statedOn": TODAY, "statement": OURS}
    assert found[carrier]["statements"] == [beside], "the other parent's was withheld with its entry"
    served = next(n for n, entry in found.items() if "plan" in entry.get("said", {}) and n < carrier)
    assert found[served]["statements"] == [beside], "the draft said the same"
    assert THEIRS not in "".join(files(answer).values())


def test_what_was_merged_into_the_record_is_told_of(life: Life) -> None:
    survivor, retired = life.imported(), Life(life.serving).requested()
    proposal = {"retired": retired.plan_id, "evidence": "Both hold one traced number", "evidenceKind": ["OTHER"]}
    survivor.do("propose-merge", "2026-06-15", **proposal)
    survivor.do("merge-records", "2026-06-16", survivor.manager, retired=retired.plan_id)
    asking = Asking(survivor).asked()
    assert asking.material()["alsoHeld"] == [retired.plan_id]
    given = record(asking.prepared().reviewed().released().take())
    assert given["about"]["alsoHeldIn"] == [retired.plan_id]
    there = Asking(retired).asked().prepared().reviewed().released().take(retired.family())
    assert record(there)["person"]["name"] == "Robin Quillfeather"


def test_what_happens_later_changes_nothing_of_an_answer_that_was_released(final: Life) -> None:
    final.read(final.serving.as_("school", "urn:199101"))
    report = {"evidenceId": "evidence-1", "attachedOn": TODAY, "documentHash": "ab" * 32, "title": "Reading test"}
    entry = final.do("attach-evidence", TODAY, **report)["event"]["sequence"]
    asking = Asking(final).asked().prepared().reviewed().released()
    given = asking.take()
    assert any(reader.get("organisation") == "Elm Tree School" for reader in record(given)["readers"])
    moved = final.read()["plan"]
    school = {"order": 1, "rank": 1, "name": "Oak Tree School", "urn": "199102"}
    moved["sections"]["I"]["placements"] = {"placement-1": school}
    said = {"amendmentNoticeId": "n9", "purpose": "TRIBUNAL_ORDER", "basis": "TRIBUNAL_ORDER", "sentOn": "2026-07-22"}
    final.record("amend", "2026-07-22", **said, plan=moved)
    final.do("correct-entry", "2026-07-22", corrects=entry, reason="It was another test")
    assert asking.take().content == given.content


def test_what_was_done_about_another_childs_record_is_decided_about(life: Life) -> None:
    survivor, retired = life.imported(), Life(life.serving).requested()
    proposal = {"retired": retired.plan_id, "evidence": "Wren Halloway has the same number", "evidenceKind": ["OTHER"]}
    survivor.do("propose-merge", "2026-06-15", **proposal)
    survivor.do("merge-records", "2026-06-16", survivor.manager, retired=retired.plan_id)
    undone = {"retired": retired.plan_id, "reasons": "Wren Halloway is another child"}
    survivor.do("propose-unmerge", "2026-06-17", **undone)
    survivor.do("unmerge-records", "2026-06-17", survivor.manager, **undone)
    answer = Asking(survivor).asked().prepared(THIRD_PARTY=WITHHOLD).reviewed().released().take()
    given = "".join(files(answer).values())
    assert retired.plan_id not in given
    assert "Wren Halloway" not in given


def test_what_is_written_down_as_hidden_of_an_entry_that_isnt_there_hides_nothing(final: Life) -> None:
    draft = final.officer.post(f"{final.path}/drafts", {"purpose": "ANNUAL_REVIEW"}).json()["draftId"]
    said = {"redactionId": "r1", "entry": 999, "pointer": NEED, "reason": "A slip of the pen"}
    final.record("redact", TODAY, final.manager, effectiveOn=TODAY, **said)
    whole = said | {"redactionId": "r2", "entry": 998}
    del whole["pointer"]
    final.record("redact", TODAY, final.manager, effectiveOn=TODAY, **whole)
    read = final.officer.get(f"{final.path}/drafts/{draft}")
    assert read.status_code == 200
    assert "Reads slowly" in read.text
    answer = Asking(final).asked().prepared().reviewed().released().take()
    assert "Reads slowly" in "".join(files(answer).values())
