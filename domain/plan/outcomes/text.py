"""What a legal text changes when it is served, made final or put right."""

from collections.abc import Iterable

from msgspec.structs import replace

from domain.document import golden_thread, text_hash
from domain.document.thread import ThreadFinding
from domain.plan.context import Context
from domain.plan.effects import CaseEffect, Effects, FindingEffect, VersionEffect
from domain.plan.events import JsonObject
from domain.plan.guards.finalise import MAY_BE_OVERRIDDEN, draft_awaited, overridden, thread_errors
from domain.plan.guards.health_agreement import stands_agreed
from domain.plan.guards.ordered import issues_as_ordered
from domain.plan.outcomes.keeping import with_case
from domain.plan.outcomes.registry import outcome
from domain.plan.texts import text_of

WAITING = ("SENT", "ACKNOWLEDGED", "RESPONDED")


def with_thread_warnings(context: Context, effects: Effects) -> Effects:
    """What the golden thread says of the text and doesn't stop it."""
    text = text_of(context)
    if text is None:
        return effects
    final = context.spec.text == "final"
    found = golden_thread(text, finalising=final, on=context.on)
    return replace(effects, warnings=(*effects.warnings, *_as_warnings(f for f in found if f.severity == "warning")))


@outcome("text-warnings")
def text_warnings(context: Context, effects: Effects) -> Effects:
    """Warnings on the text, with what issues only because it was ordered or a named officer overrode it."""
    warned = with_thread_warnings(context, effects)
    if context.spec.text != "final":
        return warned
    passed = [e for e in thread_errors(context) if issues_as_ordered(context) or _let_pass(context, e)]
    return replace(warned, warnings=(*warned.warnings, *_as_warnings(passed)))


def _let_pass(context: Context, error: ThreadFinding) -> bool:
    return error.rule == MAY_BE_OVERRIDDEN and overridden(context)


def _as_warnings(found: Iterable[ThreadFinding]) -> tuple[FindingEffect, ...]:
    return tuple(FindingEffect(rule=f.rule, law=f.law, text=f.text) for f in found)


@outcome("draft-served")
def draft_served(context: Context, effects: Effects) -> Effects:
    """The next draft of the coming final plan; the family's answers to it are awaited."""
    phase = effects.phase if context.state.phase == "MAINTAINED" else context.reached("DRAFT_ISSUED")
    number = _drafts_of_coming_final(context) + 1
    served: JsonObject = {key: context.data[key] for key in ("servedOn", "representationsUntil") if key in context.data}
    awaited = CaseEffect(
        kind="representations", id=f"draft-{context.state.sequence + 1}", status="AWAITED", data=served
    )
    version = VersionEffect(number=number, kind="draft") if text_of(context) else None
    return with_case(replace(effects, phase=phase, version=version), awaited)


def _drafts_of_coming_final(context: Context) -> int:
    finals = [version.sequence for version in context.state.versions if version.kind == "final"]
    last_final = max(finals, default=0)
    return sum(v.kind == "draft" and v.sequence > last_final for v in context.state.versions)


@outcome("representation")
def representation(context: Context, effects: Effects) -> Effects:
    """A contact has answered the latest draft, and may have said that nothing more will come."""
    awaited = draft_awaited(context.state)
    if awaited is None or not context.data.get("nothingFurther"):
        return effects
    finished = {*awaited.data.get("finished", ()), context.data.get("contactId", "")}
    return with_case(
        effects,
        CaseEffect(kind="representations", id=awaited.id, status="AWAITED", data={"finished": sorted(finished)}),
    )


@outcome("made-final")
def made_final(context: Context, effects: Effects) -> Effects:
    """The text becomes law under the next number, from the day on which it was sent."""
    if text_of(context) is None:
        return replace(effects, phase=context.reached("MAINTAINED"))
    number = context.state.highest_final + 1
    version = VersionEffect(number=number, kind="final", basis=str(context.data.get("basis", "")))
    return replace(effects, phase=context.reached("MAINTAINED"), version=version)


@outcome("same-version")
def same_version(context: Context, effects: Effects) -> Effects:
    """A later text of the version in force: nothing that the law asks for has changed, so no number is used."""
    current = context.state.current_version()
    if text_of(context) is None:
        return effects
    number = current.number if current else 1
    return replace(effects, version=VersionEffect(number=number, kind="final", basis=current.basis if current else ""))


@outcome("put-right")
def put_right(context: Context, effects: Effects) -> Effects:
    """The version in force reads so from its own day on: a slip of the pen was never what the plan said in law."""
    corrected, current = same_version(context, effects), context.state.current_version()
    if corrected.version is None or current is None:
        return corrected
    return replace(corrected, version=replace(corrected.version, effective_on=current.effective_on))


@outcome("consultations-closed")
def consultations_closed(context: Context, effects: Effects) -> Effects:
    """Naming a setting ends every consultation: whoever isn't named can't open the draft any more."""
    placements = (text_of(context) or {}).get("sections", {}).get("I", {}).get("placements", {}).values()
    named = {f"{kind}:{p[kind]}" for p in placements for kind in ("urn", "ukprn") if kind in p}
    for case in context.state.open_cases("consultation", *WAITING):
        status = "NAMED" if case.data.get("organisation") in named else "CLOSED"
        effects = with_case(effects, CaseEffect(kind="consultation", id=case.id, status=status))
    return effects


@outcome("health-agreements-kept")
def health_agreements_kept(context: Context, effects: Effects) -> Effects:
    """What was agreed carries over to the next text as long as the item reads the same."""
    provisions = (text_of(context) or {}).get("sections", {}).get("G", {}).get("provisions", {})
    kept = {
        item: _evidence(context, item, provision)
        for item, provision in provisions.items()
        if stands_agreed(context, item, provision)
    }
    return replace(effects, health_agreements={**effects.health_agreements, **kept})


def _evidence(context: Context, item: str, provision: JsonObject) -> JsonObject:
    """The agreement on record, else the one that a recorded text says of itself."""
    known: JsonObject = context.state.health_agreements.get(item, {})
    if known.get("textHash") == text_hash(provision):
        return known
    stated: JsonObject = provision.get("healthAgreement", {})
    return stated


@outcome("reassessment-completed")
def reassessment_completed(context: Context, effects: Effects) -> Effects:
    """The new final plan ends the re-assessment."""
    if context.data.get("purpose") != "REASSESSMENT":
        return effects
    for case in context.state.open_cases("reassessment", "REASSESSING"):
        done = {"concludedBy": "final plan", "finalSentOn": context.data.get("sentOn", "")}
        effects = with_case(effects, CaseEffect(kind="reassessment", id=case.id, status="CONCLUDED", data=done))
    return effects
