"""The published JSON Schemas of the directory's events, from the values that they are."""

from typing import Any

import msgspec

from domain.directory.events import TYPES

_BASE = "https://ehcp-exchange.example/schemas/events/"


def directory_event_schema(type_: str) -> dict[str, Any]:
    """The schema of the data of an event type. An event of this log holds nothing about a person."""
    (reference,), components = msgspec.json.schema_components([TYPES[type_]], ref_template="#/$defs/{name}")
    own = reference["$ref"].rpartition("/")[2]
    schema = dict(components.pop(own))
    named = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"{_BASE}{type_}.schema.json"}
    return named | schema | ({"$defs": components} if components else {})
