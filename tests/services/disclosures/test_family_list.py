"""What a family is shown of the readers of its plan, and what nothing may give away to it."""

from datetime import date
from typing import Any

import httpx
import pytest

from domain.directory.events import OrganisationRegistered
from domain.directory.organisation import Fact, organisation_id
from domain.plan.acts import Actor
from services.directory.service import Entry
from services.disclosures.values import Reader, Showing
from tests.services.disclosures.conftest import Log, of
from tests.support.life import ICB, NAMED, SCHOOL, Life, text
from tests.support.serving import Caller

SECRET = {"EHCP-Gateway": "R17_CHILDREN_ACT", "EHCP-Reason": "A strategy meeting"}


def listed(life: Life, who: Caller, **parameters: Any) -> list[dict[str, Any]]:
    answer = who.get(f"{life.path}/disclosures", **parameters)
    assert answer.status_code == 200, answer.json()
    found: list[dict[str, Any]] = answer.json()["disclosures"]
    return found


def read(life: Life, who: Caller, **headers: str) -> None:
    stated = {name.replace("_", "-"): value for name, value in headers.items()}
    assert who.http.get(life.path, headers={**who.headers, **stated}).status_code == 200


def told(entry: dict[str, Any]) -> tuple[str, str | None]:
    return entry["who"], entry.get("organisation")


@pytest.fixture
def life(life: Life) -> Life:
    return life.finalised()


def test_a_family_reads_who_read_what_and_why_without_a_name(life: Life) -> None:
    family = life.family()
    since = len(listed(life, family))
    read(life, life.officer)
    read(life, life.serving.as_("school", SCHOOL))
    read(life, life.serving.as_("health", ICB))
    read(life, family)
    entries = listed(life, family)[since:]
    assert [told(entry) for entry in entries if entry["what"].startswith("Read the plan:")] == [
        ("The council's SEND team", "Leicestershire"),
        ("A school or college", "Elm Tree School"),
        ("A health service", "ods:QJK"),
        ("You", None),
    ]
    assert entries[1]["why"] == "Work of the council's own staff"
    assert "sections A, B" in entries[1]["what"]
    assert "-of-la:855" not in str(entries)
    assert {name for entry in entries for name in entry} <= {"id", "time", "who", "organisation", "what", "why", "law"}


def test_organisations_are_called_what_they_were_called_when_they_read(life: Life) -> None:
    """Where neither the plan nor the codes of councils name them, the directory does."""
    facts = (Fact(attribute="ods", value="QJK"), Fact(attribute="name", value="Example Integrated Care Board"))
    known = OrganisationRegistered(kind="health", facts=facts, source="ods", as_of=date(2020, 1, 1))
    entry = Entry(stream=organisation_id(ICB), sequence=1, happening=known)
    life.serving.platform.directory.record([entry], actor="operator:test")
    read(life, life.serving.as_("health", ICB))
    assert told(listed(life, life.family())[-1]) == ("A health service", "Example Integrated Care Board")


def test_nothing_tells_of_a_read_that_is_kept_back(life: Life) -> None:
    family, other = life.family("contact-1"), life.family("contact-2")
    before = listed(life, family)
    read(life, life.officer, **SECRET)
    read(life, life.officer, EHCP_Gateway="R17_COURT", EHCP_Reason="An order")
    read(life, life.officer, EHCP_Gateway="R17_OMBUDSMAN")
    read(life, life.serving.as_("auditor", "audit"), EHCP_Gateway="R17_OMBUDSMAN")
    read(life, other)
    listed(life, other)
    life.serving.as_("school", SCHOOL).get(f"{life.path}/disclosures")
    after = listed(life, family)
    own = {"who": "You", "what": "Read who has seen the plan"}
    assert after[: len(before)] == before
    assert [{name: entry[name] for name in own} for entry in after[len(before) :]] == [own]


