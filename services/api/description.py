"""The OpenAPI description, completed: schemas of acts and answers, security, and the plan schema by reference."""

from typing import Any

from msgspec.json import schema_components

from domain.plan.catalogue import Catalogue
from domain.plan.contract import body_schema
from domain.plan.events import JsonObject
from services.api.openapi import PROBLEM
from services.directory.views import OrganisationView
from services.disclosures.breaches import PossibleBreaches
from services.disclosures.family import FamilyEntry
from services.disclosures.ledger import Entry
from services.disclosures.listing import AuditPage
from services.disclosures.reviews import ReviewReceipt, ReviewsDue
from services.draft_views import DraftView
from services.entitlements import EntitlementsView
from services.identity.ending import AccessEnding
from services.identity.inviting import Invitation
from services.importing.report import ImportReport
from services.notary.auditing import CheckpointView, ConsistencyProof, InclusionProof
from services.requests import Receipt
from services.retention.listing import CertificatePage, CertificatesOfPlan, DuePage
from services.rules.views import AdoptionView, RulesPage
from services.signals.feed import FeedPage
from services.signals.subscribing import DeadLetters, Replayed, SubscriptionList, SubscriptionView
from services.subject_access.service import AccessMaterial, AccessRequest
from services.validation import SCHEMA_BASE, load_schema
from services.views import DiffView, HistoryItem, PlanView, VersionView
from services.worklists import DATE_OF_BIRTH, IDENTIFIERS, NAME, Found, WorklistPage

PLAN_SCHEMA = f"{SCHEMA_BASE}plan/1.0/plan.schema.json"
_ANSWERS: dict[str, Any] = {
    "Receipt": Receipt,
    "PlanView": PlanView,
    "Diff": DiffView,
    "EntitlementsView": EntitlementsView,
    "Draft": DraftView,
    "ImportReport": ImportReport,
    "HistoryItem": HistoryItem,
    "VersionView": VersionView,
    "Worklist": WorklistPage,
    "Invitation": Invitation,
    "AccessEnding": AccessEnding,
    "SearchResult": Found,
    "Feed": FeedPage,
    "Subscription": SubscriptionView,
    "Subscriptions": SubscriptionList,
    "DeadLetters": DeadLetters,
    "Replayed": Replayed,
    "Organisation": OrganisationView,
    "PossibleBreaches": PossibleBreaches,
    "Disclosure": Entry,
    "FamilyDisclosure": FamilyEntry,
    "DisclosureLog": AuditPage,
    "Checkpoint": CheckpointView,
    "InclusionProof": InclusionProof,
    "ConsistencyProof": ConsistencyProof,
    "ReviewReceipt": ReviewReceipt,
    "ReviewsDue": ReviewsDue,
    "AccessRequest": AccessRequest,
    "AccessMaterial": AccessMaterial,
    "RetentionList": DuePage,
    "Rules": RulesPage,
    "RulesAdoption": AdoptionView,
    "RetentionCertificates": CertificatePage,
    "RetentionCertificatesOfPlan": CertificatesOfPlan,
}
#: Operations that hold no content of any plan and need no token.
OPEN_TAGS = frozenset({"contract", "operations"})


