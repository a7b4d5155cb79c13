"""A text as a FHIR Bundle: valid by HL7's own schema and by fhir.resources, complete in itself, nothing lost.

The schema in tests/fixtures/fhir is HL7's for R4, cut to what a bundle of ours can hold. fhir.resources knows R4B, in
which the resources used here have the same elements.
"""

import base64
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import jsonschema_rs
import orjson
import pytest
from fhir.resources.R4B.bundle import Bundle

from connectors.nhs.fhir import PlanText, plan_bundle
from connectors.nhs.fhir.bundle import status_of
from domain.document import PLAN_SCHEMA_ID
from domain.document.json_values import JsonObject
from services.validation import load_schema
from tests.support.life import NAMED, text
from tests.trials.schema_documents import complete, needed_names, thin

SCHEMA = orjson.loads((Path(__file__).parents[3] / "fixtures/fhir/r4.schema.json").read_bytes())
R4 = jsonschema_rs.validator_for(SCHEMA)
PLAN_ID = UUID("0192f6a0-0000-7000-8000-000000000001")
COUNCILS = {"855": "Leicestershire"}


def plan_text(document: JsonObject, **changed: Any) -> PlanText:
    given = {
        "plan_id": PLAN_ID,
        "kind": "final",
        "number": 2,
        "effective_on": "2026-07-10",
        "recorded": datetime(2026, 7, 10, 9, 30, tzinfo=UTC),
        "phase": "MAINTAINED",
        "council": "855",
        "text": document,
        "address": f"https://exchange.example/v1/plans/{PLAN_ID}?version=2",
    }
    return PlanText(**(given | changed))


def checked(plan: PlanText) -> dict[str, Any]:
    """The bundle that is made of a text."""
    return checked_bundle(orjson.loads(orjson.dumps(plan_bundle(plan, COUNCILS))))


def checked_bundle(bundle: dict[str, Any]) -> dict[str, Any]:
    """A bundle that both find valid, with no reference that leads out of it."""
    assert [error.message for error in R4.iter_errors(bundle)] == []
    Bundle.model_validate(bundle)
    inside = {entry["fullUrl"] for entry in bundle["entry"]}
    assert len(inside) == len(bundle["entry"])
    assert set(_references(bundle)) <= inside
    return bundle


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, member in value.items():
            if name == "reference" and isinstance(member, str):
                yield member
            yield from _references(member)
    elif isinstance(value, list):
        for member in value:
            yield from _references(member)


def of_kind(bundle: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind]


def whole_text(bundle: dict[str, Any]) -> Any:
    [document] = of_kind(bundle, "DocumentReference")
    return orjson.loads(base64.b64decode(document["content"][0]["attachment"]["data"]))


def test_the_golden_thread_leads_from_need_over_outcome_to_provision() -> None:
    bundle = checked(plan_text(text("855-1", section_i=NAMED)))
    [care_plan], [goal] = of_kind(bundle, "CarePlan"), of_kind(bundle, "Goal")
    needs = {item["code"]["text"]: f"urn:uuid:{item['id']}" for item in of_kind(bundle, "Condition")}
    provision = {item["code"]["text"]: item for item in of_kind(bundle, "ServiceRequest")}
    reading = provision["Reading with a specialist teacher"]
    assert [link["reference"] for link in care_plan["addresses"]] == list(needs.values())
    assert goal["addresses"] == [{"reference": needs["Reads slowly"]}] == reading["reasonReference"]
    assert reading["supportingInfo"] == [{"reference": f"urn:uuid:{goal['id']}"}] == care_plan["goal"]
    assert reading["occurrenceTiming"]["repeat"] == {
        "duration": 30,
        "durationUnit": "min",
        "frequency": 3,
        "period": 1,
        "periodUnit": "wk",
    }
    physiotherapy = provision["Physiotherapy to keep the range of movement in both ankles"]
    assert physiotherapy["occurrenceTiming"]["repeat"]["period"] == 2
    assert physiotherapy["category"][0]["coding"][0]["code"] == "G"


def test_organisations_are_there_once_by_their_published_identifiers() -> None:
    bundle = checked(plan_text(text("855-1", section_i=NAMED)))
    codes = [code["value"] for body in of_kind(bundle, "Organization") for code in body["identifier"]]
    assert sorted(codes) == ["199101", "855", "QJK"]


def test_what_has_no_field_in_fhir_is_in_the_document_with_its_hash_and_size() -> None:
    document = text("855-1", section_i=NAMED)
    bundle = checked(plan_text(document))
    assert whole_text(bundle) == document
    [reference] = of_kind(bundle, "DocumentReference")
    attachment = reference["content"][0]["attachment"]
    assert attachment["size"] == len(base64.b64decode(attachment["data"]))
    assert len(base64.b64decode(attachment["hash"])) == 20
    assert len(reference["identifier"][0]["value"]) == 64


def test_a_link_into_a_section_that_is_withheld_is_left_out() -> None:
    document = text("855-1", section_i=NAMED)
    del document["sections"]["B"], document["sections"]["E"]
    bundle = checked(plan_text(document))
    [reading] = [item for item in of_kind(bundle, "ServiceRequest") if item["code"]["text"].startswith("Reading")]
    assert "reasonReference" not in reading


def test_a_council_that_is_withheld_is_nowhere() -> None:
    bundle = checked(plan_text(text("855-1"), council=""))
    assert b"855" not in orjson.dumps(of_kind(bundle, "CarePlan") + of_kind(bundle, "Provenance"))


def test_no_code_is_stated_whose_system_is_not_known_to_have_it() -> None:
    bundle = checked(plan_text(text("855-1", section_i=NAMED)))
    assert b"snomed" not in orjson.dumps(bundle)


@pytest.mark.parametrize(
    ("kind", "phase", "status"),
    [
        ("final", "MAINTAINED", "active"),
        ("final", "REVIEW", "active"),
        ("final", "CEASED", "completed"),
        ("final", "ENDED_DEATH", "completed"),
        ("final", "VOIDED", "entered-in-error"),
        ("final", "MERGED", "revoked"),
        ("draft", "DRAFT_SERVED", "draft"),
        ("draft", "WITHDRAWN", "revoked"),
    ],
)
def test_a_lawful_end_is_no_error(kind: str, phase: str, status: str) -> None:
    plan = plan_text(text("855-1"), kind=kind, phase=phase)
    assert status_of(plan) == status
    assert of_kind(checked(plan), "CarePlan")[0]["status"] == status


def with_ids_of_their_own(document: JsonObject) -> JsonObject:
    """The items of each section under ids that no other section has, as in every plan; links then lead nowhere."""
    own = {
        key: orjson.loads(orjson.dumps(section).replace(b'"item-1":', f'"item-{key.lower()}":'.encode()))
        for key, section in document["sections"].items()
    }
    return {**document, "sections": own}


def test_any_valid_plan_gives_a_valid_bundle_that_holds_all_of_it() -> None:
    rng, schema = random.Random(7), load_schema(PLAN_SCHEMA_ID)
    needed = needed_names(schema)
    for number in range(150):
        keep = 1.0 if number % 3 == 0 else rng.random()
        document = with_ids_of_their_own(thin(complete(schema, schema, rng), keep, set(), needed, rng))
        assert whole_text(checked(plan_text(document))) == document