def test_pages_are_full_and_numbered_by_nothing(life: Life) -> None:
    family = life.family()
    for number in range(12):
        read(life, life.officer, **(SECRET if number % 3 else {}))
    whole = listed(life, family)
    pages: list[dict[str, Any]] = []
    page: dict[str, Any] = {"next": None}
    while "next" in page:
        page = family.get(f"{life.path}/disclosures", limit=2, **({"cursor": page["next"]} if pages else {})).json()
        assert len(page["disclosures"]) == 2 or "next" not in page
        pages += page["disclosures"]
        assert set(page) <= {"disclosures", "next"}
    assert [entry["id"] for entry in pages[: len(whole)]] == [entry["id"] for entry in whole]
    hidden = next(e["id"] for e in listed(life, life.officer) if e.get("gateway") == "R17_CHILDREN_ACT")
    unknown = family.get(f"{life.path}/disclosures", cursor="5f0c1b34-7a6f-4a54-8f93-2f2f3a1c9a10")
    kept_back = family.get(f"{life.path}/disclosures", cursor=hidden)
    assert (unknown.status_code, unknown.json()) == (kept_back.status_code, kept_back.json())
    assert unknown.status_code == 422


def test_the_council_and_auditors_see_every_entry(life: Life) -> None:
    read(life, life.officer, **SECRET)
    read(life, life.family())
    for who in (life.officer, life.serving.as_("auditor", "audit")):
        entries = listed(life, who)
        secret = next(entry for entry in entries if entry.get("gateway") == "R17_CHILDREN_ACT")
        assert (secret["actor"], secret["reason"]) == ("case-officer-of-la:855", "A strategy meeting")
        assert any(entry["role"] == "family" for entry in entries)
        positions = [entry["position"] for entry in entries]
        assert positions == sorted(positions)


def test_other_parties_are_not_told_and_strangers_find_no_plan(life: Life) -> None:
    for end in ("/disclosures", "/possible-breaches"):
        assert life.serving.as_("school", SCHOOL).get(life.path + end).status_code == 403
        assert life.serving.as_("health", ICB).get(life.path + end).status_code == 403
        assert life.serving.officer("936").get(life.path + end).status_code == 404
    assert life.family().get(f"{life.path}/possible-breaches").status_code == 403
    assert life.officer.get("/v1/audit/disclosures").status_code == 403
    assert life.officer.get("/v1/disclosure-reviews", council="855").status_code == 403


def review(life: Life, entry: dict[str, Any], who: Caller | None = None, **body: Any) -> httpx.Response:
    said = {"decision": "release", "reasons": "The enquiry has ended", **body}
    return (who or life.manager).post(f"{life.path}/disclosures/{entry['id']}/review", said)


def kept_back(life: Life) -> dict[str, Any]:
    read(life, life.officer, **SECRET)
    return next(entry for entry in listed(life, life.officer) if entry.get("gateway") == "R17_CHILDREN_ACT")


def test_a_review_releases_an_entry_to_those_it_names_and_a_later_one_takes_it_back(life: Life) -> None:
    entry = kept_back(life)
    one, other = life.family("contact-1"), life.family("contact-2")

    def sees(who: Caller) -> bool:
        return any(shown["id"] == entry["id"] for shown in listed(life, who))

    assert not sees(one)
    assert review(life, entry, contacts=["contact-1"]).status_code == 201
    assert (sees(one), sees(other)) == (True, False)
    assert review(life, entry).status_code == 201
    assert (sees(one), sees(other)) == (True, True)
    assert review(life, entry, decision="withhold").status_code == 201
    assert (sees(one), sees(other)) == (False, False)
    (reviewed,) = (shown for shown in listed(life, life.manager) if shown["id"] == entry["id"])
    assert reviewed["review"]["decision"] == "withhold"


def test_only_another_manager_of_the_council_reviews(life: Life) -> None:
    entry = kept_back(life)
    for who in (life.officer, life.family(), life.serving.as_("auditor", "audit")):
        assert review(life, entry, who).status_code == 403
    assert review(life, entry, life.serving.manager("936")).status_code == 404
    read(life, life.manager, **SECRET)
    own = next(e for e in listed(life, life.manager) if e["role"] == "send-manager" and e["what"] == "plan")
    assert review(life, own).status_code == 403
    assert review(life, own, life.serving.as_("send-manager", "la:855", name="another")).status_code == 201
    assert review(life, entry, contacts=["contact-9"]).status_code == 422
    assert review(life, entry, decision="perhaps").status_code == 422
    assert review(life, {"id": "5f0c1b34-7a6f-4a54-8f93-2f2f3a1c9a10"}).status_code == 404


