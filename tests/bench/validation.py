"""Validating a plan of 30 KB: what decides on the hot path against `jsonschema`, by the same rules, set up once."""

from collections.abc import Callable, Iterator
from functools import partial

import orjson
from jsonschema import Draft202012Validator

from domain.document import PLAN_SCHEMA_ID, JsonObject
from services.reference_validation import reference_registry
from services.validation import Validator, load_schema, validate_plan
from services.validation_rules import size_and_numbers, with_text_rule
from tests.bench.measuring import Row, alternate, seconds
from tests.bench.setting import Bench
from tests.support.fictional import fictional_plan

SIZE = 30_000


def validation_rows(bench: Bench) -> Iterator[Row]:
    """Plans a second: by the published schema alone, and by everything that a plan must be to be stored."""
    plan = _plan_of(SIZE)
    published, whole = load_schema(PLAN_SCHEMA_ID), with_text_rule(load_schema(PLAN_SCHEMA_ID))
    yield _row(
        bench,
        "validate-vs-jsonschema",
        partial(Validator.for_schema(PLAN_SCHEMA_ID).is_valid, plan),
        partial(_reference(published).is_valid, plan),
    )
    yield _row(
        bench,
        "validate-whole-vs-jsonschema",
        lambda: not validate_plan(plan),
        partial(_is_valid, _reference(whole), plan),
    )


def _row(bench: Bench, name: str, ours: Callable[[], bool], reference: Callable[[], bool]) -> Row:
    if not (ours() and reference()):
        raise ValueError("the fictional plan isn't valid")
    often, seldom = bench.size(2_000, 200), bench.size(20, 4)
    figures = alternate(
        lambda: often / seconds(partial(_times, often, ours)),
        lambda: seldom / seconds(partial(_times, seldom, reference)),
        bench.rounds,
    )
    return Row(id=name, ours=figures[0], reference=figures[1], unit="plans/s", rounds=bench.rounds, at_least=200)


def _reference(schema: JsonObject) -> Draft202012Validator:
    return Draft202012Validator(
        schema, registry=reference_registry(), format_checker=Draft202012Validator.FORMAT_CHECKER
    )


def _is_valid(reference: Draft202012Validator, plan: JsonObject) -> bool:
    return reference.is_valid(plan) and not list(size_and_numbers(plan, orjson.dumps(plan)))


def _plan_of(size: int) -> JsonObject:
    needs = 1
    while len(orjson.dumps(fictional_plan(1, needs=needs))) < size:
        needs += 1
    return fictional_plan(1, needs=needs)


def _times(count: int, work: Callable[[], object]) -> None:
    for _ in range(count):
        work()
