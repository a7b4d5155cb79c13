"""A subject access request from the asking to what is given: decided, reviewed, released, and on record."""

from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

import pytest
from typing_extensions import override

from services.subject_access.plain_words import PlainWords
from services.subject_access.withholding import BLACKED_OUT
from tests.services.disclosures.conftest import Log, of
from tests.services.subject_access.asking import ASKED, OPINION, RELEASE, TODAY, WITHHOLD, Asking, files, record
from tests.support.life import Life
from tests.support.serving import Serving

ABOUT_THE_OTHER = "Sam Quillfeather was seen to drink at the meeting"


@pytest.fixture
def asking(life: Life) -> Asking:
    life.finalised()
    life.officer.post(f"{life.path}/drafts", {"purpose": "ANNUAL_REVIEW"})
    life.do("receive-complaint", "2026-07-13", complaintId="c1", receivedOn="2026-07-13", about=ABOUT_THE_OTHER)
    return Asking(life).asked()


def test_the_whole_record_is_given_without_what_was_withheld(asking: Asking) -> None:
    assert asking.life.clock("S1")["dueOn"] == "2026-08-14"
    asking.prepared(THIRD_PARTY=WITHHOLD, NEGOTIATIONS=WITHHOLD | {"exemption": "NEGOTIATIONS"}).reviewed().released()
    answer = asking.take()
    given = record(answer)
    assert [text["entry"] for text in given["record"]][:2] == [1, 2]
    texts = [entry["said"]["plan"] for entry in given["record"] if "plan" in entry["said"]]
    assert texts[-1]["sections"]["B"]["needs"]["need-1"]["description"] == "Reads slowly"
    assert given["person"]["name"] == "Robin Quillfeather"
    assert any(duty["title"].startswith("Decide whether to assess") for duty in given["duties"])
    assert given["drafts"] == []
    whole = "".join(files(answer).values())
    assert "Sam Quillfeather" not in whole
    assert "drink" not in whole
    assert asking.life.clock("S1")["status"] == "met"


def test_a_part_that_nobody_decided_about_stops_the_answer(asking: Asking) -> None:
    found = asking.material()
    assert found["undecided"] == [part["id"] for part in found["marked"]]
    first, *others = (part["id"] for part in found["marked"] if part["pointer"] != "")
    asking.decided(found["upTo"], dict.fromkeys(others, RELEASE | OPINION)).reviewed()
    assert first in asking.material()["undecided"]
    assert "packageSha256" not in asking.material()
    said = {"accessId": "s1", "releasedOn": TODAY, "packageSha256": "ab" * 32, "rightsExplained": True}
    assert "nothing-to-give" in asking.life.refused("release-subject-access", TODAY, **said)
    refused = asking.take(asking.life.officer)
    assert refused.status_code == 409
    assert refused.json()["errors"][0]["rule"] == "undecided"


def test_two_people_decide_and_only_then_is_it_given(asking: Asking) -> None:
    asking.prepared(THIRD_PARTY=WITHHOLD)
    assert asking.take(asking.life.officer).status_code == 409
    assert asking.take().status_code == 409
    alone = asking.life.serving.as_("send-manager", "la:855", name="case-officer-of-la:855")
    assert "second-person-needed" in asking.life.refused("review-subject-access", TODAY, alone, accessId="s1")
    asking.reviewed()
    assert asking.take(asking.life.officer).status_code == 200
    assert asking.take().status_code == 409, "who asked waits for the release"
    said = {"accessId": "s1", "releasedOn": TODAY, "packageSha256": "ab" * 32, "rightsExplained": True}
    assert "another-package" in asking.life.refused("release-subject-access", TODAY, **said), "nothing else is released"


def test_what_is_given_is_what_was_released_or_nothing(asking: Asking) -> None:
    asking.prepared(THIRD_PARTY=WITHHOLD).reviewed().released()
    first = asking.take()
    assert sha256(first.content).hexdigest() == asking.material()["packageSha256"]
    asking.life.do("receive-complaint", TODAY, complaintId="c2", receivedOn=TODAY, about="Something new")
    asking.life.officer.post(f"{asking.life.path}/drafts", {"purpose": "ANNUAL_REVIEW"})
    assert asking.take().content == first.content, "what came later isn't in it"
    redacted = {"redactionId": "r1", "entry": 2, "reason": "Another child's"}
    asking.life.do("redact", TODAY, asking.life.manager, **redacted)
    refused = asking.take()
    assert refused.status_code == 409
    assert refused.json()["errors"][0]["rule"] == "another-package"
    assert "Ask the council" in refused.json()["detail"]
    found = asking.material()
    assert found["packageSha256"] != found["releasedSha256"] == sha256(first.content).hexdigest()


