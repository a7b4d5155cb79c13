"""Guards on rights and capacity (CFA ss.80, 83; regs 63 to 65)."""

from collections.abc import Iterator

from domain.calendar import compulsory_school_age_ends
from domain.errors import Breach
from domain.plan.context import Context
from domain.plan.guards.registry import guard
from domain.plan.rights import PARENT, rights_have_passed


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
