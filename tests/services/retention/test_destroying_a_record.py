"""A record whose time is over: listed, proposed by one person, destroyed by another, certified for ever."""

from time import sleep
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.plan.events import Erased
from services.store.framing import leaf_hash
from services.store.values import DISCLOSURE_LOG, RETENTION_LOG
from tests.services.retention.conftest import DIED, LATER, OVER, PROPOSAL, Ended
from tests.support.life import SCHOOL
from tests.support.serving import Serving


def test_the_list_says_what_is_due_by_which_rule_and_what_holds_it_back(platform: Serving, ended: Ended) -> None:
    platform.clock.day = "2046-03-03"
    assert ended.records_manager.get("/v1/retention").json()["records"] == []
    (early,) = ended.records_manager.get("/v1/retention", which="all").json()["records"]
    assert (early["due"], early["keptUntil"]) == (False, OVER)
    platform.clock.day = OVER
    listed = ended.records_manager.get("/v1/retention")
    page = listed.json()
    assert (page["council"], page["schedule"], len(page["scheduleSha256"])) == ("855", "2026-11", 64)
    (found,) = page["records"]
    assert found == {
        "planId": ended.plan_id, "phase": "ENDED_DEATH", "rule": "DOB_31", "due": True,
        "since": OVER, "keptUntil": OVER, "heldBack": [],
    }  # fmt: skip
    assert "Quillfeather" not in listed.text
    ended.do("set-legal-hold", OVER, holdId="hold-1", reason="An inquiry")
    (held,) = ended.records_manager.get("/v1/retention").json()["records"]
    assert [(one["code"], one["since"]) for one in held["heldBack"]] == [("legal-hold", OVER)]


def test_children_who_were_looked_after_are_kept_longer(platform: Serving) -> None:
    life = Ended(platform)
    life.imported()
    life.do("change-looked-after", "2026-02-01", lookedAfter=True, corporateParentLa="855", since="2026-02-01")
    life.record("record-death", "2026-05-21", effectiveOn="2026-05-20", diedOn="2026-05-20", source="Register office")
    platform.clock.day = OVER
    assert life.records_manager.get("/v1/retention").json()["records"] == []
    (kept,) = life.records_manager.get("/v1/retention", which="all").json()["records"]
    assert (kept["rule"], kept["keptUntil"]) == ("DOB_75", "2090-03-04")


@pytest.mark.parametrize(
    ("role", "organisation"),
    [("case-officer", "la:855"), ("school", SCHOOL), ("records-manager", "ods:QJK"), ("auditor", "la:840")],
)
def test_the_list_is_for_those_who_answer_for_it(platform: Serving, ended: Ended, role: str, organisation: str) -> None:
    caller = platform.as_(role, organisation)
    for path in ("/v1/retention?council=855", "/v1/retention/certificates?council=855"):
        assert caller.get(path).status_code == 403
    assert caller.get(f"/v1/retention/certificates/{ended.plan_id}").status_code in (403, 404)
    other = platform.as_("records-manager", "la:840")
    assert other.get("/v1/retention").json()["records"] == []
    assert other.get("/v1/retention", council="855").status_code == 403


def test_two_people_destroy_a_record_and_nobody_does_it_alone(ended: Ended) -> None:
    early = ended.refused("propose-erasure", "2046-03-03", who=ended.records_manager, **PROPOSAL)
    assert OVER in early["retention-not-over"]["text"]
    ended.proposed()
    (listed,) = ended.manager.get("/v1/retention").json()["records"]
    assert listed["proposal"] == {
        "erasureId": "erasure-1", "proposedOn": OVER, "until": "2046-04-01", "own": False
    }  # fmt: skip
    alone = ended.refused("expire-retention", OVER, who=ended.records_manager, erasureId="erasure-1")
    assert alone.keys() == {"second-person-needed"}
    late = ended.refused("expire-retention", "2046-04-02", who=ended.manager, erasureId="erasure-1")
    assert late.keys() == {"proposal-expired"}
    for stranger in (ended.serving.manager("840"), ended.serving.as_("school", SCHOOL)):
        assert stranger.act(ended.plan_id, "expire-retention", erasureId="erasure-1").status_code in (403, 404)
    ended.do("expire-retention", LATER, who=ended.manager, erasureId="erasure-1")
    assert ended.officer.get(ended.path).status_code == 410


