"""`jsonschema`, the reference: it checks schemas against the metaschema and holds the fast validator to account.

Slow (some 200 times slower than what decides on the hot path) and slow to import: for tests, trials and tools.
"""

from functools import cache

import jsonschema
import referencing
from referencing.jsonschema import DRAFT202012, Schema

from domain.document import PLAN_SCHEMA_ID, JsonObject, pointer
from domain.document.json_values import JsonValue
from services.validation import load_schema


def reference_faults(instance: JsonValue, schema_id: str = PLAN_SCHEMA_ID) -> set[tuple[str, str]]:
    """(JSON Pointer, keyword) of every fault that the reference implementation finds; slow: for tests."""
    return {
        (pointer(*error.absolute_path), str(error.validator))
        for error in reference_validator(schema_id).iter_errors(instance)
    }


@cache
def reference_validator(schema_id: str) -> jsonschema.Draft202012Validator:
    """`jsonschema`'s validator of that `$id`: formats asserted, references resolved from `schemas/` only."""
    return jsonschema.Draft202012Validator(
        load_schema(schema_id),
        registry=reference_registry(),
        format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
    )


def reference_registry() -> referencing.Registry[Schema]:
    """Where the reference implementation finds the platform's schemas."""
    return referencing.Registry(retrieve=_resource)  # type: ignore[call-arg] # an alias that mypy doesn't follow


def check_metaschema(schema: JsonObject) -> None:
    """Check a schema against the JSON Schema 2020-12 metaschema; raises jsonschema.SchemaError."""
    jsonschema.Draft202012Validator.check_schema(schema)


def _resource(schema_id: str) -> referencing.Resource[Schema]:
    return DRAFT202012.create_resource(load_schema(schema_id))
