"""The small building blocks of FHIR R4: text, concepts, identifiers, references (https://hl7.org/fhir/R4/datatypes.html)."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID, uuid5

from domain.document.json_values import JsonObject

#: The namespace of the ids of organisations: the same body has the same id in every bundle.
_ORGANISATIONS: Final = UUID("5f0a4b6e-9d0c-5a39-8f6b-0d5f5a4e7c11")
_OTHER_SPACE: Final = re.compile(r"[^\S \r\n\t]")


def filled(**members: Any) -> JsonObject:
    """A resource or element without what is empty: FHIR knows neither null nor empty text, lists or objects."""
    return {name: value for name, value in members.items() if value not in (None, "", [], {})}


def string(value: object) -> str:
    """A text as R4's `string` allows it: no white space but blank, tab and line ends, and none around it."""
    return _OTHER_SPACE.sub(" ", str(value)).strip() if value else ""


def concept(text: object = "", *codings: JsonObject) -> JsonObject:
    """A CodeableConcept."""
    return filled(coding=list(codings), text=string(text))


def coding(system: str, code: str, display: str = "") -> JsonObject:
    """A Coding."""
    return filled(system=system, code=code, display=string(display))


def identifier(system: str, value: str) -> JsonObject:
    """An Identifier."""
    return {"system": system, "value": value}


def note(text: object) -> list[JsonObject]:
    """Annotations: one, or none for no text."""
    return [{"text": string(text)}] if string(text) else []


def period(start: str = "", end: str = "") -> JsonObject:
    """A Period of civil dates, both inclusive."""
    return filled(start=start, end=end)


def urn(id_: UUID) -> str:
    """The address of a resource within a bundle."""
    return f"urn:uuid:{id_}"


def reference(id_: UUID, display: object = "") -> JsonObject:
    """A reference to a resource of the same bundle."""
    return filled(reference=urn(id_), display=string(display))


def item_id(plan_id: UUID, item: str) -> UUID:
    """The id of the resource that an item of the plan becomes: the same in every version."""
    return uuid5(plan_id, item)


def references(plan_id: UUID, items: Iterable[str], shown: Mapping[str, JsonObject]) -> list[JsonObject]:
    """References to those of the items that the reader is shown: a link may lead to a section that is withheld."""
    return [reference(item_id(plan_id, item)) for item in items if item in shown]


def organisation_id(key: str) -> UUID:
    """The id of the resource for the organisation with this identifier ("system|value") or name."""
    return uuid5(_ORGANISATIONS, key)


def in_order(items: Mapping[str, JsonObject]) -> list[tuple[str, JsonObject]]:
    """The items of a section as the plan orders them."""
    return sorted(items.items(), key=lambda item: (item[1]["order"], item[0]))
