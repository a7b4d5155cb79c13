"""Bodies of acts are held against their schema, and a plan in them against its own, each once and wholly."""

from typing import Any

import pytest

from services.errors import InvalidContent
from services.keeper.bodies import Bodies
from services.reference_data import load_catalogue
from services.requests import ActRequest
from tests.domain.plan.journey import FILE
from tests.domain.plan.keeping.history import OFFICER, document

ACTS = load_catalogue().acts
BASELINE = {"council": "855", "sourceFile": FILE}


def _faults(act: str, **body: Any) -> list[tuple[str, str]]:
    sent = {"mode": "RECORD", "effectiveOn": "2026-07-13", **body}
    request = ActRequest(act=act, body=sent, actor=OFFICER, idempotency_key="", body_sha256=b"")
    try:
        Bodies().act(ACTS[act], request)
    except InvalidContent as invalid:
        return [(fault.pointer, fault.rule) for fault in invalid.faults]
    return []


def test_an_act_that_takes_no_plan_refuses_one() -> None:
    access = {"reader": "org:la:855", "gateway": "CONTROLLER_INTERNAL"}
    assert _faults("note-access", **access) == []
    told = _faults("note-access", **access, plan=document())
    assert told == [("/plan", "additionalProperties")]


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        ("text", [("/plan", "type")]),
        ({}, [("/plan", "required")]),
        ({**document(), "surprise": 1}, [("/plan/surprise", "unevaluatedProperties")]),
    ],
)
def test_a_plan_is_held_against_its_own_schema(plan: object, told: list[tuple[str, str]]) -> None:
    assert _faults("import-baseline", **BASELINE, plan=plan)[:1] == told


def test_what_is_wrong_beside_a_plan_is_told_with_what_is_wrong_in_it() -> None:
    told = _faults("import-baseline", **{**BASELINE, "council": "8"}, plan={**document(), "surprise": 1})
    assert {pointer for pointer, _ in told} == {"/council", "/plan/surprise"}


def test_a_text_is_named_or_given() -> None:
    assert _faults("import-baseline", **BASELINE, plan=document()) == []
    final = {"purpose": "FIRST", "sentOn": "2026-07-13", "basis": "ASSESSMENT"}
    assert ("", "anyOf") in _faults("finalise", **final)
    assert ("", "anyOf") not in _faults("finalise", **final, plan=document())
