"""Deny by default: without a valid token nothing answers that holds content, whatever the method or the route."""

import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from itertools import product
from uuid import uuid4

import orjson
import pytest
from fastapi.routing import iter_route_contexts

from connectors.identity.development import DevelopmentIssuer
from connectors.identity.tokens import Principal
from tests.support.life import Life
from tests.support.serving import Serving

#: What answers everybody: the published contract and what runs the platform. None of it holds content of a plan.
OPEN = {"/schemas/{path:path}", "/healthz", "/readyz", "/metrics", "/views", "/openapi.json"}
OFFICER = Principal(subject="somebody", organisation="la:855", role="case-officer")


def routes(platform: Serving) -> Iterator[tuple[str, str]]:
    """Every method and address that may hold content, with an id in place of each parameter, and every act by name."""
    acts = platform.platform.rules.catalogue.acts.values()
    for route in iter_route_contexts(platform.http.app.routes):  # type: ignore[attr-defined]
        if not route.path or route.path in OPEN:
            continue
        opens = "opened-by" in route.path
        names = [spec.act for spec in acts if spec.opens == opens] if "{act}" in route.path else [""]
        for method, act in product(route.methods or (), names):
            yield (
                method,
                route.path.format(
                    plan_id=uuid4(),
                    draft_id=uuid4(),
                    disclosure_id=uuid4(),
                    act=act,
                    identifier="la:855",
                    sha256="ab" * 32,
                    position=1,
                    access_id="s1",
                    subscription_id=uuid4(),
                ),
            )


def bearer(platform: Serving, signer: DevelopmentIssuer, principal: Principal = OFFICER, **changed: object) -> str:
    said = {"audience": platform.platform.settings.base_url, "now": int(time.time()), **changed}
    return f"Bearer {signer.issue(principal, **said)}"  # type: ignore[arg-type]


def test_every_route_that_may_hold_content_wants_a_token(platform: Serving) -> None:
    every = list(routes(platform))
    assert len(every) > 180
    for method, path in every:
        answer = platform.http.request(method, path, headers={"Idempotency-Key": "k", "If-Match": '"d1"'})
        assert answer.status_code == 401, (method, path)
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.json()["type"].endswith("/no-valid-token")


def refused_tokens(platform: Serving) -> dict[str, str]:
    known, now = platform.issuer, int(time.time())
    own = bearer(platform, known)
    header, claims, signature = own.removeprefix("Bearer ").split(".")
    nobody = urlsafe_b64encode(orjson.dumps({"alg": "none", "kid": "development"})).rstrip(b"=").decode()
    other = urlsafe_b64encode(orjson.dumps({"sub": "x", "org": "la:855", "role": "send-manager"})).rstrip(b"=").decode()
    return {
        "another key": bearer(platform, DevelopmentIssuer.ephemeral()),
        "another issuer": bearer(platform, known, issuer="urn:somebody-else"),
        "another audience": bearer(platform, known, audience="https://another.example.org"),
        "expired": bearer(platform, known, now=now - 10_000, lifetime=3_600),
        "a role that doesn't exist": bearer(platform, known, Principal(subject="s", organisation="o", role="minister")),
        "nobody": bearer(platform, known, Principal(subject="", organisation="la:855", role="case-officer")),
        "no organisation": bearer(platform, known, Principal(subject="s", organisation="", role="case-officer")),
        "unsigned": f"Bearer {nobody}.{claims}.",
        "other claims under the signature": f"Bearer {header}.{other}.{signature}",
        "half a token": own[: len(own) // 2],
        "no token at all": "Bearer ",
        "another scheme": own.replace("Bearer", "Basic"),
        "nonsense": "Bearer \x7f.\x7f.\x7f",
    }


@pytest.mark.parametrize(
    "fault",
    [
        "another key", "another issuer", "another audience", "expired", "a role that doesn't exist", "nobody",
        "no organisation", "unsigned", "other claims under the signature", "half a token", "no token at all",
        "another scheme", "nonsense",
    ],
)  # fmt: skip
def test_a_token_with_a_fault_is_no_token(life: Life, fault: str) -> None:
    life.requested()
    answer = life.serving.http.get(life.path, headers={"Authorization": refused_tokens(life.serving)[fault]})
    assert answer.status_code == 401
    assert life.plan_id not in answer.text


def test_whatever_is_wrong_with_a_token_the_answer_is_the_same(life: Life) -> None:
    life.requested()
    faults = refused_tokens(life.serving)
    for without in ("no token at all", "another scheme"):
        del faults[without]
    answers = [life.serving.http.get(life.path, headers={"Authorization": fault}) for fault in faults.values()]
    assert len({answer.content for answer in answers}) == 1
    assert {answer.headers["WWW-Authenticate"] for answer in answers} == {'Bearer error="invalid_token"'}


def test_the_same_request_with_a_valid_token_is_answered(life: Life) -> None:
    life.requested()
    held = bearer(life.serving, life.serving.issuer)
    assert life.serving.http.get(life.path, headers={"Authorization": held}).status_code == 200


def test_health_and_contract_need_no_token_and_tell_nothing_of_plans(life: Life) -> None:
    life.requested()
    http = life.serving.http
    assert http.get("/healthz").json() == {"status": "alive"}
    ready = http.get("/readyz").json()
    assert ready == {"status": "ready", "logSize": life.serving.platform.store.head()[0]}
    assert http.get("/metrics").headers["content-type"].startswith("text/plain")
    assert http.get("/schemas/plan/1.0/plan.schema.json").json()["$id"].endswith("plan/1.0/plan.schema.json")
    assert life.plan_id not in http.get("/metrics").text
