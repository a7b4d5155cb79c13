"""Documents for the differential trial: made from the plan schema itself, valid or broken at chosen places.

A `Place` is a schema object together with a path in a complete document where it judges something. For each
keyword of each place there is a way to break it; and there are values that are valid but lie at the edge of
what is allowed, or that regular expressions, lengths and number types of two libraries are known to treat
differently.
"""

import copy
import random
import re
from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct

from domain.document import JsonObject
from domain.document.json_values import JsonValue, segments

Path = tuple[str | int, ...]

ITEM_ID = "item-1"
MISSPELT = "Misspelt key"
#: Keys that are no ids of items. (Not "": both refuse it, but `jsonschema-rs` leaves an empty key out of the path.)
NO_IDS = ("Need-1", "need 1", "n", "1-need", "item-2\n", "n\u00e9-1", "\uff4eeed-1", "n" * 64, "-n", "a/b", "a~b")
WHOLE = ""
WRONG_TYPES: tuple[JsonValue, ...] = (None, [], {}, "words", 5, 1.5, True)
#: Values at the edges of what libraries agree on: line ends, other scripts' digits and blanks, astral
#: characters, whole numbers written with a decimal point, booleans beside 1 and 0, dates that don't exist.
AWKWARD: tuple[JsonValue, ...] = (
    *(
        "need-1\n",
        "a-\n",
        "\uff12\uff10\uff12\uff16-01-01",
        "2026-02-29",
        "2024-02-29",
        "2026-13-01",
        "0000-01-01",
        "2026-1-1",
    ),
    *(
        "\u2028",
        "\u00a0",
        "\u0085",
        "\ufeff",
        "\u200b",
        "\u180e",
        "\x1c",
        "\x7f",
        "\ufffe",
        "\U0001d4b3",
        "e\u0301",
        "x\u0000",
    ),
    *(
        "",
        " ",
        "\n",
        "1:1\n",
        "99941 0273",
        "\u0669\u0669\u0669\u0664\u0661\u0660\u0662\u0667\u0663\u0661",
        "\u017f",
        "K",
        "A" * 64,
        "a" * 64,
        "z" * 63,
    ),
    *(
        1,
        0,
        -1,
        1.0,
        0.0,
        -0.0,
        2.5,
        1e2,
        True,
        False,
        2**53,
        2**53 + 1,
        -(2**63),
        None,
        [],
        {},
        [1, 1.0],
        [True, 1],
    ),
)
SENTENCES = (
    "Two lines\nof text",
    "Zoë said: ‘\u03a9’",
    "\U0001d4b3\U0001d4b4\U0001d4b5",
    " a ",
    "x",
    "\u2028x",
    "tab\there",
    "e\u0301cole",
)
DATES = ("1900-01-01", "2199-12-31", "2024-02-29", "2026-07-20")


class Place(Struct, frozen=True, kw_only=True):
    """A schema object, its JSON Pointer in the schema, and where it judges in the complete document."""

    location: str
    schema: JsonObject
    path: Path


def schema_objects(schema: JsonValue, location: str = "") -> Iterator[tuple[str, JsonObject]]:
    """Every schema object of a schema with its JSON Pointer, `$defs` included."""
    if not isinstance(schema, dict):
        return
    yield location, schema
    for keyword in ("properties", "$defs"):
        for name, member in schema.get(keyword, {}).items():
            yield from schema_objects(member, f"{location}/{keyword}/{name}")
    for keyword in ("items", "additionalProperties"):
        if keyword in schema:
            yield from schema_objects(schema[keyword], f"{location}/{keyword}")


def places(root: JsonObject) -> list[Place]:
    """Every schema object that judges, once for each path of the complete document where it does."""
    return list(_places(root, root, "", ()))


def _places(root: JsonObject, schema: JsonObject, location: str, path: Path) -> Iterator[Place]:
    yield Place(location=location, schema=schema, path=path)
    if "$ref" in schema:
        yield from _places(root, referred(root, schema), schema["$ref"][1:], path)
    for name, member in schema.get("properties", {}).items():
        yield from _places(root, member, f"{location}/properties/{name}", (*path, name))
    for keyword, step in (("additionalProperties", ITEM_ID), ("items", 0)):
        if keyword in schema:
            yield from _places(root, schema[keyword], f"{location}/{keyword}", (*path, step))


def referred(root: JsonObject, schema: JsonObject) -> JsonObject:
    """The definition that a local `$ref` names."""
    node: Any = root
    for segment in segments(schema["$ref"][1:]):
        node = node[segment]
    found: JsonObject = node
    return found


def effective(root: JsonObject, schema: JsonObject) -> JsonObject:
    """The schema object behind any chain of references."""
    while "$ref" in schema:
        schema = referred(root, schema)
    return schema


def complete(root: JsonObject, schema: JsonObject, rng: random.Random) -> JsonValue:
    """A valid instance in which every property is used and every map has an item."""
    schema = effective(root, schema)
    if schema.get("type") == "object":
        named = {name: complete(root, member, rng) for name, member in schema.get("properties", {}).items()}
        item = schema.get("additionalProperties")
        return named if item is None else {ITEM_ID: complete(root, item, rng)}
    if schema.get("type") == "array":
        return [complete(root, schema["items"], rng)]
    return edge(schema, rng)


