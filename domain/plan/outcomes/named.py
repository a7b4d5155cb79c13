"""Whom a final text makes a party to the plan, and what it tells of the person that the record didn't hold."""

from collections.abc import Iterable
from datetime import date

from msgspec.structs import replace

from domain.plan.context import Context
from domain.plan.effects import Effects, PartyEffect
from domain.plan.events import JsonObject
from domain.plan.outcomes.registry import outcome
from domain.plan.outcomes.responsible import HEALTH_BODY, party_changes
from domain.plan.texts import text_of

NAMED_SETTING = "namedSetting"
#: How a setting's number is written in a role: a school's first, as returns do.
NUMBERS = ("urn", "ukprn")


@outcome("parties-named")
def parties_named(context: Context, effects: Effects) -> Effects:
    """From the day of the text its settings are named, and the bodies of section G are responsible.

    A setting that isn't named any more was a party until the day before. A health body stays responsible until the
    act that says who took over.
    """
    text, version = text_of(context), effects.version
    if text is None or version is None or version.kind != "final":
        return effects
    since = date.fromisoformat(version.effective_on) if version.effective_on else context.on
    named, held = _settings(text), _holding(context, NAMED_SETTING)
    stated = {change.organisation for change in effects.parties if change.role == HEALTH_BODY}
    changes = [
        *_ended(held - named, since),
        *_taken_on(NAMED_SETTING, named - held, since),
        *_taken_on(HEALTH_BODY, _bodies(text) - stated - _holding(context, HEALTH_BODY), since),
    ]
    return replace(effects, parties=(*effects.parties, *changes))


def _settings(text: JsonObject) -> set[str]:
    placements = text.get("sections", {}).get("I", {}).get("placements", {}).values()
    numbers = (next((f"{n}:{placement[n]}" for n in NUMBERS if n in placement), "") for placement in placements)
    return {number for number in numbers if number}


def _bodies(text: JsonObject) -> set[str]:
    provisions = text.get("sections", {}).get("G", {}).get("provisions", {}).values()
    return {f"ods:{code}" for p in provisions if (code := p.get("commissioner", {}).get("odsCode"))}


def _holding(context: Context, role: str) -> set[str]:
    return {p.organisation for p in context.state.parties if p.role == role and p.until is None}


def _ended(organisations: Iterable[str], on: date) -> list[PartyEffect]:
    return [change for name in sorted(organisations) for change in party_changes(NAMED_SETTING, name, "", on)]


def _taken_on(role: str, organisations: Iterable[str], on: date) -> list[PartyEffect]:
    return [change for name in sorted(organisations) for change in party_changes(role, "", name, on)]


@outcome("person-completed")
def person_completed(context: Context, effects: Effects) -> Effects:
    """What the text tells of the person and the record doesn't hold yet is taken over; nothing held is changed.

    A text may be older than a change of name, number or contact: those are changed by their own acts. Once an
    identity is sealed nothing is taken from texts, which may still know the former one.
    """
    if context.state.sealed_from:
        return effects
    details = (text_of(context) or {}).get("personalDetails", {})
    return replace(effects, person={**effects.person, **_missing(context.state.person, details)})


def _missing(held: JsonObject, told: JsonObject) -> JsonObject:
    """The members of `told` that `held` doesn't have, at any depth."""
    gaps: JsonObject = {}
    for name, value in told.items():
        if name not in held:
            gaps[name] = value
        elif isinstance(value, dict) and isinstance(held[name], dict) and (deeper := _missing(held[name], value)):
            gaps[name] = deeper
    return gaps
