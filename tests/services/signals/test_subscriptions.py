"""Subscriptions over HTTP: what is refused and how, whose they are, and how they are doing."""

from typing import Any
from uuid import uuid4

import pytest

from services.errors import InvalidContent
from services.signals.targets import Targets
from tests.services.signals.test_feed import told
from tests.support.life import SCHOOL, Life
from tests.support.serving import Caller, Serving

WEBHOOK = {"channel": "webhook", "target": "https://subscriber.example/signals"}


def refusal(who: Caller, body: dict[str, Any]) -> dict[str, str]:
    """What is said about each place of what was sent."""
    answer = who.post("/v1/subscriptions", body)
    assert answer.status_code == 422, answer.json()
    assert who.get("/v1/subscriptions").json() == {"subscriptions": []}
    return {item["pointer"]: item["text"] for item in answer.json()["errors"]}


NOT_POSSIBLE: list[tuple[dict[str, Any], str]] = [
    ({}, ""),
    ({"channel": "carrier-pigeon"}, "/channel"),
    ({"channel": "feed", "filter": {}}, "/filter"),
    ({"channel": "feed", "filters": []}, "/filters"),
    ({"channel": "feed", "filters": {"postcode": ["X"]}}, "/filters/postcode"),
    ({"channel": "feed", "filters": {"types": []}}, "/filters/types"),
    ({"channel": "feed", "filters": {"types": ["ehcp-plan-eaten-1"]}}, "/filters/types/0"),
    ({"channel": "feed", "filters": {"types": ["pds-record-change-2"]}}, "/filters/types/0"),
    ({"channel": "feed", "filters": {"commissioners": ["Q'; DROP TABLE"]}}, "/filters/commissioners/0"),
    ({"channel": "feed", "filters": {"sections": ["H"]}}, "/filters/sections/0"),
    ({"channel": "feed", "filters": {"sections": ["B", "B"]}}, "/filters/sections"),
    ({"channel": "feed", "target": "https://subscriber.example/"}, "/target"),
    ({"channel": "feed", "after": -1}, "/after"),
    ({"channel": "feed", "after": 1}, "/after"),
    ({"channel": "kafka"}, "/channel"),
    ({"channel": "webhook"}, "/target"),
    ({"channel": "webhook", "target": "http://subscriber.example/"}, "/target"),
    ({"channel": "webhook", "target": "https://169.254.169.254/latest/"}, "/target"),
    ({"channel": "webhook", "target": "https://[::ffff:7f00:1]/"}, "/target"),
    ({"channel": "webhook", "target": "https://localhost:1/" + "x" * 600}, "/target"),
]


def test_what_can_not_be_is_refused_where_it_stands(platform: Serving) -> None:
    for body, pointer in NOT_POSSIBLE:
        assert list(refusal(platform.officer(), body)) == [pointer], body


def test_an_unknown_type_is_named_with_where_to_look(platform: Serving) -> None:
    body = {"channel": "feed", "filters": {"types": ["ehcp-plan-amended-1", "ehcp-plan-eaten-1"]}}
    assert "/schemas/signals/types.json" in refusal(platform.officer(), body)["/filters/types/1"]


def test_the_same_request_twice_is_one_subscription(platform: Serving) -> None:
    officer, key = platform.officer(), str(uuid4())
    one, again = (officer.post("/v1/subscriptions", WEBHOOK, Idempotency_Key=key).json() for _ in range(2))
    assert one == again
    assert one["secret"].startswith("whsec_")
    other = officer.post("/v1/subscriptions", {"channel": "feed"}, Idempotency_Key=key)
    assert (other.status_code, other.json()["type"].rpartition("/")[2]) == (422, "idempotency-key-reused")
    (listed,) = officer.get("/v1/subscriptions").json()["subscriptions"]
    assert "secret" not in listed


def test_nobody_elses_subscription_can_be_seen_or_ended(platform: Serving) -> None:
    mine = platform.officer().post("/v1/subscriptions", WEBHOOK).json()["id"]
    other, path = platform.officer("936"), f"/v1/subscriptions/{mine}"
    assert other.get("/v1/subscriptions").json() == {"subscriptions": []}
    tried = (
        other.get(path),
        other.get(f"{path}/dead-letters"),
        other.post(f"{path}/replays"),
        other.post(f"{path}/secret"),
        other.http.delete(path, headers=other.headers),
        other.get("/v1/feed", subscription=mine),
    )
    assert [answer.status_code for answer in tried] == [404] * len(tried)
    assert platform.officer().get(path).status_code == 200


def test_signals_are_for_organisations_that_plans_are_listed_for(life: Life) -> None:
    life.requested()
    for who in (life.family(), life.serving.as_("safeguarding-lead", "ods:RAA")):
        assert who.get("/v1/feed").status_code == 403
        assert who.post("/v1/subscriptions", {"channel": "feed"}).status_code == 403
        assert who.get("/v1/subscriptions").status_code == 403


def test_a_subscription_to_the_feed_narrows_it_and_knows_how_far_its_reader_is(life: Life) -> None:
    life.finalised()
    school = life.serving.as_("school", SCHOOL)
    told(school, 2)
    made = school.post(
        "/v1/subscriptions", {"channel": "feed", "after": 0, "filters": {"types": ["ehcp-plan-finalised-1"]}}
    ).json()
    page = school.get("/v1/feed", after=0, subscription=made["id"]).json()
    assert [signal["type"] for signal in page["signals"]] == ["ehcp-plan-finalised-1"]
    assert (page["next"], page["last"]) == (2, 2)
    path = f"/v1/subscriptions/{made['id']}"
    assert (school.get(path).json()["health"]["lastDelivered"], school.get(path).json()["health"]["lag"]) == (0, 2)
    school.get("/v1/feed", after=2, subscription=made["id"])
    assert (school.get(path).json()["health"]["lastDelivered"], school.get(path).json()["health"]["lag"]) == (2, 0)


def test_an_organisation_has_so_many_and_no_more(platform: Serving) -> None:
    officer = platform.officer()
    for _ in range(50):
        assert officer.post("/v1/subscriptions", {"channel": "feed"}).status_code == 201
    assert officer.post("/v1/subscriptions", {"channel": "feed"}).status_code == 422


def test_a_cursor_ahead_of_what_there_is_would_miss_what_comes_until_then(life: Life) -> None:
    life.finalised()
    school = life.serving.as_("school", SCHOOL)
    told(school, 2)
    refused = school.post("/v1/subscriptions", {**WEBHOOK, "after": 3})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/after")
    assert school.post("/v1/subscriptions", {**WEBHOOK, "after": 2}).status_code == 201


@pytest.mark.parametrize("more", [{"target": "ehcp.plan-events.v1"}, {"filters": {"types": ["x"]}}, {"after": 0}])
def test_a_topic_is_what_the_platform_gives_a_body_and_nothing_narrower(more: dict[str, Any]) -> None:
    targets = Targets(topics={"la:855": "ehcp.signals.v1.la.855"})
    targets.check({"channel": "kafka"}, "la:855")
    for body, recipient in (({"channel": "kafka"}, "la:936"), ({"channel": "kafka", **more}, "la:855")):
        with pytest.raises(InvalidContent):
            targets.check(body, recipient)
