"""Every act from the request to the decision to make a plan: done in place, refused out of it, always recordable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest

from domain.plan.acts import PERFORM, Act
from domain.plan.context import Context
from domain.plan.decide import breaches_of, decide
from domain.plan.effects import Effects
from domain.plan.evolve import effects_of
from domain.plan.state import PlanState
from tests.domain.plan.journey import COUNCIL, FILE, Journey, child
from tests.domain.plan.keeping.history import MANAGER, OFFICER, document, rules

FAMILIES = ("opening", "request", "assessment")
SPECS = {spec.act: spec for family in rules().catalogue.families if family.family in FAMILIES for spec in family.acts}
ON = "2026-06-15"


def _refused() -> Journey:
    journey = Journey.requested()
    refusal = {"decision": "REFUSE", "notifiedOn": "2026-04-01", "reasons": "Support is enough"}
    journey.perform("decide-request", "2026-04-01", **refusal, rightsExplained=True)
    return journey


def _asked() -> Journey:
    return Journey.assessing().ask("c", "2026-04-01")


@dataclass(frozen=True)
class Place:
    """Where an act belongs: the stage of the case, and a body with which it is done there on `ON`."""

    start: Callable[[], Journey]
    data: dict[str, Any]


ASKED = {"receivedOn": ON, "source": "2", "requestId": "request-2"}
DECISION = {"decisionId": "decision-1", "about": "ISSUE", "decision": "Issue", "decidedOn": ON}
PLACES = {
    "receive-request": Place(Journey, {"receivedOn": ON, "source": "1", "child": child()}),
    "receive-health-notification": Place(
        Journey,
        {"receivedOn": ON, "notifiedBy": "ods:QJK", "parentInformedOn": "2026-06-01"}
        | {"child": child(dateOfBirth="2023-01-10")},
    ),
    "import-baseline": Place(Journey, {"council": COUNCIL, "sourceFile": FILE, "plan": document()}),
    "update-from-import": Place(Journey.maintained, {"sourceFile": FILE}),
    "join-duplicate-request": Place(Journey.requested, ASKED),
    "receive-further-request": Place(_refused, ASKED),
    "withdraw-request": Place(Journey.requested, {"requestId": "request-1", "withdrawnOn": ON}),
    "consult-family-on-request": Place(Journey.requested, {"consultedOn": ON, "recipients": ["contact-1"]}),
    "make-decision": Place(
        Journey.advised, DECISION | {"decidedBy": "SEND manager", "delegatedAuthority": "Scheme of delegation 4.12"}
    ),
    "decide-request": Place(Journey.requested, {"decision": "ASSESS", "notifiedOn": ON}),
    "record-exception": Place(
        Journey.assessing, {"exceptionId": "exception-1", "code": "c", "impracticalBecause": "In hospital"}
    ),
    "record-move-before-final": Place(Journey.drafting, {"movedOn": ON, "toLa": "936"}),
    "request-advice": Place(
        Journey.assessing, {"adviceId": "advice-c", "category": "c", "provider": "Trust", "requestedOn": ON}
    ),
    "chase-advice": Place(_asked, {"adviceId": "advice-c", "chasedOn": ON}),
    "clarify-advice": Place(Journey.advised, {"adviceId": "advice-c", "clarifiedOn": ON}),
    "receive-advice": Place(_asked, {"adviceId": "advice-c", "answer": "advice", "receivedOn": ON}),
    "agree-advice-reuse": Place(
        Journey.assessing,
        {"adviceId": "advice-d", "category": "d", "agreedOn": ON}
        | dict.fromkeys(("authorAgreed", "councilAgreed", "familyAgreed"), True),
    ),
    "hold-coproduction-meeting": Place(Journey.assessing, {"heldOn": ON}),
    "consider-at-panel": Place(Journey.assessing, {"consideredOn": ON, "about": "ISSUE", "advice": "Issue a plan"}),
    "decide-assessment": Place(Journey.advised, {"decision": "ISSUE", "notifiedOn": ON}),
}


def _ended() -> Journey:
    """A record that was opened in error: nothing of these families belongs there."""
    journey = Journey.requested()
    journey.perform("void-record", "2026-03-10", actor=MANAGER, reason="Opened twice")
    return journey


def test_every_act_of_these_families_has_its_place() -> None:
    assert sorted(PLACES) == sorted(SPECS)


@pytest.mark.parametrize("name", SPECS)
def test_an_act_in_its_place_is_done_without_a_finding(name: str) -> None:
    place, spec = PLACES[name], SPECS[name]
    journey = place.start()
    do = journey.perform if PERFORM in spec.modes else journey.record
    do(name, ON, **place.data)
    assert journey.events[-1].type == spec.event
    assert journey.findings() == set()
    assert not spec.to or journey.state.phase == spec.to
    assert not spec.case or journey.status(spec.case.kind, place.data[spec.case.id_field]) == spec.case.status


@pytest.mark.parametrize("name", SPECS)
def test_an_act_on_a_record_that_ended_is_refused_with_its_law(name: str) -> None:
    refused = _ended().refused(name, ON, **PLACES[name].data)
    assert refused["record-ended"].law == "; ".join(SPECS[name].law)


@pytest.mark.parametrize("name", [name for name, spec in SPECS.items() if not spec.opens])
def test_an_act_before_the_record_opens_is_refused_with_its_law(name: str) -> None:
    assert Journey().refused(name, ON, **PLACES[name].data)["out-of-order"].law == "; ".join(SPECS[name].law)


@pytest.mark.parametrize("name", SPECS)
def test_an_act_out_of_place_that_has_happened_is_stored_with_its_finding(name: str) -> None:
    journey = _ended()
    journey.record(name, ON, **PLACES[name].data)
    assert "record-ended" in journey.findings()
    assert isinstance(effects_of(journey.events[-1]), Effects)


@pytest.mark.parametrize("name", SPECS)
def test_an_act_of_a_day_that_has_not_come_is_a_breach(name: str) -> None:
    place = PLACES[name]
    journey = place.start()
    journey.record(name, ON, today="2026-06-14", **place.data)
    assert "in-the-future" in journey.findings()


@pytest.mark.parametrize("name", SPECS)
def test_guards_and_outcomes_hold_for_any_state_and_an_empty_body(name: str) -> None:
    """They yield breaches and effects, they never fail, whatever the history or the body lacks."""
    now = datetime(2026, 6, 15, 12, tzinfo=UTC)
    for state in (PlanState(plan_id="p"), PLACES[name].start().state, Journey.maintained().state):
        act = Act(name=name, mode="RECORD", effective_on=date(2026, 6, 15), data={}, actor=OFFICER)
        context = Context(state=state, act=act, spec=SPECS[name], now=now, rules=rules())
        assert all(breach.law for breach in breaches_of(context))
        assert decide(state, act, now, rules()).type == SPECS[name].event


@pytest.mark.parametrize("spec", SPECS.values(), ids=lambda spec: spec.act)
def test_every_property_of_a_body_says_what_it_is(spec: Any) -> None:
    for name, schema in spec.body.items():
        assert schema["title"], name
        assert schema["description"], name
