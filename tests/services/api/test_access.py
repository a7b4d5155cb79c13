"""Who sees what: a relation to the plan and nothing else opens it; for everybody else there is no such plan."""

from uuid import uuid4

import httpx
import pytest

from connectors.identity.development import ISSUER as DEVELOPMENT_ISSUER
from tests.support.life import ICB, NAMED, OTHER_SCHOOL, SCHOOL, Life, text
from tests.support.serving import Caller, Serving


def same_answer(one: httpx.Response, other: httpx.Response) -> bool:
    """Byte for byte, the headers too."""
    return (one.status_code, one.content, one.headers.multi_items()) == (
        other.status_code,
        other.content,
        other.headers.multi_items(),
    )


def strangers(life: Life) -> dict[str, Caller]:
    serving = life.serving
    other = Life(serving).imported()
    return {
        "another council": serving.officer("936"),
        "another council's manager": serving.manager("936"),
        "a school that is not named": serving.as_("school", OTHER_SCHOOL),
        "a health body without a part": serving.as_("health", "ods:QT1"),
        "the family of another child": other.family(),
        "a family member of no contact": life.family("contact-9"),
        "a machine": serving.as_("service", "la:855"),
        "a case officer of a school": serving.as_("case-officer", SCHOOL),
    }


@pytest.mark.parametrize(
    "who",
    [
        "another council", "another council's manager", "a school that is not named", "a health body without a part",
        "the family of another child", "a family member of no contact", "a machine", "a case officer of a school",
    ],
)  # fmt: skip
def test_for_a_stranger_a_plan_is_as_one_that_does_not_exist(life: Life, who: str) -> None:
    life.finalised()
    stranger, nowhere = strangers(life)[who], f"/v1/plans/{uuid4()}"
    draft = life.draft("ANNUAL_REVIEW")
    for end in ("", "?version=1", "?asAt=2026-07-10", "?knownAt=1", "/versions", "/diff?from=1&to=1", "/clocks"):
        assert same_answer(stranger.get(life.path + end), stranger.get(nowhere + end)), end
        assert stranger.get(life.path + end).status_code == 404
    for end in ("/history", "/drafts", f"/drafts/{draft[0]}"):
        assert same_answer(stranger.get(life.path + end), stranger.get(nowhere + end)), end
    act = {"mode": "RECORD", "effectiveOn": "2026-07-11", "holdId": "hold-1", "reason": "An inquiry"}
    before = life.serving.platform.store.head()
    tried = [stranger.post(f"{path}/acts/set-legal-hold", act) for path in (life.path, nowhere)]
    assert same_answer(*tried)
    assert tried[0].status_code == 404
    assert life.serving.platform.store.head() == before


def test_a_consulted_school_sees_the_draft_without_section_i_and_a_list_of_the_advice(life: Life) -> None:
    life.served()
    school = life.serving.as_("school", OTHER_SCHOOL)
    assert school.get(life.path).status_code == 404
    asked = {"consultationId": "consultation-9", "organisation": OTHER_SCHOOL, "consultedOn": "2026-06-15"}
    life.do("consult-setting", "2026-06-15", **asked)
    view = life.read(school)
    assert view["plan"]["sections"]["I"] == {}
    assert view["plan"]["sections"]["B"]
    assert school.get(f"{life.path}/history").status_code == 404
    answered = {"consultationId": "consultation-9", "receivedOn": "2026-06-16", "answer": "YES"}
    life.do("answer-consultation", "2026-06-16", who=school, **answered)
    assert school.get(life.path).status_code == 404


def test_none_of_the_consulted_sees_a_final_plan_that_names_another(life: Life) -> None:
    life.agreed()
    school = life.serving.as_("school", OTHER_SCHOOL)
    asked = {"consultationId": "consultation-9", "organisation": OTHER_SCHOOL, "consultedOn": "2026-06-20"}
    life.do("consult-setting", "2026-06-20", **asked)
    final = text(life.reference, section_i=NAMED)
    life.do("finalise", "2026-07-10", **life.finalising_body(plan=final))
    assert school.get(life.path).status_code == 404
    assert life.serving.as_("school", SCHOOL).get(life.path).status_code == 200


def test_a_named_school_and_a_health_body_read_finals_and_neither_drafts_nor_history(life: Life) -> None:
    life.finalised()
    for party in (life.serving.as_("school", SCHOOL), life.serving.as_("health", ICB)):
        told = life.read()["version"]
        assert life.read(party)["version"] == {name: told[name] for name in told if name != "sequence"}
        assert life.read(party)["plan"]["sections"]["I"] == NAMED
        assert party.get(life.path, draft=1).status_code == 404
        assert {v["kind"] for v in party.get(f"{life.path}/versions").json()["versions"]} == {"final"}
        assert party.get(f"{life.path}/history").status_code == 404
        assert party.get(f"{life.path}/clocks").status_code == 404


