"""Serving a draft and answering it: who, when, with which text."""

import pytest

from tests.domain.plan.journey import FILE, Journey
from tests.domain.plan.making.stages import (
    SENT,
    SERVED,
    UNTIL,
    draft_text,
    drafting,
    final_text,
    finalised,
    finalising,
    served,
    serving,
    warnings,
)


def _refused(**changes: object) -> set[str]:
    return set(drafting().refused("serve-draft", SERVED, **serving(**changes)))


def test_serving_makes_a_numbered_draft_and_awaits_the_family() -> None:
    history = served()
    draft = history.state.latest_draft()
    assert draft is not None
    assert (draft.kind, draft.number, draft.effective_on) == ("draft", 1, SERVED)
    assert history.state.phase == "DRAFT_ISSUED"
    assert history.state.document == draft_text()


def test_a_draft_served_again_is_the_next_one_and_its_window_runs_anew() -> None:
    again = serving(
        servedOn={"contact-1": "2026-06-22"}, serviceMethods={"contact-1": "EMAIL"}, representationsUntil="2026-07-06"
    )
    history = served().perform("serve-draft", "2026-06-22", **again)
    assert [version.number for version in history.state.versions] == [1, 2]
    assert history.due("D5") == "2026-07-06"


def test_drafts_of_a_reassessment_are_counted_anew() -> None:
    history = finalised()
    own = {"reassessmentId": "a1", "decision": "REASSESS", "origin": "OWN_DECISION", "decidedOn": "2026-07-20"}
    history.perform("decide-reassessment", "2026-07-20", **own)
    day = {"servedOn": {"contact-1": "2026-07-27"}, "serviceMethods": {"contact-1": "EMAIL"}}
    body = serving(purpose="REASSESSMENT", representationsUntil="2026-08-10", **day)
    history.perform("serve-draft", "2026-07-27", **body)
    draft = history.state.latest_draft()
    assert draft is not None
    assert draft.number == 1
    assert history.state.phase == "MAINTAINED"


def test_nobody_is_served_without_a_name_and_a_day() -> None:
    body = {key: value for key, value in serving().items() if key != "servedOn"}
    assert set(drafting().refused("serve-draft", SERVED, **body)) == {"nobody-served"}


@pytest.mark.parametrize(
    ("day", "method", "rule"),
    [
        ("2026-06-16", "EMAIL", "not-served-yet"),
        ("2026-06-23", "POST", "not-served-yet"),
        ("2026-06-11", "BY_HAND", "served-before-issued"),
    ],
)
def test_the_day_of_service_fits_the_way_of_service(day: str, method: str, rule: str) -> None:
    refused = _refused(
        servedOn={"contact-1": day}, serviceMethods={"contact-1": method}, representationsUntil="2026-07-30"
    )
    assert refused == {rule}


def test_a_letter_is_served_when_it_arrives_in_the_ordinary_course_of_post() -> None:
    body = serving(
        servedOn={"contact-1": "2026-06-15"}, serviceMethods={"contact-1": "POST"}, representationsUntil="2026-06-29"
    )
    assert drafting().perform("serve-draft", SERVED, **body).due("D5") == "2026-06-29"


def test_the_draft_of_another_child_is_not_served() -> None:
    other = draft_text()
    other["personalDetails"] = other["personalDetails"] | {"dateOfBirth": "2016-01-01"}
    assert _refused(plan=other) == {"another-child"}


def test_an_id_is_never_used_for_another_item() -> None:
    without = draft_text(B={"needs": {"need-1": None, "need-3": {"order": 1, "area": "sensoryAndPhysical"}}})
    without["sections"]["B"]["needs"]["need-3"]["description"] = "Hearing"
    without["sections"]["F"]["provisions"]["provision-1"]["needIds"] = ["need-3"]
    history = served()
    again = {"servedOn": {"contact-1": "2026-06-22"}, "serviceMethods": {"contact-1": "EMAIL"}}
    history.perform("serve-draft", "2026-06-22", **serving(plan=without, representationsUntil="2026-07-06", **again))
    back = {"servedOn": {"contact-1": "2026-06-29"}, "serviceMethods": {"contact-1": "EMAIL"}}
    refused = history.refused("serve-draft", "2026-06-29", **serving(representationsUntil="2026-07-13", **back))
    assert set(refused) == {"id-used-again"}


