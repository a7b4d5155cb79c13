"""What acts about the record itself change: merges, misfiled entries and corrections.

No entry is ever rewritten. An annulled entry stays where it is and doesn't count from the annulling entry on.
"""

from msgspec.structs import replace

from domain.plan.context import Context
from domain.plan.effects import Annulment, Effects, FindingEffect
from domain.plan.guards.records import OPENING
from domain.plan.outcomes.registry import outcome
from domain.plan.redactions import ALSO_IN
from domain.retention import standing

#: Where the matter of a merge keeps the sequence of the entry that merged, and in which statuses it stands.
MERGED_BY = "mergedBy"
MERGED = ("MERGED", "UNMERGE_PROPOSED")


@outcome("proposer")
def proposer(context: Context, effects: Effects) -> Effects:
    """Who proposed it is kept with the matter, so that somebody else carries it out."""
    actor = context.act.actor
    said = {"proposedBy": actor.subject} | ({"proposedByIssuer": actor.issuer} if actor.issuer else {})
    noted = tuple(replace(case, data={**case.data, **said}) for case in effects.cases)
    return replace(effects, cases=noted)


@outcome("hidden-wherever-it-stands")
def hidden_wherever_it_stands(context: Context, effects: Effects) -> Effects:
    """The other entries that carry the same part with the same words are kept with the matter, and told of."""
    entries = list(context.act.resolved.get(ALSO_IN, ()))
    if not entries:
        return effects
    noted = tuple(replace(case, data={**case.data, ALSO_IN: entries}) for case in effects.cases)
    named = ", ".join(map(str, entries))
    text = f"The same words stand in other texts, and are hidden there too: entries {named}."
    warning = FindingEffect(rule="hidden-elsewhere-too", law="; ".join(context.spec.law), text=text)
    return replace(effects, cases=noted, warnings=(*effects.warnings, warning))


@outcome("by-the-schedule")
def by_the_schedule(context: Context, effects: Effects) -> Effects:
    """Which rule of which edition keeps the record, and until when, is kept with the proposal."""
    schedules = context.rules.schedules_of(context.state.maintaining_la, context.today)
    found = standing(context.state, schedules)
    until = {"keptUntil": found.kept_until.isoformat()} if found.kept_until else {}
    rule = {"rule": found.rule, "schedule": schedules.version, "scheduleSha256": schedules.sha256, **until}
    noted = tuple(replace(case, data={**case.data, **rule}) for case in effects.cases)
    return replace(effects, cases=noted)


@outcome("absorbs")
def absorbs(context: Context, effects: Effects) -> Effects:
    """This record goes on for the other one too. The matter keeps which entry did it, so that it can be undone."""
    entry = context.state.sequence + 1
    noted = tuple(replace(case, data={**case.data, MERGED_BY: entry}) for case in effects.cases)
    return replace(effects, cases=noted, absorbed=str(context.data.get("retired", "")))


@outcome("retires")
def retires(context: Context, effects: Effects) -> Effects:
    """Readers of this record are led to the survivor."""
    return replace(effects, survivor=str(context.data.get("survivor", "")))


@outcome("releases")
def releases(context: Context, effects: Effects) -> Effects:
    """The entry that merged the records doesn't count any more."""
    retired = str(context.data.get("retired", ""))
    merged = context.state.case("merge", retired)
    entry = merged.data.get(MERGED_BY) if merged and merged.status in MERGED else None
    return replace(effects, released=retired, annuls=Annulment(sequence=entry) if entry else None)


@outcome("restored")
def restored(context: Context, effects: Effects) -> Effects:
    """The entry that retired this record doesn't count any more, so its phase is what it was."""
    fact = context.state.fact("records-merged")
    return replace(effects, annuls=Annulment(sequence=fact.last_sequence)) if fact else effects


@outcome("annuls-entry")
def annuls_entry(context: Context, effects: Effects) -> Effects:
    """The misfiled entry doesn't count on this record."""
    return _annulling(context, effects, Annulment(sequence=int(context.data.get("entry", 0))))


@outcome("corrects-entry")
def corrects_entry(context: Context, effects: Effects) -> Effects:
    """The entry counts as rebuilt by the record keeper (`resolved["replacement"]`), or not at all."""
    annulment = Annulment(
        sequence=int(context.data.get("corrects", 0)),
        replacement=context.act.resolved.get("replacement", {}),
        effective_on=str(context.data.get("correctEffectiveOn", "")),
    )
    return _annulling(context, effects, annulment)


def _annulling(context: Context, effects: Effects, annulment: Annulment) -> Effects:
    """Only an entry before this one can be annulled, and the one that opened the record only replaced."""
    stands = 1 <= annulment.sequence <= context.state.sequence
    opening = annulment.sequence == OPENING and not annulment.replacement
    return replace(effects, annuls=annulment) if stands and not opening else effects
