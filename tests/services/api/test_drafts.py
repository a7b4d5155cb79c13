"""Working drafts: opened, patched under their ETag, served by revision, discarded; several at once."""

import httpx

from tests.support.life import NAMED, SENT, SERVED, Life, text
from tests.support.serving import MERGE_PATCH


def patched(life: Life, draft: tuple[str, int], change: object, media_type: str = MERGE_PATCH) -> httpx.Response:
    return life.officer.patch(f"{life.path}/drafts/{draft[0]}", change, f'"d{draft[1]}"', media_type)


def test_a_draft_starts_from_the_text_in_force(life: Life) -> None:
    life.imported()
    opened = life.officer.post(f"{life.path}/drafts", {"purpose": "ANNUAL_REVIEW"})
    assert opened.status_code == 201
    assert opened.headers["ETag"] == '"d1"'
    assert opened.headers["Location"] == f"{life.path}/drafts/{opened.json()['draftId']}"
    assert opened.json()["plan"] == life.read()["plan"]
    assert opened.json()["baseVersion"] == 1


def test_before_the_first_text_a_draft_starts_from_what_the_request_said(life: Life) -> None:
    life.requested()
    opened = life.officer.post(f"{life.path}/drafts", {"purpose": "INITIAL"})
    assert opened.json()["plan"]["personalDetails"]["name"] == "Robin Quillfeather"


def test_a_change_needs_the_tag_that_was_read(life: Life) -> None:
    life.imported()
    draft = life.draft("ANNUAL_REVIEW")
    address = f"{life.path}/drafts/{draft[0]}"
    unconditional = life.officer.send("PATCH", address, b'{"localReference": "X"}', MERGE_PATCH)
    assert unconditional.status_code == 428
    life.patch(draft, {"sections": {"A": {"history": "Another beginning."}}})
    stale = patched(life, draft, {"localReference": "X"})
    assert stale.status_code == 412
    assert stale.headers["ETag"] == '"d2"'
    assert life.officer.get(address).headers["ETag"] == '"d2"'


def test_a_change_is_a_merge_patch_and_nothing_else(life: Life) -> None:
    life.imported()
    draft = life.draft("ANNUAL_REVIEW")
    for media_type in ("application/json", "text/plain", "application/merge-patch+json; charset=utf-16"):
        assert patched(life, draft, {"localReference": "X"}, media_type).status_code == 415
    assert patched(life, draft, [{"op": "remove", "path": "/sections"}]).status_code == 400


def test_a_merge_patch_changes_what_it_names_and_removes_what_it_nulls(life: Life) -> None:
    life.imported()
    draft = life.draft("ANNUAL_REVIEW")
    life.patch(draft, {"sections": {"A": {"history": None, "strengths": "Draws maps of places that do not exist."}}})
    read = life.officer.get(f"{life.path}/drafts/{draft[0]}").json()
    assert read["plan"]["sections"]["A"] == {"strengths": "Draws maps of places that do not exist."}
    assert read["revision"] == 2


def test_a_change_that_makes_no_plan_is_refused_where_it_is_wrong(life: Life) -> None:
    life.imported()
    draft = life.draft("ANNUAL_REVIEW")
    wrong = {
        "/sections/A/histroy": {"sections": {"A": {"histroy": "A typing error."}}},
        "/personalDetails/dateOfBirth": {"personalDetails": {"dateOfBirth": "2015-02-30"}},
        "/personalDetails/identifiers/nhsNumber": {"personalDetails": {"identifiers": {"nhsNumber": "9990000051"}}},
        "/personalDetails/identifiers/upn": {"personalDetails": {"identifiers": {"upn": "A801200005001"}}},
        "/sections/F": {"sections": {"F": None}},
        "/sections/B/needs/need-1/order": {"sections": {"B": {"needs": {"need-1": {"order": 1.0}}}}},
    }
    for pointer, change in wrong.items():
        answer = patched(life, draft, change)
        assert answer.status_code == 422, pointer
        assert any(item["pointer"].startswith(pointer.rpartition("/")[0]) for item in answer.json()["errors"]), pointer
    assert life.officer.get(f"{life.path}/drafts/{draft[0]}").json()["revision"] == 1


def test_an_item_that_others_refer_to_is_not_removed(life: Life) -> None:
    life.imported()
    draft = life.draft("ANNUAL_REVIEW")
    answer = patched(life, draft, {"sections": {"B": {"needs": {"need-1": None}}}})
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert fault["pointer"] == "/sections/B/needs/need-1"
    assert "/sections/F/provisions/provision-1" in fault["text"]
    assert "/sections/E/outcomes/outcome-1" in fault["text"]


def test_an_item_is_removed_together_with_what_refers_to_it(life: Life) -> None:
    life.imported()
    draft = life.draft("ANNUAL_REVIEW")
    unlinked = {"E": {"outcomes": {"outcome-1": None}}, "F": {"provisions": {"provision-1": None}}}
    answer = patched(life, draft, {"sections": {"B": {"needs": {"need-1": None}}, **unlinked}})
    assert answer.status_code == 200, answer.json()