def test_a_repeated_review_is_recorded_once(life: Life, log: Log) -> None:
    entry = kept_back(life)
    path, body = f"{life.path}/disclosures/{entry['id']}/review", {"decision": "release", "reasons": "Over"}
    log.mark()
    answers = [life.manager.post(path, body, Idempotency_Key="once") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201] * 3
    assert len({answer.content for answer in answers}) == 1
    assert len(log.new()) == 1
    another = life.manager.post(path, {**body, "reasons": "Other"}, Idempotency_Key="once")
    assert another.status_code == 422
    assert another.json()["type"].endswith("idempotency-key-reused")


def test_where_a_child_is_must_not_be_known_no_place_and_no_reader_is_named_or_counted(life: Life) -> None:
    restriction = {"order": 1, "kind": "locationSensitive", "reason": "A refuge", "status": "undecided"}
    changed = text(life.reference, section_i=NAMED) | {"restrictions": {"restriction-1": restriction}}
    said = {"amendmentNoticeId": "notice-9", "purpose": "TRIBUNAL_ORDER", "basis": "TRIBUNAL_ORDER"}
    life.record("amend", "2026-08-05", **said, effectiveOn="2026-08-04", sentOn="2026-08-04", plan=changed)
    family = life.family()
    first = family.get(f"{life.path}/disclosures").json()
    for _ in range(3):
        read(life, life.officer)
        read(life, life.serving.as_("school", SCHOOL))
    second = family.get(f"{life.path}/disclosures").json()
    for page in (first, second):
        assert "Elm Tree" not in str(page)
        assert "Leicestershire" not in str(page)
        assert {entry["who"] for entry in page["disclosures"]} <= {"You"}
        assert page["note"].startswith("People whose work it is")
    assert len(second["disclosures"]) == len(first["disclosures"]) + 1


def test_from_before_an_identity_was_sealed_only_auditors_and_guardians_see_who_read(life: Life) -> None:
    guardian = life.serving.as_("identity-guardian", "la:855")
    read(life, life.serving.as_("school", SCHOOL))
    person = {"name": "Kit Umberland", "dateOfBirth": "2015-03-04", "sex": "notKnown"}
    plan = text("NEW-REFERENCE") | {"personalDetails": person}
    plan["sections"] |= {"A": {"history": "Kit lives with two parents."}, "I": {"placementBasis": "TYPE_ONLY"}}
    plan["sections"]["I"]["placements"] = {"placement-2": {"order": 1, "rank": 1, "type": "Secondary school"}}
    body = {"reason": "ADOPTION", "sealedOn": "2026-08-15", "person": person, "plan": plan}
    life.do("seal-identity", "2026-08-15", who=guardian, **body)
    roles = {
        who: {entry["role"] for entry in listed(life, caller)}
        for who, caller in {
            "officer": life.officer,
            "guardian": guardian,
            "auditor": life.serving.as_("auditor", "audit"),
        }.items()
    }
    assert "school" not in roles["officer"]
    assert "school" in roles["guardian"]
    assert "school" in roles["auditor"]


def test_decisions_not_to_share_stand_beside_what_was_shared(life: Life) -> None:
    said = {"gateway": "CA04_16LA_SAFEGUARDING", "reasons": "It would harm more than help", "requestedBy": "A trust"}
    life.do("decide-not-to-share", "2026-07-12", **said)
    page = life.officer.get(f"{life.path}/disclosures").json()
    assert [decision["reasons"] for decision in page["notShared"]] == [said["reasons"]]
    assert "notShared" not in life.family().get(f"{life.path}/disclosures").json()


def test_what_was_recorded_under_a_code_that_is_not_known_waits_for_a_review(life: Life) -> None:
    officer = Actor(subject="officer-1", organisation="la:855", role="case-officer")
    reader = Reader(actor=officer, gateway="A_CODE_OF_2031")
    life.serving.platform.disclosures.record_now(Showing(what="versions", plan=of(life)), reader)
    assert "A_CODE_OF_2031" in str(listed(life, life.officer))
    assert not any(entry["what"] == "Read the list of versions" for entry in listed(life, life.family()))


def test_whoever_runs_the_platform_is_called_so_and_by_no_code(life: Life) -> None:
    read(life, life.serving.as_("auditor", "operator"))
    told = {
        entry.get("organisation", "") for entry in life.family().get(f"{life.path}/disclosures").json()["disclosures"]
    }
    assert "operator" not in told
    assert any("runs the platform" in name for name in told)
