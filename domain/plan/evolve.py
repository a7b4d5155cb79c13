"""The fold: history in, state out. Pure, total (every recorded history folds) and in sequence order only.

A correction or a misfiled entry annuls an earlier event from its own position on. The fold therefore looks ahead over
the prefix it was given: `fold` of a prefix is what was known then, `fold` of the whole is what is known now.
"""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import convert
from msgspec.structs import replace

from domain.document.items import item_ids
from domain.document.merge import merge_patch
from domain.plan.effects import Annulment, CaseEffect, ClockStop, Effects, PartyEffect
from domain.plan.events import Erased, HistoryEntry, JsonObject, PlanEvent
from domain.plan.state import Case, Clock, Fact, Finding, Move, Party, PhaseChange, PlanState, Version

#: Parts of an event's data that are too large, or kept elsewhere in the state, to stand in a remembered fact.
NOT_REMEMBERED = frozenset({"plan", "patch", "effects"})


class HistoryNeeded(Exception):
    """A tail annuls an event that a snapshot already counts: fold the whole history instead."""


def effects_of(event: PlanEvent) -> Effects:
    """The effects that `decide` wrote into the event (none for an event that changes nothing but the history)."""
    return convert(event.data.get("effects", {}), Effects)


def fold(plan_id: str, history: Iterable[HistoryEntry], base: PlanState | None = None) -> PlanState:
    """The state after `history`, starting from `base` (a snapshot) or from nothing.

    Raises HistoryNeeded when `history` annuls an event that is part of `base`.
    """
    entries = list(history)
    state = base or PlanState(plan_id=plan_id)
    annulled = annulments(entries)
    if any(sequence <= state.sequence for sequence in annulled):
        raise HistoryNeeded
    for entry in entries:
        state = _next(state, entry, annulled)
    return state


def as_counted(entry: HistoryEntry, annulled: Mapping[int, Annulment]) -> PlanEvent | None:
    """The event as it counts: corrected if it was corrected, None when it was annulled or erased."""
    annulment = annulled.get(entry.sequence)
    if isinstance(entry, Erased) or (annulment and not annulment.replacement):
        return None
    return _as_corrected(entry, annulment) if annulment else entry


def evolve(state: PlanState, event: HistoryEntry) -> PlanState:
    """The state after one more event. Raises HistoryNeeded when it annuls an earlier one."""
    return fold(state.plan_id, [event], state)


def annulments(entries: Sequence[HistoryEntry]) -> Mapping[int, Annulment]:
    """Which sequences of the history don't count any more, or count as their correction says; the latest word wins."""
    found: dict[int, Annulment] = {}
    for entry in reversed(entries):
        annuls = _annulment_in(entry, found.get(entry.sequence))
        if annuls and annuls.sequence not in found:
            found[annuls.sequence] = annuls
    return found


def _annulment_in(entry: HistoryEntry, own_fate: Annulment | None) -> Annulment | None:
    """What this entry annuls: nothing if it was annulled itself, and what its correction says if it was corrected."""
    if isinstance(entry, Erased):
        return None
    data = own_fate.replacement if own_fate else entry.data
    annuls = data.get("effects", {}).get("annuls")
    return convert(annuls, Annulment) if annuls else None


def _next(state: PlanState, entry: HistoryEntry, annulled: Mapping[int, Annulment]) -> PlanState:
    event = as_counted(entry, annulled)
    if event is None:
        marked = (*state.annulled, entry.sequence) if entry.sequence in annulled else state.annulled
        # An annulled final keeps its number: somebody may hold a copy of it.
        highest = state.highest_final if isinstance(entry, Erased) else _highest_final(state, effects_of(entry))
        return replace(state, sequence=entry.sequence, annulled=marked, highest_final=highest)
    applied = _apply(state, event, effects_of(event))
    if entry.sequence in annulled:
        return replace(applied, corrected=(*applied.corrected, entry.sequence))
    return applied


def _highest_final(state: PlanState, effects: Effects) -> int:
    made = effects.version
    return max(state.highest_final, made.number) if made and made.kind == "final" else state.highest_final


def _as_corrected(event: PlanEvent, annulment: Annulment) -> PlanEvent:
    metadata = event.metadata
    if annulment.effective_on:
        metadata = replace(metadata, effectiveon=annulment.effective_on)
    return replace(event, data=annulment.replacement, metadata=metadata)


def _apply(state: PlanState, event: PlanEvent, effects: Effects) -> PlanState:
    text = event.data.get("plan")
    versions = _versions(state, event, effects)
    return replace(
        state,
        sequence=event.sequence,
        phase=effects.phase or state.phase,
        phases=_phases(state, event, effects),
        maintaining_la=effects.maintaining_la or state.maintaining_la,
        local_reference=effects.local_reference or state.local_reference,
        baseline=state.baseline or event.type == "ehcp.plan.baseline-imported.v1",
        document=text if text and _is_text_in_force(versions, event) else state.document,
        versions=versions,
        highest_final=_highest_final(state, effects),
        facts=_facts(state.facts, event),
        clocks=_clocks(state, event, effects),
        cases=_cases(state.cases, event, effects.cases) if effects.cases else state.cases,
        parties=_parties(state.parties, event, effects.parties) if effects.parties else state.parties,
        findings=(*state.findings, *_findings(event, effects)) if effects.findings else state.findings,
        health_agreements={**state.health_agreements, **effects.health_agreements},
        person=merge_patch(state.person, effects.person) if effects.person else state.person,
        used_item_ids=_used_ids(state.used_item_ids, text) if effects.version and text else state.used_item_ids,
        sealed_from=_sealed_from(state, event, effects),
        sealed_contacts=_sealed_contacts(state) if effects.sealed else state.sealed_contacts,
        survivor=effects.survivor or state.survivor,
        absorbed=_absorbed(state.absorbed, effects),
    )


