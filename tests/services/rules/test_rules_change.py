"""Journeys through a change of the rules: what was decided before stays as it was decided, what comes after is new."""

from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest

from services.rules.editions import Edition
from tests.services.retention.conftest import LATER, OVER, PROPOSAL, Ended
from tests.services.rules.examples import OPERATOR, adoption, changed, newest
from tests.support.life import SCHOOL, SENT, Life
from tests.support.serving import Serving

NEED = "/plan/sections/B/needs/need-1"


def adopt(platform: Serving, edition: Edition, on: str) -> int:
    """As the operator does, for every council."""
    rules = platform.platform.rules
    return rules.adopted.adopt(
        adoption(edition, on), edition.content, actor="operator:test", on=platform.clock.day
    ).position


def rectification(life: Life, number: int, received: str, on: str) -> dict[str, Any]:
    """The clock of a request for rectification that arrived on one day and is recorded on another."""
    said = {"rectificationId": f"t{number}", "receivedOn": received, "requester": "contact-1", "pointer": NEED}
    entry = int(life.read()["version"]["sequence"])
    life.record("request-rectification", on, effectiveOn=received, **said, entry=entry, wrong="She reads well")
    return life.clock("S3")


def own_schedule(years: int, version: str) -> dict[str, Any]:
    """A council's own rules: every record for so many years from birth."""
    document: dict[str, Any] = orjson.loads(newest("retention-schedule").content)
    rule = document["rules"]["DOB_31"] | {"title": f"Date of birth and {years} years", "years": years}
    every = document["everyCouncil"] | {"applies": [{"rule": "OWN", "when": "always"}]}
    return document | {"version": version, "rules": {"OWN": rule}, "everyCouncil": every, "councils": {}}


def test_a_clock_keeps_its_list_of_holidays_and_a_new_one_uses_the_new_list(platform: Serving) -> None:
    life = Life(platform).finalised()
    before = rectification(life, 1, "2026-10-02", "2026-10-05")
    list_now = newest("bank-holidays").name
    assert (before["dueOn"], before["calendar"]) == ("2026-11-02", list_now)
    holidays = orjson.loads(newest("bank-holidays").content)["holidays"]
    more = sorted([*holidays, {"date": "2026-11-02", "title": "A day of celebration"}], key=lambda day: day["date"])
    proclaimed = changed("bank-holidays", version="england-bank-holidays-2026-12", holidays=more)
    adopt(platform, proclaimed, "2026-10-07")
    still = rectification(life, 2, "2026-10-02", "2026-10-06")
    after = rectification(life, 3, "2026-10-02", "2026-10-07")
    assert (still["dueOn"], still["calendar"]) == ("2026-11-02", list_now)
    assert (after["dueOn"], after["calendar"]) == ("2026-11-03", "england-bank-holidays-2026-12")
    found = {clock["key"]: clock for clock in life.officer.get(f"{life.path}/clocks").json()["clocks"]}
    assert found[before["key"]] == before


def test_a_new_clock_table_governs_cases_of_its_days_and_no_other(platform: Serving) -> None:
    earlier = Life(platform).requested("2026-11-02")
    table = orjson.loads(newest("clock-table").content)
    table |= {"id": "england-2027", "validFrom": "2027-01-04"}
    for clock in table["clocks"]:
        if clock["id"] == "D1":
            clock["period"]["n"] = 4
    adopt(platform, changed("clock-table", **table), "2027-01-04")
    later = Life(platform).requested("2027-01-04")
    assert [(life.clock("D1")["ruleSet"], life.clock("D1")["dueOn"]) for life in (earlier, later)] == [
        ("england-2014", "2026-12-14"),
        ("england-2027", "2027-02-01"),
    ]


def test_a_councils_own_schedule_changes_its_list_from_its_day_on(platform: Serving) -> None:
    ended = Ended(platform).at_rest()
    manager = ended.records_manager
    body = {
        "kind": "retention-schedule",
        "inForceFrom": "2046-03-06",
        "source": "Decision of the information governance board of 1 February 2046",
        "content": own_schedule(45, "leicestershire-2046"),
    }
    assert manager.post("/v1/rules", body).status_code == 201

    def listed(day: str, council: str = "855") -> tuple[str, list[str]]:
        platform.clock.day = day
        page = platform.as_("records-manager", f"la:{council}").get("/v1/retention").json()
        return page["schedule"], [record["rule"] for record in page["records"]]

    assert listed("2046-03-05") == ("2026-11", ["DOB_31"])
    assert listed("2046-03-06") == ("leicestershire-2046", [])
    assert listed("2046-03-06", "936") == ("2026-11", [])
    assert listed("2060-03-04") == ("leicestershire-2046", ["OWN"])


