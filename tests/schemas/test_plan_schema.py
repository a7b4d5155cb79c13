"""The published plan schema: sound, closed, explained, true to the code sets; its twin and its examples."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.document import (
    PLAN_SCHEMA_ID,
    SECTIONS,
    JsonObject,
    canonical_json,
    empty_document,
    golden_thread,
    items,
    merge_patch,
    reader_schema,
)
from domain.document.items import COLLECTIONS, LINK_FIELDS
from domain.document.json_values import JsonValue, value_at
from domain.document.plain_text import is_text
from services.reference_validation import check_metaschema, reference_faults
from services.validation import (
    SCHEMA_ROOT,
    Validator,
    load_schema,
    validate_plan,
)
from tests.trials.schema_documents import ITEM_ID, effective, places, schema_objects

SCHEMA = load_schema(PLAN_SCHEMA_ID)
READER_ID = PLAN_SCHEMA_ID.replace(".schema.json", ".reader.schema.json")
EXAMPLES = sorted((SCHEMA_ROOT / "plan" / "1.0" / "examples").glob("*.json"))
NO_ID = "^[^a-z]|[^a-z0-9-]|^.?$|^.{64}"
OBJECTS = list(schema_objects(SCHEMA))


def with_keyword(keyword: str) -> list[tuple[str, JsonObject]]:
    return [(location, node) for location, node in OBJECTS if keyword in node]


def test_the_schema_and_its_reader_twin_are_valid_json_schema_2020_12() -> None:
    for schema_id in (PLAN_SCHEMA_ID, READER_ID):
        schema = load_schema(schema_id)
        check_metaschema(schema)
        assert (schema["$id"], schema["$schema"]) == (
            schema_id,
            "https://json-schema.org/draft/2020-12/schema",
        )


def test_every_property_and_definition_has_a_title_and_a_description() -> None:
    named = [m for _, node in OBJECTS for key in ("properties", "$defs") for m in node.get(key, {}).values()]
    assert len(named) > 300
    assert all(member["title"].strip() and len(member["description"]) > 2 for member in named)


def test_every_object_is_closed() -> None:
    objects = [node for _, node in OBJECTS if node.get("type") == "object"]
    assert len(objects) > 40
    named = [node for node in objects if "properties" in node]
    assert all(node["unevaluatedProperties"] is False for node in named)
    maps = [node for node in objects if "properties" not in node]
    assert all(node["patternProperties"] == {NO_ID: {"not": {}}} for node in maps)
    assert all(node["additionalProperties"].keys() == {"$ref"} for node in maps)


def test_nothing_may_be_null_and_lists_hold_scalars() -> None:
    assert all(node["type"] != "null" and isinstance(node["type"], str) for _, node in with_keyword("type"))
    lists = [node for _, node in OBJECTS if node.get("type") == "array"]
    assert all(effective(SCHEMA, node["items"])["type"] in ("string", "integer") for node in lists)


def test_lists_are_sets_but_for_instalments_which_may_repeat() -> None:
    lists = {location for location, node in OBJECTS if node.get("type") == "array" and not node.get("uniqueItems")}
    assert lists == {"/$defs/sectionJ/properties/instalmentsPence"}


def test_there_is_one_definition_for_each_statutory_section_and_all_twelve_are_required() -> None:
    keys = [section.key for section in SECTIONS]
    assert SCHEMA["$defs"]["sections"]["required"] == keys
    for section in SECTIONS:
        described = SCHEMA["$defs"][f"section{section.key}"]["description"].lower().replace("his parents", "parents")
        opening = section.heading.lower().replace("his parents", "parents").split(" for the child or young person as a")
        assert section.key == "K" or opening[0][:60] in described


def test_every_definition_is_used() -> None:
    used = {node["$ref"].removeprefix("#/$defs/") for _, node in with_keyword("$ref")}
    assert used == set(SCHEMA["$defs"])


def test_strings_with_a_pattern_and_maps_refuse_line_feeds() -> None:
    r"""`$` alone lets Python accept a last line feed; `\d` and `\s` are other sets in other engines."""
    for _, node in with_keyword("pattern"):
        assert node.get("not") == {"pattern": "\\n"} or node.get("format") == "date" or node == {"pattern": "\\n"}
        assert not re.search(r"\\[dwsb]", node["pattern"], re.IGNORECASE)
    for _, node in with_keyword("patternProperties"):
        assert list(node["patternProperties"]) == [NO_ID]


@given(st.text(alphabet="aA1-_\n\u00e9 ", max_size=5) | st.text(alphabet="a", min_size=60, max_size=66))
def test_a_key_of_a_map_is_refused_exactly_when_it_is_no_id(key: str) -> None:
    assert bool(re.search(NO_ID, key)) is not bool(re.fullmatch("[a-z][a-z0-9-]{1,62}", key))


def test_a_text_holds_at_most_100_000_characters() -> None:
    text = SCHEMA["$defs"]["text"]
    assert (text["minLength"], text["maxLength"]) == (1, 100_000)
    unlimited = [
        location
        for location, node in OBJECTS
        if node.get("type") == "string" and not {"maxLength", "enum", "pattern"} & node.keys()
    ]
    assert unlimited == []


def test_codes_are_those_of_the_code_sets() -> None:
    """Codes that are retired, or belong to another collection only, aren't for new plans."""
    compared = 0
    for location, node in with_keyword("x-codeset"):
        file = SCHEMA_ROOT / "codesets" / f"{node['x-codeset']}.json"
        published = json.loads(file.read_text(encoding="utf-8"))["codes"]
        current = [code["code"] for code in published if "validTo" not in code and "collection" not in code]
        assert sorted(node["enum"]) == sorted(current), location
        compared += 1
    assert compared >= 12


