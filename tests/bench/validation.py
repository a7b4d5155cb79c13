"""Validating a plan of 30 KB: what decides on the hot path against `jsonschema`, which holds the same rules.

Both are set up once. The rules are those of the published schema with the rule for texts, the size and whole numbers.
"""

from collections.abc import Iterator
from functools import partial

import orjson
from jsonschema import Draft202012Validator

from domain.document import PLAN_SCHEMA_ID, JsonObject
from services.reference_validation import reference_registry
from services.validation import load_schema, validate_plan
from services.validation_rules import size_and_numbers, with_text_rule
from tests.bench.measuring import Row, alternate, seconds
from tests.bench.setting import Bench
from tests.support.fictional import fictional_plan

SIZE = 30_000


def validation_rows(bench: Bench) -> Iterator[Row]:
    """Plans a second."""
    plan = _plan_of(SIZE)
    often, seldom = bench.size(2_000, 200), bench.size(20, 4)
    reference = partial(_is_valid, _reference(), plan)
    if validate_plan(plan) or not reference():
        raise ValueError("the fictional plan isn't valid")
    ours, theirs = alternate(
        lambda: often / seconds(partial(_times, often, partial(validate_plan, plan))),
        lambda: seldom / seconds(partial(_times, seldom, reference)),
        bench.rounds,
    )
    yield Row(
        id="validate-vs-jsonschema", ours=ours, reference=theirs, unit="plans/s", rounds=bench.rounds, at_least=200
    )


def _reference() -> Draft202012Validator:
    return Draft202012Validator(
        with_text_rule(load_schema(PLAN_SCHEMA_ID)),
        registry=reference_registry(),
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )


def _is_valid(reference: Draft202012Validator, plan: JsonObject) -> bool:
    return reference.is_valid(plan) and not list(size_and_numbers(plan, orjson.dumps(plan)))


def _plan_of(size: int) -> JsonObject:
    needs = 1
    while len(orjson.dumps(fictional_plan(1, needs=needs))) < size:
        needs += 1
    return fictional_plan(1, needs=needs)


def _times(count: int, work: "partial[object]") -> None:
    for _ in range(count):
        work()
