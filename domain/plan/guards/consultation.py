"""Guards of consulting settings and deciding what the family asked for (CFA ss.38 to 40, 43)."""

from collections.abc import Iterator

from domain.access import named_settings
from domain.errors import Breach
from domain.plan.context import Context
from domain.plan.guards.dates import last_day
from domain.plan.guards.registry import guard

#: Grounds that compare what the settings cost.
ON_COST = frozenset({"S39_4_B_II", "S9"})
GROUNDS = "CFA s.39(4); s.33; Education Act 1996 s.9"


@guard("reply-time")
def reply_time(context: Context) -> Iterator[Breach]:
    """A setting has 15 days to reply; a shorter time isn't a consultation."""
    asked, until = context.act.on("consultedOn"), context.act.on("replyBy")
    earliest = last_day(context, "D6", {"consultedOn": asked}) if asked else None
    if until and earliest and until < earliest:
        yield context.breach(
            "reply-time-too-short",
            f"The setting may reply until {earliest.isoformat()} at least.",
            law="Code 9.83",
            pointer="/replyBy",
        )


@guard("attachments-have-reasons")
def attachments_have_reasons(context: Context) -> Iterator[Breach]:
    """Section K is closed to a consulted setting, but for advice of this plan that an officer selects with a reason."""
    advice = context.state.document.get("sections", {}).get("K", {}).get("advice", {})
    for advice_id in context.data.get("adviceShared", {}):
        if advice_id not in advice and context.state.case("advice", advice_id) is None:
            yield context.breach(
                "unknown-advice",
                f"This plan holds no advice '{advice_id}'.",
                law="reg 17(1)",
                pointer=f"/adviceShared/{advice_id}",
            )


@guard("no-has-ground")
def no_has_ground(context: Context) -> Iterator[Breach]:
    """A setting that says no says on which ground, and why."""
    if context.data.get("answer") == "NO":
        for name in ("ground", "reasons"):
            if not context.data.get(name):
                yield context.breach(
                    "ground-missing",
                    "A setting that says no gives a ground of the Act and the facts behind it.",
                    law="CFA s.39(4)",
                    pointer=f"/{name}",
                )


@guard("preference-refusal-grounded")
def preference_refusal_grounded(context: Context) -> Iterator[Breach]:
    """What the family asks for is named, unless a ground of the Act is made out; on cost, the costs are compared."""
    if context.data.get("decision") != "REFUSE":
        return
    for name in ("ground", "reasons"):
        if not context.data.get(name):
            yield context.breach(
                "ground-missing", "A refusal names its ground and gives reasons.", law=GROUNDS, pointer=f"/{name}"
            )
    if context.data.get("ground") in ON_COST and "costComparison" not in context.data:
        yield context.breach(
            "costs-not-compared",
            "A refusal on cost compares what both settings cost the public purse.",
            law=GROUNDS,
            pointer="/costComparison",
        )


@guard("asked-setting-consulted")
def asked_setting_consulted(context: Context) -> Iterator[Breach]:
    """The setting that the family asks for is consulted before the council decides."""
    asked = context.case.data.get("organisation") if context.case else None
    consulted = {case.data.get("organisation") for case in context.state.open_cases("consultation")}
    if asked and asked not in consulted:
        yield context.breach(
            "setting-not-consulted",
            "The setting that the family asks for hasn't been consulted.",
            law="CFA s.39(2)",
            pointer="/preferenceId",
        )


@guard("setting-is-named")
def setting_is_named(context: Context) -> Iterator[Breach]:
    """Only a setting that the plan names can refuse to admit; others decline in a consultation."""
    if context.data.get("organisation") not in named_settings(context.state.document):
        yield context.breach(
            "setting-not-named", "The plan in force doesn't name this setting.", pointer="/organisation"
        )