def complete_description(described: JsonObject, catalogue: Catalogue) -> JsonObject:
    """FastAPI's description with everything that it can't know."""
    schemas = described.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(_answers())
    schemas.update(_composed())
    schemas.update({f"act-{spec.act}": _embedded(body_schema(spec)) for spec in catalogue.acts.values()})
    schemas["open-draft"] = _embedded(load_schema(f"{SCHEMA_BASE}drafts/open-draft.schema.json"))
    schemas["emergency-read"] = _embedded(load_schema(f"{SCHEMA_BASE}disclosures/emergency-read.schema.json"))
    schemas["subscription-request"] = _embedded(load_schema(f"{SCHEMA_BASE}signals/subscription.schema.json"))
    schemas["rules-adoption"] = _embedded(load_schema(f"{SCHEMA_BASE}rules/adoption.schema.json"))
    schemas["rules-withdrawal"] = _embedded(load_schema(f"{SCHEMA_BASE}rules/withdrawal.schema.json"))
    schemas["access-ending"] = _embedded(load_schema(f"{SCHEMA_BASE}access/ending.schema.json"))
    schemas["disclosure-review"] = _embedded(load_schema(f"{SCHEMA_BASE}disclosures/review.schema.json"))
    schemas.update(_plan_schemas())
    described["components"]["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    _secure(described)
    _drop_framework_answers(described)
    return described


def _answers() -> JsonObject:
    references, components = schema_components(_ANSWERS.values(), ref_template="#/components/schemas/{name}")
    made = dict(components)
    for name, reference in zip(_ANSWERS, references, strict=True):
        own = reference["$ref"].rpartition("/")[2]
        if own != name:
            made[name] = {"$ref": f"#/components/schemas/{own}"}
    return made


def _composed() -> JsonObject:
    def listed(name: str, item: JsonObject, **more: JsonObject) -> JsonObject:
        properties = {name: {"type": "array", "items": item}, **more}
        return {"type": "object", "required": [name], "properties": properties}

    def of(schema: str) -> JsonObject:
        return {"$ref": f"#/components/schemas/{schema}"}

    cursor: JsonObject = {
        "type": "integer",
        "description": "The cursor of the next page; absent on the last.",
    }
    text: JsonObject = {"type": "string"}
    return {
        "Problem": PROBLEM,
        "ImportRefused": {
            "allOf": [of("Problem"), {"type": "object", "properties": {"report": of("ImportReport")}}],
            "description": "A problem that holds the report of the import, when nothing was taken in.",
        },
        "Versions": listed("versions", of("VersionView")),
        "Clocks": listed("clocks", {"type": "object"}),
        "History": listed("events", of("HistoryItem"), next=cursor),
        "Drafts": listed("drafts", of("Draft")),
        "AccessRequests": listed("requests", of("AccessRequest")),
        "InvitationRequest": {
            "type": "object",
            "required": ["contactId"],
            "additionalProperties": False,
            "properties": {"contactId": {**text, "description": "The id of the contact in the plan."}},
        },
        "Disclosures": listed(
            "disclosures",
            {"anyOf": [of("Disclosure"), of("FamilyDisclosure")]},
            next={**text, "description": "The cursor of the next page; absent on the last."},
            notShared={"type": "array", "items": {"type": "object"}},
            note=text,
        ),
        "SearchRequest": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": False,
            "properties": {**dict.fromkeys((*IDENTIFIERS, NAME), text), DATE_OF_BIRTH: {**text, "format": "date"}},
        },
        "AdoptedRules": {"type": "object", "description": "An edition, of the schema of its kind."},
        "Views": {"type": "object", "required": ["logSize", "views", "parkedPlans"]},
        "MergePatch": {
            "type": "object",
            "description": "RFC 7396: null removes a key.",
            "additionalProperties": True,
        },
        "ImportPlan": {"type": "object", "description": 'A digital plan, or {"plan": ..., "asserted": ...}.'},
    }


def _plan_schemas() -> JsonObject:
    """The plan schema with its definitions as components of their own."""
    plan = load_schema(PLAN_SCHEMA)
    made = {f"plan-{name}": _relocated(schema) for name, schema in plan.get("$defs", {}).items()}
    rest = {key: value for key, value in plan.items() if key not in {"$defs", "$schema", "$id", "examples"}}
    return {"plan": _relocated(rest), **made}


def _embedded(schema: JsonObject) -> JsonObject:
    embedded: JsonObject = _relocated({key: value for key, value in schema.items() if key not in {"$schema", "$id"}})
    return embedded


def _relocated(value: Any) -> Any:
    """References into the published schemas become references into this description."""
    if isinstance(value, list):
        return [_relocated(member) for member in value]
    if not isinstance(value, dict):
        return value
    return {key: _target(member) if key == "$ref" else _relocated(member) for key, member in value.items()}


def _target(reference: Any) -> Any:
    if reference == PLAN_SCHEMA:
        return "#/components/schemas/plan"
    return (
        str(reference)
        .replace(f"{PLAN_SCHEMA}#/$defs/", "#/components/schemas/plan-")
        .replace("#/$defs/", "#/components/schemas/plan-")
    )


def _secure(described: JsonObject) -> None:
    for path in described["paths"].values():
        for operation in path.values():
            if not OPEN_TAGS & set(operation.get("tags", ())):
                operation["security"] = [{"bearer": []}]


def _drop_framework_answers(described: JsonObject) -> None:
    """The framework adds an answer of its own to every operation with parameters; this API never gives it."""
    for path in described["paths"].values():
        for operation in path.values():
            if "HTTPValidationError" in str(operation["responses"].get("422")):
                del operation["responses"]["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        described["components"]["schemas"].pop(name, None)
