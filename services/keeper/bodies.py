"""From a request body to an act: held against the act's published schema, its identifiers against their check letters.

What fails here is bad input in either mode: a history can hold an unlawful act, but not an impossible date or an NHS
number that nobody can have.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any

from msgspec.structs import replace

from domain.document import pointer
from domain.document.json_values import value_at
from domain.identifiers import (
    IdentifierError,
    parse_la_code,
    parse_laestab,
    parse_nhs_number,
    parse_ods_code,
    parse_ukprn,
    parse_uln,
    parse_upn,
    parse_urn,
)
from domain.plan.acts import Act
from domain.plan.catalogue import ActSpec
from domain.plan.events import DecidedEvent, JsonObject
from services.errors import Fault, InvalidContent
from services.keeper.texts import text_faults
from services.requests import ActRequest
from services.store.canonical import Checked
from services.validation import SCHEMA_BASE, Validator, load_schema, validate_plan

#: Fields of a body that belong to the act itself, not to what it says, unless the act has one of that name.
ENVELOPE = frozenset({"mode", "effectiveOn", "evidence", "onBehalfOf"})
#: Identifiers by the JSON Schema format that the catalogue gives them.
PARSERS: Mapping[str, Callable[[str], str]] = {
    "nhs-number": parse_nhs_number,
    "upn": parse_upn,
    "uln": parse_uln,
    "urn": parse_urn,
    "ukprn": parse_ukprn,
    "laestab": parse_laestab,
    "la-code": parse_la_code,
    "ods-code": parse_ods_code,
}
#: Stands in for a plan, which is validated by itself: no text is walked through twice.
STAND_IN: JsonObject = {}
#: Identifiers of a digital plan by the name of their field, and the parts of a plan that hold them.
PLAN_IDENTIFIERS: Mapping[str, str] = {
    "nhsNumber": "nhs-number",
    "upn": "upn",
    "formerUpns": "upn",
    "uln": "uln",
    "urn": "urn",
    "ukprn": "ukprn",
    "laestab": "laestab",
}
IDENTIFIED: tuple[tuple[str, ...], ...] = (("personalDetails",), ("services",), ("sections", "I"))


class Bodies:
    """Checks bodies of acts and the events that come of them."""

    def act(self, spec: ActSpec, request: ActRequest) -> Act:
        """The act that the body describes. Raises InvalidContent with every fault and its pointer."""
        body, own = request.body, _beside_the_plan(request.body)
        form = _form_faults(f"{SCHEMA_BASE}acts/bodies/{spec.act}.schema.json", own)
        faults = [*form, *_identifier_faults(spec.body, own, ()), *text_faults(own)]
        if isinstance(body.get("plan"), dict):
            faults += plan_faults(body["plan"], prefix="/plan")
        if faults:
            raise InvalidContent(_each_once(faults))
        return Act(
            name=spec.act,
            mode=body["mode"],
            effective_on=date.fromisoformat(body["effectiveOn"]),
            data={name: value for name, value in body.items() if name not in ENVELOPE or name in spec.body},
            actor=request.actor,
            on_behalf_of=body.get("onBehalfOf", ""),
            evidence={} if "evidence" in spec.body else body.get("evidence", {}),
        )

    def checked(self, decided: DecidedEvent, act: Act) -> Checked:
        """Hold an event against its published schema before it is stored: what leaves here is what was promised.

        A text that the act brought was checked when it came in; one that the platform derived is checked here. Raises
        InvalidContent.
        """
        text = decided.data.get("plan")
        if text is not None and text is not act.plan_text() and (faults := plan_faults(text, prefix="/plan")):
            raise InvalidContent(tuple(faults))
        if faults := _form_faults(f"{SCHEMA_BASE}events/{decided.type}.schema.json", _beside_the_plan(decided.data)):
            raise InvalidContent(tuple(faults))
        return Checked(decided.data, text)


def _beside_the_plan(content: JsonObject) -> JsonObject:
    """A body or an event's data with its plan stood in for, when it has one."""
    return {**content, "plan": STAND_IN} if isinstance(content.get("plan"), dict) else content


def _form_faults(schema_id: str, content: JsonObject) -> list[Fault]:
    """What is wrong with the form of a body, or of an event's data, that has a stand-in where its plan was."""
    stood_in = content.get("plan") is STAND_IN
    validator = _validator_beside_the_plan(schema_id) if stood_in else Validator.for_schema(schema_id)
    return [Fault(pointer=p.pointer, text=p.message, rule=p.rule) for p in validator.problems(content)]


@cache
def _validator_beside_the_plan(schema_id: str) -> Validator:
    """The schema of a body or an event, for which any object is a plan if it has one at all."""
    schema = load_schema(schema_id)
    fields = schema["properties"]
    stood_in = {"plan": {"type": "object"}} if "plan" in fields else {}
    return Validator(schema_id, {**schema, "properties": {**fields, **stood_in}})


def plan_faults(document: JsonObject, *, prefix: str = "") -> list[Fault]:
    """What is wrong with a digital plan: its form, its size and its identifiers, each with a pointer under `prefix`."""
    faults = [
        Fault(pointer=prefix + problem.pointer, text=problem.message, rule=problem.rule)
        for problem in validate_plan(document)
    ]
    if not faults:
        faults += text_faults(document["personalDetails"]["dateOfBirth"], ("personalDetails", "dateOfBirth"))
        for path in IDENTIFIED:
            faults += _faults_in(value_at(document, path), path)
        faults = [replace(fault, pointer=prefix + fault.pointer) for fault in faults]
    return faults


def _faults_in(value: Any, path: tuple[str, ...]) -> Iterator[Fault]:
    """Check every identifier inside a part of a plan."""
    if not isinstance(value, dict):
        return
    for name, member in value.items():
        if name in PLAN_IDENTIFIERS:
            for one in member if isinstance(member, list) else [member]:
                yield from _identifier_fault(PLAN_IDENTIFIERS[name], one, pointer(*path, name))
        elif isinstance(member, dict):
            yield from _faults_in(member, (*path, name))


def _identifier_faults(properties: Mapping[str, Any], body: Any, path: tuple[str, ...]) -> Iterator[Fault]:
    """Walk a body beside its schema and check every value that the schema calls an identifier."""
    if not isinstance(body, dict):
        return
    for name, schema in properties.items():
        if name not in body or not isinstance(schema, dict):
            continue
        yield from _value_faults(schema, body[name], (*path, name))


def _value_faults(schema: Mapping[str, Any], value: Any, path: tuple[str, ...]) -> Iterator[Fault]:
    form = str(schema.get("format", ""))
    if form in PARSERS and isinstance(value, str):
        yield from _identifier_fault(form, value, pointer(*path))
    elif "$ref" in schema:
        yield from _faults_in(value, path)
    elif isinstance(value, dict):
        yield from _identifier_faults(schema.get("properties", {}), value, path)
        others = schema.get("additionalProperties")
        if isinstance(others, dict):
            yield from _identifier_faults(dict.fromkeys(value, others), value, path)
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        for index, member in enumerate(value):
            yield from _value_faults(schema["items"], member, (*path, str(index)))


def _identifier_fault(form: str, value: str, place: str) -> list[Fault]:
    try:
        PARSERS[form](value)
    except IdentifierError as error:
        return [Fault(pointer=place, text=str(error), rule=error.code)]
    return []


def _each_once(faults: list[Fault]) -> tuple[Fault, ...]:
    told: dict[str, Fault] = {}
    for fault in faults:
        told.setdefault(fault.pointer, fault)
    return tuple(told.values())
