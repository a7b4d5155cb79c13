"""Validation: what is refused, where, and in which words; nothing fetched, nothing of the plan quoted."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.document import PLAN_SCHEMA_ID, JsonObject, diff_patch, empty_document, merge_patch
from domain.document.json_values import JsonValue
from services import validation
from services.reference_validation import check_metaschema, reference_faults
from services.validation import (
    MAX_PLAN_BYTES,
    MAX_PROBLEMS,
    SCHEMA_ROOT,
    Problem,
    UnknownSchema,
    Validator,
    load_schema,
    validate_plan,
)

EXAMPLES = SCHEMA_ROOT / "plan" / "1.0" / "examples"
EMPTY = empty_document(name="Ada Finch", date_of_birth="2020-02-29")
NEED = {"order": 1, "area": "sensoryAndPhysical", "description": "As assessed"}


def problems(patch: JsonObject) -> list[Problem]:
    return validate_plan(merge_patch(EMPTY, patch))


def the(patch: JsonObject) -> tuple[str, str, str]:
    """The one problem of an otherwise valid plan: (pointer, rule, message)."""
    (problem,) = problems(patch)
    return problem.pointer, problem.rule, problem.message


def test_a_valid_plan_has_no_problems() -> None:
    assert validate_plan(EMPTY) == []


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        (
            {"sections": {"B": {"needs": {"need-1": {**NEED, "descripton": "x"}}}}},
            (
                "/sections/B/needs/need-1/descripton",
                "unevaluatedProperties",
                (
                    "Section B, Special educational need 1: there is no field 'descripton' here. "
                    "Did you mean 'description'?"
                ),
            ),
        ),
        (
            {"sections": {"B": {"needs": {"need-1": {"order": 2, "description": "x"}}}}},
            (
                "/sections/B/needs/need-1",
                "required",
                "Section B, Special educational need 2: Area of need (area) is missing.",
            ),
        ),
        (
            {"sections": {"B": {"needs": {"Need 1": NEED}}}},
            (
                "/sections/B/needs/Need 1",
                "not",
                (
                    "Section B, Special educational need 1: 'Need 1' is not an id: "
                    "an id is 2 to 63 small letters, digits and hyphens and starts with a letter."
                ),
            ),
        ),
        (
            {"personalDetails": {"dateOfBirth": "2026-02-30"}},
            (
                "/personalDetails/dateOfBirth",
                "format",
                "Personal details, Date of birth: is not a date that exists, written YYYY-MM-DD.",
            ),
        ),
        (
            {"personalDetails": {"sex": "female"}},
            ("/personalDetails/sex", "enum", "Personal details, Sex: must be one of M, F, notKnown."),
        ),
        (
            {"personalDetails": {"ncYear": 21}},
            (
                "/personalDetails/ncYear",
                "maximum",
                "Personal details, National Curriculum year: must be at most 20.",
            ),
        ),
        (
            {"sections": {"J": {"amountPence": -1}}},
            ("/sections/J/amountPence", "minimum", "Section J, Amount: must be at least 0."),
        ),
        (
            {"sections": {"J": {"amountPence": "£4"}}},
            ("/sections/J/amountPence", "type", "Section J, Amount: must be a whole number."),
        ),
        (
            {"sections": {"J": {"needIds": ["need-1", "need-1"]}}},
            ("/sections/J/needIds", "uniqueItems", "Section J, Needs: holds the same entry twice."),
        ),
        (
            {"sections": {"J": {"needIds": ["need-1", "Need 2"]}}},
            (
                "/sections/J/needIds/1",
                "pattern",
                "Section J, Needs, entry 2: is not in the right form, for example need-1.",
            ),
        ),
        ({"planType": "ISP"}, ("/planType", "const", "Plan type: must be 'EHCP'.")),
        (
            {"localReference": ""},
            (
                "/localReference",
                "minLength",
                "Local reference: is empty: write something or leave the field out.",
            ),
        ),
        (
            {"localReference": " \n"},
            (
                "/localReference",
                "pattern",
                "Local reference: holds nothing but blanks, or a control character that no document can carry.",
            ),
        ),
        (
            {"localReference": "a\u0000"},
            (
                "/localReference",
                "pattern",
                "Local reference: holds nothing but blanks, or a control character that no document can carry.",
            ),
        ),
        (
            {"sections": {"A": {"history": "x" * 100_001}}},
            (
                "/sections/A/history",
                "maxLength",
                "Section A, History: has 100,001 characters; at most 100,000 are allowed.",
            ),
        ),
    ],
)
def test_a_problem_says_where_what_and_what_would_be_right(patch: JsonObject, expected: tuple[str, str, str]) -> None:
    assert the(patch) == expected


def test_null_is_refused_with_a_sentence_of_its_own() -> None:
    document = merge_patch(EMPTY, {})
    document["sections"]["A"] = {"history": None}
    (problem,) = validate_plan(document)
    assert (problem.pointer, problem.rule) == ("/sections/A/history", "type")
    assert "null is not allowed" in problem.message


def test_100_000_characters_are_allowed_whatever_their_bytes() -> None:
    assert problems({"sections": {"A": {"history": "\U0001d4b3" * 100_000}}}) == []


def test_a_plan_of_more_than_2_mib_is_refused_with_the_figure() -> None:
    texts = {f"note-{n}": {"order": 1, "text": "x" * 99_000, "origin": "import"} for n in range(22)}
    pointer, rule, message = the({"unplacedNotes": texts})
    assert (pointer, rule) == ("", "planTooLarge")
    assert f"{MAX_PLAN_BYTES:,} bytes (2 MiB)" in message
    assert "2,17" in message


def test_a_whole_number_with_a_decimal_point_is_refused() -> None:
    """JSON Schema takes 1.0 for an integer; the canonical bytes would differ from those of 1."""
    pointer, rule, message = the({"sections": {"J": {"amountPence": 5.0, "instalmentsPence": [5]}}})
    assert (pointer, rule) == ("/sections/J/amountPence", "wholeNumber")
    assert "without a decimal point" in message
    assert the({"sections": {"J": {"instalmentsPence": [1, 2.0]}}})[0] == "/sections/J/instalmentsPence/1"


def test_a_key_with_a_line_feed_is_no_id() -> None:
    pointer, rule, message = the({"sections": {"B": {"needs": {"need-1\n": NEED}}}})
    assert (pointer, rule) == ("/sections/B/needs/need-1\n", "not")
    assert "an id is 2 to 63 small letters" in message


def test_every_whole_number_of_a_plan_is_refused_with_a_decimal_point() -> None:
    seen = 0
    for document in map(json.loads, (path.read_text() for path in sorted(EXAMPLES.glob("*.json")))):
        for holder, key in whole_numbers(document):
            seen += 1
            holder[key] = float(holder[key])
            assert {problem.rule for problem in validate_plan(document)} == {"wholeNumber"}, key
            holder[key] = int(holder[key])
        assert validate_plan(document) == []
    assert seen


def whole_numbers(value: JsonValue) -> Iterator[tuple[Any, Any]]:
    """Each place that holds a whole number: what holds it, and the key or the index."""
    for key, member in value.items() if isinstance(value, dict) else enumerate(value):
        if type(member) is int:
            yield value, key
        elif isinstance(member, (dict, list)):
            yield from whole_numbers(member)


@pytest.mark.parametrize("character", [*map(chr, {*range(32)} - {*b"\t\n\r"}), "\ufffe", "\uffff"])
def test_a_control_character_is_refused_in_any_text(character: str) -> None:
    assert the({"sections": {"A": {"history": f"Born{character} in May"}}})[:2] == ("/sections/A/history", "pattern")


@pytest.mark.parametrize(
    "text",
    [
        "Tab\tand\r\nline",
        'a "quote"',
        "back\\bslash",
        "\ufb01ne",
        " led by a blank",
        "\u00a0x",
        "\u2028",
        "\u0085",
        "é",
        "\U0001d4b3",
    ],
)
def test_every_other_character_is_kept(text: str) -> None:
    assert problems({"sections": {"A": {"history": text}}}) == []


def test_a_text_with_a_point_and_a_nought_is_no_number() -> None:
    assert problems({"localReference": '":1.0'}) == []


def nested(depth: int) -> JsonValue:
    value: JsonValue = "x"
    for _ in range(depth):
        value = {"a": value}
    return value


@pytest.mark.parametrize("hostile", ["\ud800", 2**70, {1: "x"}, nested(5_000), b"bytes", {"x"}])
def test_what_json_cannot_carry_is_one_problem_and_no_crash(hostile: JsonValue) -> None:
    (problem,) = validate_plan({**EMPTY, "localReference": hostile})
    assert (problem.pointer, problem.rule) == ("", "notJson")


def test_a_document_with_very_many_problems_names_the_first_and_says_so() -> None:
    found = problems({"sections": {"A": {f"misspelt{n}": 1 for n in range(500)}}})
    assert len(found) == MAX_PROBLEMS + 1
    assert found[-1].rule == "tooManyProblems"


def test_a_long_unknown_key_is_cut_in_the_sentence() -> None:
    _, _, message = the({"x" * 5_000: 1})
    assert len(message) < 200


@settings(max_examples=50, deadline=None)
@given(st.text(min_size=12, max_size=40))
def test_sentences_quote_no_text_of_the_plan(secret: str) -> None:
    patch = {
        "personalDetails": {"sex": secret, "dateOfBirth": secret, "ncYear": secret},
        "sections": {"J": {"needIds": [secret, secret]}, "F": {"provisions": {"provision-1": secret}}},
        "planType": secret,
    }
    assert not any(secret in problem.message for problem in problems(patch))


def test_a_schema_is_compiled_once() -> None:
    assert Validator.for_schema(PLAN_SCHEMA_ID) is Validator.for_schema(PLAN_SCHEMA_ID)


@pytest.mark.parametrize(
    "schema_id",
    [
        "https://example.org/schema.json",
        "https://ehcp-exchange.example/schemas/none.schema.json",
        "https://ehcp-exchange.example/schemas/../pyproject.toml",
        "https://ehcp-exchange.example/schemas/../../../../etc/passwd",
        "",
    ],
)
def test_a_schema_that_is_not_ours_is_unknown_and_never_fetched(schema_id: str) -> None:
    with pytest.raises(UnknownSchema):
        load_schema(schema_id)
    with pytest.raises(UnknownSchema):
        Validator.for_schema(schema_id)


@pytest.fixture
def event_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A schema beside the plan's that refers to it."""
    schema_id = f"{validation.SCHEMA_BASE}events/test.schema.json"
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": schema_id,
        "type": "object",
        "properties": {"plan": {"title": "Plan", "$ref": PLAN_SCHEMA_ID}, "patch": {"type": "object"}},
        "required": ["plan"],
        "unevaluatedProperties": False,
    }
    for place, content in (("events/test", schema), ("plan/1.0/plan", load_schema(PLAN_SCHEMA_ID))):
        file = tmp_path / f"{place}.schema.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(content), encoding="utf-8")
    monkeypatch.setattr(validation, "SCHEMA_ROOT", tmp_path)
    return schema_id