class Words(HTMLParser):
    """The texts of a page, without what it looks like."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._skipped = ""
        self.feed(page)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._skipped = tag if tag in ("style", "title") else ""

    @override
    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.texts.append(data)


WORDS = PlainWords({"la:855": "Leicestershire"})


def said_in(value: Any) -> Iterator[str]:
    """Every text and number of the record as data, line by line, as it is said in words."""
    if isinstance(value, dict | list):
        for member in value.values() if isinstance(value, dict) else value:
            yield from said_in(member)
    else:
        yield from WORDS.value(value).splitlines()


def test_every_form_says_the_same_and_withholds_the_same(asking: Asking) -> None:
    asking.prepared(THIRD_PARTY=WITHHOLD, NEGOTIATIONS=WITHHOLD | {"exemption": "NEGOTIATIONS"}).reviewed().released()
    whole = asking.take()
    data, page = (asking.take(form=form) for form in ("application/json", "text/html"))
    for answer, name in ((data, "record.json"), (page, "record.html")):
        assert answer.text == files(whole)[name]
        assert answer.headers["Repr-Digest"] == f"sha-256=:{b64encode(sha256(answer.content).digest()).decode()}:"
        assert answer.headers["Content-Disposition"].endswith(f'.{name.rpartition(".")[2]}"')
    told, stated = Counter(Words(page.text).texts), Counter(said_in(data.json()))
    assert not stated - told, "the page leaves something out"
    assert sum(BLACKED_OUT in text for text in stated.elements()) > 0
    assert told[BLACKED_OUT] == stated[BLACKED_OUT]
    for words in ("17. Issue the final plan, 10 July 2026", "Section B: the child or young person", "parent for child"):
        assert words in page.text
    assert "la:855" not in page.text
    assert "2026-07-14" not in page.text
    assert "Sam Quillfeather" not in data.text + page.text
    assert asking.take(form="application/pdf").status_code == 406
    assert asking.take(form="*/*").content == whole.content


def test_taking_it_is_on_record_as_an_export(asking: Asking, log: Log) -> None:
    asking.prepared(THIRD_PARTY=WITHHOLD).reviewed().released()
    log.mark()
    asking.take()
    (entry,) = log.new()
    assert entry["record"] == of(asking.life)
    assert (entry["what"], entry["outcome"]) == ("subject-access-package", "exported")
    assert entry["gateway"] == "S_SUBJECT_ACCESS"
    assert entry["contactId"] == "contact-1"
    assert {"A", "B", "F", "I"} <= set(entry["sections"])


def test_nobody_else_learns_that_somebody_asked(asking: Asking) -> None:
    asking.prepared(THIRD_PARTY=WITHHOLD).reviewed().released()
    other = asking.life.family("contact-2")
    assert other.get(f"{asking.life.path}/subject-access").json()["requests"] == []
    nowhere = other.get(f"{asking.life.path}/subject-access/s9/package")
    theirs = other.get(f"{asking.path}/package")
    assert (theirs.status_code, theirs.content) == (nowhere.status_code, nowhere.content)
    assert theirs.status_code == 404
    told = other.get(f"{asking.life.path}/history", limit=500).text + other.get(f"{asking.life.path}/clocks").text
    assert "subject access" not in told.lower()
    own = asking.family.get(f"{asking.life.path}/history", limit=500).text
    assert "subject-access-requested" in own
    assert asking.family.get(f"{asking.life.path}/subject-access").json()["requests"][0]["status"] == "RELEASED"


def test_what_has_to_be_decided_about_is_for_the_council(asking: Asking, platform: Serving) -> None:
    assert asking.family.get(asking.path).status_code == 403
    school = platform.as_("school", "urn:199101")
    assert school.get(f"{asking.life.path}/subject-access").status_code == 403
    stranger = platform.as_("school", "urn:199109")
    for end in ("", "/s1", "/s1/package"):
        assert stranger.get(f"{asking.life.path}/subject-access{end}").status_code == 404


def test_a_restricted_parent_gets_nothing_that_tells_where_the_child_is(life: Life) -> None:
    hidden = {"order": 1, "kind": "locationSensitive", "subject": "contact-2", "reason": "Order", "status": "confirmed"}
    life.finalised()
    noted = life.read()["plan"] | {"restrictions": {"restriction-1": hidden}}
    life.record("correct-clerical-error", "2026-07-13", correctedOn="2026-07-13", what="A note", plan=noted)
    said = {"complaintId": "c1", "receivedOn": "2026-07-13", "from": "contact-2", "about": "Elm Tree School is bad"}
    life.do("receive-complaint", "2026-07-13", **said)
    asking = Asking(life, "contact-2").asked()
    assert asking.material()["restricted"] is True
    asking.prepared().reviewed().released()
    told = "".join(files(asking.take()).values())
    for place in ("Elm Tree", "199101", "Leicestershire", "la:855", "QJK", life.reference, "Alex Example"):
        assert place not in told
    assert "Reads slowly" in told
    assert "[withheld] is bad" in told


@pytest.mark.parametrize("standing", ["YOUNG_PERSON", "CHILD"])
def test_nobody_asks_in_the_name_of_somebody_else(life: Life, standing: str) -> None:
    theirs = {"order": 3, "kind": "youngPerson", "name": "Robin Quillfeather", "mayReceive": "yes"}
    life.imported(dateOfBirth="2009-08-31", contacts={"contact-3": theirs})
    said = {"receivedOn": ASKED, "standing": standing}
    asked = {"accessId": "s1", "requester": "contact-1"}
    assert "another-standing" in life.refused("request-subject-access", ASKED, life.family(), **said, **asked)
    asked = {"accessId": "s3", "requester": "contact-3"}
    as_parent = said | {"standing": "PARENT_FOR_CHILD"}
    mine = life.family("contact-3")
    assert "another-standing" in life.refused("request-subject-access", ASKED, mine, **as_parent, **asked)
    life.do("request-subject-access", ASKED, mine, **said, **asked)


def test_a_parent_cannot_ask_for_a_young_persons_data(life: Life) -> None:
    life.imported(dateOfBirth="2009-08-31")
    said = {"accessId": "s1", "receivedOn": ASKED, "requester": "contact-1", "standing": "PARENT_FOR_CHILD"}
    assert "the-young-persons-own" in life.refused("request-subject-access", ASKED, life.family(), **said)
    theirs = life.refused("request-subject-access", ASKED, life.family(), **{**said, "requester": "contact-2"})
    assert "own-name-only" in theirs


def test_the_month_is_extended_by_two_and_stops_while_it_is_clarified(asking: Asking) -> None:
    asked = {"accessId": "s1", "askedOn": "2026-07-16", "answeredOn": "2026-07-20"}
    assert "days-between" in asking.life.refused("clarify-subject-access", TODAY, **asked, countsFrom="2026-07-21")
    asking.life.do("clarify-subject-access", TODAY, **asked, countsFrom="2026-07-18")
    assert asking.life.clock("S1")["dueOn"] == "2026-08-18"
    said = {"accessId": "s1", "countsFrom": "2026-07-18", "reasons": "Three thousand pages"}
    asking.life.do("extend-subject-access", "2026-08-17", **said, toldOn="2026-08-17")
    assert asking.life.clock("S1")["status"] == "closed"
    assert asking.life.clock("S2")["dueOn"] == "2026-10-19"


def test_what_is_clarified_in_extended_time_moves_the_extended_time(asking: Asking) -> None:
    told = {"accessId": "s1", "countsFrom": ASKED, "toldOn": TODAY, "reasons": "Three thousand pages"}
    asking.life.do("extend-subject-access", TODAY, **told)
    assert "extended-already" in asking.life.refused("extend-subject-access", TODAY, **told)
    asked = {"accessId": "s1", "askedOn": "2026-07-16", "answeredOn": "2026-07-20", "countsFrom": "2026-07-18"}
    assert "another-limit" in asking.life.refused("clarify-subject-access", TODAY, **asked)
    asking.life.do("clarify-subject-access", TODAY, **asked, limit="THREE_MONTHS")
    assert asking.life.clock("S2")["dueOn"] == "2026-10-19", "the 18th is a Sunday"
    assert (asking.life.clock("S1")["status"], asking.life.clock("S2")["status"]) == ("closed", "running")


def test_an_answer_that_falls_due_at_christmas_is_due_on_the_next_working_day(life: Life) -> None:
    life.finalised()
    asked = {"accessId": "s1", "requester": "contact-1", "standing": "PARENT_FOR_CHILD"}
    life.do("request-subject-access", "2026-11-25", life.family(), **asked, receivedOn="2026-11-25")
    assert life.clock("S1")["dueOn"] == "2026-12-29", "25 to 28 December are holidays and a weekend"


def test_two_requests_at_once_have_a_month_each(asking: Asking) -> None:
    life, other = asking.life, Asking(asking.life, "contact-2", "s2")
    asked = {"accessId": "s2", "receivedOn": "2026-07-28", "requester": "contact-2", "standing": "PARENT_FOR_CHILD"}
    life.do("request-subject-access", "2026-07-28", other.family, **asked)
    told = {"accessId": "s1", "countsFrom": ASKED, "reasons": "Three thousand pages"}
    late = life.refused("extend-subject-access", "2026-08-17", **told, toldOn="2026-08-17")
    assert "told-too-late" in late
    life.do("extend-subject-access", "2026-08-14", **told, toldOn="2026-08-14")
    assert life.clock("S1")["dueOn"] == "2026-08-28", "the other one's month still runs"
    assert life.officer.get(f"{life.path}/subject-access").json()["requests"][0]["dueOn"] == "2026-10-14"
    life.do("withdraw-subject-access", "2026-08-14", other.family, accessId="s2", withdrawnOn="2026-08-14")
    assert life.clock("S2")["status"] == "running"


def test_a_request_is_never_taken_over_by_another_and_nobody_learns_of_it_by_trying(asking: Asking) -> None:
    asking.prepared(THIRD_PARTY=WITHHOLD).reviewed().released()
    life, other = asking.life, asking.life.family("contact-2")
    mine = {"accessId": "s1", "receivedOn": TODAY, "requester": "contact-2", "standing": "PARENT_FOR_CHILD"}
    for mode, who in (("PERFORM", other), ("PERFORM", life.officer), ("RECORD", life.officer)):
        answer = who.act(life.plan_id, "request-subject-access", mode=mode, **mine)
        assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (422, "id-taken")
    assert asking.take().status_code == 200
    gone = {"accessId": "s1", "withdrawnOn": TODAY}
    anothers = life.refused("withdraw-subject-access", TODAY, other, **gone)
    assert anothers == life.refused("withdraw-subject-access", TODAY, other, **gone | {"accessId": "s9"})


def test_the_answer_covers_what_was_held_when_it_was_asked_for(asking: Asking) -> None:
    asked = next(e["sequence"] for e in asking.life.history() if e["type"].endswith("subject-access-requested.v1"))
    said = {"accessId": "s1", "decisions": {}}
    refused = asking.life.refused("prepare-subject-access", TODAY, **said, upTo=asked - 1)
    assert refused["held-but-left-out"]["pointer"] == "/upTo"
    asking.life.do("prepare-subject-access", TODAY, **said, upTo=asked)


def test_who_is_refused_reads_on_which_ground_and_why(asking: Asking) -> None:
    told = {"accessId": "s1", "notifiedOn": TODAY, "ground": "NO_STANDING", "reasons": "Robin said no"}
    asking.life.do("refuse-subject-access", TODAY, **told, rightsExplained=True)
    (refused,) = asking.family.get(f"{asking.life.path}/subject-access").json()["requests"]
    assert (refused["status"], refused["ground"], refused["reasons"]) == ("REFUSED", "NO_STANDING", "Robin said no")
    assert asking.life.clock("S1")["status"] == "met"


def test_more_time_is_told_within_the_month(asking: Asking) -> None:
    said = {"accessId": "s1", "countsFrom": ASKED, "reasons": "Three thousand pages", "toldOn": "2026-08-15"}
    assert "told-too-late" in asking.life.refused("extend-subject-access", "2026-08-15", **said)


def test_an_exemption_is_named_and_serious_harm_is_for_a_professional(asking: Asking) -> None:
    def refused(**decision: str) -> set[str]:
        said = {
            "accessId": "s1",
            "upTo": asking.material()["upTo"],
            "decisions": {"p-1": {"decision": "WITHHOLD", **decision}},
        }
        return set(asking.life.refused("prepare-subject-access", TODAY, **said))

    assert refused() == {"exemption-missing"}
    assert refused(exemption="SERIOUS_HARM_HEALTH") == {"professional-not-asked", "opinion-undated"}


def test_an_answer_that_was_only_written_down_as_given_elsewhere_is_none_of_ours(asking: Asking) -> None:
    said = {"accessId": "s1", "releasedOn": TODAY, "packageSha256": "ab" * 32, "rightsExplained": True}
    for _ in range(2):
        asking.life.record("release-subject-access", TODAY, effectiveOn=TODAY, **said)
    found = asking.material()
    assert (found["releasedSha256"], found["decisions"]) == ("ab" * 32, {})
    assert "packageSha256" not in found
    for caller in (asking.life.officer, asking.family):
        refused = asking.take(caller)
        assert refused.status_code == 409
        assert refused.json()["errors"][0]["rule"] == "not-prepared"


def test_what_was_written_down_as_prepared_up_to_an_entry_to_come_is_prepared_up_to_that_moment(asking: Asking) -> None:
    last = asking.material()["upTo"]
    said = {"accessId": "s1", "upTo": last + 1_000, "decisions": asking.decisions()}
    asking.life.record("prepare-subject-access", TODAY, effectiveOn=TODAY, **said)
    asking.life.do("receive-complaint", TODAY, complaintId="c2", receivedOn=TODAY, about="Something new")
    assert last <= asking.material()["upTo"] <= last + 1
