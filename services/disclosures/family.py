"""What a family is told of the readers of its plan: in plain words, and never what would tip anybody off.

Nothing that a family sees has a number, a position or a count that would show that something lies between. UK GDPR Art
15; SEND Regulations 2014 reg 17; Children Act 2004 s.16LA; familyView of the gateways' code set.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Final

from msgspec import UNSET, Struct, UnsetType

from domain.calendar import london_date
from domain.codesets import Code, CodeSet
from domain.plan.acts import Actor
from domain.plan.state import PlanState
from services.disclosures.ledger import Entry
from services.disclosures.purposes import SHOWN_TO_FAMILY, family_view
from services.disclosures.values import EXPORTED, SHOWN

ROLES: Final[Mapping[str, str]] = {
    "case-officer": "The council's SEND team",
    "send-manager": "The council's SEND team",
    "identity-guardian": "The council's SEND team",
    "records-manager": "The council's records team",
    "school": "A school or college",
    "health": "A health service",
    "designated-clinical-officer": "A health service",
    "social-care": "Social care",
    "regulator": "A tribunal, ombudsman or inspectorate",
    "auditor": "An auditor or inspector",
    "safeguarding-lead": "A person responsible for safeguarding",
    "service": "A computer system",
    "family": "A member of the family",
}
"""Who reads, by role: staff are never named."""

DEEDS: Final[Mapping[str, str]] = {
    "plan": "Read the plan",
    "versions": "Read the list of versions",
    "diff": "Compared two versions",
    "clocks": "Read the deadlines",
    "history": "Read the history",
    "drafts": "Read the list of working drafts",
    "draft": "Worked on a draft",
    "disclosures": "Read who has seen the plan",
    "possible-breaches": "Looked for readers who should not have seen the plan",
    "entitlements": "Looked up who may see the plan",
    "replay": "Took a copy of the whole record",
    "subject-access-requests": "Read the list of requests for what is held",
    "subject-access": "Went through everything that is held, to answer a request for it",
    "subject-access-package": "Took the answer to a request for what is held",
}
"""What was done, in words."""

OF_THE_PLATFORM: Final = "Whoever runs the platform, or audits all of it"
"""How an organisation is called that no plan could name (`operator`, say)."""

RESTRICTED_NOTE: Final = (
    "People whose work it is have read the plan. Where and by whom isn't shown here, to keep the child safe."
)


class FamilyEntry(Struct, frozen=True, kw_only=True, rename="camel"):
    """One showing as its family reads it."""

    id: str
    time: datetime
    who: str
    organisation: str | UnsetType = UNSET
    what: str
    why: str
    law: str | UnsetType = UNSET


class FamilyWords:
    """Chooses what a family member is shown, and says it."""

    def __init__(
        self, code_sets: Mapping[str, CodeSet], names: Callable[[str, date], str] = lambda _organisation, _on: ""
    ) -> None:
        """The code sets give the councils' names, `names` what others were called on a day."""
        self._councils: Mapping[str, Code] = code_sets["local-authorities"].codes
        self._names = names

    def entries(
        self, found: list[Entry], state: PlanState, viewer: Actor, gateways: Mapping[str, Code], *, restricted: bool
    ) -> list[FamilyEntry]:
        """What this family member is shown, in order, by the gateways as they count.

        `restricted` from whom the child's place is held back.
        """
        shown = [entry for entry in found if _is_shown(entry, viewer, gateways, restricted=restricted)]
        return [self._said(entry, state, viewer, gateways) for entry in shown]

    def _said(self, entry: Entry, state: PlanState, viewer: Actor, gateways: Mapping[str, Code]) -> FamilyEntry:
        own = _is_own(entry, viewer)
        gateway = gateways.get(entry.gateway)
        on = london_date(entry.time)
        organisation = "" if entry.role == "family" else self._organisation(entry.organisation, state, on)
        return FamilyEntry(
            id=entry.id,
            time=entry.time.replace(microsecond=0),
            who="You" if own else ROLES.get(entry.role, "Somebody entitled to"),
            organisation=organisation or UNSET,
            what=_deed(entry),
            why=gateway.title if gateway else "A check of how the plan is kept",
            law=(gateway.text("law") if gateway else "") or UNSET,
        )

    def _organisation(self, organisation: str, state: PlanState, on: date) -> str:
        kind, _, code = organisation.partition(":")
        if organisation and not code:
            return OF_THE_PLATFORM
        if kind == "la":
            council = self._councils.get(code)
            return council.title if council else organisation
        placements = state.document.get("sections", {}).get("I", {}).get("placements", {}).values()
        names = (str(p.get("name", "")) for p in placements if p.get(kind) == code)
        return next(names, "") or self._names(organisation, on) or organisation


def _is_shown(entry: Entry, viewer: Actor, gateways: Mapping[str, Code], *, restricted: bool) -> bool:
    if entry.outcome not in (SHOWN, EXPORTED):
        return False
    if _is_own(entry, viewer):
        return True
    if restricted:
        return False
    if entry.review is not None:
        return entry.review.releases_to(viewer.contact_id)
    tells = entry.role == "family" or entry.emergency
    return not tells and family_view(entry.gateway, gateways) == SHOWN_TO_FAMILY


def _is_own(entry: Entry, viewer: Actor) -> bool:
    return entry.role == "family" and viewer.may_be(entry.actor, entry.issuer) and entry.contact_id == viewer.contact_id


def _deed(entry: Entry) -> str:
    words = DEEDS.get(entry.what, "Read from the record")
    return f"{words}: sections {', '.join(entry.sections)}" if entry.sections else words
