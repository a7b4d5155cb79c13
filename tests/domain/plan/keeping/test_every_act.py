"""Every act of keeping a plan: done in its place, refused out of it with the law cited, and always recordable."""

import json
from datetime import UTC, date, datetime
from functools import cache

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from domain.plan.acts import PERFORM, RECORD, Act
from domain.plan.context import Context
from domain.plan.contract import body_schema
from domain.plan.decide import breaches_of
from domain.plan.effects import Effects
from domain.plan.evolve import effects_of
from domain.plan.state import PlanState
from services.reference_data import SCHEMAS
from tests.domain.plan.keeping.history import FAMILIES, GUARDIAN, History, maintained, rules
from tests.domain.plan.keeping.places import PLACES
from tests.domain.plan.keeping.steps import ON

SPECS = [spec for family in rules().catalogue.families if family.family in FAMILIES for spec in family.acts]
NAMES = [spec.act for spec in SPECS]
OUT_OF_PLACE = {"receive-transferred-plan": lambda: maintained().happened("ceased", ON, {"phase": "CEASED"})}


def test_every_act_of_these_families_has_its_place() -> None:
    assert sorted(PLACES) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_an_act_in_its_place_is_done_without_a_finding(name: str) -> None:
    place, spec = PLACES[name], rules().catalogue.acts[name]
    history = place.history()
    mode = history.perform if "PERFORM" in spec.modes else history.record
    mode(name, ON, actor=place.by, **place.data, resolved=place.resolved)
    event = history.events[-1]
    assert event.type == spec.event
    assert effects_of(event).findings == ()
    if spec.to:
        assert history.state.phase == spec.to


@pytest.mark.parametrize("name", NAMES)
def test_an_act_out_of_place_is_refused_with_its_law(name: str) -> None:
    spec = rules().catalogue.acts[name]
    history = OUT_OF_PLACE.get(name, History)()
    refused = history.refused(name, ON, PLACES[name].by, **dict(PLACES[name].data))
    order = {"out-of-order", "record-ended"} & set(refused)
    assert order
    assert refused[order.pop()].law == "; ".join(spec.law)


@pytest.mark.parametrize("name", NAMES)
def test_an_act_out_of_place_that_has_happened_is_stored_with_its_finding(name: str) -> None:
    history = OUT_OF_PLACE.get(name, History)()
    history.record(name, ON, actor=PLACES[name].by, **dict(PLACES[name].data))
    assert history.findings() & {"out-of-order", "record-ended"}


@pytest.mark.parametrize("spec", [spec for spec in SPECS if spec.modes == ("RECORD",)], ids=lambda spec: spec.act)
def test_an_act_of_somebody_else_is_recorded_never_performed(spec: object) -> None:
    name = spec.act  # type: ignore[attr-defined]
    place = PLACES[name]
    assert "mode-not-allowed" in place.history().refused(name, ON, place.by, **dict(place.data))


@cache
def _registry() -> Registry[object]:
    plan = json.loads((SCHEMAS / "plan/1.0/plan.schema.json").read_text())
    return Registry().with_resource(plan["$id"], Resource.from_contents(plan))


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.act)
def test_a_body_is_valid_and_closed(spec: object) -> None:
    schema = body_schema(spec)  # type: ignore[arg-type]
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, registry=_registry(), format_checker=Draft202012Validator.FORMAT_CHECKER)
    body = {"mode": "RECORD", "effectiveOn": ON, **PLACES[spec.act].data}  # type: ignore[attr-defined]
    assert list(validator.iter_errors(body)) == []
    assert list(validator.iter_errors({**body, "unknown": 1}))


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.act)
def test_every_property_of_a_body_says_what_it_is(spec: object) -> None:
    for name, schema in spec.body.items():  # type: ignore[attr-defined]
        assert schema.get("title"), name
        assert schema.get("description"), name


@pytest.mark.parametrize("name", NAMES)
def test_guards_hold_for_any_state_and_an_empty_body(name: str) -> None:
    """A guard is total: it yields breaches, it never fails, whatever the history or the body lacks."""
    for state in (PlanState(plan_id="p"), PLACES[name].history().state):
        act = Act(name=name, mode=PERFORM, effective_on=date.fromisoformat(ON), data={}, actor=GUARDIAN)
        context = Context(
            state=state,
            act=act,
            spec=rules().catalogue.acts[name],
            now=datetime(2026, 6, 15, 12, tzinfo=UTC),
            rules=rules(),
        )
        assert isinstance(list(breaches_of(context)), list)


@pytest.mark.parametrize("name", NAMES)
def test_outcomes_hold_when_nothing_is_known_of_the_plan(name: str) -> None:
    history = History().record(name, ON, actor=PLACES[name].by, **dict(PLACES[name].data))
    assert isinstance(effects_of(history.events[0]), Effects)
    assert history.state.sequence == 1


def test_modes_are_two() -> None:
    assert {mode for spec in SPECS for mode in spec.modes} == {PERFORM, RECORD}