def test_a_proposal_made_by_another_schedule_is_made_anew_and_the_certificate_names_the_one_in_force(
    platform: Serving,
) -> None:
    ended = Ended(platform).at_rest().proposed()
    platform.clock.day = OVER
    body = {"kind": "retention-schedule", "source": "A decision", "content": own_schedule(30, "leicestershire-2046")}
    told = ended.records_manager.post("/v1/rules", {**body, "inForceFrom": "2046-03-05"}).json()
    why = ended.refused("expire-retention", LATER, who=ended.manager, erasureId="erasure-1")
    assert {"another-schedule", "another-rule"} <= why.keys()
    ended.do("withdraw-erasure", LATER, who=ended.records_manager, erasureId="erasure-1", reason="Another schedule")
    anew = {**PROPOSAL, "erasureId": "erasure-2"}
    ended.do("propose-erasure", LATER, who=ended.records_manager, **anew)
    ended.do("expire-retention", LATER, who=ended.manager, erasureId="erasure-2")
    (certificate,) = ended.records_manager.get(f"/v1/retention/certificates/{ended.plan_id}").json()["certificates"]
    named = (certificate["schedule"], certificate["scheduleSha256"], certificate["rule"])
    assert named == ("leicestershire-2046", told["sha256"], "OWN")


@pytest.fixture
def narrower() -> Edition:
    """A matrix by which a named school is shown sections F and I alone."""
    document = orjson.loads(newest("access-matrix").content)
    document["relations"]["named-setting"]["reads"]["final"]["sections"] = ["F", "I"]
    return changed("access-matrix", version="2027-03", relations=document["relations"], **{"from": "2026-10-01"})


def test_a_past_day_is_answered_by_the_matrix_of_that_day(platform: Serving, narrower: Edition) -> None:
    life = Life(platform).finalised()
    old = newest("access-matrix")
    school = life.serving.as_("school", SCHOOL)
    adopt(platform, narrower, "2026-10-01")

    def seen(on: str) -> list[tuple[str, str, int]]:
        asked = {"organisation": SCHOOL, "on": on}
        found = life.officer.get(f"{life.path}/entitlements", **asked).json()["answers"]
        return [
            (one["policy"], one["policySha256"], len(text["sections"]))
            for one in found if one["known"] == "asKnownNow" for role in one["roles"] for text in role["texts"]
        ]  # fmt: skip

    platform.clock.day = "2026-10-02"
    assert seen(SENT) == [(old.name, old.sha256, 12)]
    assert seen("2026-10-01") == [("2027-03", narrower.sha256, 2)]
    sections = life.read(school)["plan"]["sections"]
    assert {name for name, section in sections.items() if section} == {"F", "I"}


def test_what_was_adopted_later_for_an_earlier_day_isnt_what_was_shown_then(
    platform: Serving, narrower: Edition
) -> None:
    life = Life(platform).finalised()
    head = platform.platform.store.head()[0]
    adopt(platform, narrower, "2026-01-01")
    rules, on = platform.platform.rules, date.fromisoformat(SENT)
    asked = {"organisation": SCHOOL, "on": SENT}

    def policy(**more: Any) -> list[str]:
        found = life.officer.get(f"{life.path}/entitlements", **asked, **more).json()["answers"]
        return [one["policy"] for one in found]

    assert policy(knownAt=head) == [newest("access-matrix").name]
    assert policy()[-1] == "2027-03"
    moment = platform.platform.store.head()[1]
    assert moment is not None
    assert rules.policies_known(moment).on(on).version == newest("access-matrix").name


def test_a_gateway_that_the_family_is_not_shown_any_more_is_withheld_from_that_day(platform: Serving) -> None:
    life = Life(platform).finalised()
    life.read(life.serving.as_("school", SCHOOL))
    codes = orjson.loads(newest("gateways").content)["codes"]
    hushed = [code | {"familyView": "afterReview"} for code in codes]
    adopt(platform, changed("gateways", codes=hushed, sourceDate="2026-12-01"), "2026-12-01")

    def told(day: str) -> int:
        platform.clock.day = day
        shown = life.family().get(f"{life.path}/disclosures").json()["disclosures"]
        return sum(entry["who"] == "A school or college" for entry in shown)

    assert (told("2026-11-30"), told("2026-12-01")) == (1, 0)


def test_an_adoption_that_was_wrong_is_withdrawn_and_the_one_before_counts_again(
    platform: Serving, narrower: Edition
) -> None:
    life = Life(platform).finalised()
    school = life.serving.as_("school", SCHOOL)
    position = adopt(platform, narrower, "2026-01-01")
    assert not life.read(school)["plan"]["sections"].get("B")
    platform.platform.rules.adopted.withdraw(
        position, because="It was not decided", by=OPERATOR, actor="operator:test", on=platform.clock.day
    )
    assert life.read(school)["plan"]["sections"]["B"]
    withdrawn, on = datetime.now(UTC), date.fromisoformat(platform.clock.day)
    assert platform.platform.rules.policies_known(withdrawn).on(on).version == newest("access-matrix").name
