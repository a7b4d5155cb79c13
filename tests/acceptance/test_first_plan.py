"""From the request to the final plan and its copies: the twenty weeks, over HTTP."""

from domain.document import merge_patch
from tests.support.life import (
    AGREED,
    ICB,
    NAMED,
    SCHOOL,
    SENT,
    SERVED,
    UNTIL,
    Life,
    text,
)


def test_a_request_becomes_a_final_plan_with_its_copies(life: Life) -> None:
    life.drafting()
    draft = life.draft(plan=text(life.reference))
    draft = life.patch(draft, {"sections": {"A": {"aspirations": "To be read to by nobody but herself"}}})
    life.do("serve-draft", SERVED, **life.serving_body(draftId=draft[0], draftRevision=draft[1]))
    assert life.clock("D5")["dueOn"] == UNTIL

    parent = life.family()
    said = {"receivedOn": UNTIL, "contactId": "contact-1", "text": "More help with reading", "nothingFurther": True}
    life.do("make-representation", UNTIL, who=parent, **said)

    asked = {"organisation": SCHOOL, "settingName": "Elm Tree School", "consultedOn": UNTIL}
    life.do("consult-setting", UNTIL, consultationId="consultation-1", **asked)
    school = life.serving.as_("school", SCHOOL)
    replied = {"consultationId": "consultation-1", "receivedOn": "2026-07-01", "answer": "YES"}
    life.do("answer-consultation", "2026-07-01", who=school, **replied)

    board = life.serving.as_("health", ICB)
    agreement = {**life.agreement(), "agreedOn": "2026-07-02"}
    life.do("agree-health-provision", "2026-07-02", who=life.officer, **agreement)

    draft = life.patch(draft, {"sections": {"I": NAMED}})
    receipt = life.do("finalise", SENT, **life.finalising_body(draftId=draft[0], draftRevision=draft[1]))
    assert receipt["phase"] == "MAINTAINED"
    assert receipt["version"] == 1
    assert life.clock("D4") | {"status": "met", "dueOn": "2026-07-20"} == life.clock("D4")

    copies = {"copiesId": "copies-1", "sentOn": SENT, "version": 1, "gateway": "R13_2_RECIPIENT"}
    life.do("send-copies", SENT, **copies, recipients=["contact-1", "contact-2"], sentTo=[SCHOOL, ICB])
    life.do("deliver-copy", SENT, who=school, deliveredOn=SENT, version=1, sentTo=[SCHOOL], channel="PORTAL")

    view = life.read()
    assert view["phase"] == "MAINTAINED"
    assert view["plan"]["sections"]["A"]["aspirations"].startswith("To be read")
    assert life.read(school)["plan"] == view["plan"]
    without_upn = merge_patch(view["plan"], {"personalDetails": {"identifiers": {"upn": None}}})
    assert life.read(board)["plan"] == without_upn != view["plan"]
    assert life.read(parent)["plan"] == view["plan"]
    closed = life.officer.get(f"{life.path}/drafts/{draft[0]}").json()
    assert closed["status"] == "CLOSED"
    sequences = [event["sequence"] for event in life.history()]
    assert sequences == list(range(1, len(sequences) + 1))


def test_a_council_may_refuse_to_assess_and_an_order_of_the_tribunal_turns_it(life: Life) -> None:
    life.requested()
    no = {"decision": "REFUSE", "notifiedOn": AGREED, "reasons": "Support at school is enough", "rightsExplained": True}
    life.record("decide-request", AGREED, **no)
    assert life.read()["phase"] == "ASSESSMENT_REFUSED"
