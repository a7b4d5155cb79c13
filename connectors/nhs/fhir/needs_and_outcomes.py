"""Needs (sections B, C and D) as Condition, outcomes (section E) as Goal."""

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from connectors.nhs.fhir import systems
from connectors.nhs.fhir.elements import (
    coding,
    concept,
    filled,
    identifier,
    in_order,
    item_id,
    note,
    references,
    string,
)
from connectors.nhs.fhir.organisations import Entry
from domain.document.json_values import JsonObject
from domain.document.sections import SECTIONS

HEADINGS: Final = {section.key: section.heading for section in SECTIONS}
#: The state of a need in FHIR's clinical status of a condition; one that was withdrawn is no longer relevant.
CLINICAL: Final = {"active": "active", "resolved": "resolved", "withdrawn": "inactive"}


def section_of(key: str) -> JsonObject:
    """The statutory part of the plan as a category."""
    return concept("", coding(systems.SECTION, key, HEADINGS[key]))


def needs_of(sections: JsonObject) -> dict[str, JsonObject]:
    """The needs of sections B, C and D by their id."""
    return {item: need for key in ("B", "C", "D") for item, need in sections.get(key, {}).get("needs", {}).items()}


def outcomes_of(sections: JsonObject) -> dict[str, JsonObject]:
    """The outcomes of section E by their id."""
    return dict(sections.get("E", {}).get("outcomes", {}))


def conditions(plan_id: UUID, subject: JsonObject, sections: JsonObject) -> Iterator[Entry]:
    """A Condition for each need: what the plan says, without a diagnosis of ours."""
    for key in ("B", "C", "D"):
        for item, need in in_order(sections.get(key, {}).get("needs", {})):
            status = coding(systems.CONDITION_CLINICAL, CLINICAL[need.get("status", "active")])
            kinds = [coding(systems.AREA_OF_NEED, need["area"])] if "area" in need else []
            types = [coding(systems.SEN_TYPE, need["senType"])] if "senType" in need else []
            yield (
                item_id(plan_id, item),
                filled(
                    resourceType="Condition",
                    identifier=[identifier(systems.ITEM, item)],
                    clinicalStatus=concept("", status),
                    category=[section_of(key), *([concept("", *kinds)] if kinds else [])],
                    code=concept(need["description"], *types),
                    subject=subject,
                    note=note(need.get("impact")),
                ),
            )


def goals(plan_id: UUID, subject: JsonObject, sections: JsonObject) -> Iterator[Entry]:
    """A Goal for each outcome, with the needs that it answers and the steps on the way."""
    needs = needs_of(sections)
    for item, outcome in in_order(outcomes_of(sections)):
        yield (
            item_id(plan_id, item),
            filled(
                resourceType="Goal",
                identifier=[identifier(systems.ITEM, item)],
                lifecycleStatus="active",
                category=[concept(outcome["domain"])] if "domain" in outcome else [],
                description=concept(outcome["text"]),
                subject=subject,
                target=_targets(outcome),
                addresses=references(plan_id, outcome.get("needIds", ()), needs),
                note=[*note(outcome.get("specific")), *note(_baseline(outcome)), *_steps(outcome)],
            ),
        )


def _targets(outcome: JsonObject) -> list[JsonObject]:
    """R4 wants a measure beside each target that is said in words (gol-1)."""
    due, wanted = outcome.get("achievableBy", ""), string(outcome.get("target"))
    measure = string(outcome.get("measure")) or (string(outcome["text"]) if wanted else "")
    target = filled(measure=concept(measure), detailString=wanted, dueDate=due)
    return [target] if target else []


def _baseline(outcome: JsonObject) -> str:
    return f"Where it starts: {outcome['baseline']}" if "baseline" in outcome else ""


def _steps(outcome: JsonObject) -> list[JsonObject]:
    steps = (step for _, step in in_order(outcome.get("steps", {})))
    return [{"text": string(f"Step: {step['text']}{_by(step)}")} for step in steps]


def _by(step: JsonObject) -> str:
    return f" (by {step['by']})" if "by" in step else ""
