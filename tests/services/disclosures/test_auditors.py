"""Auditors of the platform see all of it, those of a council what is the council's; nobody else is one."""

import pytest

from tests.support.life import SCHOOL, Life
from tests.support.serving import Serving


@pytest.fixture
def life(embedded: Serving) -> Life:
    return Life(embedded).finalised()


def test_the_whole_log_of_showings_is_for_auditors_of_the_platform(life: Life) -> None:
    life.officer.get(life.path)
    everything = life.serving.as_("auditor", "audit").get("/v1/audit/disclosures")
    assert [entry["what"] for entry in everything.json()["disclosures"]] == ["plan"]
    for council in ("840", life.council):
        assert life.serving.as_("auditor", f"la:{council}").get("/v1/audit/disclosures").status_code == 403


def test_a_councils_auditors_see_the_readers_and_the_reviews_of_its_own_plans(life: Life) -> None:
    own, other = (life.serving.as_("auditor", f"la:{council}") for council in (life.council, "840"))
    assert own.get(f"{life.path}/disclosures").status_code == 200
    assert other.get(f"{life.path}/disclosures").status_code == 404
    assert own.get("/v1/disclosure-reviews", council=life.council).status_code == 200
    assert other.get("/v1/disclosure-reviews", council=life.council).status_code == 403


@pytest.mark.parametrize("organisation", [SCHOOL, "ods:QJK", "regulator:ofsted"])
def test_somebody_who_audits_a_party_of_plans_audits_no_plan(life: Life, organisation: str) -> None:
    auditor = life.serving.as_("auditor", organisation)
    assert auditor.get(life.path).status_code == 404
    assert auditor.get("/v1/plans").json()["plans"] == []
    assert auditor.post("/v1/plans/search", {"nhsNumber": "9990000050"}).json()["planIds"] == []
    assert auditor.get("/v1/audit/disclosures").status_code == 403
    assert auditor.get("/v1/disclosure-reviews", council=life.council).status_code == 403
