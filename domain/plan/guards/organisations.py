"""Guards on councils and health bodies: moves, transfers and who is responsible (regs 15, 16)."""

from collections.abc import Iterator

from domain.codesets import CodeSet
from domain.errors import Breach
from domain.identifiers import IdentifierError, la_code_on
from domain.plan.context import Context
from domain.plan.guards.registry import guard

COUNCILS = "local-authorities"


def in_england(context: Context, code: str) -> bool:
    """Whether a DfE code is that of a council in England in use on the legal date."""
    return why_not_in_england(context, code) == ""


def why_not_in_england(context: Context, code: str) -> str:
    """Why a code isn't that of a council in England in use on the legal date ("" when it is)."""
    councils: CodeSet | None = context.rules.code_sets.get(COUNCILS)
    if councils is None:
        return ""
    try:
        la_code_on(code, context.on, councils)
    except IdentifierError as error:
        return str(error)
    return ""


@guard("destination-in-england")
def destination_in_england(context: Context) -> Iterator[Breach]:
    """A plan is transferred within England only, to a council that exists on that day."""
    to_la = context.data.get("toLa")
    why = why_not_in_england(context, str(to_la)) if to_la else ""
    if why:
        yield context.breach("not-a-council-in-england", why, law="reg 15(1)", pointer="/toLa")


@guard("another-council")
def another_council(context: Context) -> Iterator[Breach]:
    """A plan is transferred to another council than the one that maintains it."""
    if context.data.get("toLa") == context.state.maintaining_la:
        yield context.breach("same-council", "This council maintains the plan already.", pointer="/toLa")


@guard("moved-already")
def moved_already(context: Context) -> Iterator[Breach]:
    """The old council maintains the plan until the child has moved: there is never nobody."""
    moved = context.act.on("movedOn")
    if moved and moved > context.on:
        yield context.breach(
            "not-moved-yet",
            f"The child moves on {moved.isoformat()}; until then the old council maintains the plan.",
            law="reg 15(2)",
            pointer="/movedOn",
        )


@guard("another-body")
def another_body(context: Context) -> Iterator[Breach]:
    """Responsibility passes from one commissioning body to another."""
    if context.data.get("fromOds") == context.data.get("toOds"):
        yield context.breach("same-body", "The old and the new body are the same.", pointer="/toOds")


@guard("body-named-or-unresolved")
def body_named_or_unresolved(context: Context) -> Iterator[Breach]:
    """A settled responsibility names the body, its kind and the basis; an unsettled one names none."""
    resolved = context.data.get("status") == "RESOLVED"
    for name in ("odsCode", "basis", "bodyType"):
        if resolved and not context.data.get(name):
            yield context.breach(
                "body-incomplete",
                "A settled responsibility names the body, its kind and the basis.",
                pointer=f"/{name}",
            )
    if not resolved and context.data.get("odsCode"):
        yield context.breach(
            "body-unsettled",
            "While it isn't settled which body is responsible, none is named.",
            pointer="/odsCode",
        )


@guard("body-of-a-looked-after-child")
def body_of_a_looked_after_child(context: Context) -> Iterator[Breach]:
    """For a looked-after child placed away, the body of the place they came from stays responsible."""
    away = context.state.last("looked-after-changed")
    placed = away.get("lookedAfter") and away.get("placedAway")
    if placed and context.data.get("basis") in {"GP_REGISTRATION", "RESIDENCE"}:
        yield context.breach(
            "originating-body-responsible",
            "The child is looked after and placed away: the commissioning body of origin stays responsible.",
            law="SI 2012/2996; NHS England 'Who Pays?'",
            pointer="/basis",
        )


@guard("corporate-parent-named")
def corporate_parent_named(context: Context) -> Iterator[Breach]:
    """A looked-after child has a corporate parent, which may be another council than the maintaining one."""
    if context.data.get("lookedAfter") and not context.data.get("corporateParentLa"):
        yield context.breach(
            "corporate-parent-missing",
            "Name the council that looks after the child.",
            pointer="/corporateParentLa",
        )
