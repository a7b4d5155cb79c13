"""Nothing of a plan leaves unless its showing is on record first: every operation that the API describes is tried."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi.routing import APIRoute

from services.store.errors import StoreBusy
from tests.services.disclosures.conftest import Log, of, platforms_own
from tests.services.subject_access.asking import Asking
from tests.support.life import ICB, SCHOOL, Life
from tests.support.serving import Caller, Serving

OPEN = {"/healthz", "/readyz", "/views", "/metrics", "/schemas/{path:path}", "/openapi.json"}
#: These answer with a receipt or a report of what was sent, and are on record as events of the plan log themselves.
WRITING = re.compile(
    r"^POST (/v1/plans/opened-by/.*|/v1/plans/\{plan_id\}/acts/.*|/v1/imports|/v1/plans/\{plan_id\}/invitations|"
    r"/v1/plans/\{plan_id\}/disclosures/\{disclosure_id\}/review)$"
)
#: These hold nothing of any plan.
SUBSCRIPTION = "/v1/subscriptions/{subscription_id}"
NO_CONTENT = {
    "GET /v1/plans/search",
    "GET /v1/organisations/{identifier}",
    "GET /v1/rules",
    "GET /v1/rules/{sha256}",
    "POST /v1/rules",
    "POST /v1/rules/{position}/withdrawal",
    "GET /v1/audit/checkpoint",
    "GET /v1/audit/proofs/inclusion",
    "GET /v1/audit/proofs/consistency",
    "POST /v1/subscriptions",
    "POST /v1/access-endings",
    "GET /v1/subscriptions",
    f"GET {SUBSCRIPTION}",
    f"DELETE {SUBSCRIPTION}",
    f"POST {SUBSCRIPTION}/secret",
    f"GET {SUBSCRIPTION}/dead-letters",
    f"POST {SUBSCRIPTION}/replays",
}
PLAN = "/v1/plans/{plan_id}"
REASON = {"reason": "The child said today that home is not safe tonight"}


class Example:
    """A plan with everything that can be read of it, and one way to call each operation that shows content."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.draft = ""
        Asking(life).asked().prepared().reviewed()
        self.calls: dict[str, Callable[[], httpx.Response]] = {
            f"GET {PLAN}": lambda: self.get(""),
            f"GET {PLAN}/versions": lambda: self.get("/versions"),
            f"GET {PLAN}/diff": lambda: self.get("/diff?from=draft-1&to=1"),
            f"GET {PLAN}/clocks": lambda: self.get("/clocks"),
            f"GET {PLAN}/history": lambda: self.get("/history"),
            f"GET {PLAN}/disclosures": lambda: self.get("/disclosures"),
            f"GET {PLAN}/possible-breaches": lambda: self.get("/possible-breaches"),
            f"GET {PLAN}/entitlements": lambda: self.get("/entitlements?organisation=urn:199101&on=2026-07-12"),
            f"GET {PLAN}/drafts": lambda: self.get("/drafts"),
            f"POST {PLAN}/drafts": lambda: life.officer.post(f"{life.path}/drafts", {"purpose": "ANNUAL_REVIEW"}),
            f"GET {PLAN}/drafts/{{draft_id}}": lambda: self.get(f"/drafts/{self.draft}"),
            f"PATCH {PLAN}/drafts/{{draft_id}}": lambda: life.officer.patch(
                f"{life.path}/drafts/{self.draft}", {"sections": {"A": {"history": "Robin moved."}}}, '"d1"'
            ),
            f"DELETE {PLAN}/drafts/{{draft_id}}": lambda: life.officer.delete(
                f"{life.path}/drafts/{self.draft}", '"d1"'
            ),
            f"POST {PLAN}/emergency-reads": lambda: lead(life.serving).post(f"{life.path}/emergency-reads", REASON),
            "GET /v1/feed": lambda: life.officer.get("/v1/feed", wait=5),
            f"GET {PLAN}/subject-access": lambda: self.get("/subject-access"),
            f"GET {PLAN}/subject-access/{{access_id}}": lambda: self.get("/subject-access/s1"),
            f"GET {PLAN}/subject-access/{{access_id}}/package": lambda: self.get("/subject-access/s1/package"),
            "GET /v1/plans": lambda: life.officer.get("/v1/plans"),
            "POST /v1/plans/search": lambda: life.officer.post("/v1/plans/search", {"localReference": life.reference}),
            "GET /v1/disclosure-reviews": lambda: life.manager.get("/v1/disclosure-reviews", council="855"),
            "GET /v1/retention": lambda: life.manager.get("/v1/retention"),
            "GET /v1/retention/certificates": lambda: life.manager.get("/v1/retention/certificates"),
            "GET /v1/retention/certificates/{plan_id}": lambda: life.manager.get(
                f"/v1/retention/certificates/{life.plan_id}"
            ),
            "GET /v1/audit/disclosures": lambda: auditor(life.serving).get("/v1/audit/disclosures"),
        }

    def get(self, end: str) -> httpx.Response:
        return self.life.officer.get(self.life.path + end)

    def certified(self) -> None:
        """An entry of the plan was destroyed."""
        proposal = {"erasureId": "erasure-1", "entry": 2, "basis": "WRONG_CHILD", "reason": "Another child's"}
        self.life.do("propose-entry-erasure", "2026-07-12", **proposal)
        self.life.do("erase-entry", "2026-07-12", who=self.life.manager, erasureId="erasure-1", entry=2)

    def prepare(self) -> None:
        """A fresh draft for the operations that change one."""
        self.draft = self.life.draft("ANNUAL_REVIEW")[0]


