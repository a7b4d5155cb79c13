"""An answer that was released and isn't right any more is taken back, prepared, reviewed and released anew."""

from typing import Any

import pytest

from tests.services.subject_access.asking import ASKED, OPINION, RELEASE, TODAY, WITHHOLD, Asking, record
from tests.support.life import Life

LATER, TOLD = "2026-08-10", "2026-08-11"
ABOUT = "Sam Quillfeather was seen to drink at the meeting"


@pytest.fixture
def released(life: Life) -> Asking:
    """A released answer, with a complaint that the officer released although it is about the other parent."""
    life.finalised()
    life.do("receive-complaint", "2026-07-13", complaintId="c1", receivedOn="2026-07-13", about=ABOUT)
    return Asking(life).asked().prepared().reviewed().released()


def back(why: str, on: str = LATER, **said: Any) -> dict[str, Any]:
    body = {"accessId": "s1", "reopenedOn": on, "why": why, "countsFrom": on, "reasons": "It named the other parent"}
    return body | said


def test_what_was_given_by_mistake_stops_at_once_and_is_given_anew_without_it(released: Asking) -> None:
    life = released.life
    assert ABOUT in str(record(released.take()))
    life.do("reopen-subject-access", LATER, **back("GIVEN_BY_MISTAKE"))
    for who in (released.family, life.officer):
        assert released.take(who).status_code == 409, "nothing is given until it is released anew"
    (request,) = released.family.get(f"{life.path}/subject-access").json()["requests"]
    assert (request["status"], request["takenBack"], request["dueOn"]) == ("RECEIVED", "GIVEN_BY_MISTAKE", "2026-09-10")
    found = released.material()
    (about,) = [part for part in found["marked"] if part["value"] == ABOUT]
    assert found["decisions"][about["id"]]["decision"] == "RELEASE", "what was decided is where it begins"
    assert "packageSha256" not in found
    entry = life.history()[-1]["sequence"]
    early = {"accessId": "s1", "upTo": entry - 1, "decisions": found["decisions"]}
    assert "held-but-left-out" in life.refused("prepare-subject-access", LATER, **early)
    given = dict.fromkeys(found["undecided"], RELEASE | OPINION)
    decisions = {**found["decisions"], **given, about["id"]: WITHHOLD}
    life.do("prepare-subject-access", LATER, accessId="s1", upTo=found["upTo"], decisions=decisions)
    alone = life.serving.as_("send-manager", "la:855", name="case-officer-of-la:855")
    assert "second-person-needed" in life.refused("review-subject-access", LATER, alone, accessId="s1")
    released.reviewed()
    digest = released.material()["packageSha256"]
    said = {"accessId": "s1", "releasedOn": LATER, "packageSha256": digest, "rightsExplained": True}
    life.do("release-subject-access", LATER, **said)
    assert ABOUT not in str(record(released.take()))
    assert life.clock("S1")["status"] == "met"
    digests = [e["data"]["packageSha256"] for e in life.history() if e["type"].endswith("access-released.v1")]
    assert len(set(digests)) == 2, "what was given before stays on record"


def test_an_answer_in_which_something_was_hidden_is_answered_within_a_month_anew(released: Asking) -> None:
    life = released.life
    life.do("redact", LATER, life.manager, redactionId="r1", entry=2, reason="Another child's")
    assert released.take().status_code == 409
    of_the_request = back("HIDDEN_SINCE", countsFrom=ASKED)
    assert "another-month" in life.refused("reopen-subject-access", LATER, **of_the_request)
    life.do("reopen-subject-access", LATER, **back("HIDDEN_SINCE"), toldOn=LATER)
    assert life.clock("S1")["dueOn"] == "2026-09-10"


def test_an_answer_that_left_something_out_was_never_one(released: Asking) -> None:
    life = released.life
    assert "another-month" in life.refused("reopen-subject-access", LATER, **back("INCOMPLETE"))
    assert "another-outcome" in life.refused("reopen-subject-access", LATER, **back("REFUSED_WRONGLY"))
    life.do("reopen-subject-access", LATER, **back("INCOMPLETE", countsFrom=ASKED))
    assert life.clock("S1")["dueOn"] == "2026-08-14", "the month of the request, not a new one"
    told = {"accessId": "s1", "countsFrom": ASKED, "toldOn": TOLD, "reasons": "Three thousand pages"}
    life.do("extend-subject-access", TOLD, **told)
    assert life.clock("S2")["dueOn"] == "2026-10-14"


def test_a_refusal_that_does_not_stand_is_answered_in_the_time_that_the_request_had(life: Life) -> None:
    asking = Asking(life.finalised()).asked()
    extended = {"accessId": "s1", "countsFrom": ASKED, "toldOn": TODAY, "reasons": "Three thousand pages"}
    life.do("extend-subject-access", TODAY, **extended)
    refused = {"accessId": "s1", "notifiedOn": TODAY, "ground": "EXCESSIVE", "reasons": "Asked twice"}
    life.do("refuse-subject-access", TODAY, **refused, rightsExplained=True)
    anew = back("REFUSED_WRONGLY", countsFrom=ASKED)
    assert "another-limit" in life.refused("reopen-subject-access", LATER, **anew)
    life.do("reopen-subject-access", LATER, **anew, limit="THREE_MONTHS")
    assert life.clock("S2")["dueOn"] == "2026-10-14"
    assert asking.family.get(f"{life.path}/subject-access").json()["requests"][0]["status"] == "RECEIVED"


def test_only_the_council_takes_an_answer_back_and_nobody_else_is_told(released: Asking) -> None:
    life = released.life
    assert released.family.act(life.plan_id, "reopen-subject-access", **back("INCOMPLETE")).status_code == 403
    life.do("reopen-subject-access", LATER, **back("HIDDEN_SINCE"))
    other = life.family("contact-2")
    told = other.get(f"{life.path}/history", limit=500).text + other.get(f"{life.path}/clocks").text
    assert "subject" not in told.lower().replace('"subject"', "")
    assert other.get(f"{life.path}/subject-access").json()["requests"] == []
