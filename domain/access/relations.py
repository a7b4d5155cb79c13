"""Every relation of an organisation to a plan, made once for each state of it.

They are asked for again and again of the same state: for each caller who reads, each recipient of a signal, each text.
What was made is forgotten with the state, which never changes.
"""

from collections.abc import Iterator
from typing import Final
from weakref import ref

from domain.access.matters import advisers, asked_to_agree, consulted, recipients, regulators
from domain.access.parties import councils, health, providers, settings, social_care
from domain.access.relation import Relation
from domain.plan.state import PlanState

#: Relations that a sealing of the identity leaves as they were, whatever entry they rest on.
OUTLAST_A_SEALING: Final = frozenset(
    {"identity-guardian", "maintaining-council", "records-management", "auditor", "tribunal", "ombudsman"}
)
_SOURCES: Final = (
    councils, settings, health, consulted, asked_to_agree, advisers, providers, social_care, regulators, recipients,
)  # fmt: skip
_made: Final[dict[int, tuple[ref[PlanState], tuple[Relation, ...]]]] = {}


def organisations_of(state: PlanState) -> tuple[Relation, ...]:
    """Every relation of an organisation to the plan. After a sealing, what rests on entries before it is gone."""
    key = id(state)
    known = _made.get(key)
    if known is not None and known[0]() is state:
        return known[1]
    found = tuple(_relations(state))
    _made[key] = ref(state, lambda _gone: _made.pop(key, None)), found
    return found


def _relations(state: PlanState) -> Iterator[Relation]:
    for source in _SOURCES:
        for relation in source(state):
            if relation.name in OUTLAST_A_SEALING or relation.by >= state.sealed_from:
                yield relation
