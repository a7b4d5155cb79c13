"""The decision: a state and an act in, an event out, or a refusal that cites the law. Pure.

An act is performed or recorded. Performing what the law forbids is refused. Recording what has happened is
never refused for a breach of law: the breach becomes a finding of the event, because a history that can't hold what
really happened is false.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from msgspec import json
from msgspec.structs import replace

from domain.errors import Breach, Refusal
from domain.plan.acts import PERFORM, Act
from domain.plan.context import Context
from domain.plan.duties import clock_effects
from domain.plan.effects import CaseEffect, Effects, FindingEffect
from domain.plan.events import DecidedEvent, JsonObject
from domain.plan.guards import GUARDS
from domain.plan.outcomes import OUTCOMES
from domain.plan.rights import is_anothers
from domain.plan.rules import RuleBook
from domain.plan.state import ENDED, PlanState, full_type
from domain.plan.texts import text_of

#: Phases whose names alone don't read as words in a sentence.
PHASES: Final = {
    "ASSESSMENT_REFUSED": "refused an assessment",
    "ISSUE_REFUSED": "refused a plan",
    "ENDED_DEATH": "closed after a death",
    "MERGED": "merged into another",
}


def decide(state: PlanState, act: Act, now: datetime, rules: RuleBook) -> DecidedEvent:
    """The event that this act makes of this state.

    Raises Refusal with every breach when the act is performed, and when an act that only others can do is performed.
    Raises KeyError when the catalogue has no such act.
    """
    context = Context(state=state, act=act, spec=rules.catalogue.acts[act.name], now=now, rules=rules)
    breaches = tuple(breaches_of(context))
    if context.performed and breaches:
        raise Refusal(breaches)
    effects = _effects(context, breaches)
    text = text_of(context)
    carried = {"plan": text} if text else {}
    data = {**act.data, **carried, "effects": _as_json(effects)}
    return DecidedEvent(type=context.spec.event, data=data)


def breaches_of(context: Context) -> Iterator[Breach]:
    """Every rule that the act would break, the general ones first."""
    yield from _mode_allowed(context)
    yield from _not_in_the_future(context)
    yield from _in_order(context)
    yield from _matter_known(context)
    for name in context.spec.guards:
        yield from GUARDS[name](context)


def _mode_allowed(context: Context) -> Iterator[Breach]:
    if context.act.mode not in context.spec.modes:
        yield context.breach(
            "mode-not-allowed",
            f"'{context.spec.title}' is somebody else's act: record that it happened (mode RECORD), don't perform it.",
            pointer="/mode",
        )


def _not_in_the_future(context: Context) -> Iterator[Breach]:
    if context.on > context.today:
        yield context.breach(
            "in-the-future",
            f"The act is dated {context.on.isoformat()}, which is after today ({context.today.isoformat()}).",
            pointer="/effectiveOn",
        )


def _in_order(context: Context) -> Iterator[Breach]:
    spec, state = context.spec, context.state
    if state.phase in ENDED and state.phase not in spec.from_:
        yield context.breach("record-ended", f"This record has ended ({_phase_in_words(state.phase)}).")
    elif spec.from_ and state.phase not in spec.from_:
        *others, last = map(_phase_in_words, spec.from_)
        allowed = f"{', '.join(others)} or {last}" if others else last
        yield context.breach(
            "out-of-order",
            f"'{spec.title}' belongs to a plan that is {allowed}; this one is {_phase_in_words(state.phase) or 'new'}.",
        )
    for name in spec.after:
        if not any(state.happened(alternative) for alternative in name.split("|")):
            missing = " or ".join(_event_title(context, alternative) for alternative in name.split("|"))
            yield context.breach("out-of-order", f"'{spec.title}' comes after '{missing}', which isn't on record.")


def _matter_known(context: Context) -> Iterator[Breach]:
    rule, case = context.spec.case, context.case
    if rule is None or not rule.from_:
        return
    if case is not None and is_anothers(case, context.act.actor, context.state):
        case = None
    pointer = f"/{rule.id_field}" if rule.id_field else ""
    if case is None:
        yield context.breach(
            "unknown-matter",
            f"The record has no {_in_words(rule.kind)} with this id for '{context.spec.title}' to continue.",
            pointer=pointer,
        )
    elif case.status not in rule.from_:
        yield context.breach(
            "matter-out-of-order",
            f"The {_in_words(rule.kind)} is {_in_words(case.status)}; '{context.spec.title}' doesn't follow from that.",
            pointer=pointer,
        )


def _effects(context: Context, breaches: tuple[Breach, ...]) -> Effects:
    spec = context.spec
    effects = Effects(
        phase=context.reached(spec.to),
        cases=(_case_effect(context),) if spec.case else (),
        findings=tuple(FindingEffect(rule=b.rule, law=b.law, text=b.text) for b in breaches),
    )
    for name in spec.outcomes:
        effects = OUTCOMES[name](context, effects)
    starts, stops = clock_effects(context, effects)
    return replace(effects, clock_starts=(*effects.clock_starts, *starts), clock_stops=(*effects.clock_stops, *stops))


def _case_effect(context: Context) -> CaseEffect:
    rule = context.spec.case
    if rule is None:
        raise ValueError("the act has no matter")
    kept = {key: value for key, value in context.data.items() if key not in {"plan", rule.id_field}}
    return CaseEffect(kind=rule.kind, id=context.case_id, status=rule.status, data=kept)


def _as_json(effects: Effects) -> JsonObject:
    """The effects as they will be read back: JSON has lists, no tuples."""
    stored: JsonObject = json.decode(json.encode(effects))
    return stored


def _event_title(context: Context, name: str) -> str:
    spec = context.rules.catalogue.events.get(full_type(name))
    return spec.title if spec else name


def _phase_in_words(phase: str) -> str:
    return PHASES.get(phase, _in_words(phase))


def _in_words(code: str) -> str:
    return code.replace("_", " ").replace("-", " ").lower()


__all__ = ["PERFORM", "breaches_of", "decide"]
