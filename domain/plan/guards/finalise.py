"""Guards of issuing a final plan (CFA ss.38 to 43; regs 12, 13)."""

from collections.abc import Iterator

from domain.document import golden_thread
from domain.document.thread import ThreadFinding
from domain.errors import Breach
from domain.plan.context import Context
from domain.plan.events import JsonObject
from domain.plan.guards.ordered import issues_as_ordered, text_is_settled
from domain.plan.guards.registry import guard
from domain.plan.state import Case, PlanState
from domain.plan.texts import text_of

#: What a named officer may let pass, giving a reason: a need of section B without provision in F.
MAY_BE_OVERRIDDEN = "need-without-provision"
OVERRIDING_ROLE = "send-manager"
REPLIED = "RESPONDED"


@guard("golden-thread-kept")
def golden_thread_kept(context: Context) -> Iterator[Breach]:
    """Every need of section B has provision in F, and nothing in the text points nowhere."""
    if not issues_as_ordered(context):
        for error in thread_errors(context):
            if not (error.rule == MAY_BE_OVERRIDDEN and overridden(context)):
                yield context.breach(error.rule, error.text, law=error.law, pointer=f"/plan{error.pointer}")


def thread_errors(context: Context) -> tuple[ThreadFinding, ...]:
    """What a final text may not have, as the golden-thread rules weigh it."""
    text = text_of(context)
    if text is None:
        return ()
    return tuple(f for f in golden_thread(text, finalising=True, on=context.on) if f.severity == "error")


def overridden(context: Context) -> bool:
    """Whether a named officer lets the plan issue although a need lacks provision."""
    return context.act.actor.role == OVERRIDING_ROLE and bool(context.data.get("overrideReason"))


@guard("draft-was-served")
def draft_was_served(context: Context) -> Iterator[Breach]:
    """A final plan follows a draft that the family was served with."""
    imported = context.state.baseline and context.state.phase == "DRAFT_ISSUED"
    served = imported or context.state.happened_after("draft-issued", "finalised")
    if not served:
        yield context.breach(
            "draft-not-served", "The family hasn't been served with a draft of this plan.", law="CFA s.38(1); reg 13(1)"
        )


@guard("window-over")
def window_over(context: Context) -> Iterator[Breach]:
    """The council waits until the family's time is over, or everybody served has said that nothing will follow."""
    served = context.state.last("draft-issued")
    until = served.get("representationsUntil", "")
    if context.on.isoformat() > until or _nothing_to_come(context):
        return
    yield context.breach(
        "representations-still-open",
        f"The family may make representations until {until}.",
        law="CFA s.38(2)(b); reg 13(1)(a)",
        pointer="/sentOn",
    )


def _nothing_to_come(context: Context) -> bool:
    awaited = draft_awaited(context.state)
    served = context.state.last("draft-issued").get("servedOn", {})
    return awaited is not None and bool(served) and set(served) <= set(awaited.data.get("finished", ()))


def draft_awaited(state: PlanState) -> Case | None:
    """The matter of the family's answers to the draft that was served last; an amendment notice has its own."""
    issued = state.fact("draft-issued")
    return state.case("representations", f"draft-{issued.last_sequence}") if issued else None


@guard("named-setting-consulted")
def named_setting_consulted(context: Context) -> Iterator[Breach]:
    """A setting is named only after it was consulted and has replied, or has let its time pass."""
    text = text_of(context)
    if text is None or text_is_settled(context):
        return
    consultations = context.state.open_cases("consultation", "SENT", "ACKNOWLEDGED", REPLIED)
    for placement_id, placement in text["sections"]["I"].get("placements", {}).items():
        called = _called(placement)
        asked = [case for case in consultations if called & _called_in(case)]
        if called and not any(_has_had_its_say(case, context) for case in asked):
            yield context.breach(
                "setting-not-consulted",
                "This setting hasn't been consulted, or its time to reply isn't over.",
                law="CFA s.39(2); s.40(2)",
                pointer=f"/plan/sections/I/placements/{placement_id}",
            )


def _called(placement: dict[str, object]) -> set[str]:
    """What identifies the setting: its numbers, or its name where the plan gives no number."""
    numbers = {f"{kind}:{placement[kind]}" for kind in ("urn", "ukprn") if kind in placement}
    return numbers or ({str(placement["name"]).casefold()} if "name" in placement else set())


def _called_in(case: Case) -> set[str]:
    return {str(case.data.get("organisation", "")), str(case.data.get("settingName", "")).casefold()} - {""}


def _has_had_its_say(case: Case, context: Context) -> bool:
    if case.status == REPLIED:
        return True
    clock = next((c for c in context.state.clocks.values() if c.matter == f"consultation/{case.id}"), None)
    until = max(str(case.data.get("replyBy", "")), clock.due_on if clock else "")
    return bool(until) and context.on.isoformat() > until


@guard("copies-to-those-entitled")
def copies_to_those_entitled(context: Context) -> Iterator[Breach]:
    """The final plan goes to the family, the named setting and the responsible commissioning bodies."""
    if not context.data.get("recipients"):
        yield context.breach(
            "family-not-sent", "Say to which contacts it was sent.", law="reg 13(2)(a)", pointer="/recipients"
        )
    sent = set(context.data.get("sentTo", ()))
    for organisation in sorted(_entitled(context) - sent):
        yield context.breach(
            "copy-owed", f"A copy must be sent to {organisation}.", law="reg 13(2)(b), (c)", pointer="/sentTo"
        )


def _entitled(context: Context) -> set[str]:
    return entitled_to(context.state, text_of(context) or {})


def entitled_to(state: PlanState, text: JsonObject) -> set[str]:
    """The settings that a text names, and the bodies that commission section G or agreed to an item of it."""
    sections = text.get("sections", {})
    placements = sections.get("I", {}).get("placements", {}).values()
    provisions = sections.get("G", {}).get("provisions", {})
    named = {f"{kind}:{p[kind]}" for p in placements for kind in ("urn", "ukprn") if kind in p and not _by_urn(kind, p)}
    bodies = (_commissioner(state, item_id, provision) for item_id, provision in provisions.items())
    return named | {f"ods:{code}" for code in bodies if code}


def _commissioner(state: PlanState, item_id: str, provision: JsonObject) -> str:
    """The code of the body that commissions an item, as the text has it or as the agreement does."""
    stated = provision.get("commissioner", {}).get("odsCode")
    return str(stated or state.health_agreements.get(item_id, {}).get("odsCode", ""))


def _by_urn(kind: str, placement: dict[str, object]) -> bool:
    """A setting with both numbers is sent one copy."""
    return kind == "ukprn" and "urn" in placement
