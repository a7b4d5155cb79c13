"""What holds for every history, whatever its acts and their order. Hypothesis shrinks a failure to the shortest one."""

import random
from datetime import date, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Refusal
from domain.plan.acts import PERFORM, RECORD
from domain.plan.events import Erased, PlanEvent
from domain.plan.evolve import HistoryNeeded, effects_of, fold
from domain.plan.state import PlanState
from tests.trials.law import Done, violations
from tests.trials.lives import PLAN_ID, Life, rules


def _steps(mode: str) -> st.SearchStrategy[list[tuple[str, int, int]]]:
    """Acts that have this mode, each with a seed for its body and a number of days."""
    names = sorted(spec.act for spec in rules().catalogue.acts.values() if mode in spec.modes)
    return st.lists(st.tuples(st.sampled_from(names), st.integers(0, 2**32 - 1), st.integers(0, 30)), max_size=30)


STEPS = _steps(RECORD)
FIRST_DAY = date(2026, 1, 5)


def _performed(life: Life, steps: list[tuple[str, int, int]]) -> list[str]:
    """Lead a life on by performed acts; what of the forbidden it has come to."""
    found: list[str] = []
    for name, seed, pause in steps:
        spec = rules().catalogue.acts[name]
        life.rng, life.today = random.Random(seed), life.today + timedelta(days=pause)
        act = life.act(spec, PERFORM, life.today, lawful=seed % 4 != 0)
        before = life.state
        try:
            decided = life.decide(act)
        except Refusal:
            continue
        assert life.store(act, decided) == []
        event = decided.type.removeprefix("ehcp.plan.").removesuffix(".v1")
        found += violations(
            Done(
                before=before, after=life.state, event=event, data=decided.data, role=act.actor.role, on=life.today,
                today=life.today, subject=act.actor.subject,
            )
        )  # fmt: skip
    return found


def _recorded(steps: list[tuple[str, int, int]]) -> Life:
    """A life of recorded acts in any order, each stored with its breaches as findings."""
    life = Life(rng=random.Random(1), today=FIRST_DAY)
    for name, seed, back in steps:
        spec = rules().catalogue.acts[name]
        life.rng = random.Random(seed)
        act = life.act(spec, RECORD, life.today - timedelta(days=back), lawful=seed % 2 == 0)
        broken = life.breaches(act)
        assert life.store(act, life.decide(act)) == []
        assert {finding.rule for finding in effects_of(life.events[-1]).findings} == broken
    return life


def _tail(events: list[PlanEvent], snapshot: PlanState, cut: int) -> PlanState:
    try:
        return fold(PLAN_ID, events[cut:], snapshot)
    except HistoryNeeded:
        return fold(PLAN_ID, events)


@given(st.sampled_from(["receive-request", "import-baseline"]), _steps(PERFORM))
def test_no_sequence_of_performed_acts_reaches_what_the_law_forbids(
    opening: str, steps: list[tuple[str, int, int]]
) -> None:
    life = _recorded([(opening, 2, 0)])
    assert _performed(life, steps) == []


@given(STEPS)
def test_every_sequence_of_recorded_acts_is_storable_and_carries_its_findings(
    steps: list[tuple[str, int, int]],
) -> None:
    life = _recorded(steps)
    assert len(life.state.findings) == sum(
        len(effects_of(e).findings) for e in life.events if e.sequence not in {*life.state.annulled}
    )


@given(STEPS)
def test_the_fold_of_a_history_is_the_state_that_was_kept(steps: list[tuple[str, int, int]]) -> None:
    life = _recorded(steps)
    assert not life.events or life.folds() == []


@given(STEPS, st.data())
def test_a_snapshot_taken_anywhere_leads_to_the_same_state(
    steps: list[tuple[str, int, int]], data: st.DataObject
) -> None:
    events = _recorded(steps).events
    cut = data.draw(st.integers(0, len(events)))
    snapshot = msgspec.json.decode(msgspec.json.encode(fold(PLAN_ID, events[:cut])), type=PlanState)
    assert _tail(events, snapshot, cut) == fold(PLAN_ID, events)


@given(STEPS, st.data())
def test_a_history_folds_when_any_of_its_entries_was_erased(
    steps: list[tuple[str, int, int]], data: st.DataObject
) -> None:
    events = _recorded(steps).events
    gone = data.draw(st.sets(st.integers(1, max(1, len(events)))))
    entries = [_erased(event) if event.sequence in gone else event for event in events]
    state = fold(PLAN_ID, entries)
    assert state.sequence == len(events)
    assert {finding.sequence for finding in state.findings} & gone == set()


def _erased(event: PlanEvent) -> Erased:
    return Erased(
        plan=event.plan,
        type=event.type,
        sequence=event.sequence,
        position=event.position,
        time=event.time,
        id=event.id,
    )
