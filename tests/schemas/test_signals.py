"""The published form of signals: every type has its schema, and the AsyncAPI document leads to each of them."""

import warnings
from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import BaseModel, ValidationError

from domain.signals.carried import carried
from domain.signals.types import GRANTED, WITHDRAWN, SignalTypes
from services.reference_data import load_catalogue, load_policies, load_signal_types
from services.validation import SCHEMA_BASE, Validator, load_schema

FOLDER = Path(__file__).parents[2] / "schemas" / "signals"
TYPES = load_signal_types()
EXAMPLE = {
    "specversion": "1.0",
    "id": "0190f3a4-7d1c-7b6e-8f00-0123456789ab",
    "source": "urn:ehcp-exchange:example",
    "type": "ehcp-plan-amended-1",
    "subject": "380ccae8-c23e-4f43-bad9-8e1c57b8a833",
    "time": "2026-11-02T12:00:00.000Z",
    "versionid": "17",
    "recipientsequence": 4,
    "dataref": "https://ehcp.example/v1/plans/380ccae8-c23e-4f43-bad9-8e1c57b8a833?version=2&knownAt=99",
}


def validator(type_: str) -> Validator:
    return Validator.for_schema(f"{SCHEMA_BASE}signals/{type_}.schema.json")


def asyncapi_model() -> type[BaseModel]:
    """A model of AsyncAPI 3 by other people; one of its fields has the name of a method that pydantic has given up."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", 'Field name "schema" in', UserWarning)
        from asyncapi3.models import AsyncAPI3  # noqa: PLC0415 - its import warns
    return AsyncAPI3


def document() -> dict[str, Any]:
    content: dict[str, Any] = orjson.loads((FOLDER / "asyncapi.json").read_bytes())
    return content


def test_a_signal_is_valid_with_these_attributes_and_no_other() -> None:
    assert validator("ehcp-plan-amended-1").is_valid(EXAMPLE)
    for changed in ({"name": "Robin"}, {"type": "ehcp-plan-ceased-1"}, {"subject": "9990000050"}, {"versionid": 17}):
        assert not validator("ehcp-plan-amended-1").is_valid({**EXAMPLE, **changed}), changed
    for name in EXAMPLE:
        assert not validator("ehcp-plan-amended-1").is_valid({k: v for k, v in EXAMPLE.items() if k != name}), name


def test_that_access_was_withdrawn_leads_nowhere() -> None:
    ended = {**EXAMPLE, "type": WITHDRAWN}
    assert not validator(WITHDRAWN).is_valid(ended)
    assert validator(WITHDRAWN).is_valid({k: v for k, v in ended.items() if k != "dataref"})


def test_the_names_of_the_notification_service_are_lower_case_kebabs_with_a_version() -> None:
    for name in TYPES.names:
        assert name == name.lower()
        assert name.startswith("ehcp-")
        assert name.rpartition("-")[2].isdigit()
    assert all(name == name.lower() for name in EXAMPLE)


def test_the_document_has_a_message_with_the_schema_of_each_type() -> None:
    found = document()
    assert found["asyncapi"] == "3.0.0"
    messages = found["components"]["messages"]
    assert messages.keys() == TYPES.names
    for name, message in messages.items():
        path = (FOLDER / message["payload"]["schema"]["$ref"]).resolve()
        assert load_schema(orjson.loads(path.read_bytes())["$id"])["properties"]["type"] == {"const": name}


def test_another_hand_s_reading_of_the_specification_accepts_the_document() -> None:
    assert asyncapi_model().model_validate(document())


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        (("operations", "publishToTopic", "action"), "emit"),
        (("channels", "topic", "partitions"), 1),
        (("operations", "publishToTopic", "channel"), None),
        (("info", "version"), None),
    ],
)
def test_it_refuses_what_the_specification_has_not(place: tuple[str, ...], wrong: object) -> None:
    found = document()
    *path, last = place
    target: Any = found
    for step in path:
        target = target[step]
    target[last] = wrong
    with pytest.raises(ValidationError):
        asyncapi_model().model_validate(found)


def test_every_reference_inside_the_document_leads_somewhere() -> None:
    found = document()
    for reference in references(found):
        place: Any = found
        for step in reference.removeprefix("#/").split("/") if reference.startswith("#/") else ():
            place = place[step]
        assert place


def references(value: Any) -> list[str]:
    if isinstance(value, list):
        return [one for member in value for one in references(member)]
    if not isinstance(value, dict):
        return []
    mine = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
    return mine + [one for member in value.values() for one in references(member)]


def test_nothing_is_told_of_events_of_safeguarding_sealing_restrictions_and_disclosures() -> None:
    silent = ("identity-", "restriction-", "contact-", "disclosed", "sharing-", "accessed", "legal-hold", "consent-")
    for event in TYPES.by_event:
        assert not event.removeprefix("ehcp.plan.").startswith(silent), event


def test_only_relations_in_which_plans_are_listed_are_told() -> None:
    rules = load_policies().editions[-1].relations
    assert all(rules[relation].lists for kind in TYPES.types for relation in kind.to)
    assert TYPES.by_event.keys() <= load_catalogue().events.keys()
    assert TYPES.told_to("tribunal") == frozenset()


def test_what_can_be_carried_to_a_relation_is_the_same_few_attributes_or_nothing() -> None:
    policy = load_policies().editions[-1]
    for relation in policy.relations:
        found = carried(TYPES, policy, relation)
        assert not found or policy.relations[relation].lists
        assert all(set(attributes) <= EXAMPLE.keys() for attributes in found.values())
    assert "ehcp-tribunal-order-1" not in carried(TYPES, policy, "named-setting")
    for silent in ("parent", "auditor", "identity-guardian", "former-named-setting", "tribunal", "social-care"):
        assert carried(TYPES, policy, silent) == {}, silent


@pytest.mark.parametrize(
    "types",
    [
        [],
        [{"type": GRANTED, "title": "t", "events": [], "to": []}],
        [{"type": name, "title": "t", "events": ["finalised"], "to": []} for name in (GRANTED, WITHDRAWN)],
        [{"type": name, "title": "t", "events": [], "to": []} for name in (GRANTED, WITHDRAWN, GRANTED)],
    ],
)
def test_types_that_contradict_each_other_are_refused(types: list[dict[str, Any]]) -> None:
    with pytest.raises(ValueError, match="types of signals"):
        SignalTypes.of({"types": types})
