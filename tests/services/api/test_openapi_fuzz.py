"""The OpenAPI description and the API are held to each other: right requests, and requests made up from the schemas.

The short round runs with every test run, the long one with the slow tests. Both repeat exactly.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from datetime import date
from itertools import count
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import dates, sampled_from
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.services.api.examples import Examples, committed_description, described_operations
from tests.support.life import Life
from tests.support.serving import COUNCIL, Serving

#: What the generator can't make up by itself: identifiers with their check letters, dates that an act can have.
FORMATS = {
    "nhs-number": ("9990000018", "9990000050"),
    "upn": ("B801200005001", "A800299899001"),
    "uln": ("1000000019",),
    "urn": ("199101", "199801"),
    "ukprn": ("10099801",),
    "laestab": ("8554001",),
    "la-code": ("855", "936"),
    "ods-code": ("QJK", "QK1"),
}
for name, values in FORMATS.items():
    schemathesis.openapi.format(name, sampled_from(values))
schemathesis.openapi.format("date", dates(date(2014, 9, 1), date(2030, 12, 31)).map(str))
CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
SEED = int(os.environ.get("SEED", "1"))
_keys = count(1)


class Pool:
    """Plans and a draft that exist, and who may do something with them; renewed, since acts end or move plans."""

    def __init__(self, platform: Serving) -> None:
        self.platform = platform
        self.renew()

    def renew(self) -> None:
        """A plan in force with a draft, and one just asked for."""
        lives = [Life(self.platform).imported(), Life(self.platform).requested()]
        self.plans = [life.plan_id for life in lives]
        self.draft = lives[0].draft("ANNUAL_REVIEW")[0]
        self.platform.clock.day = "2026-11-02"
        guardian = self.platform.as_("identity-guardian", f"la:{COUNCIL}")
        callers = [self.platform.officer(), self.platform.manager(), guardian, lives[0].family()]
        self.tokens = [caller.headers for caller in callers]

    def fill(self, case: Any, number: int) -> None:
        """Give a made-up request the address of something that exists, most of the time, and a token."""
        if "plan_id" in case.path_parameters and number % 5:
            case.path_parameters["plan_id"] = self.plans[number % len(self.plans)]
        if "draft_id" in case.path_parameters and number % 5:
            case.path_parameters.update(plan_id=self.plans[0], draft_id=self.draft)
        if number % 7:
            case.headers["Idempotency-Key"] = f"made-up-{next(_keys)}"
        if number % 11:
            # Only a manager ends everybody's access, the made-up requests' own with it: there it is the officer's turn.
            ends = case.operation.path == "/v1/access-endings"
            case.headers.update(self.tokens[0 if ends else number % len(self.tokens)])
        if case.headers.get("If-Match") is not None and number % 3:
            self._match(case)

    def _match(self, case: Any) -> None:
        """Name the state that the draft has, or none of the plan's."""
        if "draft_id" in case.path_parameters:
            case.headers["If-Match"] = '"d1"'
        else:
            del case.headers["If-Match"]


@pytest.fixture(scope="module")
def pool(module_platform: Serving) -> Pool:
    return Pool(module_platform)


def operations(platform: Serving) -> Iterator[Any]:
    async def without_its_end(scope: Any, receive: Any, send: Any) -> None:
        """The application as it is; whoever stops asking it doesn't close the platform."""
        if scope["type"] == "lifespan":
            for step in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{step}.complete"})
        else:
            await platform.http.app(scope, receive, send)

    schema = schemathesis.openapi.from_asgi("/openapi.json", without_its_end)
    for found in schema.get_all_operations():
        yield found.ok()


class Outcome:
    """How many made-up requests were sent, and which operations did what one of them asked."""

    def __init__(self) -> None:
        self.sent = 0
        self.done: set[str] = set()


def fuzz(pool: Pool, *, examples: int, mode: GenerationMode, share: int = 1) -> Outcome:
    """Send made-up requests to every operation (or to every `share`-th)."""
    outcome = Outcome()
    for index, operation in enumerate(operations(pool.platform)):
        if index % share:
            continue
        pool.renew()

        @seed(SEED)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=False,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def send(case: Any) -> None:
            outcome.sent += 1
            pool.fill(case, outcome.sent)
            answer = case.call()
            case.validate_response(answer, checks=CHECKS)
            if answer.status_code // 100 == 2:
                outcome.done.add(case.operation.label)

        # Where there is neither a body nor a parameter, there is nothing to get wrong.
        with suppress(Unsatisfiable) if mode is GenerationMode.NEGATIVE else nullcontext():
            send()
    return outcome


def test_every_operation_is_reached_and_answers_as_described(platform: Serving) -> None:
    examples, described = Examples(platform), {}
    for operation in operations(platform):
        described[operation.method.upper(), operation.path] = operation
    assert len(described) > 185
    reached = []
    for (method, path), operation in described.items():
        answer = examples.send(method, path)
        assert answer.status_code // 100 == 2, (method, path, answer.text)
        operation.validate_response(answer)
        assert str(answer.status_code) in operation.definition.raw["responses"]
        reached.append((method, path))
    assert reached == list(described)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_made_up_requests_are_answered_as_described(pool: Pool, mode: GenerationMode) -> None:
    assert fuzz(pool, examples=2, mode=mode, share=4).sent > 40


@pytest.mark.slow
@pytest.mark.timeout(3_600)
def test_most_operations_do_what_some_made_up_request_asks(pool: Pool) -> None:
    outcome = fuzz(pool, examples=25, mode=GenerationMode.POSITIVE)
    assert outcome.sent > 4_000
    assert len(outcome.done) > 170


@pytest.mark.slow
@pytest.mark.timeout(3_600)
def test_many_wrong_requests_are_answered_as_described(pool: Pool) -> None:
    assert fuzz(pool, examples=25, mode=GenerationMode.NEGATIVE).sent > 4_000


def test_the_committed_description_is_the_one_that_is_served(platform: Serving) -> None:
    served = platform.http.get("/openapi.json").json()
    assert described_operations(served) == described_operations(committed_description())
    assert served["components"] == committed_description()["components"]


def test_every_operation_that_holds_content_is_described_as_needing_a_token(platform: Serving) -> None:
    served = platform.http.get("/openapi.json").json()
    for method, path in described_operations(served):
        operation = served["paths"][path][method.lower()]
        assert ("security" in operation) == path.startswith("/v1/")
        assert ("401" in operation["responses"]) == path.startswith("/v1/")
