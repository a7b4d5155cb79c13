"""What the register of plans says of a plan after an act: whose it is, where it stands, how it can be found."""

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from domain.plan.state import PlanState
from services.store.blind_index import BlindIndex
from services.store.register import LOCAL_REFERENCE, NHS_NUMBER, UPN, plan_matches
from services.store.values import RegisterChange

#: The line of the file from which a plan was imported: it tells a repeated import from a new one.
IMPORT_SOURCE = "importSource"
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


def identifiers(state: PlanState) -> frozenset[Identifier]:
    """What the plan is found by."""
    return frozenset() if state.phase in NOT_FOUND_IN else frozenset(_identifiers(state))


def _identifiers(state: PlanState) -> Iterator[Identifier]:
    if state.local_reference:
        yield Identifier(LOCAL_REFERENCE, state.local_reference, state.maintaining_la)
    imported = state.last("baseline-imported").get("sourceFile")
    if imported:
        place = f"{imported['sha256']}:{imported.get('line', 1)}"
        yield Identifier(IMPORT_SOURCE, place, state.maintaining_la)
    held = state.person.get("identifiers", {})
    # Numbers once held stay findable: messages about a superseded NHS number name the old one. A sealing clears them.
    for number in {held.get("nhsNumber"), *_former(state, "nhsNumber")} - {None}:
        yield Identifier(NHS_NUMBER, number)
    for number in {held.get("upn"), *held.get("formerUpns", ()), *_former(state, "upn")} - {None}:
        yield Identifier(UPN, number)


def _former(state: PlanState, scheme: str) -> Iterator[str]:
    """Numbers of the child that ended. One that was corrected was never this child's, perhaps another's."""
    for former in state.person.get("formerIdentifiers", {}).values():
        if former.get("scheme") == scheme and former.get("reason") != NEVER_THEIRS:
            yield former["value"]