def lead(served: Serving) -> Caller:
    return served.as_("safeguarding-lead", "ods:RAA")


def auditor(served: Serving) -> Caller:
    return served.as_("auditor", "audit")


def operations(served: Serving) -> set[str]:
    """Every operation that is served, described or not."""
    return {
        f"{method} {route.path}"
        for route in routes_of(served.http.app)
        if route.path not in OPEN
        for method in route.methods
    }


def routes_of(holder: Any) -> Iterator[APIRoute]:
    for route in holder.routes:
        if isinstance(route, APIRoute):
            yield route
        elif hasattr(route, "original_router"):
            yield from routes_of(route.original_router)


def test_every_operation_that_can_show_content_records_exactly_one_entry(life: Life, log: Log) -> None:
    life.finalised()
    example = Example(life)
    example.certified()
    showing = {name for name in operations(life.serving) if not WRITING.match(name)} - NO_CONTENT
    assert len(showing) > 10
    assert showing == set(example.calls), "an operation without an example, or an example without its operation"
    for name, call in example.calls.items():
        example.prepare()
        log.mark()
        answer = call()
        assert answer.is_success, (name, answer.json())
        entries = [entry for entry in log.new() if entry["outcome"] != "task"]
        assert len(entries) == 1, name
        assert entries[0]["outcome"] in {"shown", "searched", "exported"}, name
        assert platforms_own(entries[0]) is (PLAN not in name), name


