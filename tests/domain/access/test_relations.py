"""Relations follow from the log and have days; an answer says which one, under which basis, by which policy."""

from copy import deepcopy
from datetime import date
from typing import Any

import orjson
import pytest

from domain.access import Access, Policies, Question
from domain.plan.acts import Actor
from services.reference_data import load_catalogue, matrix_files
from tests.domain.plan.journey import Journey
from tests.domain.plan.making.stages import SENT, SETTING, consulted, final_text, finalised, finalising, served
from tests.support.access import access, entitled

SCHOOL = "urn:199102"
ASKED = {"consultationId": "c9", "organisation": SCHOOL, "consultedOn": "2026-06-15"}
YOUNG = {"order": 5, "kind": "youngPerson", "name": "The Young Person", "mayReceive": "yes"}


def relation(history: Journey, role: str, organisation: str, on: str, contact: str = "") -> str:
    return entitled(history.state, role, organisation, on, contact).relation


def family(history: Journey, on: str, contact: str = "contact-1") -> str:
    return relation(history, "family", "family", on, contact)


def born(day: str) -> Journey:
    return Journey.maintained(
        dateOfBirth=day, contacts={"contact-1": {**YOUNG, "kind": "parentOrCarer"}, "contact-5": YOUNG}
    )


def test_a_consultation_is_open_from_its_sending_to_its_last_day() -> None:
    history = served().perform("consult-setting", "2026-06-15", **ASKED, accessUntil="2026-07-01")
    days = ("2026-06-14", "2026-06-15", "2026-07-01", "2026-07-02")
    assert [relation(history, "school", SCHOOL, day) for day in days] == [
        "",
        "consulted-setting",
        "consulted-setting",
        "",
    ]
    history.perform(
        "withdraw-consultation", "2026-06-20", consultationId="c9", withdrawnOn="2026-06-20", reason="Asked twice"
    )
    assert relation(history, "school", SCHOOL, "2026-06-20") == ""
    assert relation(history, "school", SCHOOL, "2026-06-19") == "consulted-setting"


def test_a_health_body_is_no_school_and_a_school_no_council_whatever_they_are_called() -> None:
    history = finalised()
    assert relation(history, "school", SETTING, SENT) == "named-setting"
    assert relation(history, "health", SETTING, SENT) == ""
    assert relation(history, "case-officer", SETTING, SENT) == ""
    assert relation(history, "auditor", "la:936", SENT) == ""
    assert relation(history, "auditor", "la:855", SENT) == "auditor"


def test_a_setting_is_named_from_the_day_of_the_final_and_never_by_a_draft() -> None:
    history = consulted()
    assert relation(history, "school", SETTING, "2026-06-20") == "consulted-setting"
    history.perform("finalise", SENT, **finalising())
    assert relation(history, "school", SETTING, "2026-07-09") == "consulted-setting"
    assert relation(history, "school", SETTING, SENT) == "named-setting"


def test_the_setting_of_a_coming_phase_sees_the_final_that_names_it_and_the_old_one_until_its_last_day() -> None:
    old = {"order": 1, "rank": 1, "urn": "199101", "name": "Elm Tree School", "to": "2026-08-31"}
    new = {"order": 2, "rank": 1, "urn": "199102", "name": "Oak School", "from": "2026-09-01"}
    history = consulted().perform("consult-setting", "2026-06-15", **ASKED)
    text = final_text(I={"placementBasis": "NAMED", "placements": {"placement-1": old, "placement-2": new}})
    assert relation(history, "school", SCHOOL, "2026-07-09") == "consulted-setting"
    history.perform("finalise", SENT, **finalising(plan=text, sentTo=[SETTING, SCHOOL]))
    assert relation(history, "school", SCHOOL, SENT) == "named-setting"
    assert relation(history, "school", SETTING, "2026-08-31") == "named-setting"
    assert relation(history, "school", SETTING, "2026-09-01") == "former-named-setting"
    assert entitled(history.state, "school", SETTING, "2026-09-01").grants, "it keeps the text of its own time"


@pytest.mark.parametrize(
    ("day", "last"), [("2010-08-31", "2026-06-26"), ("2010-09-01", "2027-06-25")], ids=["August", "September"]
)
def test_traps_20_and_55_the_young_person_holds_the_rights_from_the_day_after_the_leaving_date(
    day: str, last: str
) -> None:
    history, after = born(day), date.fromisoformat(last).replace(day=int(last[-2:]) + 1).isoformat()
    assert (family(history, last, "contact-5"), family(history, after, "contact-5")) == ("", "young-person")
    assert family(history, after) == "parent", "nobody is cut off by a day alone"


def test_once_the_rights_are_recorded_as_passed_a_parent_needs_the_young_persons_consent() -> None:
    history, on = born("2009-08-31"), "2026-06-15"
    history.perform("change-right-holder", on, holder="YOUNG_PERSON", since=on)
    assert (family(history, "2026-06-14"), family(history, on)) == ("parent", "")
    given = {"consentId": "consent-1", "recipient": "My parent", "contactId": "contact-1", "givenOn": "2026-06-20"}
    history.perform("record-consent", "2026-06-20", by="YOUNG_PERSON", sections=["B", "F"], **given)
    shown = entitled(history.state, "family", "family", "2026-06-20", "contact-1")
    assert (shown.relation, shown.gateway, shown.sections) == ("helper", "CONSENT_CHILD", {"B", "F"})
    history.perform("withdraw-consent", "2026-06-25", consentId="consent-1")
    assert family(history, "2026-06-25") == ""


