"""The published JSON Schemas of acts and events, made from the act catalogue so that the three can't disagree."""

from typing import Any

from msgspec.json import schema_components

from domain.plan.acts import PERFORM, RECORD
from domain.plan.catalogue import ActSpec
from domain.plan.effects import Effects
from domain.plan.events import JsonObject

SCHEMA_BASE = "https://ehcp-exchange.example/schemas/"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
PLAN_SCHEMA = f"{SCHEMA_BASE}plan/1.0/plan.schema.json"
EFFECTS_SCHEMA = f"{SCHEMA_BASE}events/effects.schema.json"
#: How the catalogue ends a pattern that must not pass a line feed.
NO_LINE_FEED = "$(?!\\n)"
#: A text is named by the draft that holds it, or (for what happened elsewhere) given whole.
TEXT_SOURCES: list[JsonObject] = [{"required": ["draftId", "draftRevision"]}, {"required": ["plan"]}]
#: A draft goes on changing: only its id and its revision together name a text.
DRAFT_NAMED_BY = {"draftId": ["draftRevision"], "draftRevision": ["draftId"]}


def body_schema(spec: ActSpec) -> JsonObject:
    """What may be sent to perform or record the act."""
    schema: JsonObject = {
        "$schema": DIALECT,
        "$id": f"{SCHEMA_BASE}acts/bodies/{spec.act}.schema.json",
        "title": spec.title,
        "description": f"{spec.summary} Law: {'; '.join(spec.law)}.",
        "type": "object",
        "properties": {**_envelope(spec), **_published(spec.body)},
        "required": ["mode", "effectiveOn", *spec.required],
        "additionalProperties": False,
    }
    if spec.text and not spec.text_optional:
        schema["anyOf"] = TEXT_SOURCES
    if DRAFT_NAMED_BY.keys() <= spec.body.keys():
        schema["dependentRequired"] = DRAFT_NAMED_BY
    return schema


def event_schema(spec: ActSpec) -> JsonObject:
    """What the event of the act says once it is opened."""
    properties = {**_published(spec.body), **_published(spec.result), "effects": {"$ref": EFFECTS_SCHEMA}}
    if spec.text:
        properties["plan"] = {"$ref": PLAN_SCHEMA}
    return {
        "$schema": DIALECT,
        "$id": f"{SCHEMA_BASE}events/{spec.event}.schema.json",
        "title": f"{spec.title}: on record",
        "description": f"{spec.summary} Made by the act '{spec.act}'.",
        "type": "object",
        "properties": properties,
        "required": [*spec.required, "effects"],
        "additionalProperties": False,
    }


def effects_schema() -> JsonObject:
    """What an event changes: one schema for every type."""
    (reference,), components = schema_components([Effects], ref_template="#/$defs/{name}")
    name = reference["$ref"].rpartition("/")[2]
    definitions = {key: _closed(value) for key, value in components.items()}
    effects = definitions.pop(name)
    return {
        "$schema": DIALECT,
        "$id": EFFECTS_SCHEMA,
        **effects,
        "title": "Effects of an event",
        "$defs": dict(sorted(definitions.items())),
    }


def _published(schema: Any) -> Any:
    """Patterns as every validator reads them alike, and quickly.

    Python's `$` also matches before a last line feed, which the catalogue forbids by a lookahead. That makes other
    engines slow, so the published form refuses line feeds by a second, plain pattern.
    """
    if isinstance(schema, list):
        return [_published(member) for member in schema]
    if not isinstance(schema, dict):
        return schema
    published = {key: _published(member) for key, member in schema.items()}
    pattern = published.get("pattern")
    if isinstance(pattern, str) and pattern.endswith(NO_LINE_FEED):
        published |= {"pattern": pattern.removesuffix("(?!\\n)"), "not": {"pattern": "\\n"}}
    return published


def _envelope(spec: ActSpec) -> dict[str, Any]:
    return {
        "mode": {
            "title": "Mode",
            "description": "PERFORM: the platform does it now. RECORD: it happened elsewhere and is written down."
            + (" This act is somebody else's: it can only be recorded." if PERFORM not in spec.modes else ""),
            "type": "string",
            "enum": [PERFORM, RECORD],
        },
        "effectiveOn": {
            "title": "Legal date",
            "description": "The civil date (Europe/London) on which the act takes effect.",
            "type": "string",
            "format": "date",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        },
        "onBehalfOf": {
            "title": "On behalf of",
            "description": "The organisation or person for whom the caller acts, as an opaque id.",
            "type": "string",
            "minLength": 1,
            "maxLength": 200,
        },
        "evidence": {
            "title": "Evidence",
            "description": "The document that shows that it happened: its title and the SHA-256 of its bytes.",
            "type": "object",
            "properties": {
                "title": {"type": "string", "minLength": 1, "maxLength": 2000},
                "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            },
            "required": ["sha256"],
            "additionalProperties": False,
        },
    }


def _closed(schema: JsonObject) -> JsonObject:
    """A component as published: no unknown keys, no default that would look like content."""
    properties = {name: _without_default(value) for name, value in schema.get("properties", {}).items()}
    return {**schema, "properties": properties, "additionalProperties": False}


def _without_default(schema: JsonObject) -> JsonObject:
    return {key: value for key, value in schema.items() if key != "default"}
