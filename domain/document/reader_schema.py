"""The open twin of a closed schema: what subscribers validate with.

Writers use the closed schema, where an unknown key is an error. A reader must not break when a minor version
adds an optional property, or when the Department for Education adds a code (DS came to the SEN types in
2025), so its schema opens both. Everything else stays: types, patterns, lengths, required members, our own
code words.
"""

from domain.document.json_values import JsonObject, JsonValue

CLOSED, OPEN = ".schema.json", ".reader.schema.json"


def reader_schema(schema: JsonObject) -> JsonObject:
    """The reader twin of a closed 2020-12 schema; the input stays as it is.

    Objects with named properties accept further ones (maps keyed by id stay maps); code lists that other
    bodies publish (`x-codeset`) become any non-empty string; `schemaVersion` accepts the minor versions of
    its major version; `$id`, and references to other closed schemas of the platform, name the twins.
    """
    return {**_opened(schema), "title": f"{schema.get('title', 'Schema')} (reader)"}


def _twin(value: JsonValue) -> JsonValue:
    if isinstance(value, list):
        return [_twin(member) for member in value]
    return _opened(value) if isinstance(value, dict) else value


def _opened(value: JsonObject) -> JsonObject:
    opened = {key: _twin_of_reference(key, _twin(member)) for key, member in value.items()}
    if "properties" in value:
        opened = _without_closing(opened)
    if "x-codeset" in value and isinstance(value.get("enum"), list):
        opened = _any_code(opened)
    return _minor_versions(opened)


def _without_closing(schema: JsonObject) -> JsonObject:
    if schema.get("unevaluatedProperties") is False:
        return {key: member for key, member in schema.items() if key != "unevaluatedProperties"}
    return schema


def _any_code(schema: JsonObject) -> JsonObject:
    return {**{key: member for key, member in schema.items() if key != "enum"}, "minLength": 1}


def _minor_versions(schema: JsonObject) -> JsonObject:
    """`schemaVersion` of any minor version: `1.0` -> 1.x."""
    version = schema.get("schemaVersion")
    if not isinstance(version, dict) or "const" not in version:
        return schema
    major = str(version["const"]).split(".")[0]
    kept = {key: member for key, member in version.items() if key != "const"}
    return {
        **schema,
        "schemaVersion": {**kept, "type": "string", "pattern": f"^{major}\\.[0-9]+$", "not": {"pattern": "\\n"}},
    }


def _twin_of_reference(key: str, value: JsonValue) -> JsonValue:
    if key in ("$id", "$ref") and isinstance(value, str) and not value.startswith("#"):
        base, hash_mark, fragment = value.partition("#")
        if base.endswith(CLOSED) and not base.endswith(OPEN):
            return base.removesuffix(CLOSED) + OPEN + hash_mark + fragment
    return value
