"""Can a random sequence of acts reach what the law forbids, or write a history that doesn't fold?

    python -m tests.trials.random_acts --seed N --rounds M

Each round is the life of one plan, twice. First acts are performed, mostly such as the law wants, and what others do (a
Tribunal, another council) is recorded: nothing forbidden may be reached (`tests.trials.forbidden`). Then acts are
recorded in any order: each must be storable, with its breaches as findings. After each life the whole history is folded
and compared with the state that was kept event by event, and with one resumed from a snapshot. Prints one line of
JSON; exits 1 on a violation.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import jsonschema_rs
import msgspec

from domain.errors import Refusal
from domain.plan.acts import PERFORM, RECORD, Act, Actor
from domain.plan.catalogue import ActSpec, Catalogue
from domain.plan.context import Context
from domain.plan.contract import body_schema, effects_schema, event_schema
from domain.plan.decide import breaches_of, decide
from domain.plan.events import DecidedEvent, EventMetadata, PlanEvent
from domain.plan.evolve import HistoryNeeded, effects_of, evolve, fold
from domain.plan.rules import RuleBook
from domain.plan.state import PlanState
from services.reference_data import SCHEMAS, load_reference_data
from services.validation import load_schema
from tests.trials.act_bodies import BodyMaker
from tests.trials.forbidden import Done, violations

PLAN_ID = "0199f000-0000-7000-8000-000000000001"
PERFORMED_STEPS, RECORDED_STEPS = 90, 25
#: Days between one act and the next.
PAUSES = (0, 0, 0, 1, 2, 6, 14, 30)
#: What an officer would do next in each phase; an act may stand twice when it is needed often.
NEXT: dict[str, tuple[str, ...]] = {
    "": ("receive-request", "receive-request", "receive-health-notification", "import-baseline"),
    "REQUESTED": ("consult-family-on-request", "decide-request", "decide-request"),
    "ASSESSMENT_REFUSED": ("register-appeal", "record-tribunal-order", "concede-appeal"),
    "ASSESSING": ("request-advice",) * 6 + ("receive-advice",) * 2 + ("decide-assessment", "agree-advice-reuse"),
    "ISSUE_REFUSED": ("register-appeal", "record-tribunal-order", "concede-appeal"),
    "DRAFTING": ("ask-health-agreement", "agree-health-provision", "serve-draft"),
    "DRAFT_ISSUED": ("consult-setting", "answer-consultation", "agree-health-provision", "make-representation", "finalise"),
    "MAINTAINED": (
        "schedule-review", "hold-review", "issue-review-report", "decide-review", "serve-amendment-notice", "amend",
        "decide-reassessment", "serve-draft", "finalise", "propose-cease", "consult-on-cease", "decide-cease", "cease",
        "cease", "correct-clerical-error", "consult-setting", "answer-consultation", "agree-health-provision",
    ),
}  # fmt: skip


@cache
def rules() -> RuleBook:
    """The published rules: the whole catalogue, clock tables, bank holidays and code sets."""
    data = load_reference_data()
    files = sorted((SCHEMAS / "acts").glob("*.json"))
    catalogue = Catalogue.of([json.loads(Path(file).read_text(encoding="utf-8")) for file in files])
    return RuleBook(catalogue=catalogue, rule_sets=data.rule_sets, holidays=data.holidays, code_sets=data.code_sets)


@dataclass
class Result:
    """What a trial found: violations first, then how far the histories came."""

    rounds: int = 0
    violations: list[str] = field(default_factory=list)
    performed: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    recorded: int = 0
    findings: int = 0
    phases: Counter[str] = field(default_factory=Counter)

    def summary(self) -> str:
        """The line that the program prints."""
        return json.dumps({
            "rounds": self.rounds,
            "violations": self.violations[:20],
            "performed": sum(self.performed.values()),
            "actsPerformed": len(self.performed),
            "actsNeverPerformed": sorted(_performable() - self.performed.keys()),
            "refused": sum(self.refused.values()),
            "rulesThatRefused": len(self.refused),
            "recorded": self.recorded,
            "findings": self.findings,
            "phasesReached": dict(sorted(self.phases.items())),
        })  # fmt: skip


@dataclass
class Life:
    """One plan's history under trial. `state` is kept event by event, as the record keeper keeps it."""

    rng: random.Random
    today: date
    events: list[PlanEvent] = field(default_factory=list)
    state: PlanState = field(default_factory=lambda: PlanState(plan_id=PLAN_ID, maintaining_la="855"))

    def act(self, spec: ActSpec, mode: str, on: date, *, lawful: bool) -> Act:
        """A random act of this kind, its body held against its published schema."""
        body = BodyMaker(self.rng, self.state, spec, on, lawful=lawful).body()
        sent = {"mode": mode, "effectiveOn": on.isoformat(), **body}
        faults = [(e.instance_path, e.message) for e in _body_validator(spec.act).iter_errors(sent)]
        if faults:
            raise AssertionError(f"{spec.act}: the trial made a body that doesn't fit its schema: {faults[:3]}")
        role = "send-manager" if "send-manager" in spec.by and self.rng.random() < 0.3 else self.rng.choice(spec.by)
        actor = Actor(subject=f"person-{self.rng.randint(1, 2)}", organisation="la:855", role=role)
        return Act(name=spec.act, mode=mode, effective_on=on, data=body, actor=actor, resolved=self._resolved(body))

    def _resolved(self, body: dict[str, Any]) -> dict[str, Any]:
        """What the record keeper looks up: the entry that a correction rewrites, here as it was."""
        named = body.get("corrects")
        entry = next((e for e in self.events if e.sequence == named), None)
        return {"replacement": entry.data} if entry and "replacement" in body else {}

    def breaches(self, act: Act) -> set[str]:
        """The rules that the act breaks."""
        spec = rules().catalogue.acts[act.name]
        context = Context(state=self.state, act=act, spec=spec, now=self._now(), rules=rules())
        return {breach.rule for breach in breaches_of(context)}

    def decide(self, act: Act) -> DecidedEvent:
        """The event of the act. Raises Refusal."""
        return decide(self.state, act, self._now(), rules())

    def store(self, act: Act, decided: DecidedEvent) -> list[str]:
        """Append an event and fold it; what is wrong with it as a stored form."""
        event = PlanEvent(
            plan=UUID(PLAN_ID),
            type=decided.type,
            sequence=len(self.events) + 1,
            position=len(self.events) + 1,
            time=self._now(),
            id=UUID(int=len(self.events) + 1),
            metadata=_metadata(act),
            data=decided.data,
        )
        self.events.append(event)
        self.state = self._after(event)
        faults = _event_validator(event.type).iter_errors(event.data)
        return [f"{act.name}: not of its published form at {e.instance_path}: {e.message[:80]}" for e in faults]

    def _after(self, event: PlanEvent) -> PlanState:
        base = self.state if len(self.events) > 1 else PlanState(plan_id=PLAN_ID)
        try:
            return evolve(base, event)
        except HistoryNeeded:
            return fold(PLAN_ID, self.events)

    def folds(self) -> list[str]:
        """Whether the whole history, and a snapshot with its tail, give the state that was kept."""
        wrong = [] if fold(PLAN_ID, self.events) == self.state else ["the whole history folds to another state"]
        cut = self.rng.randint(0, len(self.events))
        if _resumed(self.events, cut) != self.state:
            wrong.append(f"a snapshot after {cut} events leads to another state")
        return wrong

    def _now(self) -> datetime:
        return datetime.combine(self.today, time(12), UTC)