def edge(schema: JsonObject, rng: random.Random) -> JsonValue:
    """A valid scalar, at an edge of what is allowed where there is one."""
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return rng.choice(schema["enum"])
    if schema["type"] == "boolean":
        return rng.random() < 0.5
    if schema["type"] == "integer":
        return rng.choice([schema["minimum"], schema["maximum"], float(schema["minimum"])])
    if "examples" in schema:
        return rng.choice(DATES if schema.get("format") == "date" else schema["examples"])
    return "x" * schema["maxLength"] if rng.random() < 0.0005 else rng.choice(SENTENCES)


def broken(root: JsonObject, keyword: str, place: Place, document: JsonValue, rng: random.Random) -> JsonValue:
    """The document with that keyword broken at that place (changed in place, but for the whole of it)."""
    holder: Any = {WHOLE: document}
    box = holder
    step: str | int = WHOLE
    for segment in place.path:
        holder, step = holder[step], segment
    holder[step] = _broken_value(root, keyword, place.schema, holder[step], rng)
    return box[WHOLE]


def touched(keyword: str, place: Place) -> Path:
    """The path that breaking that keyword there changes: what stands on it or along it is in the way."""
    return (*place.path, MISSPELT) if keyword in ADDING else place.path


def _broken_value(
    root: JsonObject, keyword: str, schema: JsonObject, value: JsonValue, rng: random.Random
) -> JsonValue:
    match keyword:
        case "$ref":
            behind = effective(root, schema)
            inner = rng.choice([name for name in behind if name in BREAKABLE])
            return _broken_value(root, inner, behind, value, rng)
        case "required" | "unevaluatedProperties" | "patternProperties":
            return _broken_object(keyword, schema, value, rng)
        case "uniqueItems":
            return [*value, copy.deepcopy(value[0])]
        case "type":
            return rng.choice([wrong for wrong in WRONG_TYPES if not _is_of(wrong, schema["type"])])
        case _:
            return _broken_scalar(keyword, schema, value, rng)


def _broken_object(keyword: str, schema: JsonObject, value: JsonObject, rng: random.Random) -> JsonObject:
    if keyword == "required":
        gone = rng.choice(schema["required"])
        return {name: member for name, member in value.items() if name != gone}
    if keyword == "patternProperties":
        return {**value, rng.choice(NO_IDS): copy.deepcopy(value.get(ITEM_ID, "x"))}
    return {**value, MISSPELT: "x"}


def _broken_scalar(keyword: str, schema: JsonObject, value: JsonValue, rng: random.Random) -> JsonValue:
    if keyword == "not":
        return f"{value}\n"
    if keyword == "pattern":
        written = [text for text in (*AWKWARD, f"{value}\n") if isinstance(text, str) and text]
        return rng.choice([text for text in written if not re.search(schema["pattern"], text)])
    limit = schema[keyword]
    beyond: dict[str, Callable[[], JsonValue]] = {
        "const": lambda: rng.choice(["nonsense", "", False, 3]),
        "enum": lambda: rng.choice(["nonsense", "", False, 3]),
        "minLength": lambda: "",
        "maxLength": lambda: "x" * (limit + 1),
        "minimum": lambda: limit - 1,
        "maximum": lambda: limit + rng.choice([1, 1.0]),
        "format": lambda: "2026-02-30",
    }
    return beyond[keyword]()


#: The keywords that are broken by one member more.
ADDING = frozenset({"unevaluatedProperties", "patternProperties"})
#: The keywords that can be broken at the place that they stand at; the others pass judgement on.
BREAKABLE = frozenset(
    {"$ref", "type", "const", "enum", "minLength", "maxLength", "minimum", "maximum", "format", "pattern"}
    | {"required", "uniqueItems", "not"}
    | ADDING
)


def _is_of(value: JsonValue, type_name: str) -> bool:
    kinds: dict[str, type | tuple[type, ...]] = {
        "string": str,
        "integer": int,
        "boolean": bool,
        "object": dict,
        "array": list,
    }
    return isinstance(value, kinds[type_name]) and (isinstance(value, bool) == (type_name == "boolean"))


def sprinkle(document: JsonObject, count: int, rng: random.Random) -> None:
    """Put awkward values in place of some scalars; whether they're valid there both libraries say."""
    scalars = list(_scalars(document))
    for holder, step in rng.sample(scalars, min(count, len(scalars))):
        holder[step] = copy.deepcopy(rng.choice(AWKWARD))


def thin(document: JsonValue, keep: float, kept: set[Path], needed: frozenset[str], rng: random.Random) -> JsonObject:
    """A copy without some members: one stays by chance `keep`, if `needed`, or if on the way to `kept`."""

    def thinned(value: JsonValue, path: Path) -> JsonValue:
        if not isinstance(value, dict):
            return copy.deepcopy(value)
        return {
            name: thinned(member, (*path, name))
            for name, member in value.items()
            if name in needed or (*path, name) in on_the_way or rng.random() < keep
        }

    on_the_way = {way[:length] for way in kept for length in range(1, len(way) + 1)}
    result: JsonObject = thinned(document, ())
    return result


def needed_names(root: JsonObject) -> frozenset[str]:
    """Every member that some object of the schema requires."""
    return frozenset(name for _, schema in schema_objects(root) for name in schema.get("required", ()))


def _scalars(value: JsonValue) -> Iterator[tuple[Any, Any]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        if isinstance(member, dict | list):
            yield from _scalars(member)
        else:
            yield value, key