def test_the_working_draft_is_used_for_what_it_was_opened_for() -> None:
    draft = {"draftId": "d1", "draftRevision": 3}
    body = {key: value for key, value in serving(**draft).items() if key != "plan"}
    facts = {"draftId": "d1", "purpose": "ANNUAL_REVIEW", "baseVersion": 0, "open": False}
    resolved = {"plan": draft_text(), "draft": facts}
    refused = drafting().refused("serve-draft", SERVED, **body, resolved=resolved)
    assert set(refused) == {"draft-of-another-purpose", "draft-closed"}
    open_one = {"plan": draft_text(), "draft": facts | {"purpose": "INITIAL", "open": True}}
    history = drafting().perform("serve-draft", SERVED, **body, resolved=open_one)
    assert history.events[-1].data["plan"] == draft_text()


def test_once_the_plan_is_final_a_new_text_comes_of_a_reassessment_or_an_amendment() -> None:
    body = serving()
    assert set(finalised().refused("serve-draft", "2026-07-13", **body)) >= {"already-final"}
    assert set(finalised().refused("serve-draft", "2026-07-13", **body | {"purpose": "REASSESSMENT"})) >= {
        "no-reassessment"
    }
    assert _refused(purpose="REASSESSMENT") == {"nothing-to-reassess"}


def test_a_draft_shows_its_loose_threads_and_is_served_all_the_same() -> None:
    text = final_text()
    loose = text | {"sections": text["sections"] | {"F": {}, "I": {}}}
    history = drafting().perform("serve-draft", SERVED, **serving(plan=loose))
    assert "need-without-provision" in warnings(history)


def test_only_a_contact_of_the_record_makes_representations() -> None:
    body = {"receivedOn": UNTIL, "contactId": "contact-9", "text": "I object"}
    assert set(served().refused("make-representation", UNTIL, **body)) == {"unknown-contact"}


def _says_no_more(history: Journey, contact: str) -> Journey:
    body = {"receivedOn": "2026-06-20", "contactId": contact, "nothingFurther": True}
    return history.perform("make-representation", "2026-06-20", **body)


def test_the_council_waits_for_everybody_served_and_no_longer() -> None:
    early = finalising(sentOn=UNTIL)
    history = served().perform(
        "consult-setting", SERVED, consultationId="c1", organisation="urn:199101", consultedOn=SERVED
    )
    history.perform("answer-consultation", "2026-06-20", consultationId="c1", receivedOn="2026-06-20", answer="YES")
    assert set(_says_no_more(history, "contact-1").refused("finalise", UNTIL, **early)) == {
        "representations-still-open"
    }
    _says_no_more(history, "contact-2").perform("finalise", UNTIL, **early)
    assert history.state.phase == "MAINTAINED"


def test_an_answer_to_an_imported_draft_is_received() -> None:
    history = Journey()
    asserted = {"council": "855", "sourceFile": FILE, "status": "DRAFT_ISSUED", "textKind": "draft"}
    history.record("import-baseline", "2026-06-20", plan=draft_text(), **asserted)
    body = {"receivedOn": UNTIL, "contactId": "contact-1", "text": "More reading"}
    assert history.perform("make-representation", UNTIL, **body).state.happened("representation-received")


def test_an_answer_to_an_older_draft_does_not_end_the_time_for_a_newer_one() -> None:
    history = _says_no_more(_says_no_more(served(), "contact-1"), "contact-2")
    days = {"servedOn": dict.fromkeys(("contact-1", "contact-2"), "2026-06-22")}
    methods = {"serviceMethods": dict.fromkeys(("contact-1", "contact-2"), "EMAIL")}
    history.perform("serve-draft", "2026-06-22", **serving(representationsUntil="2026-07-06", **days, **methods))
    refused = history.refused("finalise", "2026-07-01", **finalising(sentOn="2026-07-01"))
    assert "representations-still-open" in refused


def test_on_the_last_day_the_time_is_not_over() -> None:
    refused = served().refused("finalise", UNTIL, **finalising(sentOn=UNTIL))
    assert "reg 13(1)(a)" in refused["representations-still-open"].law
    assert "representations-still-open" not in served().refused(
        "finalise", "2026-06-27", **finalising(sentOn="2026-06-27")
    )
    assert SENT > UNTIL
