"""One text of a plan as a Bundle of type collection: CarePlan, Goal, Condition, ServiceRequest and what they name.

FHIR R4 (4.0.1), https://hl7.org/fhir/R4/. Identifiers of the NHS follow UK Core; no profile is claimed. What FHIR has
no field for (sections A, I, J and K, advice, funding) isn't lost: the DocumentReference carries the whole text as the
reader is shown it, as JSON.
"""

import base64
import hashlib
from datetime import UTC, datetime
from typing import Final
from uuid import UUID, uuid5

from msgspec import Struct

from connectors.nhs.fhir import systems
from connectors.nhs.fhir.elements import (
    coding,
    concept,
    filled,
    identifier,
    in_order,
    period,
    reference,
    string,
    urn,
)
from connectors.nhs.fhir.needs_and_outcomes import conditions, goals
from connectors.nhs.fhir.organisations import Organisations
from connectors.nhs.fhir.patient import patient
from connectors.nhs.fhir.provision import service_requests
from domain.document.json_values import JsonObject, canonical_json

MEDIA_TYPE: Final = "application/fhir+json"
#: The status of the care plan by the phase of the record; a final plan in any other phase is in force. A lawful end is
#: never an error: only a record that was opened in error is one.
STATUS_OF_PHASE: Final = {
    "CEASED": "completed",
    "ENDED_DEATH": "completed",
    "WITHDRAWN": "revoked",
    "MERGED": "revoked",
    "VOIDED": "entered-in-error",
}


DISPUTED_BY = "Statement of dispute by the family (UK GDPR Art 16)"
"""Who speaks in a note on the plan: what the family disputes goes with every reading of it."""


class PlanText(Struct, frozen=True, kw_only=True):
    """One text of a plan as its reader is shown it, with what is told about it.

    `kind` is draft or final, `effective_on` a civil date, `recorded` the moment at which it came on record, `address`
    where the same text is read as JSON, `council` a three-digit code ("" where it is withheld). `statements` are what
    the family disputes of it, each with its civil date.
    """

    plan_id: UUID
    kind: str
    number: int
    effective_on: str
    recorded: datetime
    phase: str
    council: str
    text: JsonObject
    address: str
    statements: tuple[tuple[str, str], ...] = ()


def plan_bundle(plan: PlanText, council_names: dict[str, str]) -> JsonObject:
    """The Bundle. Every reference in it is to a resource of the same Bundle."""
    subject_id = uuid5(plan.plan_id, "patient")
    subject, sections = reference(subject_id), plan.text.get("sections", {})
    organisations, status = Organisations(council_names), status_of(plan)
    needs = list(conditions(plan.plan_id, subject, sections))
    outcomes = list(goals(plan.plan_id, subject, sections))
    provision = list(service_requests(plan.plan_id, subject, sections, organisations, status))
    author = organisations.council(plan.council) if plan.council else {}
    settings = _settings(sections, organisations)
    care_plan = filled(
        resourceType="CarePlan",
        id=str(plan.plan_id),
        meta={"versionId": version_id(plan), "lastUpdated": _instant(plan.recorded)},
        identifier=[identifier(systems.PLAN, str(plan.plan_id))],
        status=status,
        intent="plan",
        title="Education, Health and Care Plan",
        subject=subject,
        period=period(plan.effective_on),
        created=plan.effective_on,
        author=author,
        addresses=[reference(id_) for id_, _ in needs],
        supportingInfo=[reference(_document_id(plan)), *settings],
        goal=[reference(id_) for id_, _ in outcomes],
        activity=[{"reference": reference(id_)} for id_, _ in provision],
        note=[{"authorString": DISPUTED_BY, "time": on, "text": string(said)} for on, said in plan.statements],
    )
    entries = [
        (plan.plan_id, care_plan),
        (subject_id, patient(plan.text.get("personalDetails", {}))),
        *needs,
        *outcomes,
        *provision,
        (_document_id(plan), _document(plan, subject, author)),
        (uuid5(plan.plan_id, f"provenance/{version_id(plan)}"), _provenance(plan, author)),
        *organisations.entries(),
    ]
    return {
        "resourceType": "Bundle",
        "id": str(uuid5(plan.plan_id, f"bundle/{version_id(plan)}")),
        "type": "collection",
        "timestamp": _instant(plan.recorded),
        "entry": [{"fullUrl": urn(id_), "resource": _identified(resource, id_)} for id_, resource in entries],
    }


def version_id(plan: PlanText) -> str:
    """The version as FHIR's id: "2" for a final, "draft-1" for a draft."""
    return str(plan.number) if plan.kind == "final" else f"{plan.kind}-{plan.number}"


def status_of(plan: PlanText) -> str:
    """The state of the care plan. A draft is one until it is dropped with its record."""
    ended = STATUS_OF_PHASE.get(plan.phase)
    if plan.kind == "final":
        return ended or "active"
    return "entered-in-error" if ended == "entered-in-error" else "revoked" if ended else "draft"


def _identified(resource: JsonObject, id_: UUID) -> JsonObject:
    return {"resourceType": resource["resourceType"], "id": str(id_), **resource}


def _settings(sections: JsonObject, organisations: Organisations) -> list[JsonObject]:
    """The schools and colleges of section I."""
    placements = (placement for _, placement in in_order(sections.get("I", {}).get("placements", {})))
    found = (
        organisations.named(placement.get("name"), urn=placement.get("urn", ""), ukprn=placement.get("ukprn", ""))
        for placement in placements
    )
    return [setting for setting in found if setting]


def _document_id(plan: PlanText) -> UUID:
    return uuid5(plan.plan_id, f"document/{version_id(plan)}")


def _document(plan: PlanText, subject: JsonObject, author: JsonObject) -> JsonObject:
    """The whole text as JSON. R4 wants SHA-1 for the attachment's hash: the SHA-256 is an identifier beside it."""
    content = canonical_json(plan.text)
    attachment = {
        "contentType": "application/json",
        "language": "en-GB",
        "data": base64.b64encode(content).decode(),
        "url": plan.address,
        "size": len(content),
        "hash": base64.b64encode(hashlib.sha1(content, usedforsecurity=False).digest()).decode(),
        "title": "The text as a digital plan",
        "creation": _instant(plan.recorded),
    }
    return filled(
        resourceType="DocumentReference",
        identifier=[identifier(systems.PLAN_TEXT_SHA256, hashlib.sha256(content).hexdigest())],
        status="current",
        docStatus="final" if plan.kind == "final" else "preliminary",
        type=concept("Education, Health and Care Plan"),
        subject=subject,
        date=_instant(plan.recorded),
        author=[author] if author else [],
        content=[{"attachment": attachment}],
    )


def _provenance(plan: PlanText, author: JsonObject) -> JsonObject:
    """Who brought this version on record, and when. A council that is withheld is said to be so."""
    who = author or {"display": "The council that keeps the plan: withheld from this reader"}
    return filled(
        resourceType="Provenance",
        target=[{**reference(plan.plan_id), "display": f"Version {version_id(plan)}"}],
        occurredDateTime=plan.effective_on,
        recorded=_instant(plan.recorded),
        activity=concept("Draft served" if plan.kind == "draft" else "Plan finalised or amended"),
        agent=[{"type": concept("", coding(systems.PARTICIPATION, "author")), "who": who}],
        entity=[{"role": "source", "what": {**reference(_document_id(plan)), "display": string("The whole text")}}],
    )


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
