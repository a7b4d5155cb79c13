"""Rules over HTTP: open to everybody who is signed in, and a council adopts what is its own to decide."""

from hashlib import sha256
from typing import Any

import orjson
import pytest

from services.rules.editions import shipped
from tests.services.rules.test_rules_change import own_schedule
from tests.support.serving import Caller, Serving

SOURCE = "Decision of the information governance board of 3 December 2026"


def manager(platform: Serving, council: str = "855") -> Caller:
    return platform.as_("records-manager", f"la:{council}")


def body(version: str = "leicestershire-2027", **more: Any) -> dict[str, Any]:
    own = own_schedule(45, version) | {"from": "2027-01-01"}
    return {"kind": "retention-schedule", "source": SOURCE, "content": own, **more}


def test_everybody_who_is_signed_in_reads_what_counts_and_nobody_else(platform: Serving) -> None:
    for caller in (platform.as_("school", "urn:199101"), platform.as_("family", "family"), manager(platform)):
        page = caller.get("/v1/rules").json()
        assert [one["edition"] for one in page["adoptions"]] == [edition.name for edition in shipped()]
        assert page["notAdopted"] == []
    counting = [one["edition"] for one in page["adoptions"] if one["inForce"]]
    assert "england-bank-holidays-2026-11" in counting
    assert "england-bank-holidays-2022-06" not in counting
    then = caller.get("/v1/rules", on="2022-09-09").json()["adoptions"]
    assert "england-bank-holidays-2022-06" in [one["edition"] for one in then if one["inForce"]]
    assert platform.http.get("/v1/rules").status_code == 401


def test_what_an_edition_says_comes_as_the_bytes_that_its_hash_proves(platform: Serving) -> None:
    school = platform.as_("school", "urn:199101")
    for one in school.get("/v1/rules").json()["adoptions"]:
        content = school.get(f"/v1/rules/{one['sha256']}").content
        assert sha256(content).hexdigest() == one["sha256"]
    assert school.get(f"/v1/rules/{'ab' * 32}").status_code == 404
    assert school.get("/v1/rules/abc").status_code == 404


def test_a_councils_records_manager_adopts_for_that_council_and_withdraws(platform: Serving) -> None:
    made = manager(platform).post("/v1/rules", body()).json()
    assert (made["council"], made["inForceFrom"], made["inForce"]) == ("855", "2027-01-01", False)
    assert made["adoptedBy"] == {"organisation": "la:855", "role": "records-manager"}
    again = manager(platform).post("/v1/rules", body())
    assert (again.status_code, again.json()) == (201, made)
    page = manager(platform).get("/v1/rules", on="2027-01-01").json()
    (own,) = [one for one in page["adoptions"] if one["council"] == "855"]
    assert own["inForce"]
    path = f"/v1/rules/{made['position']}/withdrawal"
    assert manager(platform, "936").post(path, {"because": "Not ours"}).status_code == 404
    assert manager(platform).post(path, {"because": "It was not decided"}).json()["withdrawn"] > made["position"]
    assert manager(platform).post(path, {"because": "Again"}).status_code == 422
    then = manager(platform).get("/v1/rules", on="2027-01-01", knownAt=made["position"]).json()
    assert [one["inForce"] for one in then["adoptions"] if one["council"] == "855"] == [True]


@pytest.mark.parametrize("role", ["case-officer", "send-manager", "service", "auditor"])
def test_nobody_else_adopts(platform: Serving, role: str) -> None:
    head = platform.platform.store.adoption.head()
    for organisation in ("la:855", "platform"):
        answer = platform.as_(role, organisation).post("/v1/rules", body())
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (403, "not-yours-to-do")
        path = "/v1/rules/1/withdrawal"
        assert platform.as_(role, organisation).post(path, {"because": "No"}).status_code == 403
    assert platform.platform.store.adoption.head() == head


def test_what_is_no_schedule_or_another_one_of_the_same_name_is_refused(platform: Serving) -> None:
    own = manager(platform)
    assert own.post("/v1/rules", body()).status_code == 201
    head = platform.platform.store.adoption.head()
    other = body() | {"content": own_schedule(50, "leicestershire-2027")}
    nonsense = body() | {"content": {"version": "x"}}
    nameless = body("../etc/passwd")
    matrix = body() | {"kind": "access-matrix"}
    for wrong in (other, nonsense, nameless, matrix, body() | {"inForceFrom": "1 March"}, body() | {"source": ""}):
        answer = own.post("/v1/rules", wrong)
        assert answer.status_code == 422, orjson.dumps(wrong)[:80]
    assert "never changed" in own.post("/v1/rules", other).json()["errors"][0]["text"]
    assert platform.platform.store.adoption.head() == head
