"""Guards on rights and capacity (CFA ss.80, 83; regs 63 to 65)."""

from collections.abc import Iterator, Mapping
from typing import Final

from domain.calendar import compulsory_school_age_ends
from domain.errors import Breach
from domain.plan.context import Context
from domain.plan.guards.registry import guard
from domain.plan.rights import ALTERNATIVE_PERSON, PARENT, rights_have_passed
from domain.plan.state import PlanState

FAMILY: Final = "family"
CONSENTS: Final[Mapping[str, frozenset[str]]] = {
    "parentOrCarer": frozenset({"PARENT"}),
    "youngPerson": frozenset({"CHILD", "YOUNG_PERSON"}),
}
"""Whose consent somebody's word is, by what they are to the child."""


@guard("after-compulsory-school-age")
def after_compulsory_school_age(context: Context) -> Iterator[Breach]:
    """The rights pass at the end of the school leaving date, not before and not on the birthday."""
    born, since = context.state.date_of_birth(), context.act.on("since")
    if born is None or since is None or context.data.get("holder") == PARENT:
        return
    if not rights_have_passed(born, since):
        ends = compulsory_school_age_ends(born)
        yield context.breach(
            "still-of-compulsory-school-age",
            f"The rights pass at the end of the school leaving date, {ends.isoformat()}.",
            law="CFA s.83(2); Education Act 1996 s.8",
            pointer="/since",
        )


@guard("alternative-person-needs-capacity-assessment")
def alternative_person_needs_assessment(context: Context) -> Iterator[Breach]:
    """Somebody else decides for a young person only where an assessment says that capacity is lacking."""
    if context.data.get("holder") != "ALTERNATIVE_PERSON":
        return
    assessment = context.state.case("capacity", str(context.data.get("capacityId", "")))
    if assessment is None or assessment.data.get("hasCapacity") is not False:
        yield context.breach(
            "capacity-not-assessed",
            "An alternative person needs an assessment that the young person lacks capacity.",
            law="CFA s.80; reg 64; MCA 2005 ss.2, 3",
            pointer="/capacityId",
        )
    if not context.data.get("alternativeKind"):
        yield context.breach(
            "alternative-kind-missing",
            "Say whether the alternative person is a representative or a parent.",
            law="reg 64",
            pointer="/alternativeKind",
        )


@guard("own-consent")
def own_consent(context: Context) -> Iterator[Breach]:
    """A member of the family gives and takes back what is theirs to consent to; for all others the council asks.

    Else whoever may see the plan for a while could see to it that they always may.
    """
    actor, known = context.act.actor, context.case
    if actor.role != FAMILY:
        return
    given = {str(context.data.get("by", ""))} if "by" in context.data else set()
    given |= {str(known.data.get("by", ""))} if known else set()
    if given - _consents_of(context.state, actor.contact_id):
        yield context.breach(
            "another-persons-consent", "This isn't yours to consent to.", law="reg 17(1), (2)", pointer="/by"
        )


def _consents_of(state: PlanState, contact_id: str) -> frozenset[str]:
    """Whose consent a contact's word is."""
    kind = state.person.get("contacts", {}).get(contact_id, {}).get("kind")
    rights = state.last("right-holder-changed")
    if rights.get("holder") == ALTERNATIVE_PERSON and rights.get("contactId") == contact_id:
        return frozenset({ALTERNATIVE_PERSON})
    return CONSENTS.get(str(kind), frozenset())