def _resumed(events: list[PlanEvent], cut: int) -> PlanState:
    """The state from a snapshot as it is stored, and the events that followed."""
    stored = msgspec.json.encode(fold(PLAN_ID, events[:cut]))
    snapshot = msgspec.json.decode(stored, type=PlanState)
    try:
        return fold(PLAN_ID, events[cut:], snapshot)
    except HistoryNeeded:
        return fold(PLAN_ID, events)


def perform_some(life: Life, result: Result, steps: int = PERFORMED_STEPS) -> None:
    """Perform acts, mostly as the law wants them; every one that isn't refused must leave a lawful state."""
    for _ in range(steps):
        life.today += timedelta(days=life.rng.choice(PAUSES))
        spec = _chosen(life)
        mode = PERFORM if PERFORM in spec.modes else RECORD
        act = life.act(spec, mode, life.today, lawful=life.rng.random() < 0.85)
        if mode == RECORD and life.breaches(act):
            continue
        try:
            decided = life.decide(act)
        except Refusal as refusal:
            result.refused.update(breach.rule for breach in refusal.breaches)
            continue
        before = life.state
        result.violations += life.store(act, decided)
        result.performed[act.name] += 1
        result.violations += violations(_done(before, life, act))
        result.phases[life.state.phase] += before.phase != life.state.phase


