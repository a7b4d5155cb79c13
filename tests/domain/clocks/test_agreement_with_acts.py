"""The clock table speaks of events, fields and codes that the act catalogue has: neither can drift away."""

import json
from collections.abc import Iterator
from typing import Any

from domain.clocks import Start, When
from services.reference_data import SCHEMAS, load_reference_data

DATA = load_reference_data()
RULES = DATA.rule_sets.get("england-2014")
DECISIONS = DATA.code_set("appealable-decisions")
PHASES_WITHOUT_AN_ACT = {"WITHDRAWN"}
"""Phases that an event states as its result, whatever its act's body holds."""

ACTS: dict[str, dict[str, Any]] = {
    act["event"]: act
    for path in sorted((SCHEMAS / "acts").glob("*.json"))
    for act in json.loads(path.read_bytes())["acts"]
}


def entries() -> Iterator[tuple[str, When]]:
    """Every mention of an event in the table, with the clock that makes it."""
    for clock in RULES.clocks:
        for when in (*clock.starts, *clock.met_by, *clock.closed_by):
            yield clock.id, when
    for closing in RULES.closing_events:
        yield "every clock", closing


def fields_of(event: str) -> dict[str, Any]:
    act = ACTS.get(event, {})
    return {**act.get("body", {}), **act.get("result", {})}


def codes_of(event: str, name: str) -> set[str]:
    if name == "phase":
        return PHASES_WITHOUT_AN_ACT
    field = fields_of(event).get(name, {})
    return set(field.get("enum") or field.get("items", {}).get("enum") or ())


def test_every_event_of_the_clock_table_is_in_the_act_catalogue() -> None:
    assert {(when.event, clock) for clock, when in entries() if when.event not in ACTS} == set()


def test_the_clock_table_asks_only_for_codes_that_an_act_can_carry() -> None:
    assert {
        (when.event, test.field, code)
        for _, when in entries()
        for test in when.where
        for code in {*test.has, *test.has_not} - codes_of(when.event, test.field)
    } == set()


def test_every_field_that_must_be_given_is_a_field_of_its_act() -> None:
    asked = {(when.event, test.field) for _, when in entries() for test in when.where if test.given}
    assert {(event, name) for event, name in asked if name not in fields_of(event)} == set()


def test_every_event_that_gives_rise_to_an_appeal_is_in_the_act_catalogue_with_its_decision() -> None:
    arising = [origin for decision in DECISIONS for origin in decision.facts["arisesFrom"]]
    assert {origin["event"] for origin in arising} - ACTS.keys() == set()
    for origin in arising:
        assert origin.get("decision", "") in {"", *codes_of(origin["event"], "decision")}


def test_the_acts_carry_the_orders_and_the_kinds_of_transfer_that_the_code_sets_hold() -> None:
    orders = {code.code for code in DATA.code_set("tribunal-orders")}
    assert codes_of("ehcp.plan.tribunal-ordered.v1", "orders") <= orders
    kinds = {code.code for code in DATA.code_set("phase-transfers")}
    assert codes_of("ehcp.plan.phase-transfer-due.v1", "transferKind") == kinds


def test_every_field_that_starts_a_clock_is_a_date_of_its_act() -> None:
    assert {
        (when.event, when.field)
        for _, when in entries()
        if isinstance(when, Start) and when.field and '"date"' not in json.dumps(fields_of(when.event).get(when.field))
    } == set()