def test_a_schema_that_refers_to_the_plan_is_judged_alike_by_both_libraries(event_schema: str) -> None:
    check_metaschema(load_schema(event_schema))
    validator = Validator.for_schema(event_schema)
    assert validator.is_valid({"plan": EMPTY})
    wrong = {"plan": merge_patch(EMPTY, {"personalDetails": {"nme": "x", "ncYear": 99}}), "extra": 1}
    assert validator.fault_places(wrong) == reference_faults(wrong, event_schema) != set()
    assert [(problem.pointer, problem.message) for problem in validator.problems(wrong)] == [
        (
            "/plan/personalDetails/ncYear",
            "Plan, Personal details, National Curriculum year: must be at most 20.",
        ),
        (
            "/plan/personalDetails/nme",
            "Plan, Personal details: there is no field 'nme' here. Did you mean 'name'?",
        ),
        ("/extra", "The document: there is no field 'extra' here."),
    ]


def test_a_schema_is_checked_against_the_metaschema() -> None:
    check_metaschema({"type": "object"})
    with pytest.raises(jsonschema.SchemaError):
        check_metaschema({"type": "no such type"})


def test_what_is_stored_as_a_patch_leads_to_a_document_that_validates() -> None:
    new = merge_patch(EMPTY, {"sections": {"B": {"needs": {"need-1": NEED}}}})
    assert validate_plan(merge_patch(EMPTY, diff_patch(EMPTY, new))) == []
