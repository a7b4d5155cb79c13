"""Why somebody is shown a plan: the gateway is that of the entitlement; staff and auditors may state another.

SEND Regulations 2014 reg 17 and the gateways' code set, whose familyView says what the family sees of each.
"""

from collections.abc import Mapping
from typing import Final

from domain.codesets import Code
from domain.plan.acts import Actor
from services.errors import Fault, InvalidContent

MAY_STATE: Final = frozenset({"case-officer", "send-manager", "identity-guardian", "social-care", "auditor"})
"""The roles that have a choice between purposes."""

SHOWN_TO_FAMILY, AFTER_REVIEW, NEVER = "shown", "afterReview", "never"


def check_purpose(actor: Actor, gateway: str | None, reason: str, gateways: Mapping[str, Code]) -> None:
    """Raises InvalidContent when the caller has no such choice, there is no such code, or it lacks its reason."""
    if gateway is None:
        return
    if actor.role not in MAY_STATE:
        raise _wrong("/gateway", "Yours follows from your relation to the plan: don't state one.", "gateway")
    if gateway not in gateways:
        raise _wrong("/gateway", "There is no such code in the code set of gateways.", "code")
    if family_view(gateway, gateways) == NEVER and not reason:
        raise _wrong("/reason", "This gateway needs a reason: the family isn't shown that you read.", "required")


def family_view(gateway: str | None, gateways: Mapping[str, Code]) -> str:
    """What the family sees of a showing under this gateway; under none, or one that is unknown: after a review."""
    code = gateways.get(gateway or "")
    return (code.text("familyView") if code else "") or AFTER_REVIEW


def _wrong(pointer: str, text: str, rule: str) -> InvalidContent:
    return InvalidContent((Fault(pointer=pointer, text=text, rule=rule),))
