"""Every act of making a plan: done in its place, refused out of it with the law cited, and always recordable."""

import json
from datetime import UTC, date, datetime, time
from functools import cache

import pytest
from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator
from referencing import Registry, Resource

from domain.plan.acts import PERFORM, Act
from domain.plan.context import Context
from domain.plan.contract import body_schema, effects_schema, event_schema
from domain.plan.decide import breaches_of
from domain.plan.effects import Effects
from domain.plan.evolve import effects_of
from domain.plan.state import PlanState
from services.reference_data import SCHEMAS
from tests.domain.plan.keeping.history import History, maintained, rules
from tests.domain.plan.making.places import PLACES

FAMILIES = ("drafting", "consultation", "finalising", "content")
NAMES = [spec.act for family in rules().catalogue.families if family.family in FAMILIES for spec in family.acts]


def _ended(on: str) -> History:
    return maintained().happened("record-voided", on, {"phase": "VOIDED"})


def test_every_act_of_these_families_has_its_place() -> None:
    assert sorted(PLACES) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_an_act_in_its_place_is_done_without_a_finding(name: str) -> None:
    place, spec = PLACES[name], rules().catalogue.acts[name]
    history = place.history().perform(name, place.on, actor=place.by, **place.data)
    event = history.events[-1]
    assert event.type == spec.event
    assert effects_of(event).findings == ()
    if spec.case:
        assert history.status(spec.case.kind, place.data.get(spec.case.id_field, spec.case.kind)) == spec.case.status


@pytest.mark.parametrize("name", NAMES)
def test_an_act_on_a_record_that_ended_is_refused_with_its_law(name: str) -> None:
    place, spec = PLACES[name], rules().catalogue.acts[name]
    refused = _ended(place.on).refused(name, place.on, place.by, **place.data)
    assert refused["record-ended"].law == "; ".join(spec.law)


@pytest.mark.parametrize("name", NAMES)
def test_an_act_before_its_time_is_refused_with_its_law(name: str) -> None:
    place, spec = PLACES[name], rules().catalogue.acts[name]
    assert History().refused(name, place.on, place.by, **place.data)["out-of-order"].law == "; ".join(spec.law)


@pytest.mark.parametrize("name", NAMES)
def test_an_act_out_of_place_that_has_happened_is_stored_with_its_finding(name: str) -> None:
    place = PLACES[name]
    history = _ended(place.on).record(name, place.on, actor=place.by, **place.data)
    assert "record-ended" in history.findings()
    assert "out-of-order" in History().record(name, place.on, actor=place.by, **place.data).findings()


@pytest.mark.parametrize("name", NAMES)
def test_an_act_may_not_be_performed_on_a_day_that_has_not_come(name: str) -> None:
    place = PLACES[name]
    act = Act(name=name, mode=PERFORM, effective_on=date(2026, 12, 1), data=place.data, actor=place.by)
    rules_broken = {breach.rule for breach in breaches_of(_context(place.history().state, act, place.on))}
    assert "in-the-future" in rules_broken


@pytest.mark.parametrize("name", NAMES)
def test_the_legal_date_is_the_day_that_the_act_itself_states(name: str) -> None:
    place, spec = PLACES[name], rules().catalogue.acts[name]
    stated = {field for field, schema in spec.body.items() if schema.get("x-legalDate")}
    history = place.history().record(name, "2026-08-03", actor=place.by, **place.data)
    assert ("dates-differ" in history.findings()) == bool(stated)
    assert len(stated) == (0 if name == "serve-draft" else 1)


@pytest.mark.parametrize("name", NAMES)
def test_guards_hold_for_any_state_and_an_empty_body(name: str) -> None:
    place = PLACES[name]
    for state in (PlanState(plan_id="p"), place.history().state):
        act = Act(name=name, mode=PERFORM, effective_on=date.fromisoformat(place.on), data={}, actor=place.by)
        assert all(breach.law for breach in breaches_of(_context(state, act, place.on)))


@pytest.mark.parametrize("name", NAMES)
def test_outcomes_hold_when_nothing_is_known_of_the_plan(name: str) -> None:
    history = History().record(name, PLACES[name].on, actor=PLACES[name].by, **PLACES[name].data)
    assert isinstance(effects_of(history.events[0]), Effects)
    assert history.state.sequence == 1


@pytest.mark.parametrize("name", NAMES)
def test_the_body_and_the_event_are_as_published_and_closed(name: str) -> None:
    place, spec = PLACES[name], rules().catalogue.acts[name]
    body = {"mode": "PERFORM", "effectiveOn": place.on, **place.data}
    _valid_and_closed(_validator(body_schema(spec)), body)
    history = place.history().perform(name, place.on, actor=place.by, **place.data)
    _valid_and_closed(_validator(event_schema(spec)), history.events[-1].data)


@pytest.mark.parametrize("name", ["serve-draft", "consult-setting", "finalise", "correct-clerical-error"])
def test_a_draft_is_named_with_its_revision(name: str) -> None:
    place, spec = PLACES[name], rules().catalogue.acts[name]
    body = {"mode": "PERFORM", "effectiveOn": place.on, **place.data, "draftId": "d1"}
    assert [error.validator for error in _validator(body_schema(spec)).iter_errors(body)] == ["dependentRequired"]


def _valid_and_closed(validator: Validator, document: dict[str, object]) -> None:
    assert [error.message for error in validator.iter_errors(document)] == []
    assert list(validator.iter_errors({**document, "unknown": 1}))


def _validator(schema: dict[str, object]) -> Validator:
    return Draft202012Validator(schema, registry=_registry(), format_checker=Draft202012Validator.FORMAT_CHECKER)


@cache
def _registry() -> Registry[object]:
    published = [json.loads((SCHEMAS / "plan/1.0/plan.schema.json").read_text()), effects_schema()]
    return Registry().with_resources((schema["$id"], Resource.from_contents(schema)) for schema in published)


def _context(state: PlanState, act: Act, today: str) -> Context:
    now = datetime.combine(date.fromisoformat(today), time(12), UTC)
    return Context(state=state, act=act, spec=rules().catalogue.acts[act.name], now=now, rules=rules())
