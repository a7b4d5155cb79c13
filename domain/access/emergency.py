"""What a safeguarding lead may read in an emergency, without a relation to the plan (Children Act 2004 s.16LA)."""

from typing import Final

from domain.access.entitlement import SECTIONS, Entitlement, Grant
from domain.plan.state import PlanState

EMERGENCY: Final = "emergency"
"""What stands in the place of a relation."""

EMERGENCY_ROLE: Final = "safeguarding-lead"
"""The role that may read so, of whatever organisation."""

EMERGENCY_GATEWAY: Final = "CA04_16LA_SAFEGUARDING"

_REASON: Final = "Duty to share information that bears on the child's safety."
_WITHHOLDS: Final = frozenset({"restricted-addresses", "restrictions", "upn"})


def emergency_entitlement(state: PlanState) -> Entitlement:
    """The texts of the plan, none from before its identity was sealed; neither history nor duties nor working drafts.

    Who must not be found isn't, and why is not told: a text in many hands is no help to a child in hiding.
    """
    texts = frozenset(version.sequence for version in state.versions if version.sequence >= state.sealed_from)
    grant = Grant(relation=EMERGENCY, gateway=EMERGENCY_GATEWAY, reason=_REASON, texts=texts, withholds=_WITHHOLDS)
    return Entitlement(
        allowed=True,
        policy="",
        reason=_REASON,
        relation=EMERGENCY,
        gateway=EMERGENCY_GATEWAY,
        sections=SECTIONS,
        drafts=True,
        finals=True,
        grants=(grant,),
    )
