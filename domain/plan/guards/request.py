"""Guards of a request for assessment, and of exceptions to time limits (CFA s.36; regs 4, 5, 10, 13)."""

from collections.abc import Iterator

from domain.clocks import exception_window
from domain.errors import Breach
from domain.plan.context import Context
from domain.plan.guards.registry import guard

#: The family itself asks (SEN2 item RequestSource).
BY_FAMILY = "1"
CLOSURES = frozenset({"a", "b"})
ABSENCES = {"d": 28, "adviser-absence": 28, "tribunal-absence": 14}
LIMITS = "reg 5(4); reg 10(4); reg 13(3)"


@guard("request-id-new")
def request_id_new(context: Context) -> Iterator[Breach]:
    """Each request has a name of its own, so that one can be withdrawn while another stands."""
    if context.state.case("request", str(context.data.get("requestId", ""))):
        yield context.breach("request-known", "There is a request of that name already.", pointer="/requestId")


@guard("request-stands")
def request_stands(context: Context) -> Iterator[Breach]:
    """Only a request that stands can be withdrawn."""
    request = context.state.case("request", str(context.data.get("requestId", "")))
    if request is None or request.status != "STANDING":
        yield context.breach("no-such-request", "No request of that name stands.", pointer="/requestId")


@guard("family-consulted-first")
def family_consulted_first(context: Context) -> Iterator[Breach]:
    """Before it decides, the council consults the parent or young person, unless they asked themselves."""
    requests = context.state.open_cases("request", "STANDING")
    asked = any(request.data.get("source") == BY_FAMILY for request in requests)
    if not asked and not context.state.happened_after("family-consulted-on-request", "further-request-received"):
        yield context.breach(
            "family-not-consulted",
            "The parent or young person is consulted before the council decides on somebody else's request.",
            law="CFA s.36(4)",
        )


@guard("refusal-explained")
def refusal_explained(context: Context) -> Iterator[Breach]:
    """A refusal gives its reasons and tells of the right of appeal and of mediation."""
    if context.data.get("decision") != "REFUSE":
        return
    if not context.data.get("reasons"):
        yield context.breach("reasons-missing", "A refusal gives its reasons.", pointer="/reasons")
    if not context.data.get("rightsExplained"):
        yield context.breach(
            "rights-not-explained",
            "The notice of a refusal tells of the right of appeal, mediation, and advice and information.",
            law="reg 5(3); reg 10(3); reg 32",
            pointer="/rightsExplained",
        )


@guard("exception-in-order")
def exception_in_order(context: Context) -> Iterator[Breach]:
    """The circumstance has a first and a last day, and an absence is as long as the Regulations say."""
    first, last = context.act.on("from"), context.act.on("to")
    if first and last and last < first:
        yield context.breach("dates-out-of-order", "It ends before it begins.", law=LIMITS, pointer="/to")
    needed = ABSENCES.get(str(context.data.get("code", "")))
    if needed is None:
        return
    if not first or not last or (last - first).days + 1 < needed:
        yield context.breach(
            "absence-too-short",
            f"An absence excuses only when it lasted {needed // 7} weeks on end: give its first and last day.",
            law="reg 5(4)(d); reg 10(4)(d); reg 8(2); reg 44(3)",
            pointer="/from",
        )


@guard("closure-exception")
def closure_exception(context: Context) -> Iterator[Breach]:
    """A closure excuses where it lasted four weeks and that head was asked for advice about the time of it."""
    if context.data.get("code") not in CLOSURES:
        return
    closed, reopens = context.act.on("closedOn"), context.act.on("reopensOn")
    window = exception_window(closed, reopens) if closed and reopens else None
    if window is None:
        yield context.breach(
            "closure-too-short",
            "A closure excuses only when it lasted four weeks on end: give its first day and the day after it.",
            law="reg 5(4)(a), (b); reg 10(4)(a), (b)",
            pointer="/closedOn",
        )
        return
    advice = context.state.case("advice", str(context.data.get("adviceId", "")))
    asked = str(advice.data.get("requestedOn", advice.opened_on)) if advice else ""
    if not window.first.isoformat() <= asked <= window.last.isoformat():
        yield context.breach(
            "not-asked-in-that-time",
            f"It excuses only where advice was asked of that head from {window.first.isoformat()} to "
            f"{window.last.isoformat()}: name that request.",
            law="reg 5(4)(a), (b); reg 10(4)(a), (b)",
            pointer="/adviceId",
        )


@guard("coronavirus-exception-in-time")
def coronavirus_exception_in_time(context: Context) -> Iterator[Breach]:
    """Limits were relaxed for a coronavirus reason from 1 May to 25 September 2020 only."""
    if context.data.get("code") != "coronavirus":
        return
    first = context.act.on("from") or context.on
    if not any(r.valid_from <= first <= r.valid_to for r in context.rules.relaxations):
        yield context.breach(
            "not-relaxed-then",
            "No time limit was relaxed for a coronavirus reason at that time.",
            law="SI 2020/471 reg 2",
            pointer="/from",
        )
