"""A school becomes an academy: on its first day the academy reads, acts on and follows the plans, as the same party."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from domain.directory.events import OrganisationClosed, OrganisationRegistered, SuccessionRecorded
from domain.directory.organisation import Fact, organisation_id
from services.directory.service import Entry
from tests.support.access_signals import route
from tests.support.life import SCHOOL, Life
from tests.support.serving import Serving, serving

ACADEMY, FIRST = "urn:199301", date(2026, 11, 10)


def convert(served: Serving) -> None:
    """What GIAS says of the conversion, a week before."""
    old, new = organisation_id(SCHOOL), organisation_id(ACADEMY)
    last = FIRST - timedelta(days=1)
    happenings = [
        (old, 1, OrganisationRegistered(kind="setting", facts=fact(SCHOOL), source="gias", as_of=last, opened=None)),
        (new, 1, OrganisationRegistered(kind="setting", facts=fact(ACADEMY), source="gias", as_of=FIRST, opened=FIRST)),
        (old, 2, OrganisationClosed(closed=last, source="gias", as_of=last)),
        (old, 3, SuccessionRecorded(successor=new, on=FIRST, how="Academy conversion", source="gias")),
    ]
    entries = [Entry(stream=stream, sequence=sequence, happening=said) for stream, sequence, said in happenings]
    served.platform.directory.record(entries, actor="operator:test")


def fact(identifier: str) -> tuple[Fact, ...]:
    scheme, _, value = identifier.partition(":")
    return (Fact(attribute=scheme, value=value), Fact(attribute="name", value="Elm Tree"))


def test_the_academy_is_the_named_school_from_its_first_day_on(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        life = Life(served).finalised()
        school = served.as_("school", SCHOOL)
        mine = school.post("/v1/subscriptions", {"channel": "feed"}).json()["id"]
        convert(served)
        academy = served.as_("school", ACADEMY)
        review = {"earlyReviewId": "early-1", "receivedOn": "2026-11-02", "requestedBy": "SETTING"}

        served.clock.day = "2026-11-09"
        assert academy.get(life.path).status_code == 404
        assert academy.get("/v1/plans").json()["plans"] == []
        assert academy.act(life.plan_id, "request-early-review", **review).status_code == 404
        assert academy.get("/v1/feed").json()["signals"] == []

        served.clock.day = FIRST.isoformat()
        assert life.read(academy)["plan"]["sections"] == life.read(life.officer)["plan"]["sections"]
        assert [row["planId"] for row in academy.get("/v1/plans").json()["plans"]] == [life.plan_id]
        assert (
            academy.act(life.plan_id, "request-early-review", **review | {"receivedOn": "2026-11-10"}).status_code
            == 201
        )
        served.clock.day = max(
            FIRST, datetime.now(UTC).date() + timedelta(days=2)
        ).isoformat()  # entries have true times
        route(served)
        told = academy.get("/v1/feed").json()["signals"]
        assert [(one["type"], one["subject"]) for one in told] == [("ehcp-access-granted-1", life.plan_id)]
        asked = life.officer.get(f"{life.path}/entitlements", organisation=ACADEMY, on="2026-11-09").json()["answers"]
        assert [answer["allowed"] for answer in asked] == [False, False]

        assert school.get("/v1/feed", after=told[0]["recipientsequence"] + 1).status_code == 422, "its old cursor"
        for who in (academy, school):
            assert [one["id"] for one in who.get("/v1/subscriptions").json()["subscriptions"]] == [mine]
        assert served.as_("school", "urn:199302").get(f"/v1/subscriptions/{mine}").status_code == 404
        assert academy.http.delete(f"/v1/subscriptions/{mine}", headers=academy.headers).status_code == 204
