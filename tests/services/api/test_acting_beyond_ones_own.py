"""What nobody does by another way: writing it down, another's consent, another's matter, a reference that is taken."""

import httpx
import pytest

from tests.support.life import CONSULTED, ICB, OTHER_SCHOOL, SCHOOL, SENT, Life, person
from tests.support.serving import Caller, Serving
from tests.support.whole_life import NEXT, TODAY, whole_life

BARRED = {"order": 2, "kind": "parentOrCarer", "name": "Sam Quillfeather", "mayReceive": "no"}
FREE = BARRED | {"mayReceive": "yes"}


@pytest.fixture
def life(platform: Serving) -> Life:
    return Life(platform).finalised()


def asked(life: Life, who: Caller, number: str, by: str = "PARENT") -> httpx.Response:
    return who.act(
        life.plan_id, "request-reassessment", reassessmentId=number, receivedOn=life.serving.clock.day, requestedBy=by
    )


@pytest.mark.parametrize("mode", ["PERFORM", "RECORD"])
def test_one_parent_neither_bars_nor_frees_the_other_in_any_mode(life: Life, mode: str) -> None:
    for contact in (BARRED | {"restrictionReason": "So they say"}, FREE | {"parentalResponsibility": "no"}):
        answer = life.family().act(life.plan_id, "change-contact", mode=mode, contactId="contact-2", contact=contact)
        assert answer.status_code == (409 if mode == "PERFORM" else 403)
    assert life.family("contact-2").get(life.path).status_code == 200


def test_parties_do_their_acts_and_only_the_council_writes_down_what_others_did(life: Life) -> None:
    body = {"earlyReviewId": "early-1", "receivedOn": SENT, "requestedBy": "SETTING"}
    for who in (life.family(), life.serving.as_("school", SCHOOL), life.serving.as_("health", ICB)):
        refused = who.act(life.plan_id, "request-early-review", mode="RECORD", **body)
        assert (refused.status_code, refused.json()["detail"][:13]) == (403, "What happened")
    assert life.officer.act(life.plan_id, "request-early-review", mode="RECORD", **body).status_code == 201


def test_a_record_is_opened_from_what_happened_elsewhere_by_councils_alone(platform: Serving) -> None:
    body = {"receivedOn": TODAY, "source": "1", "child": person(), "council": "855"}
    for who in (platform.as_("school", SCHOOL), platform.as_("family", "family")):
        assert who.open("receive-request", mode="RECORD", **body).status_code == 403
        assert who.open("receive-request", **body).status_code == 201


def test_who_is_no_council_learns_nothing_of_its_references(life: Life) -> None:
    body = {"receivedOn": SENT, "source": "1", "child": person(), "council": life.council}
    for who in (life.serving.as_("school", OTHER_SCHOOL), life.serving.as_("family", "family")):
        taken, free = (who.open("receive-request", localReference=name, **body) for name in (life.reference, "FREE-1"))
        assert (taken.status_code, taken.content) == (free.status_code, free.content)
        assert taken.status_code == 422
    known = life.officer.open("receive-request", localReference=life.reference, **body)
    assert (known.status_code, life.plan_id in known.text) == (409, True)


def test_nobody_consents_in_anothers_place(life: Life) -> None:
    """Else a parent could see to it that they go on reading when the rights are the young person's."""
    own = {"recipient": "A helper", "contactId": "contact-1", "givenOn": SENT}
    for by in ("YOUNG_PERSON", "CHILD", "ALTERNATIVE_PERSON"):
        answer = life.family().act(life.plan_id, "record-consent", consentId="consent-1", by=by, **own)
        assert answer.json()["errors"][0]["rule"] == "another-persons-consent"
    life.do("record-consent", SENT, consentId="of-the-child", by="CHILD", **own)
    assert life.family().act(life.plan_id, "withdraw-consent", consentId="of-the-child").status_code == 409
    renewed = life.family().act(life.plan_id, "record-consent", consentId="of-the-child", by="PARENT", **own)
    assert renewed.status_code == 409
    life.do("record-consent", SENT, life.family(), consentId="own", by="PARENT", **own)
    life.do("withdraw-consent", SENT, life.family("contact-2"), consentId="own")


def test_the_young_person_consents_themselves_and_their_helper_does_not(platform: Serving) -> None:
    contacts = person()["contacts"] | {
        "contact-5": {"order": 5, "kind": "youngPerson", "name": "R", "mayReceive": "yes"}
    }
    life = Life(platform).imported(dateOfBirth="2009-08-31", contacts=contacts)
    platform.clock.day = SENT
    held = {"holder": "YOUNG_PERSON_WITH_HELPER", "helper": "contact-1", "since": SENT}
    life.record("change-right-holder", SENT, **held)
    said = {"by": "YOUNG_PERSON", "recipient": "A helper", "contactId": "contact-1", "givenOn": SENT}
    helper = life.family("contact-1").act(life.plan_id, "record-consent", consentId="for-ever", **said)
    assert helper.json()["errors"][0]["rule"] == "another-persons-consent"
    life.do("record-consent", SENT, life.family("contact-5"), consentId="mine", **said)


