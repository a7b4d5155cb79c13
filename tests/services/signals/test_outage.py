"""While the database is away whoever follows signals is told so, and when to come back; nothing is half done."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from deploy.local.postgres import Cluster
from services.store.postgres.migrating import migrate
from tests.services.signals.test_feed import told
from tests.support.life import Life
from tests.support.serving import Caller, serving

PROBLEM = "application/problem+json"
ASKED = {"channel": "feed", "filters": {"types": ["ehcp-plan-finalised-1"]}}


def answers_of(caller: Caller, subscription: str, key: str) -> dict[str, httpx.Response]:
    """What every route of signals answers."""
    one = f"/v1/subscriptions/{subscription}"
    return {
        "the feed": caller.get("/v1/feed"),
        "behind a number": caller.get("/v1/feed", after=1),
        "from a position": caller.get("/v1/feed", position=1),
        "as a subscription narrows it": caller.get("/v1/feed", subscription=subscription),
        "waiting": caller.get("/v1/feed", wait=5),
        "all subscriptions": caller.get("/v1/subscriptions"),
        "one": caller.get(one),
        "subscribing": caller.post("/v1/subscriptions", ASKED, Idempotency_Key=key),
        "exchanging a secret": caller.post(f"{one}/secret"),
        "dead letters": caller.get(f"{one}/dead-letters"),
        "sending again": caller.post(f"{one}/replays"),
        "ending": caller.http.request("DELETE", one, headers=caller.headers),
    }


def test_every_route_of_signals_says_that_the_database_is_away(postgres_cluster: Cluster, tmp_path: Path) -> None:
    postgres_cluster.create_database("record")
    url = postgres_cluster.url("record")
    migrate(url)
    with serving(tmp_path, database_url=url) as served:
        served.platform.signals.running.start()
        officer = Life(served).requested().officer
        before = told(officer)
        subscription = officer.post("/v1/subscriptions", ASKED).json()["id"]
        key = str(uuid4())
        postgres_cluster.stop()
        for what, answer in answers_of(officer, subscription, key).items():
            assert (answer.status_code, answer.headers["content-type"]) == (503, PROBLEM), what
            assert int(answer.headers["retry-after"]) >= 1, what
        postgres_cluster.start()

        def listed() -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = officer.get("/v1/subscriptions").json()["subscriptions"]
            return found

        assert [one["id"] for one in listed()] == [subscription]
        assert told(officer) == before
        made = [officer.post("/v1/subscriptions", ASKED, Idempotency_Key=key).json()["id"] for _ in range(2)]
        assert made[0] == made[1]
        assert {one["id"] for one in listed()} == {subscription, made[0]}
