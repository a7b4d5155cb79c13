"""Faults of a document in sentences that a case officer understands, named by the schema's own titles.

A sentence says where ("Section F, Provision 2, Minutes a session"), what is wrong, and what would be right.
It quotes no text of the plan: only keys, code words, counts and limits.
"""

from collections.abc import Callable
from difflib import get_close_matches
from typing import TypeAlias
from urllib.parse import unquote

from msgspec import Struct

from domain.document import JsonObject
from domain.document.json_values import JsonValue, segments

Load: TypeAlias = Callable[[str], JsonObject]

#: Keywords that judge how a value is written: one sentence about a value's form is enough.
FORM = frozenset({"minLength", "pattern", "format", "not"})
TYPES: dict[str, str] = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "an object with named fields",
    "array": "a list",
    "null": "null",
}
#: The schema of the members of a map whose keys are no ids.
NO_ID: JsonObject = {"not": {}}
LONGEST_KEY = 60
LONGEST_LIST = 30
ID_FORM = "an id is 2 to 63 small letters, digits and hyphens and starts with a letter"


class Fault(Struct, frozen=True, kw_only=True):
    """A fault as a validator reports it.

    `path` leads to the place in `document`, where `instance` stands; `place` is the absolute URI of the
    keyword that complains; `keys` are the unknown keys and `missing` the required one, where it is about
    such.
    """

    path: tuple[str | int, ...]
    keyword: str
    keys: tuple[str, ...]
    missing: str
    place: str
    instance: JsonValue
    document: JsonValue

    def about_form(self) -> bool:
        """Whether the fault is in how the value is written."""
        return self.keyword in FORM


def sentence(fault: Fault, key: str, schema_id: str, load: Load) -> str:
    """The fault in words; `key` is the unknown key that it is about, if any."""
    labels, schema = _walk(fault, schema_id, load)
    where = ", ".join(labels) or "The document"
    return f"{where}: {_complaint(fault, key, _offended(fault, load), schema)}"


def _complaint(fault: Fault, key: str, offended: JsonObject, schema: JsonObject) -> str:
    """What is wrong, and what would be right; `offended` is the schema object whose keyword complains."""
    if fault.keyword == "required":
        return f"{_title(schema, fault.missing)} ({fault.missing}) is missing."
    if fault.keyword == "not" and offended == NO_ID:
        return f"{_shown(fault.path[-1])} is not an id: {ID_FORM}."
    if key:
        return _unknown_key(key, schema)
    if fault.keyword == "type":
        return _wrong_type(fault.instance, offended.get("type"))
    if fault.about_form():
        return _wrong_form(fault.instance, offended)
    return _beyond(fault, offended.get(fault.keyword))


def _beyond(fault: Fault, limit: JsonValue) -> str:
    """A value outside of what its keyword allows, with the limit."""
    match fault.keyword:
        case "const":
            return f"must be {_shown(limit)}."
        case "enum":
            return f"must be one of {_listed(limit)}."
        case "maxLength":
            return f"has {len(fault.instance):,} characters; at most {limit:,} are allowed."
        case "minimum" | "maximum":
            return f"must be at {'least' if fault.keyword == 'minimum' else 'most'} {limit:,}."
        case "uniqueItems":
            return "holds the same entry twice."
        case _:
            return f"is not as the schema requires ({fault.keyword})."


def _unknown_key(key: str, schema: JsonObject) -> str:
    shown = _shown(key)
    near = get_close_matches(key, schema.get("properties", {}), n=1)
    return f"there is no field {shown} here." + (f" Did you mean '{near[0]}'?" if near else "")


def _wrong_type(instance: JsonValue, expected: JsonValue) -> str:
    if instance is None:
        return "null is not allowed: leave the field out, or use the code for 'not known'."
    names = [expected] if isinstance(expected, str) else list(expected or ())
    return f"must be {' or '.join(TYPES.get(name, name) for name in names)}."


def _wrong_form(instance: str, offended: JsonObject) -> str:
    if not instance:
        return "is empty: write something or leave the field out."
    if offended.get("format") == "date":
        return "is not a date that exists, written YYYY-MM-DD."
    if offended.get("maxLength"):
        return "holds nothing but blanks, or a control character that no document can carry."
    if offended.get("examples"):
        return f"is not in the right form, for example {offended['examples'][0]}."
    return "is not in the right form."


def _walk(fault: Fault, schema_id: str, load: Load) -> tuple[list[str], JsonObject]:
    """The names of the places on the way to the fault, and the schema that describes its place."""
    labels: list[str] = []
    at, value = _followed(_At(schema_id, load(schema_id)), load), fault.document
    for segment in fault.path:
        value = value[segment]
        found = _At(at.base, _member(at.schema, segment))
        following = _followed(found, load)
        labels.append(_label(at.schema, segment, found.schema, following.schema, value))
        at = following
    return [label for label in labels if label], at.schema


class _At(Struct, frozen=True):
    """A schema object and the `$id` of the document that it stands in."""

    base: str
    schema: JsonObject


def _followed(at: _At, load: Load) -> _At:
    """Where the references of a schema lead in the end."""
    while "$ref" in at.schema:
        base, _, fragment = at.schema["$ref"].partition("#")
        base = base or at.base
        at = _At(base, _node(load(base), segments(fragment)))
    return at


def _node(schema: JsonObject, path: tuple[str, ...]) -> JsonObject:
    node: JsonValue = schema
    for segment in path:
        node = node[int(segment)] if isinstance(node, list) else node.get(segment, {})
    return node if isinstance(node, dict) else {}


def _member(schema: JsonObject, segment: str | int) -> JsonObject:
    """The schema of a member, as far as names can be followed; {} where they can't."""
    if isinstance(segment, int):
        found = schema.get("items", {})
    elif segment in schema.get("properties", {}):
        found = schema["properties"][segment]
    else:
        found = schema.get("additionalProperties", {})
    return found if isinstance(found, dict) else {}


def _label(parent: JsonObject, segment: str | int, found: JsonObject, followed: JsonObject, value: JsonValue) -> str:
    """What a person calls the place: a title, an item's with its order; nothing for mere containers."""
    if isinstance(segment, int):
        return f"entry {segment + 1}"
    title = str(found.get("title") or followed.get("title") or segment)
    if segment not in parent.get("properties", {}):
        order = value.get("order") if isinstance(value, dict) else None
        return f"{title} {order if isinstance(order, int) else segment}"
    return "" if segment == "sections" or "additionalProperties" in followed else title


def _offended(fault: Fault, load: Load) -> JsonObject:
    """The schema object that holds the keyword which complains."""
    base, _, fragment = fault.place.partition("#")
    return _node(load(base), segments(unquote(fragment))[:-1])


def _title(schema: JsonObject, name: str) -> str:
    return str(schema.get("properties", {}).get(name, {}).get("title", name))


def _shown(value: JsonValue) -> str:
    """A key or code word in quotation marks, cut when it's long."""
    text = str(value)
    return f"'{text if len(text) <= LONGEST_KEY else text[:LONGEST_KEY] + '…'}'"


def _listed(options: JsonValue) -> str:
    shown = [str(option) for option in options or ()]
    more = ", …" if len(shown) > LONGEST_LIST else ""
    return ", ".join(shown[:LONGEST_LIST]) + more
