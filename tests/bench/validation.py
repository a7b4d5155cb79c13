"""Validating a plan of 30 KB: what decides on the hot path against `jsonschema`, set up once, on the same schema."""

from collections.abc import Iterator
from functools import partial

import orjson

from domain.document import JsonObject
from services.reference_validation import reference_validator
from services.validation import PLAN_SCHEMA_ID, validate_plan
from tests.bench.measuring import Row, alternate, seconds
from tests.bench.setting import Bench
from tests.support.fictional import fictional_plan

SIZE = 30_000


def validation_rows(bench: Bench) -> Iterator[Row]:
    """Plans a second. Ours also does what goes beyond the schema: size, numbers, blank and unprintable text."""
    plan = _plan_of(SIZE)
    often, seldom = bench.size(2_000, 200), bench.size(20, 4)
    reference = reference_validator(PLAN_SCHEMA_ID)
    if validate_plan(plan) or not reference.is_valid(plan):
        raise ValueError("the fictional plan isn't valid")
    ours, theirs = alternate(
        lambda: often / seconds(partial(_times, often, partial(validate_plan, plan))),
        lambda: seldom / seconds(partial(_times, seldom, partial(reference.is_valid, plan))),
        bench.rounds,
    )
    yield Row(
        id="validate-vs-jsonschema", ours=ours, reference=theirs, unit="plans/s", rounds=bench.rounds, at_least=200
    )


def _plan_of(size: int) -> JsonObject:
    needs = 1
    while len(orjson.dumps(fictional_plan(1, needs=needs))) < size:
        needs += 1
    return fictional_plan(1, needs=needs)


def _times(count: int, work: "partial[object]") -> None:
    for _ in range(count):
        work()
