"""Validation against the published JSON Schemas: decided by `jsonschema-rs`, held to account by `jsonschema`.

A schema is known by its `$id`, which follows from its place under `schemas/`; nothing is ever fetched from
the network. Validators are compiled once per process. Formats are asserted. The reference implementation
(`reference_faults`) checks schemas against the metaschema and, in tests, holds the fast validator to the same
verdicts and error paths.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import jsonschema
import jsonschema_rs
import orjson
import referencing
from msgspec import Struct
from referencing.jsonschema import DRAFT202012, Schema

from domain.document import PLAN_SCHEMA_ID, JsonObject, canonical_json, pointer
from domain.document.json_values import JsonValue
from services.validation_sentences import Fault, sentence

SCHEMA_BASE = "https://ehcp-exchange.example/schemas/"
SCHEMA_ROOT = Path(__file__).resolve().parent.parent / "schemas"
#: The largest plan that is accepted, in bytes of canonical JSON (2 MiB).
MAX_PLAN_BYTES = 2 * 1024 * 1024
#: How many problems of one document are told: enough to mend it by, few enough to answer a hostile one.
MAX_PROBLEMS = 100

NOT_JSON = "This can't be carried as JSON: it nests too deeply, or holds a broken character or an outsized number."


class Problem(Struct, frozen=True, kw_only=True):
    """One fault of a document, for the person who has to mend it.

    `pointer` is the RFC 6901 JSON Pointer of the place (for an unknown key: of the key), `message` a sentence
    that quotes no text of the plan, `rule` the schema keyword or one of notJson, planTooLarge, wholeNumber,
    tooManyProblems.
    """

    pointer: str
    message: str
    rule: str


class UnknownSchema(LookupError):
    """There is no schema of that `$id` under `schemas/`."""


class Validator:
    """A compiled schema. Get one by its `$id`: `Validator.for_schema(PLAN_SCHEMA_ID)`."""

    def __init__(self, schema_id: str) -> None:
        """Compile the schema; raises UnknownSchema when it, or one that it refers to, isn't there."""
        self.schema_id = schema_id
        self._compiled = jsonschema_rs.validator_for(
            load_schema(schema_id), validate_formats=True, retriever=load_schema, mask="…"
        )

    @classmethod
    @cache
    def for_schema(cls, schema_id: str) -> "Validator":
        """The validator of that `$id`, compiled at its first use; raises UnknownSchema."""
        return cls(schema_id)

    def is_valid(self, instance: JsonValue) -> bool:
        """Whether the instance validates; what JSON can't carry doesn't."""
        try:
            return self._compiled.is_valid(instance)
        except ValueError:
            return False

    def problems(self, instance: JsonValue) -> list[Problem]:
        """The faults of the instance in sentences: [] when valid; `MAX_PROBLEMS`, then one that says so."""
        if self.is_valid(instance):
            return []
        try:
            return _told_once(self._faults(instance), self.schema_id)
        except ValueError:
            return [Problem(pointer="", message=NOT_JSON, rule="notJson")]

    def fault_places(self, instance: JsonValue) -> set[tuple[str, str]]:
        """(JSON Pointer, keyword) of every fault as the library reports them: for the reference trial."""
        return {(pointer(*error.instance_path), error.kind.name) for error in self._compiled.iter_errors(instance)}

    def _faults(self, instance: JsonValue) -> Iterator[Fault]:
        for error in self._compiled.iter_errors(instance):
            detail = error.kind.as_dict()
            yield Fault(
                path=tuple(error.instance_path),
                keyword=error.kind.name,
                keys=tuple(key for key in detail.get("unexpected", ()) if isinstance(key, str)),
                missing=detail.get("property", ""),
                place=error.absolute_keyword_location or f"{self.schema_id}#",
                instance=_value_at(instance, error.instance_path),
                document=instance,
            )


def validate_plan(document: JsonObject) -> list[Problem]:
    """What is wrong with a document as a digital plan: [] when it may be stored.

    Checked before the schema: that JSON can carry it, that its canonical JSON is at most `MAX_PLAN_BYTES`,
    and that whole numbers are written as such (JSON Schema counts 1.0 as an integer, but the bytes that are
    hashed would differ).
    """
    try:
        raw = canonical_json(document)
    except orjson.JSONEncodeError:
        return [Problem(pointer="", message=NOT_JSON, rule="notJson")]
    if len(raw) > MAX_PLAN_BYTES:
        message = f"The plan has {len(raw):,} bytes; at most {MAX_PLAN_BYTES:,} bytes (2 MiB) are allowed."
        return [Problem(pointer="", message=message, rule="planTooLarge")]
    fractions = list(_decimal_points(document, ())) if b".0" in raw else []
    return fractions or Validator.for_schema(PLAN_SCHEMA_ID).problems(document)


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


@cache
def load_schema(schema_id: str) -> JsonObject:
    """The schema with that `$id`, read from `schemas/`; not to be changed. Raises UnknownSchema."""
    path = (SCHEMA_ROOT / schema_id.removeprefix(SCHEMA_BASE)).resolve()
    inside = schema_id.startswith(SCHEMA_BASE) and path.is_relative_to(SCHEMA_ROOT)
    if not inside or path.suffix != ".json" or not path.is_file():
        raise UnknownSchema(schema_id)
    loaded: JsonObject = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def _resource(schema_id: str) -> referencing.Resource[Schema]:
    return DRAFT202012.create_resource(load_schema(schema_id))


def _told_once(faults: Iterator[Fault], schema_id: str) -> list[Problem]:
    """One problem for each unknown key and for each wrong value, whatever number of keywords it offends."""
    told: dict[tuple[str, str], Problem] = {}
    for fault in faults:
        for key in fault.keys or ("",):
            place = pointer(*fault.path, *([key] if key else []))
            subject = fault.missing or ("" if fault.about_form() else fault.keyword)
            told.setdefault(
                (place, subject),
                Problem(pointer=place, message=sentence(fault, key, schema_id, load_schema), rule=fault.keyword),
            )
        if len(told) > MAX_PROBLEMS:
            return [*list(told.values())[:MAX_PROBLEMS], _and_more()]
    return list(told.values())


def _and_more() -> Problem:
    message = f"There are more problems: the first {MAX_PROBLEMS} are listed."
    return Problem(pointer="", message=message, rule="tooManyProblems")


def _decimal_points(value: JsonValue, path: tuple[str | int, ...]) -> Iterator[Problem]:
    if isinstance(value, float) and value.is_integer():
        message = "This must be written as a whole number, without a decimal point."
        yield Problem(pointer=pointer(*path), message=message, rule="wholeNumber")
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield from _decimal_points(member, (*path, key))


def _value_at(instance: JsonValue, path: list[str | int]) -> JsonValue:
    for segment in path:
        instance = instance[segment]
    return instance
