"""Looking organisations up over HTTP: any number, any day, any token."""

from datetime import date

import pytest

from services.cli.serving import know_the_councils
from services.directory import gias, ods
from services.directory.importing import DirectoryImporter
from tests.services.directory.conftest import AS_OF, FIXTURES, Read
from tests.support.serving import Serving

FILES: dict[str, Read] = {
    "edubasealldata20261001.csv": gias.establishments,
    "links_edubasealldata20261001.csv": gias.links,
    "eccg.csv": ods.bodies,
    "succ.csv": ods.successions,
}


@pytest.fixture
def filled(platform: Serving) -> Serving:
    know_the_councils(platform.platform)
    importer = DirectoryImporter(platform.platform.directory, "operator:test")
    for name, read in FILES.items():
        importer.take(read((FIXTURES / name).read_bytes(), AS_OF))
    return platform


def test_a_school_is_shown_as_it_was_with_who_answers_for_it_now(filled: Serving) -> None:
    school = filled.as_("school", "urn:199602")
    then = school.get("/v1/organisations/urn:199601", on="2021-05-01").json()
    now = school.get("/v1/organisations/urn:199601").json()
    assert (then["name"], then["exists"], then["closed"]) == ("Brindle Wood Community School", True, "2021-08-31")
    assert "laestab:8552001" in then["identifiers"]
    assert then["facts"]["type"] == "01"
    assert [one["name"] for one in then["answering"]] == ["Brindle Wood Community School"]
    assert (now["exists"], now["on"]) == (False, filled.clock.day)
    (answering,), (successor,) = now["answering"], now["successors"]
    assert answering["identifiers"] == ["laestab:8552001", "ukprn:10099602", "urn:199602"]
    assert (successor["how"], successor["since"]) == ("successor", "2021-09-01")
    academy = school.get("/v1/organisations/LAESTAB:855-2001".replace("LAESTAB", "laestab")).json()
    assert [one["name"] for one in academy["predecessors"]] == ["Brindle Wood Community School"]


@pytest.mark.parametrize(
    ("role", "organisation"), [("health", "ods:QN1"), ("auditor", "audit"), ("case-officer", "la:855")]
)
def test_any_token_may_ask(filled: Serving, role: str, organisation: str) -> None:
    answer = filled.as_(role, organisation).get("/v1/organisations/ods:Q99", on="2026-04-01")
    assert [one["identifiers"] for one in answer.json()["answering"]] == [["ods:QN1"]]


def test_without_a_token_nothing_is_said(filled: Serving) -> None:
    assert filled.http.get("/v1/organisations/la:855").status_code == 401


@pytest.mark.parametrize(
    ("identifier", "day"),
    [
        ("urn:199999", ""),
        ("urn:199602", "2021-08-31"),
        ("la:942", "2023-03-31"),
        ("nhs:9990000", ""),
        ("urn:1", ""),
        ("x", ""),
    ],
)
def test_nobody_is_a_404(filled: Serving, identifier: str, day: str) -> None:
    answer = filled.officer().get(f"/v1/organisations/{identifier}", **({"on": day} if day else {}))
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_day_that_does_not_exist_is_refused(filled: Serving) -> None:
    answer = filled.officer().get("/v1/organisations/la:855", on="2021-02-30")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/on"
    assert date.fromisoformat(filled.clock.day)
