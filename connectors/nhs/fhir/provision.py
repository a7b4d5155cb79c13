"""Provision (sections F, G, H1 and H2) as ServiceRequest: what is delivered, how much, by whom, for which outcome."""

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from connectors.nhs.fhir import systems
from connectors.nhs.fhir.elements import (
    concept,
    filled,
    identifier,
    in_order,
    item_id,
    note,
    period,
    references,
    string,
)
from connectors.nhs.fhir.needs_and_outcomes import needs_of, outcomes_of, section_of
from connectors.nhs.fhir.organisations import Entry, Organisations
from domain.document.json_values import JsonObject
from domain.document.quantity import quantity_in_words

#: How many of which UCUM unit a period of the plan is. Terms and half terms have none: their timing is in words alone.
PERIODS: Final = {"day": (1, "d"), "week": (1, "wk"), "fortnight": (2, "wk"), "month": (1, "mo"), "year": (1, "a")}
#: What R4 calls the state of a request for a text of this kind, in the state that the plan is in.
STATUS: Final = {"draft": "draft", "active": "active", "completed": "completed"}


def service_requests(
    plan_id: UUID, subject: JsonObject, sections: JsonObject, organisations: Organisations, status: str
) -> Iterator[Entry]:
    """A ServiceRequest for each provision. `status` is that of the care plan."""
    needs, outcomes = needs_of(sections), outcomes_of(sections)
    for key in ("F", "G", "H1", "H2"):
        for item, provision in in_order(sections.get(key, {}).get("provisions", {})):
            yield (
                item_id(plan_id, item),
                filled(
                    resourceType="ServiceRequest",
                    identifier=[identifier(systems.ITEM, item)],
                    status=STATUS.get(status, "revoked"),
                    intent="plan",
                    category=[section_of(key)],
                    code=concept(provision["what"]),
                    subject=subject,
                    occurrenceTiming=_timing(provision),
                    requester=_commissioner(provision.get("commissioner", {}), organisations),
                    performerType=concept(_role(provision)),
                    performer=_performers(provision, organisations),
                    reasonReference=references(plan_id, provision.get("needIds", ()), needs),
                    supportingInfo=references(plan_id, provision.get("outcomeIds", ()), outcomes),
                    note=_notes(provision),
                ),
            )


def _timing(provision: JsonObject) -> JsonObject:
    """The amount in the plan's words, and in FHIR's form where it has one."""
    bounds = period(provision.get("start", ""), provision.get("end", ""))
    repeat = filled(boundsPeriod=bounds, **_repeat(provision.get("quantity", {})))
    return filled(repeat=repeat, code=concept(quantity_in_words(provision)))


def _repeat(quantity: JsonObject) -> JsonObject:
    minutes, sessions = quantity.get("minutesPerSession"), quantity.get("sessions")
    duration = {"duration": minutes, "durationUnit": "min"} if minutes else {}
    if not sessions or quantity.get("per") not in PERIODS:
        return duration
    count, unit = PERIODS[quantity["per"]]
    return {**duration, "frequency": sessions, "period": count, "periodUnit": unit}


def _commissioner(commissioner: JsonObject, organisations: Organisations) -> JsonObject:
    return organisations.named(commissioner.get("name"), ods=commissioner.get("odsCode", ""))


def _role(provision: JsonObject) -> str:
    delivery = provision.get("deliveredBy", {})
    return ", ".join(string(delivery[name]) for name in ("role", "expertiseLevel") if name in delivery)


def _performers(provision: JsonObject, organisations: Organisations) -> list[JsonObject]:
    body = provision.get("deliveredBy", {}).get("organisation", {})
    found = organisations.named(body.get("name"), ods=body.get("odsCode", ""), urn=body.get("urn", ""))
    return [found] if found else []


def _notes(provision: JsonObject) -> list[JsonObject]:
    agreement = provision.get("healthAgreement", {})
    agreed = {
        "agreed": f"Agreed by the responsible health body{_on(agreement)}.",
        "notAgreed": "Not agreed by the responsible health body.",
    }.get(agreement.get("status", ""), "")
    return [
        *note(provision.get("unquantifiedReason")),
        *note(f"Where: {provision['setting']}" if "setting" in provision else ""),
        *note(agreed),
    ]


def _on(agreement: JsonObject) -> str:
    return f" on {agreement['agreedOn']}" if "agreedOn" in agreement else ""
