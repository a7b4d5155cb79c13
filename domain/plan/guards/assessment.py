"""Guards of the needs assessment (CFA s.36; regs 6 to 8, 10)."""

from collections.abc import Iterator

from domain.calendar import national_curriculum_year
from domain.errors import Breach
from domain.plan.context import Context
from domain.plan.guards.dates import last_day
from domain.plan.guards.registry import guard

#: Advice that every assessment seeks; (f) and (h) depend on the case.
ALWAYS_SOUGHT = "abcde"
ADULTHOOD = "g"
ADULTHOOD_YEAR = 9
#: Only these can be left out because earlier advice is enough.
REUSABLE = frozenset("bcdefgh")


@guard("assessment-under-way")
def assessment_under_way(context: Context) -> Iterator[Breach]:
    """While a plan is maintained, advice is sought for a re-assessment only."""
    if context.state.phase == "MAINTAINED" and not context.state.open_cases("reassessment", "REASSESSING"):
        yield context.breach("no-assessment", "Nobody is assessing this child again.", law="CFA s.44(2); reg 6(1)")


@guard("advice-deadline")
def advice_deadline(context: Context) -> Iterator[Breach]:
    """An adviser is given the time of the Regulations at the most; the council can't lengthen it."""
    asked, due_on = context.act.on("requestedOn"), context.act.on("dueOn")
    latest = last_day(context, "D2", {"requestedOn": asked}) if asked else None
    if due_on and latest and due_on > latest:
        yield context.breach(
            "advice-due-too-late",
            f"Advice is due within six weeks, by {latest.isoformat()}.",
            law="reg 8(1)",
            pointer="/dueOn",
        )


@guard("waiting-list-dated")
def waiting_list_dated(context: Context) -> Iterator[Breach]:
    """An answer that the child is on a waiting list says when the child will be seen."""
    if context.data.get("answer") == "waitingList" and "availableOn" not in context.data:
        yield context.breach(
            "waiting-list-undated",
            "Say when the child will be seen: the six weeks don't wait for a list.",
            law="reg 8(1)",
            pointer="/availableOn",
        )


@guard("reuse-agreed-by-all-three")
def reuse_agreed_by_all_three(context: Context) -> Iterator[Breach]:
    """Earlier advice is used again only when its author, the council and the family are all satisfied."""
    for name, who in (
        ("authorAgreed", "the author"),
        ("councilAgreed", "the council"),
        ("familyAgreed", "the parent or young person"),
    ):
        if not context.data.get(name):
            yield context.breach(
                "reuse-not-agreed", f"It must be sought unless {who} is satisfied too.", pointer=f"/{name}"
            )
    if context.data.get("category") not in REUSABLE:
        yield context.breach("family-always-asked", "The views of the family are always sought.", pointer="/category")


@guard("advice-sought")
def advice_sought(context: Context) -> Iterator[Breach]:
    """The council decides on all the advice that the Regulations make it seek, or that was agreed to be enough."""
    again = context.state.fact("further-request-received")
    since = again.last_sequence if again else 0
    sought = {str(case.data.get("category")) for case in context.state.open_cases("advice") if case.opened_by > since}
    for category in (*ALWAYS_SOUGHT, *([ADULTHOOD] if _year(context) >= ADULTHOOD_YEAR else [])):
        if category not in sought:
            title = context.rules.code_sets["reg6-advice"].get(category).title
            yield context.breach(
                "advice-not-sought",
                f"Not sought yet: {title[0].lower()}{title[1:]} (reg 6(1)({category})).",
                law=f"reg 6(1)({category})",
            )


def _year(context: Context) -> int:
    """The year that the child is taught in; below every school year when it isn't known."""
    stated = context.state.person.get("ncYear")
    born = context.state.date_of_birth()
    if isinstance(stated, int):
        return stated
    return national_curriculum_year(born, context.on) if born else -5