def test_the_reader_twin_is_what_the_generator_makes() -> None:
    assert load_schema(READER_ID) == reader_schema(SCHEMA)


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: str(file.stem))
def test_examples_validate_in_both_libraries_and_as_readers_see_them(file: Path) -> None:
    document = json.loads(file.read_text(encoding="utf-8"))
    assert validate_plan(document) == []
    assert reference_faults(document) == set()
    assert Validator.for_schema(READER_ID).is_valid(document)
    assert golden_thread(document, finalising=True) == ()


def test_one_example_is_a_plan_of_full_size_with_nearly_every_property() -> None:
    full = json.loads((SCHEMA_ROOT / "plan/1.0/examples/full.json").read_text(encoding="utf-8"))
    at = [(place.location, place.path) for place in places(SCHEMA) if "/properties/" in place.location]
    used = set(_paths(full, SCHEMA, ()))
    unused = {location for location, _ in at} - {location for location, path in at if path in used}
    assert 28_000 < len(canonical_json(full)) < 33_000
    assert len(unused) < 20, unused
    assert all(full["sections"].values())


def test_fictional_people_stay_fictional() -> None:
    """NHS numbers of the test range; telephone numbers set aside for drama; mail to example.org."""
    for file in EXAMPLES:
        document = json.loads(file.read_text(encoding="utf-8"))
        number = value_at(document, ("personalDetails", "identifiers", "nhsNumber")) or "9990000050"
        assert number.startswith("999")
        assert sum(int(digit) * (10 - place) for place, digit in enumerate(number)) % 11 == 0
        for contact in items(document, "contact"):
            assert re.match(r"07700 900\d{3}$|01632 960\d{3}$|$", contact.value.get("telephone", ""))
            assert contact.value.get("email", "@example.org").endswith("@example.org")


def test_a_reader_accepts_what_a_minor_version_adds_and_a_writer_does_not() -> None:
    newer = {
        "schemaVersion": "1.1",
        "personalDetails": {"pronouns": "they"},
        "sections": {
            "B": {"needs": {"need-1": {"order": 1, "area": "sensoryAndPhysical", "description": "As assessed"}}}
        },
    }
    newer["sections"]["B"]["needs"]["need-1"]["senType"] = "NEWCODE"  # type: ignore[index]
    document = merge_patch(empty_document(name="Ada Finch", date_of_birth="2020-02-29"), newer)
    assert Validator.for_schema(READER_ID).is_valid(document)
    assert {problem.pointer for problem in validate_plan(document)} == {
        "/schemaVersion",
        "/personalDetails/pronouns",
        "/sections/B/needs/need-1/senType",
    }


@pytest.mark.parametrize(
    "patch",
    [
        {"schemaVersion": "2.0"},
        {"planType": "OTHER"},
        {"personalDetails": {"name": 7}},
        {"personalDetails": {"dateOfBirth": "2020-02-30"}},
        {"sections": {"F": None}},
        {"sections": {"B": {"needs": {"Bad Id": {"order": 1, "area": "sensoryAndPhysical", "description": "x"}}}}},
    ],
)
def test_a_reader_still_refuses_what_is_wrong(patch: JsonObject) -> None:
    document = merge_patch(empty_document(name="Ada Finch", date_of_birth="2020-02-29"), patch)
    assert not Validator.for_schema(READER_ID).is_valid(document)


def test_the_twin_of_a_schema_that_refers_to_the_plan_refers_to_its_twin() -> None:
    event = {
        "$id": "https://ehcp-exchange.example/schemas/events/x.schema.json",
        "properties": {"plan": {"$ref": f"{PLAN_SCHEMA_ID}#/$defs/need"}, "note": {"const": "x.schema.json"}},
        "unevaluatedProperties": False,
    }
    twin = reader_schema(event)
    assert twin["$id"].endswith("/events/x.reader.schema.json")
    assert twin["properties"]["plan"] == {"$ref": f"{READER_ID}#/$defs/need"}
    assert twin["properties"]["note"] == {"const": "x.schema.json"}
    assert "unevaluatedProperties" not in twin
    assert event["unevaluatedProperties"] is False


def test_the_domain_knows_every_free_text_of_the_schema() -> None:
    texts = {place.path for place in places(SCHEMA) if place.schema.get("$ref") == "#/$defs/text"}
    strings = {place.path for place in places(SCHEMA) if effective(SCHEMA, place.schema).get("type") == "string"}
    assert {path for path in strings if is_text(tuple(map(str, path)))} == texts


def test_the_domain_knows_every_map_of_linked_items_and_every_link() -> None:
    maps = {path[:-1] for path in (place.path for place in places(SCHEMA)) if path[-1:] == (ITEM_ID,)}
    within_items = {path for path in maps if ITEM_ID in path}
    assert maps - within_items == {path for _, _, path in COLLECTIONS}
    linking = {
        place.path[-1] for place in places(SCHEMA) if place.schema.get("$ref") in ("#/$defs/itemIds", "#/$defs/itemId")
    }
    assert linking - {0} == {field for fields in LINK_FIELDS.values() for field in fields}


def _paths(value: JsonValue, schema: JsonObject, path: tuple[str | int, ...]) -> list[tuple[str | int, ...]]:
    """The paths of a document in the form that `places` has them: any item stands for all."""
    behind = effective(SCHEMA, schema)
    if not isinstance(value, dict):
        return [path]
    found = [path]
    for key, member in value.items():
        named = key in behind.get("properties", {})
        following = behind["properties"][key] if named else behind["additionalProperties"]
        found += _paths(member, following, (*path, key if named else ITEM_ID))
    return found