def test_a_system_is_neither_of_the_two_people(platform: Serving, ended: Ended) -> None:
    for role in ("records-manager", "send-manager"):
        system = platform.as_(role, f"la:{ended.council}", name="records-system", client="records-system")
        for act, more in (("propose-erasure", {}), ("propose-entry-erasure", {"entry": 2, "basis": "WRONG_CHILD"})):
            refused = ended.refused(act, OVER, who=system, **PROPOSAL, **more)
            assert refused.keys() == {"second-person-needed"}
    ended.proposed()
    assert "second-person-needed" in ended.refused("expire-retention", LATER, who=system, erasureId="erasure-1")
    through_it = platform.as_("send-manager", f"la:{ended.council}", client="records-system")
    ended.do("expire-retention", LATER, who=through_it, erasureId="erasure-1")


def test_a_hold_between_the_two_steps_stops_it(ended: Ended) -> None:
    ended.proposed()
    ended.do("set-legal-hold", LATER, holdId="hold-1", reason="A claim")
    assert "legal-hold" in ended.refused("expire-retention", LATER, who=ended.manager, erasureId="erasure-1")
    ended.do("lift-legal-hold", LATER, who=ended.manager, holdId="hold-1", reason="Settled")
    stale = ended.refused("expire-retention", LATER, who=ended.manager, erasureId="erasure-1")
    assert stale.keys() == {"held-since-proposed"}
    assert ended.read()["phase"] == "ENDED_DEATH"


def test_a_hold_on_either_of_two_merged_records_holds_both(platform: Serving, ended: Ended) -> None:
    survivor = Ended(platform)
    survivor.imported()
    merging = {"retired": ended.plan_id, "evidence": "Both hold one traced number", "evidenceKind": ["OTHER"]}
    survivor.do("propose-merge", "2026-06-01", **merging)
    survivor.do("merge-records", "2026-06-02", who=survivor.manager, retired=ended.plan_id)
    survivor.record("record-death", "2026-06-03", effectiveOn=DIED, diedOn=DIED, source="Register office")
    survivor.do("set-legal-hold", "2026-06-04", holdId="hold-1", reason="A claim")
    for record in (ended, survivor):
        refused = record.refused("propose-erasure", OVER, who=record.records_manager, **PROPOSAL)
        assert refused.keys() & {"legal-hold", "merged-record-held"}
    (listed,) = (one for one in due(ended) if one["planId"] == ended.plan_id)
    assert [held["code"] for held in listed["heldBack"]] == ["merged-record-held"]
    survivor.do("lift-legal-hold", OVER, who=survivor.manager, holdId="hold-1", reason="Settled")
    ended.erased()
    survivor.erased()
    assert survivor.officer.get(survivor.path).status_code == 410


def test_a_record_is_kept_as_long_as_the_one_that_it_is_merged_with(platform: Serving, ended: Ended) -> None:
    survivor = Ended(platform)
    survivor.imported(dateOfBirth="2016-03-04")
    merging = {"retired": ended.plan_id, "evidence": "Both hold one traced number", "evidenceKind": ["OTHER"]}
    survivor.do("propose-merge", "2026-06-01", **merging)
    survivor.do("merge-records", "2026-06-02", who=survivor.manager, retired=ended.plan_id)
    refused = ended.refused("propose-erasure", OVER, who=ended.records_manager, **PROPOSAL)
    assert refused.keys() == {"merged-record-kept"}


def due(record: Ended) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = record.records_manager.get("/v1/retention").json()["records"]
    return found


def test_a_proposal_that_is_turned_down_destroys_nothing(ended: Ended) -> None:
    ended.proposed()
    ended.do("withdraw-erasure", LATER, who=ended.manager, erasureId="erasure-1", reason="Kept for research")
    assert "matter-out-of-order" in ended.refused(
        "expire-retention", LATER, who=ended.records_manager, erasureId="erasure-1"
    )
    assert ended.read()["phase"] == "ENDED_DEATH"