def test_a_parent_who_must_not_find_the_child_opens_the_plan_to_nobody(platform: Serving) -> None:
    life = whole_life(platform)
    hidden = {"order": 1, "kind": "locationSensitive", "subject": "contact-2", "reason": "Order", "status": "confirmed"}
    text = life.read(life.officer, version=2)["plan"] | {"restrictions": {"restriction-1": hidden}}
    life.record("correct-clerical-error", TODAY, plan=text, correctedOn=TODAY, what="A restriction noted")
    consent = {"by": "PARENT", "recipient": "A club", "organisation": OTHER_SCHOOL, "givenOn": TODAY}
    refused = life.family("contact-2").act(life.plan_id, "record-consent", consentId="consent-9", **consent)
    assert refused.status_code == 403
    life.do("record-consent", TODAY, life.family("contact-1"), consentId="consent-9", **consent)


def test_a_setting_does_not_learn_by_trying_who_else_was_consulted(platform: Serving) -> None:
    life = whole_life(platform)
    named, asked_too = platform.as_("school", NEXT), platform.as_("school", "urn:199103")
    answer = {"receivedOn": TODAY, "answer": "YES"}
    anothers, nobodys = (
        named.act(life.plan_id, "answer-consultation", consultationId=which, **answer)
        for which in ("c-asked", "c-none")
    )
    assert (anothers.status_code, anothers.content) == (nobodys.status_code, nobodys.content)
    assert anothers.status_code == 403
    life.do("answer-consultation", TODAY, asked_too, consultationId="c-asked", **answer)


def test_only_who_asked_for_a_reassessment_takes_it_back(life: Life) -> None:
    school, board = life.serving.as_("school", SCHOOL), life.serving.as_("health", ICB)
    assert asked(life, life.family(), "of-the-family").status_code == 201
    back = {"reassessmentId": "of-the-family"}
    for who in (school, board):
        assert who.act(life.plan_id, "withdraw-reassessment-request", **back).status_code == 403
    life.do("withdraw-reassessment-request", SENT, life.family("contact-2"), **back)
    assert asked(life, school, "of-the-school", "SETTING").status_code == 201
    mine = {"reassessmentId": "of-the-school"}
    assert life.family().act(life.plan_id, "withdraw-reassessment-request", **mine).status_code == 403
    life.do("withdraw-reassessment-request", SENT, school, **mine)


def test_no_party_takes_the_place_of_a_matter_that_others_have_opened(platform: Serving) -> None:
    """A school's notice of a move must not undo the council's decided transfer."""
    life = whole_life(platform)
    move = {"transferId": "move-2", "toLa": "840", "transferOn": "2026-11-30", "movedOn": "2026-11-30"}
    life.record("transfer-plan", TODAY, **move, lastReviewOn="2026-09-01")
    coming, school = platform.officer("840"), platform.as_("school", NEXT)
    platform.clock.day = "2026-11-03"
    assert coming.get(life.path).status_code == 200
    said = {"awareOn": "2026-11-03", "toLa": "841"}
    assert school.act(life.plan_id, "notify-move", transferId="move-2", **said).status_code == 403
    assert coming.get(life.path).status_code == 200
    assert school.act(life.plan_id, "notify-move", transferId="move-3", **said).status_code == 201
    assert school.act(life.plan_id, "notify-move", transferId="move-3", **said).status_code == 201, "its own"


def test_no_receipt_and_no_refusal_says_how_much_has_happened_to_who_is_not_shown_it(life: Life) -> None:
    for who in (life.serving.as_("school", SCHOOL), life.serving.as_("health", ICB), life.family()):
        tags = set()
        for number in range(3):
            answer = asked(life, who, f"{who.principal.role}-{number}")
            receipt = answer.json()
            assert "sequence" not in receipt["event"]
            assert receipt["entityTag"].startswith("p")
            assert answer.headers["ETag"] == f'"{receipt["entityTag"]}"' == who.get(life.path).headers["ETag"]
            tags.add(answer.headers["ETag"])
        assert len(tags) == 1, "what is read of the plan is the same"
        body = {"reassessmentId": "new", "receivedOn": SENT, "requestedBy": "PARENT"}
        refused = [who.act(life.plan_id, "request-reassessment", tag=f'"{guess}"', **body) for guess in range(1, 40)]
        assert {answer.status_code for answer in refused} == {412}
        assert {answer.headers["ETag"] for answer in refused} == {who.get(life.path).headers["ETag"]}
    assert asked(life, life.officer, "of-the-council").json()["event"]["sequence"] > 1


def test_an_incoming_council_counts_nothing_either(platform: Serving) -> None:
    life = whole_life(platform)
    move = {"transferId": "move-2", "toLa": "840", "transferOn": "2026-11-30", "movedOn": "2026-11-30"}
    life.record("transfer-plan", TODAY, **move, lastReviewOn="2026-09-01")
    platform.clock.day = "2026-11-03"
    receipt = platform.officer("840").act(
        life.plan_id, "acknowledge-transfer", transferId="move-2", receivedOn="2026-11-03"
    )
    assert receipt.status_code == 201, receipt.json()
    assert "sequence" not in receipt.json()["event"]


def test_a_repeated_request_is_told_what_it_was_told(life: Life) -> None:
    """Also when the sender's council maintains the plan no more."""
    body = {"mode": "PERFORM", "effectiveOn": SENT, "holdId": "hold-1", "reason": "An inquiry"}
    path = f"{life.path}/acts/set-legal-hold"
    first = life.officer.post(path, body, Idempotency_Key="once")
    assert first.json()["event"]["sequence"] > 1
    move = {"transferId": "move-1", "toLa": "936", "transferOn": SENT, "movedOn": SENT}
    life.record("transfer-plan", SENT, **move, lastReviewOn=CONSULTED)
    again = life.officer.post(path, body, Idempotency_Key="once")
    assert again.status_code == 201
    assert again.json() == first.json()