def record_some(life: Life, result: Result, steps: int = RECORDED_STEPS) -> None:
    """Record acts in any order, as a past that nobody ordered: each is stored, and its breaches are findings."""
    catalogue = rules().catalogue
    for _ in range(steps):
        life.today += timedelta(days=life.rng.choice(PAUSES))
        spec = catalogue.acts[life.rng.choice(sorted(catalogue.acts))]
        if RECORD not in spec.modes:
            continue
        act = life.act(spec, RECORD, life.today - timedelta(days=life.rng.randint(0, 200)), lawful=False)
        broken = life.breaches(act)
        try:
            decided = life.decide(act)
        except Refusal:
            result.violations.append(f"{act.name}: recording it was refused for {sorted(broken)}")
            continue
        result.violations += life.store(act, decided)
        found = {finding.rule for finding in effects_of(life.events[-1]).findings}
        if found != broken:
            result.violations.append(f"{act.name}: its breaches {sorted(broken)} aren't its findings {sorted(found)}")
        result.recorded += 1
        result.findings += len(found)


def run(seed: int, rounds: int) -> Result:
    """Lead as many lives as there are rounds, each repeatable by seed and number."""
    result = Result()
    for number in range(rounds):
        for lead in (perform_some, record_some):
            rng = random.Random(f"{seed}/{number}/{lead.__name__}")
            life = Life(rng=rng, today=date(2024, 1, 1) + timedelta(days=rng.randint(0, 700)))
            known = len(result.violations)
            lead(life, result)
            result.violations += life.folds()
            result.violations[known:] = [f"round {number}: {what}" for what in result.violations[known:]]
        result.rounds += 1
    return result


def _chosen(life: Life) -> ActSpec:
    """The next act: what the phase suggests, or something possible, or anything at all."""
    acts, draw = rules().catalogue.acts, life.rng.random()
    suggested = [acts[name] for name in NEXT.get(life.state.phase, ()) if _has_its_matter(acts[name], life.state)]
    if suggested and (draw < 0.6 or not life.events):
        return life.rng.choice(suggested)
    possible = [spec for spec in acts.values() if life.state.phase in spec.from_ and not _ends_it(spec)]
    fitting = [spec for spec in possible if _has_its_matter(spec, life.state)]
    if fitting and draw < 0.97:
        return life.rng.choice(fitting)
    return life.rng.choice(list(acts.values()))


def _has_its_matter(spec: ActSpec, state: PlanState) -> bool:
    """Whether the matter that the act moves on stands where it can be moved on."""
    return spec.case is None or not spec.case.from_ or bool(state.open_cases(spec.case.kind, *spec.case.from_))


def _ends_it(spec: ActSpec) -> bool:
    """Acts that would cut most lives short if they were as frequent as others."""
    return spec.act in {"record-death", "void-record", "retire-record", "withdraw-request", "record-move-before-final"}


def _done(before: PlanState, life: Life, act: Act) -> Done:
    event = life.events[-1]
    short = event.type.removeprefix("ehcp.plan.").removesuffix(".v1")
    return Done(
        before=before, after=life.state, event=short, data=event.data, role=act.actor.role, on=act.effective_on,
        today=life.today,
    )  # fmt: skip


def _metadata(act: Act) -> EventMetadata:
    return EventMetadata(
        effectiveon=act.effective_on.isoformat(),
        actor=act.actor.subject,
        actororg=act.actor.organisation,
        actorrole=act.actor.role,
        mode=act.mode,
    )


def _performable() -> set[str]:
    return {spec.act for spec in rules().catalogue.acts.values()}


@cache
def _body_validator(act: str) -> jsonschema_rs.Draft202012Validator:
    return _compiled(body_schema(rules().catalogue.acts[act]))


@cache
def _event_validator(event: str) -> jsonschema_rs.Draft202012Validator:
    return _compiled(event_schema(rules().catalogue.events[event]))


def _compiled(schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True, retriever=_retrieved)


def _retrieved(schema_id: str) -> dict[str, Any]:
    return effects_schema() if schema_id.endswith("effects.schema.json") else load_schema(schema_id)


def main(arguments: Iterator[str] | list[str] | None = None) -> int:
    """Run the trial and print what it found; 1 when something is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=200)
    asked = parser.parse_args(list(arguments) if arguments is not None else None)
    result = run(asked.seed, asked.rounds)
    print(result.summary())
    return 1 if result.violations else 0


if __name__ == "__main__":
    sys.exit(main())
