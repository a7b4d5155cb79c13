"""What the register of plans says of a plan after an act: whose it is, where it stands, how it can be found."""

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from domain.plan.events import JsonObject, PlanEvent
from domain.plan.evolve import effects_of
from domain.plan.state import PlanState
from services.store.blind_index import BlindIndex
from services.store.register import LOCAL_REFERENCE, NHS_NUMBER, UPN, plan_matches
from services.store.values import RegisterChange

#: The line of the file from which a plan was imported: it tells a repeated import from a new one.
IMPORT_SOURCE = "importSource"
SOURCE_FILE = "sourceFile"
BASELINE_IMPORTED = "ehcp.plan.baseline-imported.v1"
#: A plan in one of these phases is not found by its identifiers any more.
NOT_FOUND_IN = frozenset({"VOIDED", "MERGED"})
#: Why a number ended that the child never had.
NEVER_THEIRS = "CORRECTED"


class Identifier(NamedTuple):
    """What a plan can be found by; `council` as in PlanMatch."""

    kind: str
    value: str
    council: str = ""


def register_change(state: PlanState, index: BlindIndex, before: PlanState | None = None) -> RegisterChange:
    """The plan's whole row in the register.

    `before` is the state whose row it replaces: identifiers that are the same are left as they are.
    """
    current, found_by = state.current_version(), identifiers(state)
    same = before is not None and before.sequence > 0 and identifiers(before) == found_by
    return RegisterChange(
        plan=UUID(state.plan_id),
        council=state.maintaining_la,
        phase=state.phase,
        version=current.number if current else 0,
        retired_into=UUID(state.survivor) if state.survivor else None,
        matches=None if same else tuple(form for identifier in found_by for form in plan_matches(index, *identifier)),
    )


def opening_change(state: PlanState, event: PlanEvent, index: BlindIndex) -> RegisterChange:
    """The first row of a record, from the event that opens it.

    What `register_change` says of the state that the event leads to, without that state: an import makes thousands of
    rows and needs none of the states.
    """
    effects = effects_of(event)
    council, made = effects.maintaining_la or state.maintaining_la, effects.version
    source = event.data.get(SOURCE_FILE, {}) if event.type == BASELINE_IMPORTED else {}
    found_by = frozenset(_identifiers(council, effects.local_reference, source, effects.person))
    return RegisterChange(
        plan=event.plan,
        council=council,
        phase=effects.phase,
        version=made.number if made and made.kind == "final" else 0,
        matches=tuple(form for identifier in found_by for form in plan_matches(index, *identifier)),
    )


def identifiers(state: PlanState) -> frozenset[Identifier]:
    """What the plan is found by."""
    if state.phase in NOT_FOUND_IN:
        return frozenset()
    source = state.last(BASELINE_IMPORTED).get(SOURCE_FILE, {})
    return frozenset(_identifiers(state.maintaining_la, state.local_reference, source, state.person))


def _identifiers(council: str, reference: str, source: JsonObject, person: JsonObject) -> Iterator[Identifier]:
    if reference:
        yield Identifier(LOCAL_REFERENCE, reference, council)
    if source:
        yield Identifier(IMPORT_SOURCE, f"{source['sha256']}:{source.get('line', 1)}", council)
    held = person.get("identifiers", {})
    # Numbers once held stay findable: messages about a superseded NHS number name the old one. A sealing clears them.
    for number in {held.get("nhsNumber"), *_former(person, "nhsNumber")} - {None}:
        yield Identifier(NHS_NUMBER, number)
    for number in {held.get("upn"), *held.get("formerUpns", ()), *_former(person, "upn")} - {None}:
        yield Identifier(UPN, number)


def _former(person: JsonObject, scheme: str) -> Iterator[str]:
    """Numbers of the child that ended. One that was corrected was never this child's, perhaps another's."""
    for former in person.get("formerIdentifiers", {}).values():
        if former.get("scheme") == scheme and former.get("reason") != NEVER_THEIRS:
            yield former["value"]