def _facts(facts: dict[str, Fact], event: PlanEvent) -> dict[str, Fact]:
    before = facts.get(event.type)
    on = event.metadata.effectiveon
    fact = Fact(
        count=before.count + 1 if before else 1,
        first_sequence=before.first_sequence if before else event.sequence,
        first_on=before.first_on if before else on,
        last_sequence=event.sequence,
        last_on=on,
        last={key: value for key, value in event.data.items() if key not in NOT_REMEMBERED},
    )
    return {**facts, event.type: fact}


def _versions(state: PlanState, event: PlanEvent, effects: Effects) -> tuple[Version, ...]:
    if effects.version is None:
        return state.versions
    version = Version(
        number=effects.version.number,
        kind=effects.version.kind,
        sequence=event.sequence,
        effective_on=effects.version.effective_on or event.metadata.effectiveon,
        basis=effects.version.basis,
        event_type=event.type,
    )
    return (*state.versions, version)


def _is_text_in_force(versions: tuple[Version, ...], event: PlanEvent) -> bool:
    """Whether the event carries the text that now stands: the latest final, or the latest draft before any final."""
    standing = [v for v in versions if v.kind == "final"] or versions
    latest = max(standing, key=lambda v: (v.effective_on, v.sequence), default=None)
    return latest is not None and latest.sequence == event.sequence


def _phases(state: PlanState, event: PlanEvent, effects: Effects) -> tuple[PhaseChange, ...]:
    if not effects.phase:
        return state.phases
    days = (day for day in (effects.phase_since, event.metadata.effectiveon) if day)
    return (*state.phases, *(PhaseChange(phase=effects.phase, since=day, sequence=event.sequence) for day in days))


def _clocks(state: PlanState, event: PlanEvent, effects: Effects) -> dict[str, Clock]:
    if not effects.clock_starts and not effects.clock_stops:
        return state.clocks
    clocks = dict(state.clocks)
    for stop in effects.clock_stops:
        if stop.key in clocks:
            clocks[stop.key] = _stopped(clocks[stop.key], stop, event.sequence)
    for start in effects.clock_starts:
        clocks[start.key] = Clock(
            id=start.id,
            key=start.key,
            title=start.title,
            law=start.law,
            owed_by=start.owed_by,
            started_on=start.started_on,
            started_by=event.sequence,
            due_on=start.due_on,
            calendar=start.calendar,
            rule_set=start.rule_set,
            kind=start.kind,
            matter=start.matter,
            headline_on=start.headline_on or None,
            safe_on=start.safe_on or None,
        )
    return clocks


def _stopped(clock: Clock, stop: ClockStop, sequence: int) -> Clock:
    if stop.excuse:
        return replace(clock, excuses=(*clock.excuses, stop.excuse))
    if stop.met_on:
        return replace(clock, met_on=stop.met_on, met_by=sequence)
    return replace(clock, closed=stop.closed, met_by=sequence)


def _cases(
    cases: dict[str, dict[str, Case]], event: PlanEvent, changes: Iterable[CaseEffect]
) -> dict[str, dict[str, Case]]:
    changed = dict(cases)
    on = event.metadata.effectiveon
    for change in changes:
        of_kind = dict(changed.get(change.kind, {}))
        before = of_kind.get(change.id)
        of_kind[change.id] = Case(
            kind=change.kind,
            id=change.id,
            status=change.status,
            opened_on=before.opened_on if before else on,
            opened_by=before.opened_by if before else event.sequence,
            opened_org=before.opened_org if before else event.metadata.actororg,
            changed_on=on,
            changed_by=event.sequence,
            data={**(before.data if before else {}), **change.data},
            moves=_moves(before, change.status, on, event.sequence),
        )
        changed[change.kind] = of_kind
    return changed


def _moves(before: Case | None, status: str, on: str, sequence: int) -> tuple[Move, ...]:
    if before and before.status == status:
        return before.moves
    return (*(before.moves if before else ()), Move(status, on, sequence))


def _parties(parties: tuple[Party, ...], event: PlanEvent, changes: Iterable[PartyEffect]) -> tuple[Party, ...]:
    current = list(parties)
    for change in changes:
        if change.until:
            current = [_ended(party, change, event.sequence) for party in current]
        if change.since:
            current.append(
                Party(role=change.role, organisation=change.organisation, since=change.since, by=event.sequence)
            )
    return tuple(current)


def _ended(party: Party, change: PartyEffect, sequence: int) -> Party:
    same = party.role == change.role and party.organisation == change.organisation and party.until is None
    return replace(party, until=change.until, ended_by=sequence) if same else party


def _findings(event: PlanEvent, effects: Effects) -> Iterable[Finding]:
    return (Finding(sequence=event.sequence, rule=f.rule, law=f.law, text=f.text) for f in effects.findings)


def _used_ids(used: tuple[str, ...], document: JsonObject) -> tuple[str, ...]:
    return tuple(sorted({*used, *item_ids(document)}))


def _sealed_from(state: PlanState, event: PlanEvent, effects: Effects) -> int:
    if effects.sealed:
        return event.sequence
    return 0 if effects.unsealed else state.sealed_from


def _sealed_contacts(state: PlanState) -> tuple[str, ...]:
    return tuple(sorted({*state.sealed_contacts, *state.person.get("contacts", {})}))


def _absorbed(absorbed: tuple[str, ...], effects: Effects) -> tuple[str, ...]:
    kept = tuple(plan for plan in absorbed if plan != effects.released)
    return (*kept, effects.absorbed) if effects.absorbed else kept