def test_the_id_of_an_item_that_was_removed_is_never_used_again(life: Life) -> None:
    life.imported()
    draft = life.draft("ANNUAL_REVIEW")
    outcome = life.read()["plan"]["sections"]["E"]["outcomes"]["outcome-1"]
    unlinked = {"F": {"provisions": {"provision-1": {"outcomeIds": None}}}}
    draft = life.patch(draft, {"sections": {"E": {"outcomes": {"outcome-1": None}}, **unlinked}})
    again = {**outcome, "text": "Something else altogether"}
    answer = patched(life, draft, {"sections": {"E": {"outcomes": {"outcome-1": again}}}})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["rule"] == "id-reused"
    assert answer.json()["errors"][0]["pointer"] == "/sections/E/outcomes/outcome-1"


def test_a_discarded_draft_stays_readable_and_takes_no_more_changes(life: Life) -> None:
    life.imported()
    draft = life.draft("ANNUAL_REVIEW")
    address = f"{life.path}/drafts/{draft[0]}"
    assert life.officer.delete(address, '"d7"').status_code == 412
    gone = life.officer.delete(address, '"d1"')
    assert (gone.status_code, gone.json()["status"], gone.headers["ETag"]) == (200, "CLOSED", '"d2"')
    assert life.officer.get(address).json()["status"] == "CLOSED"
    assert patched(life, (draft[0], 2), {"localReference": "X"}).status_code == 409
    assert life.officer.delete(address, '"d2"').status_code == 409


def test_serving_and_finalising_name_the_revision_that_was_read(life: Life) -> None:
    life.drafting()
    draft = life.draft(plan=text(life.reference))
    life.patch(draft, {"sections": {"A": {"history": "Somebody else wrote on."}}})
    life.serving.clock.day = SERVED
    body = life.serving_body(draftId=draft[0], draftRevision=1)
    stale = life.officer.act(life.plan_id, "serve-draft", **body)
    assert stale.status_code == 412
    assert stale.headers["ETag"] == '"d2"'
    life.do("serve-draft", SERVED, **{**body, "draftRevision": 2})
    assert life.read()["plan"]["sections"]["A"]["history"] == "Somebody else wrote on."
    unknown = life.officer.act(life.plan_id, "serve-draft", **{**body, "draftId": life.plan_id})
    assert unknown.status_code == 422
    assert unknown.json()["errors"][0]["pointer"] == "/draftId"


def test_several_drafts_run_together_and_a_new_final_makes_the_others_stale(life: Life) -> None:
    life.agreed()
    first = life.draft(plan=text(life.reference, section_i=NAMED))
    other = life.draft(plan=text(life.reference))
    life.do("finalise", SENT, **life.finalising_body(draftId=first[0], draftRevision=first[1]))
    later = life.draft("ANNUAL_REVIEW")
    listed = {d["draftId"]: d for d in life.officer.get(f"{life.path}/drafts").json()["drafts"]}
    assert (listed[first[0]]["status"], listed[other[0]]["status"]) == ("CLOSED", "OPEN")
    assert (listed[other[0]]["stale"], listed[later[0]]["stale"]) == (True, False)
    assert "plan" not in listed[later[0]]


def test_a_draft_carries_the_warnings_of_the_golden_thread(life: Life) -> None:
    life.imported()
    draft = life.draft("ANNUAL_REVIEW")
    life.patch(draft, {"sections": {"F": {"provisions": {"provision-1": {"needIds": None}}}}})
    warnings = life.officer.get(f"{life.path}/drafts/{draft[0]}").json()["warnings"]
    assert "need-without-provision" in {warning["rule"] for warning in warnings}


def test_drafts_are_the_maintaining_councils_alone(life: Life) -> None:
    life.finalised()
    draft = life.draft("ANNUAL_REVIEW")
    serving = life.serving
    school, board = serving.as_("school", "urn:199101"), serving.as_("health", "ods:QJK")
    for party in (school, board, life.family(), serving.as_("auditor", "audit")):
        assert party.get(f"{life.path}/drafts").status_code == 403
        assert party.get(f"{life.path}/drafts/{draft[0]}").status_code == 403
        assert party.patch(f"{life.path}/drafts/{draft[0]}", {}, '"d1"').status_code == 403
        assert party.post(f"{life.path}/drafts", {"purpose": "ANNUAL_REVIEW"}).status_code == 403
    assert serving.officer("936").get(f"{life.path}/drafts/{draft[0]}").status_code == 404


def test_a_draft_of_one_plan_is_not_found_under_another(life: Life) -> None:
    life.imported()
    draft = life.draft("ANNUAL_REVIEW")
    other = Life(life.serving).imported()
    assert life.officer.get(f"{other.path}/drafts/{draft[0]}").status_code == 404
    body = life.serving_body(draftId=draft[0], draftRevision=1)
    answer = other.officer.act(other.plan_id, "serve-draft", mode="RECORD", **body)
    assert answer.status_code == 422
