"""Lists of plans by codes and states, in pages; search by identifiers, of one's own plans only."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest

from services.projection import reading
from tests.support.life import ICB, SCHOOL, Life
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
    everything = rows(platform.officer())
    phases = {row["phase"] for row in everything}
    assert {"REQUESTED", "MAINTAINED"} <= phases
    for phase in (*phases, "CEASED"):
        assert rows(platform.officer(), phase=phase) == [row for row in everything if row["phase"] == phase]


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


def test_an_auditor_lists_every_council_and_strangers_none(platform: Serving) -> None:
    listed = [row["planId"] for row in rows(platform.as_("auditor", "audit"))]
    councils = (platform.officer(), platform.officer("936"))
    assert sorted(map(str, listed)) == sorted(str(row["planId"]) for council in councils for row in rows(council))
    strangers = (
        platform.as_("school", "urn:199177"),
        platform.as_("health", "ods:QT1"),
        platform.as_("family", "family", plan=str(listed[0]), contact="contact-1"),
        platform.as_("case-officer", "urn:199101"),
        platform.as_("school", "la:855"),
    )
    for stranger in strangers:
        assert rows(stranger) == []


def test_a_school_lists_the_plans_that_name_or_consult_it_and_a_health_body_those_it_answers_for(
    platform: Serving,
) -> None:
    consulted, named = Life(platform).consulted(), Life(platform).finalised()
    school, body = platform.as_("school", SCHOOL), platform.as_("health", ICB)
    of_school = {row["planId"]: row for row in rows(school)}
    assert {named.plan_id, consulted.plan_id} <= set(of_school)
    assert of_school[named.plan_id]["version"] == 1
    assert "version" not in of_school[consulted.plan_id]
    of_body = {row["planId"] for row in rows(body)}
    assert named.plan_id in of_body
    assert consulted.plan_id not in of_body
    for seen in (school, body):
        for row in rows(seen):
            assert seen.get(f"/v1/plans/{row['planId']}").status_code == 200


def test_an_organisation_learns_nothing_of_duties_or_of_other_organisations(platform: Serving) -> None:
    Life(platform).finalised()
    school, body = platform.as_("school", SCHOOL), platform.as_("health", ICB)
    assert rows(school, school=SCHOOL) == rows(school) != []
    assert rows(body, icb="QJK") == rows(body) != []
    assert not any("nextClock" in row for caller in (school, body) for row in rows(caller))
    for refused in ({"icb": "QJK"}, {"dueBefore": "2099-01-01"}, {"clock": "D26"}, {"school": "urn:199102"}):
        assert rows(school, **refused) == []
    for refused in ({"school": SCHOOL}, {"dueBefore": "2099-01-01"}):
        assert rows(body, **refused) == []


def test_a_council_narrows_its_list_by_organisation_status_and_duty(platform: Serving) -> None:
    life, officer = Life(platform).finalised(), platform.officer()
    mine = {row["planId"]: row for row in rows(officer)}
    for narrowed in (
        {"school": SCHOOL},
        {"icb": "QJK"},
        {"status": "open"},
        {"council": "855"},
        {"school": SCHOOL, "icb": "QJK"},
    ):
        found = {row["planId"] for row in rows(officer, **narrowed)}
        assert life.plan_id in found, narrowed
        assert found <= set(mine)
    for elsewhere in ({"school": "urn:199109"}, {"icb": "QT1"}, {"status": "ended"}, {"council": "936"}):
        assert life.plan_id not in {row["planId"] for row in rows(officer, **elsewhere)}
    following = mine[life.plan_id]["nextClock"]
    assert isinstance(following, dict)
    due = following["dueOn"]
    assert life.plan_id not in {row["planId"] for row in rows(officer, dueBefore=due)}
    after = (date.fromisoformat(due) + timedelta(days=1)).isoformat()
    assert life.plan_id in {row["planId"] for row in rows(officer, dueBefore=after)}
    assert life.plan_id in {row["planId"] for row in rows(officer, clock=following["id"], dueBefore=after)}
    assert life.plan_id not in {row["planId"] for row in rows(officer, clock="D1")}


def test_an_act_is_in_the_list_that_is_read_next(platform: Serving) -> None:
    for _ in range(5):
        life = Life(platform).requested()
        assert life.plan_id in {row["planId"] for row in rows(platform.officer(), phase="REQUESTED")}


def test_a_list_waits_for_the_read_models_only_so_long(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        Life(served).requested()
        reached = served.officer().get("/v1/plans").json()["asOfPosition"]
        served.platform.projection.running.stop()
        Life(served).requested()
        page = served.officer().get("/v1/plans").json()
        assert page["asOfPosition"] == reached < served.platform.store.head()[0]
        assert len(page["plans"]) == 1


def found_by_name(platform: Serving, **terms: str) -> list[str]:
    answer = platform.officer().post("/v1/plans/search", terms).json()
    assert answer["asOfPosition"] == platform.platform.store.head()[0]
    ids: list[str] = answer["planIds"]
    return ids


def test_search_finds_by_name_the_written_before_the_heard(platform: Serving) -> None:
    heard = Life(platform).requested(name="Catherine Ottershaw")
    written = Life(platform).requested(name="Kathryn Ottershaw")
    assert found_by_name(platform, name="KATHRYN ottershaw") == [written.plan_id, heard.plan_id]
    assert found_by_name(platform, name="Kathryn", localReference=heard.reference) == [heard.plan_id]
    assert found_by_name(platform, name="Kathryn Silverdale") == []


def test_search_finds_a_name_however_it_is_written(platform: Serving) -> None:
    life = Life(platform).requested(name="Siân O'Marsh-Banks")
    for name in ("sian o\u2019marsh-banks", "SIAN OMARSHBANKS", "omarsh banks"):
        assert found_by_name(platform, name=name) == [life.plan_id]


def test_search_by_name_is_narrowed_by_the_date_of_birth(platform: Serving) -> None:
    life = Life(platform).requested(name="Jorah Rookwood", dateOfBirth="2013-04-05")
    officer = platform.officer()
    for born, found in (("2013-04-05", [life.plan_id]), ("2013-04-06", [])):
        terms = {"name": "jorah rookwood", "dateOfBirth": born}
        assert officer.post("/v1/plans/search", terms).json()["planIds"] == found


def test_where_more_fit_a_name_than_are_looked_at_the_answer_says_so_and_other_terms_still_find_each(
    platform: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_FOUND", 2)
    lives = [Life(platform).requested(name="Idris Umberland", dateOfBirth=f"2014-05-0{n}") for n in range(1, 5)]
    search = partial(platform.officer().post, "/v1/plans/search")
    many = search({"name": "Idris Umberland"}).json()
    assert many["planIds"] == [life.plan_id for life in lives[:2]]
    assert many["more"] is True
    for life, born in zip(lives, range(1, 5), strict=True):
        for narrower in ({"dateOfBirth": f"2014-05-0{born}"}, {"localReference": life.reference}):
            answer = search({"name": "Idris Umberland", **narrower}).json()
            assert answer["planIds"] == [life.plan_id]
            assert "more" not in answer


def test_search_by_name_finds_what_the_caller_may_see_and_no_more(platform: Serving) -> None:
    life = Life(platform).consulted(name="Delphine Silverdale")
    terms = {"name": "Delphine Silverdale"}
    for caller in (life.officer, platform.as_("school", SCHOOL), platform.as_("auditor", "audit")):
        assert caller.post("/v1/plans/search", terms).json()["planIds"] == [life.plan_id]
    for other in (platform.officer("936"), platform.as_("school", "urn:199102"), platform.as_("health", "ods:QT1")):
        assert other.post("/v1/plans/search", terms).json()["planIds"] == []


def test_a_changed_name_is_found_and_the_one_before_no_more(platform: Serving) -> None:
    life = Life(platform).requested(name="Eamon Penhallow")
    life.do("change-name", "2026-01-20", name="Eamon Thistlewood")
    officer = platform.officer()
    for name, found in (("Eamon Thistlewood", [life.plan_id]), ("Eamon Penhallow", [])):
        assert officer.post("/v1/plans/search", {"name": name}).json()["planIds"] == found


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
        "/dateOfBirth": [{"dateOfBirth": "2013-04-05"}, {"name": "Aled", "dateOfBirth": "5 April 2013"}],
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
