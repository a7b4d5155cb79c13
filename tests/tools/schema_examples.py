"""A fictional instance of any event schema: every property filled, always the same."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

from jsonschema import Draft202012Validator, ValidationError
from referencing import Registry, Resource

JsonValue: TypeAlias = Any
Schema: TypeAlias = Mapping[str, Any]

_WORDS: Final = (
    "example-1",
    "855",
    "la:855",
    "D1",
    "QJK",
    "2026-09-01",
    "2026-09-01T09:30:00Z",
    "5e0c1a52-7d0e-4b5e-9a37-0d2f4a1c9e01",
    "ab" * 32,
    "9990000018",
    "199501",
    "B801200005001",
    "ZZ9 9ZZ",
    "/reason",
)
"""One of these fits each pattern and format that event schemas use."""

_FORMATS: Final = {
    "date": "2026-09-01",
    "date-time": "2026-09-01T09:30:00Z",
    "uuid": "5e0c1a52-7d0e-4b5e-9a37-0d2f4a1c9e01",
    "la-code": "855",
    "nhs-number": "9990000018",
    "upn": "B801200005001",
    "uln": "1234567899",
    "urn": "199501",
    "ukprn": "10099801",
    "laestab": "8554321",
    "ods-code": "QJK",
}


class NoExample(Exception):
    """A schema for which no instance could be made; give it an `examples` member of its own."""


class SchemaExamples:
    """Makes instances of the schemas under a folder, which may refer to each other by `$id`."""

    def __init__(self, schemas: Path) -> None:
        self._schemas = {
            schema["$id"]: schema for schema in map(_read, sorted(schemas.rglob("*.schema.json"))) if "$id" in schema
        }
        (plan,) = (schemas / "plan").rglob("examples/full.json")
        self._whole = {"plan.schema.json": _read(plan)}
        resources = [(name, Resource.from_contents(schema)) for name, schema in self._schemas.items()]
        self._registry: Registry[Any] = Registry().with_resources(resources)

    def of(self, schema: Schema) -> JsonValue:
        """An instance that the schema accepts; raises NoExample with the reason when none is found."""
        example = schema["examples"][0] if "examples" in schema else self._make(schema, schema)
        try:
            Draft202012Validator(schema, registry=self._registry).validate(example)
        except ValidationError as error:
            raise NoExample(f"{schema.get('$id')} at {error.json_path}: {error.validator}") from error
        return example

    def _make(self, schema: Schema, root: Schema) -> JsonValue:
        if "$ref" in schema:
            return self._referred(schema["$ref"], root)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        for choice in ("anyOf", "oneOf"):
            if choice in schema:
                return self._make(schema[choice][0], root)
        return self._of_type(schema, root)

    def _referred(self, reference: str, root: Schema) -> JsonValue:
        name, _, pointer = reference.partition("#")
        whole = next((value for end, value in self._whole.items() if name.endswith(f"/{end}") and not pointer), None)
        if whole is not None:
            return whole
        root = self._schemas[name] if name else root
        found: Any = root
        for step in filter(None, pointer.split("/")):
            found = found[step]
        return self._make(found, root)

    def _of_type(self, schema: Schema, root: Schema) -> JsonValue:
        kind = schema.get("type", "object")
        if kind == "object":
            return dict(self._members(schema, root))
        if kind == "array":
            return [self._make(schema.get("items", {"type": "string"}), root)]
        if kind == "string":
            return _text(schema)
        return {"boolean": True, "integer": schema.get("minimum", 1), "number": 1, "null": None}[kind]

    def _members(self, schema: Schema, root: Schema) -> Iterator[tuple[str, Any]]:
        for name, member in schema.get("properties", {}).items():
            yield name, self._make(member, root)
        further = schema.get("additionalProperties")
        if isinstance(further, dict):
            yield _text(schema.get("propertyNames", {})), self._make(further, root)


def _text(schema: Schema) -> str:
    if "format" in schema:
        return _FORMATS[schema["format"]]
    pattern, least, most = (
        schema.get("pattern", ""),
        schema.get("minLength", 0),
        schema.get("maxLength", 1_000),
    )
    for word in _WORDS:
        if re.search(pattern, word) and least <= len(word) <= most:
            return word
    raise NoExample(f"no word fits {pattern}")


def _read(path: Path) -> JsonValue:
    return json.loads(path.read_text())
