"""What the family says is wrong: put right by a correction, or refused, and their statement goes with every reading."""

from typing import Any

import pytest

from tests.support.life import SCHOOL, Life
from tests.support.serving import Caller

ASKED, TODAY = "2026-07-14", "2026-07-20"
NEED = "/plan/sections/B/needs/need-1"
DISPUTED = "We say that she reads well and is never given books"
STATEMENT = {
    "disputeId": "d1",
    "statedOn": TODAY,
    "requester": "contact-1",
    "pointer": NEED,
    "statement": DISPUTED,
}


@pytest.fixture
def final(life: Life) -> Life:
    return life.finalised()


def carrier(life: Life) -> int:
    """The entry that carries the final text."""
    return int(life.read()["version"]["sequence"])


def asked(life: Life) -> None:
    said = {"rectificationId": "t1", "receivedOn": ASKED, "requester": "contact-1", "entry": carrier(life)}
    life.do("request-rectification", ASKED, life.family(), **said, pointer=NEED, wrong="She reads well")


def disputed(life: Life) -> Life:
    life.do("attach-statement", TODAY, life.family(), **STATEMENT, entry=carrier(life))
    return life


def statements(life: Life, who: Caller | None = None, **parameters: Any) -> list[str]:
    return [said["statement"] for said in life.read(who, **parameters)["statements"]]


def test_a_request_is_answered_within_a_month_with_the_entry_that_puts_it_right(final: Life) -> None:
    asked(final)
    assert final.clock("S3")["dueOn"] == "2026-08-14"
    told = {"rectificationId": "t1", "notifiedOn": TODAY}
    assert "correction-missing" in final.refused("decide-rectification", TODAY, **told, decision="RECTIFIED")
    report = {"evidenceId": "e1", "attachedOn": TODAY, "documentHash": "ab" * 32, "title": "Reading test"}
    entry = final.do("attach-evidence", TODAY, **report)["event"]["sequence"]
    final.do("decide-rectification", TODAY, **told, decision="RECTIFIED", correctedBy=entry)
    assert final.clock("S3")["status"] == "met"


def test_a_refusal_gives_reasons_and_says_what_can_be_done(final: Life) -> None:
    asked(final)
    told = {"rectificationId": "t1", "notifiedOn": TODAY, "decision": "REFUSED"}
    refused = final.refused("decide-rectification", TODAY, **told)
    assert "reasons-missing" in refused
    assert "UK GDPR Art 16" in refused["reasons-missing"]["law"]
    final.do("decide-rectification", TODAY, **told, reasons="The assessment says so", rightsExplained=True)


def test_the_statement_goes_with_every_reading_of_the_part_by_whomever(final: Life) -> None:
    disputed(final)
    readers = (final.officer, final.family("contact-2"), final.serving.as_("school", SCHOOL))
    assert [statements(final, who) for who in readers] == [[DISPUTED]] * 3
    position = final.history()[carrier(final) - 1]["position"]
    assert statements(final, knownAt=position) == [DISPUTED], "what was known earlier is read later too"
    assert statements(final, asAt="2026-07-12") == [DISPUTED]
    diff = final.officer.get(f"{final.path}/diff", **{"from": "draft-1", "to": "1"}).json()
    assert [said["statement"] for said in diff["statements"]] == [DISPUTED]
    entry = final.history()[carrier(final) - 1]
    assert entry["statements"][0]["pointer"] == NEED
    fhir = final.serving.http.get(final.path, headers={**final.officer.headers, "Accept": "application/fhir+json"})
    assert DISPUTED in fhir.text


def test_who_is_not_shown_the_part_is_not_shown_the_statement(final: Life) -> None:
    disputed(final)
    given = {"recipient": "A tutor", "organisation": "urn:199150", "gateway": "R17_INTERESTS", "sections": ["F"]}
    final.do("disclose", TODAY, **given, until="2026-12-31")
    tutor = final.serving.as_("school", "urn:199150")
    assert statements(final, tutor) == []
    assert DISPUTED not in tutor.get(final.path).text


def test_another_version_with_the_part_carries_it_and_one_without_does_not(final: Life) -> None:
    disputed(final)
    text = final.read()["plan"]
    noted = text | {"sections": text["sections"] | {"A": {"history": "Robin has moved house."}}}
    final.record("correct-clerical-error", TODAY, correctedOn=TODAY, what="House", plan=noted)
    assert statements(final) == [DISPUTED]


def test_it_is_withdrawn_by_who_stated_it(final: Life) -> None:
    disputed(final)
    gone = {"disputeId": "d1", "withdrawnOn": TODAY}
    other = final.family("contact-2")
    anothers = final.refused("withdraw-statement", TODAY, other, **gone)
    assert anothers == final.refused("withdraw-statement", TODAY, other, **gone | {"disputeId": "d9"})
    final.do("withdraw-statement", TODAY, final.family(), **gone)
    assert statements(final) == []


def test_a_statement_is_never_written_over_by_another(final: Life) -> None:
    disputed(final)
    other = final.family("contact-2")
    answer = other.act(final.plan_id, "attach-statement", **STATEMENT | {"requester": "contact-2"}, entry=1)
    assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (422, "id-taken")
    assert statements(final) == [DISPUTED]


def test_a_family_names_an_entry_by_the_number_that_they_are_told(final: Life) -> None:
    said = {"requestedBy": "A tutor", "gateway": "CA04_16LA_SAFEGUARDING", "reasons": "Not told to a parent"}
    final.do("decide-not-to-share", TODAY, **said)
    report = {"evidenceId": "e1", "attachedOn": TODAY, "documentHash": "ab" * 32, "title": "Reading test"}
    entry = final.do("attach-evidence", TODAY, **report)["event"]["sequence"]
    mine = final.family()
    told = next(e["number"] for e in final.history(mine) if e["type"] == "ehcp.plan.evidence-attached.v1")
    assert told == entry - 1, "one that they aren't shown came before"
    asked = {"rectificationId": "t1", "receivedOn": TODAY, "requester": "contact-1", "wrong": "She passed"}
    final.do("request-rectification", TODAY, mine, **asked, entry=told)
    assert final.history()[-1]["data"]["entry"] == entry
    final.do("attach-statement", TODAY, mine, **STATEMENT | {"pointer": "/title"}, entry=told)
    assert "entry" not in str(final.read(mine)["statements"])
    beyond = mine.act(final.plan_id, "request-rectification", **asked | {"rectificationId": "t2"}, entry=told + 3)
    assert (beyond.status_code, beyond.json()["errors"][0]["rule"]) == (422, "unknown-entry")


def test_a_statement_that_was_redacted_is_nowhere(final: Life) -> None:
    said = disputed(final).history()[-1]["sequence"]
    final.do("redact", TODAY, final.manager, redactionId="r1", entry=said, reason="Names another child")
    assert DISPUTED not in "".join(final.officer.get(final.path + end).text for end in ("", "/history", "/versions"))


def test_the_statement_goes_with_a_working_draft_as_long_as_the_part_stands_in_it(final: Life) -> None:
    disputed(final)
    draft = final.draft("ANNUAL_REVIEW")

    def of_draft() -> list[str]:
        read = final.officer.get(f"{final.path}/drafts/{draft[0]}").json()
        return [said["statement"] for said in read["statements"]]

    assert of_draft() == [DISPUTED]
    listed = final.officer.get(f"{final.path}/drafts").json()["drafts"]
    assert not any("statements" in one for one in listed)
    final.do("withdraw-statement", TODAY, final.family(), disputeId="d1", withdrawnOn=TODAY)
    assert of_draft() == []
