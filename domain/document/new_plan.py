"""The plan before anything is written in it."""

from domain.document.json_values import JsonObject
from domain.document.sections import SECTION_KEYS

PLAN_SCHEMA_ID = "https://ehcp-exchange.example/schemas/plan/1.0/plan.schema.json"
SCHEMA_VERSION = "1.0"


def empty_document(
    *, name: str, date_of_birth: str, sex: str = "notKnown", local_reference: str | None = None
) -> JsonObject:
    """A schema-valid document with a person and twelve empty sections.

    `date_of_birth` is YYYY-MM-DD; `sex` is M, F or notKnown; `local_reference` is the council's own case
    number.
    """
    document: JsonObject = {
        "planType": "EHCP",
        "schemaVersion": SCHEMA_VERSION,
        "personalDetails": {"name": name, "dateOfBirth": date_of_birth, "sex": sex},
        "sections": {key: {} for key in SECTION_KEYS},
    }
    return document if local_reference is None else {**document, "localReference": local_reference}