def test_when_nothing_can_be_recorded_nothing_is_shown(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    life.finalised()
    example = Example(life)
    store = life.serving.platform.store

    async def refused(_events: Any) -> Any:
        raise StoreBusy("too many wait")

    for name, call in example.calls.items():
        example.prepare()
        with monkeypatch.context() as patched:
            patched.setattr(store, "disclose_async", refused)
            answer = call()
            stranger = life.serving.officer("936").get(life.path)
        for refusal in (answer, stranger):
            assert refusal.status_code == 503, (name, refusal.json())
            assert refusal.json()["type"].endswith("/not-recorded")
            assert refusal.headers["retry-after"]
            assert life.plan_id not in refusal.text
            assert "Robin" not in refusal.text


def test_what_is_recorded_of_a_read(life: Life, log: Log) -> None:
    life.finalised()
    final = life.read()["version"]["sequence"]
    readers = {
        "case-officer": (life.officer, "maintaining-council", "CONTROLLER_INTERNAL"),
        "school": (life.serving.as_("school", SCHOOL), "named-setting", "R13_2_RECIPIENT"),
        "health": (life.serving.as_("health", ICB), "responsible-health-body", "R13_2_RECIPIENT"),
        "family": (life.family(), "parent", "R13_2_RECIPIENT"),
        "auditor": (auditor(life.serving), "auditor", "CONTROLLER_INTERNAL"),
    }
    for role, (reader, relation, gateway) in readers.items():
        log.mark()
        view = life.read(reader)
        (entry,) = log.new()
        assert entry["record"] == of(life)
        assert (entry["role"], entry["relation"], entry["gateway"]) == (role, relation, gateway)
        assert (entry["what"], entry["outcome"], entry["channel"]) == ("plan", "shown", "http")
        assert entry["text"] == "final-1"
        assert entry["sections"] == sorted(view["plan"]["sections"])
        assert entry["entries"] == [[final] * 2]


def test_a_search_is_one_entry_with_what_it_found_and_never_the_terms(life: Life, log: Log) -> None:
    life.finalised()
    life.officer.post("/v1/plans/search", {"localReference": life.reference})
    life.officer.post("/v1/plans/search", {"nhsNumber": "9990000018"})
    found, nothing = log.new()
    assert (found["planIds"], found["terms"]) == ([life.plan_id], ["localReference"])
    assert "planIds" not in nothing
    assert life.reference not in str(found)
    assert "9990000018" not in str(nothing)


def test_a_forbidden_plan_and_one_that_does_not_exist_leave_the_same_entry(life: Life, log: Log) -> None:
    life.finalised()
    stranger = life.serving.officer("936")
    act = {"mode": "RECORD", "effectiveOn": "2026-07-11", "holdId": "hold-1", "reason": "An inquiry"}
    for end in ("", "/history", "/disclosures", "/possible-breaches", "/drafts"):
        kept = []
        for plan in (life.plan_id, str(uuid4())):
            stranger.get(f"/v1/plans/{plan}{end}")
            stranger.post(f"/v1/plans/{plan}/acts/set-legal-hold", act)
            entries = log.new()
            assert [entry.pop("asked") for entry in entries] == [plan, plan]
            assert [entry["outcome"] for entry in entries] == ["refused", "refused"]
            assert all(platforms_own(entry) for entry in entries)
            kept.append(entries)
        assert kept[0] == kept[1], end


def test_a_refusal_to_somebody_who_knows_the_plan_is_in_the_plans_own_record(life: Life, log: Log) -> None:
    life.finalised()
    school = life.serving.as_("school", SCHOOL)
    log.mark()
    assert school.get(f"{life.path}/disclosures").status_code == 403
    assert school.get(life.path, version=9).status_code == 404
    entries = log.new()
    assert [(entry["outcome"], entry["record"]) for entry in entries] == [("refused", of(life))] * 2


def test_staff_state_the_gateway_and_where_it_is_secret_the_reason(life: Life, log: Log) -> None:
    life.finalised()

    def read(who: Caller, **headers: str) -> httpx.Response:
        stated = {f"EHCP-{name.capitalize()}": value for name, value in headers.items()}
        return who.http.get(life.path, headers={**who.headers, **stated})

    log.mark()
    assert read(life.officer, gateway="R17_APPEAL").status_code == 200
    assert log.new()[0]["gateway"] == "R17_APPEAL"
    assert read(life.officer, gateway="CA04_16LA_SAFEGUARDING").status_code == 422
    assert read(life.officer, gateway="CA04_16LA_SAFEGUARDING", reason="A strategy meeting").status_code == 200
    assert log.new()[-1]["reason"] == "A strategy meeting"
    assert read(life.officer, gateway="NO_SUCH_CODE").status_code == 422
    assert read(life.officer, gateway="not a code").status_code == 400
    assert read(life.family(), gateway="R17_APPEAL").status_code == 422
    assert log.new() == []


def test_what_a_reader_wrote_stands_only_where_it_goes_with_the_childs_key(life: Life, log: Log) -> None:
    life.finalised()
    said = {"EHCP-Gateway": "CONTROLLER_INTERNAL", "EHCP-Reason": "Robin Quillfeather's grandmother asked"}
    officer, stranger = life.officer, life.serving.officer("936")
    for who in (officer, stranger):
        who.headers |= said
    log.mark()
    officer.post("/v1/plans/search", {"name": "Robin Quillfeather"})
    officer.get("/v1/plans")
    stranger.get(life.path)
    entries = log.new()
    assert len(entries) == 3
    assert all(platforms_own(entry) for entry in entries)
    assert "grandmother" not in str(entries)
    officer.get(life.path)
    assert log.new()[0]["reason"] == said["EHCP-Reason"]


def test_a_read_that_is_sent_again_is_two_showings_of_one_correlation(life: Life, log: Log) -> None:
    life.finalised()
    log.mark()
    for _ in range(2):
        headers = {**life.officer.headers, "X-Correlation-ID": "a-read-that-timed-out"}
        assert life.officer.http.get(life.path, headers=headers).status_code == 200
    listed = life.officer.get(f"{life.path}/disclosures").json()["disclosures"]
    assert [entry.get("correlationId") for entry in listed][-2:] == ["a-read-that-timed-out"] * 2
