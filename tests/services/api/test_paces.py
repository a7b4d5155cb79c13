"""A caller that calls too often is held back, and nobody else with it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.testclient import TestClient

from connectors.identity.development import ISSUER, DevelopmentIssuer
from connectors.identity.tokens import Principal
from services.api import paces
from services.api.app import create_app
from services.api.paces import Pace
from services.bootstrap import open_platform
from services.settings import Settings


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_minutes_calls_at_once_and_then_steadily() -> None:
    clock = Clock()
    pace = Pace(60, clock)
    assert [pace.wait_of("a") for _ in range(60)] == [0] * 60
    assert pace.wait_of("a") == 1
    assert pace.wait_of("b") == 0
    clock.now += 1
    assert [pace.wait_of("a"), pace.wait_of("a")] == [0, 1]
    clock.now += 3_600
    assert [pace.wait_of("a") for _ in range(61)] == [0] * 60 + [1]


def test_a_slow_pace_says_how_long_to_wait() -> None:
    pace = Pace(2, Clock())
    assert [pace.wait_of("a") for _ in range(4)] == [0, 0, 30, 30]


def test_who_is_not_held_back_calls_any_number_of_times() -> None:
    pace = Pace(0, Clock())
    assert not any(pace.wait_of("a") for _ in range(10_000))


def test_a_crowd_is_not_remembered_for_ever() -> None:
    pace = Pace(1, Clock())
    for number in range(paces.REMEMBERED + 1):
        assert pace.wait_of(number) == 0
    assert pace.wait_of(paces.REMEMBERED) > 0
    assert pace.wait_of(0) == 0


@contextmanager
def held_to(per_minute: int, folder: Path) -> Iterator[tuple[TestClient, dict[str, str], dict[str, str]]]:
    """A platform with that limit, and two callers of one organisation."""
    issuer = DevelopmentIssuer.ephemeral()
    settings = Settings(database_url=f"sqlite:///{folder}/record.sqlite", calls_per_minute=per_minute)
    platform = open_platform(settings, trusted={ISSUER: issuer.public_keys()})

    def headers(name: str) -> dict[str, str]:
        officer = Principal(subject=name, organisation="la:855", role="case-officer", plan_id="", contact_id="")
        return {"Authorization": f"Bearer {issuer.issue(officer, audience=settings.base_url, now=int(time.time()))}"}

    with TestClient(create_app(platform), raise_server_exceptions=False) as http:
        yield http, headers("one"), headers("another")


def test_whoever_calls_too_often_is_told_when_to_come_back(tmp_path: Path) -> None:
    with held_to(5, tmp_path) as (http, one, another):
        statuses = [http.get("/v1/plans", headers=one).status_code for _ in range(7)]
        assert statuses == [200] * 5 + [429] * 2
        refused = http.post("/v1/plans/search", headers=one, json={"name": "Robin"})
        assert refused.status_code == 429
        assert refused.json()["type"].endswith("/too-many-calls")
        assert 1 <= int(refused.headers["Retry-After"]) <= 12
        assert http.get("/v1/plans", headers=another).status_code == 200
        assert http.get("/healthz").status_code == 200


def test_calls_without_a_right_token_are_nobodys(tmp_path: Path) -> None:
    with held_to(2, tmp_path) as (http, one, _):
        for _ in range(5):
            assert http.get("/v1/plans", headers={"Authorization": one["Authorization"] + "x"}).status_code == 401
        assert http.get("/v1/plans", headers=one).status_code == 200
