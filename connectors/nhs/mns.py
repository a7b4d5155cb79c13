"""A signal in the form of NHS England's Multicast Notification Service, for those who are told by NHS number.

The platform's own signals name a plan by its opaque id. Here, and only at the moment of sending, the subject becomes
the NHS number, which must have been verified (status 01): a number that nobody traced may be another child's.
`filtering` is an object, which CloudEvents 1.0 doesn't allow, and belongs to this form alone.
"""

import re
from collections.abc import Mapping
from typing import Final

import orjson

from domain.document.json_values import JsonObject

MEDIA_TYPE: Final = "application/cloudevents+json"
VERIFIED: Final = "01"
"""NHS number status indicator: present and verified (NHS Data Dictionary)."""


_TARGET: Final = re.compile(r"mesh://([A-Z0-9]{5,20})\?workflow_id=([A-Z0-9_-]{1,50})")


def mesh_target(target: str) -> tuple[str, str] | None:
    """The mailbox and the workflow id of mesh://MAILBOX?workflow_id=WORKFLOW, as MNS writes it; None for another."""
    found = _TARGET.fullmatch(target)
    return (found[1], found[2]) if found else None


def verified_nhs_number(identifiers: JsonObject) -> str | None:
    """The NHS number of a plan's identifiers when it may be used to tell the NHS who is meant; else None."""
    verified = identifiers.get("nhsNumberStatus") == VERIFIED
    return identifiers.get("nhsNumber") if verified else None


def mns_event(signal: JsonObject, nhs_number: str, filtering: Mapping[str, str | int | bool]) -> bytes:
    """The event as MNS takes it: the signal about this NHS number, as JSON. Empty `filtering` is left out."""
    extra = {"filtering": dict(filtering)} if filtering else {}
    return orjson.dumps({**signal, "subject": nhs_number, **extra})
