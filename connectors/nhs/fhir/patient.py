"""The child or young person as Patient: as far as the reader is shown it."""

from typing import Final

from connectors.nhs.fhir import systems
from connectors.nhs.fhir.elements import coding, concept, filled, identifier, string
from domain.document.json_values import JsonObject

#: The record's sex, as it goes into the educational returns, in FHIR's administrative gender.
GENDERS: Final = {"M": "male", "F": "female", "notKnown": "unknown"}


def patient(details: JsonObject) -> JsonObject:
    """The Patient of the personal details of a text. An address isn't told: contacts are the council's to use."""
    return filled(
        resourceType="Patient",
        identifier=_identifiers(details.get("identifiers", {})),
        name=_names(details),
        gender=GENDERS.get(details.get("sex", ""), ""),
        birthDate=details.get("dateOfBirth", ""),
    )


def _names(details: JsonObject) -> list[JsonObject]:
    names = (("official", details.get("name")), ("usual", details.get("preferredName")))
    return [{"use": use, "text": string(name)} for use, name in names if name]


def _identifiers(known: JsonObject) -> list[JsonObject]:
    found = []
    if "nhsNumber" in known:
        found.append(_nhs_number(known["nhsNumber"], known.get("nhsNumberStatus", "")))
    others = ((systems.UPN, "upn"), (systems.ULN, "uln"))
    return [*found, *(identifier(system, known[name]) for system, name in others if name in known)]


def _nhs_number(number: str, status: str) -> JsonObject:
    """The number with how far it was verified: one that nobody says was verified must not be taken for it."""
    code = concept("", coding(systems.NHS_NUMBER_STATUS_CODES, status)) if status else {}
    extension = [{"url": systems.NHS_NUMBER_STATUS, "valueCodeableConcept": code}] if status else []
    return filled(extension=extension, **identifier(systems.NHS_NUMBER, number))
