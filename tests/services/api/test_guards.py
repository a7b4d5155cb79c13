"""What a browser is told with every answer, whatever is answered and by whom."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from services.api.app import create_app
from services.api.guards import guarded
from services.bootstrap import open_platform
from services.settings import Settings
from tests.support.life import Life
from tests.support.serving import Serving

ALWAYS = {
    "cache-control": "no-store",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
#: Addresses of every kind of answer: content, a file, a refusal, nothing there, a method that isn't taken.
REQUESTS = [
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/openapi.json"),
    ("GET", "/schemas/plan/1.0/plan.schema.json"),
    ("GET", "/v1/plans"),
    ("POST", "/v1/plans/search"),
    ("GET", "/nowhere"),
    ("DELETE", "/v1/plans"),
    ("TRACE", "/healthz"),
    ("OPTIONS", "/v1/plans"),
]


@pytest.mark.parametrize(("method", "path"), REQUESTS)
def test_every_answer_is_guarded(platform: Serving, method: str, path: str) -> None:
    answer = platform.http.request(method, path)
    assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS
    policy = answer.headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", "base-uri 'none'", "object-src 'none'", "frame-ancestors 'none'"} <= set(policy)
    assert "sandbox" in policy


def test_a_plan_and_a_fault_are_guarded_too(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    life.requested()
    assert life.officer.get(life.path).headers["cache-control"] == "no-store"
    monkeypatch.setattr("services.reading.PlanReader.view", lambda *_: 1 / 0)
    answer = life.officer.get(life.path)
    assert answer.status_code == 500
    assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS


@pytest.mark.parametrize(
    ("base_url", "stated"),
    [("https://plans.example", "max-age=63072000; includeSubDomains"), ("http://127.0.0.1:8080", None)],
)
def test_browsers_stay_with_tls_where_it_is_the_address(tmp_path: Path, base_url: str, stated: str | None) -> None:
    platform = open_platform(Settings(database_url=f"sqlite:///{tmp_path}/record.sqlite", base_url=base_url))
    with TestClient(create_app(platform), raise_server_exceptions=False) as http:
        for path in ("/healthz", "/v1/plans", "/nowhere"):
            assert http.get(path).headers.get("strict-transport-security") == stated


def test_no_other_site_is_let_in(life: Life) -> None:
    life.requested()
    for method in ("GET", "OPTIONS"):
        asked = {**life.officer.headers, "Origin": "https://elsewhere.example", "Access-Control-Request-Method": "GET"}
        answer = life.officer.http.request(method, life.path, headers=asked)
        assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND"])
def test_methods_that_nobody_needs_are_not_there(platform: Serving, method: str) -> None:
    answer = platform.http.request(method, "/healthz", headers={"X-Probe": "seen"})
    assert answer.status_code == 405
    assert "seen" not in answer.text


def test_an_answer_keeps_what_it_states_itself() -> None:
    stated = [(b"Cache-Control", b"max-age=60")]
    headers = guarded(stated)
    assert [value for name, value in headers if name.lower() == b"cache-control"] == [b"max-age=60"]
    assert (b"x-content-type-options", b"nosniff") in headers