def test_a_health_body_that_is_asked_to_agree_reads_the_draft_and_answers(life: Life) -> None:
    life.served()
    board = life.serving.as_("health", ICB)
    assert board.get(life.path).status_code == 404
    agreement = life.agreement()
    asked = {name: agreement[name] for name in ("itemId", "textHash", "bodyType", "odsCode")}
    life.do("ask-health-agreement", "2026-06-15", **asked, askedOn="2026-06-15")
    assert "provision-2" in life.read(board)["plan"]["sections"]["G"]["provisions"]
    life.do("agree-health-provision", "2026-06-20", who=board, **agreement)
    assert life.history()[-1]["actor"] == {"organisation": ICB, "role": "health"}


def test_a_party_does_only_the_acts_of_its_role(life: Life) -> None:
    life.finalised()
    before = life.serving.platform.store.head()
    for party in (life.serving.as_("school", SCHOOL), life.serving.as_("health", ICB), life.family()):
        answer = party.act(life.plan_id, "cease", mode="RECORD", ceaseId="cease-1", reason="3")
        assert answer.status_code == 403
        assert answer.json()["type"].endswith("/not-yours-to-do")
    assert life.serving.platform.store.head() == before


def test_an_auditor_reads_everything_and_does_nothing(life: Life) -> None:
    life.finalised()
    auditor = life.serving.as_("auditor", "audit")
    assert life.read(auditor) == life.read()
    found = life.history(auditor)
    # Who acted and who named them is for auditors; the council's own people stand there by role.
    assert all(entry["actor"].pop("subject") for entry in found)
    assert {entry["actor"].pop("issuer") for entry in found} == {DEVELOPMENT_ISSUER}
    assert found == life.history()
    assert auditor.get(f"{life.path}/clocks").status_code == 200
    for act in ("note-access", "set-legal-hold"):
        body = {"reader": "audit", "gateway": "R17_INSPECTION", "holdId": "h", "reason": "r"}
        wanted = {"note-access": ("reader", "gateway"), "set-legal-hold": ("holdId", "reason")}[act]
        sent = {name: body[name] for name in wanted}
        assert auditor.act(life.plan_id, act, mode="RECORD", **sent).status_code == 403


def test_trap_22_a_barred_parent_sees_nothing_and_the_other_goes_on(life: Life) -> None:
    life.finalised()
    assert life.family("contact-2").get(life.path).status_code == 200
    life.do("restrict-contact", "2026-07-13", contactId="contact-2", reason="Order of a court", hideAddress=True)
    assert life.family("contact-2").get(life.path).status_code == 404
    assert life.family("contact-2").get(f"{life.path}/history").status_code == 404
    assert life.family("contact-1").get(life.path).status_code == 200


def test_the_family_sees_what_was_done_but_no_withheld_address_nor_why(life: Life) -> None:
    sam = {"order": 2, "kind": "parentOrCarer", "name": "Sam Quillfeather", "mayReceive": "yes"}
    hidden = {"homeAddress": "1 Refuge Row, Nowhere", "telephone": "01632 960001", "addressRestricted": True}
    life.imported(contacts={"contact-2": {**sam, **hidden}})
    life.do("decide-not-to-share", "2026-01-06", gateway="CA04_16LA_SAFEGUARDING", reasons="It would harm")
    seen = life.read(life.family())
    assert seen["plan"]["personalDetails"]["contacts"]["contact-2"]["name"] == "Sam Quillfeather"
    told = life.family().get(f"{life.path}/history")
    for answer in (life.family().get(life.path), told, life.serving.as_("school", SCHOOL).get(life.path)):
        assert answer.status_code == 200
        assert "Refuge Row" not in answer.text
        assert "960001" not in answer.text
    assert [event["type"] for event in told.json()["events"]] == ["ehcp.plan.baseline-imported.v1"]
    assert "data" not in told.json()["events"][0]
    assert "Refuge Row" in life.officer.get(life.path).text


def test_a_token_of_a_family_opens_one_plan(platform: Serving) -> None:
    one, other = Life(platform).finalised(), Life(platform).finalised()
    parent = one.family()
    assert parent.get(one.path).status_code == 200
    assert parent.get(other.path).status_code == 404