def test_its_parties_are_shown_the_certificate_and_strangers_what_there_is_not(platform: Serving, ended: Ended) -> None:
    before = platform.platform.store.head()[0]
    ended.erased()
    told = {
        "officer": ended.officer,
        "manager": ended.manager,
        "records manager": ended.records_manager,
        "auditor": platform.as_("auditor", "audit"),
        "council's auditor": platform.as_("auditor", "la:855"),
        "family": ended.family(),
        "school": platform.as_("school", SCHOOL),
    }
    for who, caller in told.items():
        answer = caller.get(ended.path)
        assert (who, answer.status_code) == (who, 410)
        certificate = answer.json()["certificate"]
        assert (certificate["planId"], certificate["rule"], certificate["events"]) == (ended.plan_id, "DOB_31", 4)
        assert certificate["proposed"]["by"] == "records-manager-of-la:855"
        assert certificate["approved"]["by"] == "send-manager-of-la:855"
        assert "told" not in certificate
    strangers = (
        platform.officer("840"), platform.as_("school", "urn:199109"), platform.as_("auditor", "la:840"),
        platform.as_("family", "family", plan=str(uuid4()), contact="contact-1"), platform.as_("social-care", "la:855"),
    )  # fmt: skip
    for stranger in strangers:
        for end in ("", "/history", "/clocks", "/disclosures", "/drafts"):
            gone, nowhere = stranger.get(ended.path + end), stranger.get(f"/v1/plans/{uuid4()}{end}")
            assert (gone.status_code, gone.json()) == (nowhere.status_code, nowhere.json())
            assert gone.status_code == 404
    assert platform.platform.store.head()[0] == before + 2


def test_what_is_left_proves_itself(platform: Serving, ended: Ended) -> None:
    store = platform.platform.store
    rows = store.rows()
    leaves = [leaf_hash(row[5], row[4]) for row in rows]
    ended.erased()
    again = store.rows()
    assert [leaf_hash(row[5], row[4]) for row in again][: len(leaves)] == leaves
    assert all(isinstance(entry, Erased) for entry in store.replay(plan=ended.plan))
    found = ended.records_manager.get(f"/v1/retention/certificates/{ended.plan_id}").json()
    (certificate,) = found["certificates"]
    position, stream, _, type_, *_ = store.row(certificate["logPosition"])
    assert (UUID(bytes=stream), type_) == (ended.plan, "ehcp.plan.retention-expired.v1")
    assert certificate["logLeaf"] == store.leaf(position).hex()
    assert certificate["leaf"] == store.leaf(certificate["position"], RETENTION_LOG).hex()
    adopted = list(platform.platform.rules.adopted.current().standing("retention-schedule"))[-1].said
    assert (certificate["schedule"], certificate["scheduleSha256"]) == (adopted.edition, adopted.sha256)
    listed = ended.manager.get("/v1/retention/certificates").json()["certificates"]
    assert listed == [certificate]


def test_who_had_read_it_stays_without_a_word_of_it(platform: Serving, ended: Ended) -> None:
    reason = {"EHCP-Gateway": "CONTROLLER_INTERNAL", "EHCP-Reason": "Robin Quillfeather asked"}
    officer = ended.officer
    officer.headers |= reason
    officer.get(ended.path)
    store = platform.platform.store
    assert len(store.disclosures(ended.plan)) == 2
    ended.erased()
    assert all(isinstance(entry, Erased) for entry in store.disclosures(ended.plan))
    found = platform.as_("auditor", "audit").get(f"/v1/retention/certificates/{ended.plan_id}")
    readers = found.json()["readers"]
    assert ("school", SCHOOL, "plan") in {(one["role"], one["organisation"], one["what"]) for one in readers}
    assert "case-officer" in {one["role"] for one in readers}
    assert all(store.row(one["position"], DISCLOSURE_LOG) for one in readers)
    assert "Quillfeather" not in found.text


def test_lists_and_searches_find_nothing_and_the_views_are_made_anew_without_it(
    platform: Serving, ended: Ended
) -> None:
    other = Ended(platform).imported()
    ended.erased()
    officer = ended.officer
    projection = platform.platform.projection
    while projection.database.is_embedded and ended.plan_id in officer.get("/v1/plans").text:
        projection.running.hurry()
        sleep(0.02)
    for terms in ({"name": "Robin Quillfeather"}, {"localReference": ended.reference}, {"nhsNumber": "9990000050"}):
        assert ended.plan_id not in officer.post("/v1/plans/search", terms).json().get("planIds", ())
    assert other.read()["phase"] == "MAINTAINED"
    assert ended.records_manager.get("/v1/retention", which="all").json()["records"] == []
