"""Validation against the published JSON Schemas: decided by `jsonschema-rs`.

A schema is known by its `$id`, which follows from its place under `schemas/`; nothing is ever fetched from
the network. Validators are compiled once per process. Formats are asserted. `services.reference_validation` holds
this to account with `jsonschema`.
"""

import json
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path

import jsonschema_rs
import orjson

from domain.document import PLAN_SCHEMA_ID, JsonObject, pointer
from domain.document.json_values import JsonValue
from services.validation_rules import (
    MAX_PLAN_BYTES,
    WHOLE_NUMBER,
    Problem,
    decisive,
    may_hold_control_characters,
    size_and_numbers,
    with_text_rule,
)
from services.validation_sentences import Fault, sentence

__all__ = [
    "MAX_PLAN_BYTES",
    "MAX_PROBLEMS",
    "SCHEMA_BASE",
    "SCHEMA_ROOT",
    "Problem",
    "UnknownSchema",
    "Validator",
    "load_schema",
    "validate_plan",
]

SCHEMA_BASE = "https://ehcp-exchange.example/schemas/"
SCHEMA_ROOT = Path(__file__).resolve().parent.parent / "schemas"
#: How many problems of one document are told: enough to mend it by, few enough to answer a hostile one.
MAX_PROBLEMS = 100

NOT_JSON = "This can't be carried as JSON: it nests too deeply, or holds a broken character or an outsized number."


class UnknownSchema(LookupError):
    """There is no schema of that `$id` under `schemas/`."""


class Validator:
    """A compiled schema. Get one by its `$id`: `Validator.for_schema(PLAN_SCHEMA_ID)`."""

    def __init__(self, schema_id: str, schema: JsonObject | None = None) -> None:
        """Compile the schema, or a stricter form of it; raises UnknownSchema if one it refers to isn't there."""
        self.schema_id = schema_id
        self._compiled = jsonschema_rs.validator_for(
            schema or load_schema(schema_id), validate_formats=True, retriever=_retrieved, mask="…"
        )

    @classmethod
    @cache
    def for_schema(cls, schema_id: str) -> "Validator":
        """The validator of that `$id`, compiled at its first use; raises UnknownSchema."""
        return cls(schema_id)

    def is_valid(self, instance: JsonValue) -> bool:
        """Whether the instance validates. Far quicker than `problems`."""
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

    Beyond the published schema: that JSON can carry it, that its canonical JSON is at most `MAX_PLAN_BYTES`,
    that no text is blank or holds control characters, and that whole numbers are written without a decimal
    point.
    """
    try:
        raw = orjson.dumps(document)  # as long as the canonical form, which is the same with its keys sorted
    except orjson.JSONEncodeError:
        return [Problem(pointer="", message=NOT_JSON, rule="notJson")]
    clear = len(raw) <= MAX_PLAN_BYTES and not may_hold_control_characters(raw)
    if clear and _decisive_validator().is_valid(document):
        return []
    beside = list(islice(size_and_numbers(document, raw), MAX_PROBLEMS))
    return beside or _plan_validator().problems(document)


@cache
def _decisive_validator() -> Validator:
    return Validator(PLAN_SCHEMA_ID, decisive(load_schema(PLAN_SCHEMA_ID)))


@cache
def _plan_validator() -> Validator:
    return Validator(PLAN_SCHEMA_ID, with_text_rule(load_schema(PLAN_SCHEMA_ID)))


def _retrieved(schema_id: str) -> JsonObject:
    return WHOLE_NUMBER if schema_id == WHOLE_NUMBER["id"] else load_schema(schema_id)


@cache
def load_schema(schema_id: str) -> JsonObject:
    """The schema with that `$id`, read from `schemas/`; not to be changed. Raises UnknownSchema."""
    path = (SCHEMA_ROOT / schema_id.removeprefix(SCHEMA_BASE)).resolve()
    inside = schema_id.startswith(SCHEMA_BASE) and path.is_relative_to(SCHEMA_ROOT)
    if not inside or path.suffix != ".json" or not path.is_file():
        raise UnknownSchema(schema_id)
    loaded: JsonObject = json.loads(path.read_text(encoding="utf-8"))
    return loaded


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


def _value_at(instance: JsonValue, path: list[str | int]) -> JsonValue:
    for segment in path:
        instance = instance[segment]
    return instance
