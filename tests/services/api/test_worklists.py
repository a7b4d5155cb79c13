"""Lists of plans by codes and states, in pages; search by identifiers, of one's own plans only."""

from collections.abc import Iterator

import pytest

from tests.support.life import Life
from tests.support.serving import Caller, Serving, serving


@pytest.fixture(scope="module")
def module_platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """Two councils, with plans in two phases."""
    with serving(tmp_path_factory.mktemp("platform")) as served:
        for number in range(7):
            life = Life(served)
            life.finalised() if number % 3 == 0 else life.requested()
        Life(served, "936").requested()
        yield served


def rows(caller: Caller, **parameters: object) -> list[dict[str, object]]:
    found, after = [], 0
    while True:
        page = caller.get("/v1/plans", after=after, limit=2, **parameters).json()
        assert len(page["plans"]) <= 2
        found += page["plans"]
        if "next" not in page:
            return found
        after = page["next"]


def test_pages_join_to_the_councils_own_plans_each_once(platform: Serving) -> None:
    mine, theirs = rows(platform.officer()), rows(platform.officer("936"))
    assert (len(mine) >= 7, len(theirs)) == (True, 1)
    assert len({row["planId"] for row in mine}) == len(mine)
    assert {row["maintainingLa"] for row in mine} == {"855"}
    assert [row["openedPosition"] for row in mine] == sorted(row["openedPosition"] for row in mine)  # type: ignore[type-var]


def test_a_phase_chooses(platform: Serving) -> None:
    requested, maintained = (rows(platform.officer(), phase=phase) for phase in ("REQUESTED", "MAINTAINED"))
    assert {row["phase"] for row in requested} == {"REQUESTED"}
    assert {row["phase"] for row in maintained} == {"MAINTAINED"}
    assert len(requested) + len(maintained) == len(rows(platform.officer()))
    assert rows(platform.officer(), phase="CEASED") == []


def test_a_list_says_how_far_the_log_reached(platform: Serving) -> None:
    page = platform.officer().get("/v1/plans").json()
    assert page["asOfPosition"] == platform.platform.store.head()[0]


def test_a_list_holds_codes_and_states_only(platform: Serving) -> None:
    page = platform.officer().get("/v1/plans", limit=200)
    assert "Quillfeather" not in page.text
    assert "LIFE-" not in page.text


def test_a_search_is_not_asked_by_address(platform: Serving) -> None:
    answer = platform.officer().get("/v1/plans/search")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


def test_an_auditor_lists_every_council_and_others_none(platform: Serving) -> None:
    listed = [row["planId"] for row in rows(platform.as_("auditor", "audit"))]
    councils = (platform.officer(), platform.officer("936"))
    assert sorted(map(str, listed)) == sorted(str(row["planId"]) for council in councils for row in rows(council))
    for party in (platform.as_("school", "urn:199101"), platform.as_("health", "ods:QJK")):
        assert rows(party) == []


def test_search_finds_by_each_identifier_and_by_all_together(platform: Serving) -> None:
    life = Life(platform).requested(identifiers={"nhsNumber": "9990000026", "upn": "B801200005001"})
    officer = life.officer
    for terms in (
        {"localReference": life.reference},
        {"nhsNumber": "9990000026"},
        {"nhsNumber": "999 000 0026"},
        {"nhsNumber": "9990000026", "localReference": life.reference, "upn": "B801200005001"},
    ):
        assert officer.post("/v1/plans/search", terms).json() == {"planIds": [life.plan_id]}, terms
    nothing = {"nhsNumber": "9990000026", "localReference": "LIFE-99999"}
    assert officer.post("/v1/plans/search", nothing).json() == {"planIds": []}


def test_search_finds_ones_own_plans_only(platform: Serving) -> None:
    life = Life(platform).requested(identifiers={"nhsNumber": "9990000034"})
    found = {"planIds": [life.plan_id]}
    terms = {"nhsNumber": "9990000034"}
    assert life.officer.post("/v1/plans/search", terms).json() == found
    for other in (
        platform.officer("936"),
        platform.as_("school", "urn:199102"),
        platform.as_("health", "ods:QT1"),
        Life(platform).imported().family(),
    ):
        assert other.post("/v1/plans/search", terms).json() == {"planIds": []}
    assert life.family().post("/v1/plans/search", terms).json() == found


def test_a_search_that_says_nothing_or_what_cannot_be_is_refused(platform: Serving) -> None:
    wrong = {
        "": [{}, {"surname": "Quillfeather"}],
        "/nhsNumber": [{"nhsNumber": "9990000051"}, {"nhsNumber": 9990000050}],
        "/upn": [{"upn": "A801200005001"}],
        "/localReference": [{"localReference": ""}, {"localReference": "x" * 201}],
    }
    for pointer, bodies in wrong.items():
        for body in bodies:
            answer = platform.officer().post("/v1/plans/search", body)
            assert answer.status_code == 422, body
            assert answer.json()["errors"][0]["pointer"] == pointer


def test_a_cursor_or_limit_that_cannot_be_is_refused(platform: Serving) -> None:
    for parameters in ({"after": -1}, {"limit": 0}, {"limit": 201}, {"phase": "maintained"}, {"after": "x"}):
        answer = platform.officer().get("/v1/plans", **parameters)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == f"/{next(iter(parameters))}"