def test_trap_56_a_carer_without_parental_responsibility_is_a_parent_and_trap_22_a_barred_one_nobody() -> None:
    carer = {
        "order": 1,
        "kind": "parentOrCarer",
        "name": "A Carer",
        "mayReceive": "yes",
        "parentalResponsibility": "no",
    }
    history = Journey.maintained(contacts={"contact-7": carer})
    assert family(history, "2026-06-01", "contact-7") == "parent"
    history.perform("restrict-contact", "2026-06-02", contactId="contact-7", reason="Order of a court")
    assert family(history, "2026-06-02", "contact-7") == ""


def test_social_care_staff_of_the_council_see_a_plan_while_they_have_to_do_with_the_child() -> None:
    history = Journey.maintained()
    assert relation(history, "social-care", "la:855", "2026-06-01") == ""
    worker = {"supporterId": "worker-1", "kind": "SOCIAL_WORKER", "since": "2026-06-02"}
    history.perform("appoint-supporter", "2026-06-02", **worker)
    history.perform("appoint-supporter", "2026-06-02", supporterId="adviser-1", kind="SENDIASS")
    history.perform("end-supporter", "2026-06-20", supporterId="worker-1", until="2026-06-20")
    days = ("2026-06-01", "2026-06-02", "2026-06-19", "2026-06-20")
    found = [relation(history, "social-care", "la:855", day) for day in days]
    assert found == ["", "social-care", "social-care", ""]
    assert relation(history, "social-care", "la:936", "2026-06-10") == ""


def test_a_council_to_which_a_plan_goes_later_sees_it_from_the_decision_on() -> None:
    history = Journey.maintained()
    move = {"transferId": "move-1", "toLa": "840", "transferOn": "2026-06-30", "movedOn": "2026-06-30"}
    history.record("transfer-plan", "2026-06-10", **move, lastReviewOn="2026-01-10")
    days = ("2026-06-09", "2026-06-10", "2026-06-29", "2026-06-30")
    found = [relation(history, "case-officer", "la:840", day) for day in days]
    assert found == ["", "incoming-council", "incoming-council", "maintaining-council"]


def test_a_consent_and_an_appeal_open_the_plan_until_they_are_withdrawn() -> None:
    history = Journey.maintained()
    consent = {"consentId": "consent-1", "by": "PARENT", "recipient": "A club", "organisation": SCHOOL}
    history.record("record-consent", "2026-06-02", **consent, givenOn="2026-06-02")
    history.record("register-appeal", "2026-06-02", appealId="appeal-1", about=["c-iii"])
    days, tribunal = ("2026-06-01", "2026-06-02", "2026-06-09", "2026-06-10"), "regulator:send-tribunal"
    history.record("withdraw-consent", "2026-06-10", consentId="consent-1")
    history.record("withdraw-appeal", "2026-06-10", appealId="appeal-1", withdrawnOn="2026-06-10")
    recipient, appealed = "consented-recipient", "tribunal"
    assert [relation(history, "school", SCHOOL, day) for day in days] == ["", recipient, recipient, ""]
    assert [relation(history, "regulator", tribunal, day) for day in days] == ["", appealed, appealed, ""]


def test_an_answer_is_by_the_edition_of_its_day_and_old_editions_stay() -> None:
    newest = orjson.loads(matrix_files()[0].read_bytes())
    older: dict[str, Any] = deepcopy(newest) | {"version": "2020-01", "from": "2014-09-01"}
    older["relations"]["named-setting"]["reads"]["final"]["sections"] = ["F", "I"]
    ask = Access(Policies.of([newest | {"from": "2026-08-01"}, older]), load_catalogue())
    head = Actor(subject="head", organisation=SETTING, role="school")
    answers = [
        ask.decide_read(finalised().state, head, Question(), date.fromisoformat(on)) for on in (SENT, "2026-08-01")
    ]
    assert [answer.policy for answer in answers] == ["2020-01", "2026-11"]
    assert [len(answer.sections) for answer in answers] == [2, 12]


def test_editions_that_contradict_themselves_or_each_other_are_refused() -> None:
    edition = orjson.loads(matrix_files()[0].read_bytes())
    wrong: dict[str, Any] = deepcopy(edition)
    wrong["relations"]["parent"]["reads"]["final"]["withholds"] = ["everything"]
    for documents in ([], [edition, edition], [wrong]):
        with pytest.raises(ValueError, match="access matrix"):
            Policies.of(documents)


def test_a_question_about_one_text_is_answered_with_the_grant_for_that_text() -> None:
    history = consulted()
    history.perform("consult-setting", "2026-06-15", **ASKED)
    (draft,) = history.state.versions
    head = Actor(subject="head", organisation=SCHOOL, role="school")
    answer = access().decide_read(history.state, head, Question(version=draft), date(2026, 6, 16))
    assert (answer.allowed, answer.masked_i, answer.gateway) == (True, True, "S39_S40_CONSULTATION")
    assert "I" not in answer.sections
    history.perform("finalise", SENT, **finalising())
    final = history.state.current_version()
    assert not access().decide_read(history.state, head, Question(version=final), date(2026, 7, 11)).allowed
    named = Actor(subject="head", organisation=SETTING, role="school")
    refused = access().decide_read(history.state, named, Question(version=draft), date(2026, 7, 11))
    assert (refused.allowed, refused.reason) == (False, "As named-setting you aren't shown this text.")
    assert access().decide_read(history.state, named, Question(version=final), date(2026, 7, 11)).allowed
