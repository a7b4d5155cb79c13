"""Who is calling, in the platform's own words, whatever the issuer's words for it are."""

import re
from typing import Final

from msgspec import Struct

#: The roles that `schemas/access/matrix.json` knows.
ROLES: Final = frozenset(
    {
        "case-officer", "send-manager", "identity-guardian", "records-manager", "social-care", "school", "health",
        "designated-clinical-officer", "family", "auditor", "regulator",
        "safeguarding-lead", "service",
    }
)  # fmt: skip
#: "la:855", "urn:199101", "ods:QJK", "family": a kind, and for most a code. No spaces, no other scripts.
ORGANISATION: Final = re.compile(r"[a-z][a-z0-9-]{0,30}(:[A-Za-z0-9.-]{1,60})?")
_LONGEST: Final = 255


class Principal(Struct, frozen=True, kw_only=True):
    """The caller of a request, as its issuer states it.

    `client` is the system to which the token was given (RFC 9068): where that is the subject itself, nobody sits there.
    """

    subject: str
    organisation: str
    role: str
    name: str = ""
    plan_id: str = ""
    contact_id: str = ""
    issuer: str = ""
    client: str = ""

    @property
    def is_system(self) -> bool:
        """Whether it is a system that acts by itself, and no person."""
        return bool(self.client) and self.client == self.subject


def fault_of(principal: Principal) -> str | None:
    """What no issuer may state, as a code; None for a principal that can be."""
    if not principal.subject or len(principal.subject) > _LONGEST or not principal.subject.isprintable():
        return "subject"
    if not ORGANISATION.fullmatch(principal.organisation):
        return "organisation"
    if principal.role not in ROLES:
        return "role"
    if max(len(principal.name), len(principal.plan_id), len(principal.contact_id), len(principal.client)) > _LONGEST:
        return "oversized"
    return None
