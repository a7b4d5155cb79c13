"""Can a random sequence of acts reach what the law forbids, or write a history that doesn't fold?

    python -m tests.trials.random_acts --seed N --rounds M

Each round is the life of one plan, twice. First acts are performed, mostly such as the law wants, and what others do (a
Tribunal, another council) is recorded: nothing forbidden may be reached (`tests.trials.forbidden`). Then acts are
recorded in any order: each must be storable, with its breaches as findings. Each pair of lives has one act of the
catalogue as its aim, so that rare ones are done too. After each life the whole history is folded
and compared with the state that was kept event by event, and with one resumed from a snapshot. Prints one line of
JSON; exits 1 on a violation.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from domain.errors import Refusal
from domain.plan.acts import PERFORM, RECORD, Act
from domain.plan.catalogue import ActSpec
from domain.plan.evolve import effects_of
from domain.plan.state import PlanState
from tests.trials.law import Done, violations
from tests.trials.lives import Life, rules

PERFORMED_STEPS, RECORDED_STEPS = 90, 25
#: The share of acts in which an officer who means to obey the law makes one mistake, and of those who mean to at all.
SLIPS, LAWFUL = 0.25, 0.9
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
    "DRAFT_ISSUED": (
        "consult-setting", "answer-consultation", "agree-health-provision", "make-representation", "finalise",
    ),
    "MAINTAINED": (
        "schedule-review", "invite-to-review", "circulate-review-advice", "hold-review", "issue-review-report",
        "decide-review", "serve-amendment-notice", "amend", "decide-reassessment", "serve-draft", "finalise",
        "propose-cease", "consult-on-cease", "decide-cease", "cease", "cease", "correct-clerical-error",
        "consult-setting", "answer-consultation", "agree-health-provision",
    ),
    "CEASED": ("propose-erasure", "expire-retention", "receive-further-request", "register-appeal"),
    "ENDED_DEATH": ("close-bereavement-task", "propose-erasure", "expire-retention"),
}  # fmt: skip
#: The share of steps in which a life goes for its aim as soon as that is possible.
AIMING = 0.35


@dataclass
class Result:
    """What a trial found: violations first, then how far the histories came."""

    rounds: int = 0
    violations: list[str] = field(default_factory=list)
    performed: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    recorded: Counter[str] = field(default_factory=Counter)
    findings: int = 0
    phases: Counter[str] = field(default_factory=Counter)

    def summary(self) -> str:
        """The line that the program prints."""
        return json.dumps({
            "rounds": self.rounds,
            "violations": self.violations[:20],
            "performed": sum(self.performed.values()),
            "actsInCatalogue": len(_acts()),
            "actsDoneWithoutBreach": len(self.performed),
            "actsNeverDone": sorted(_acts() - self.performed.keys())[:20],
            "refused": sum(self.refused.values()),
            "rulesThatRefused": len(self.refused),
            "recorded": sum(self.recorded.values()),
            "actsRecorded": len(self.recorded),
            "actsNeverRecorded": sorted(_acts() - self.recorded.keys())[:20],
            "findings": self.findings,
            "phasesReached": dict(sorted(self.phases.items())),
        })  # fmt: skip


def perform_some(life: Life, result: Result, aim: str, steps: int = PERFORMED_STEPS) -> None:
    """Perform acts, mostly as the law wants them; every one that isn't refused must leave a lawful state."""
    for _ in range(steps):
        life.today += timedelta(days=life.rng.choice(PAUSES))
        spec = _chosen(life, aim)
        mode = PERFORM if PERFORM in spec.modes else RECORD
        draw = life.rng.random()
        if spec.act == "propose-erasure" and draw < LAWFUL:
            life.today = max(life.today, _kept_until(life.state))
        act = life.act(spec, mode, life.today, lawful=draw < LAWFUL, slip=draw < SLIPS)
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


def record_some(life: Life, result: Result, aim: str, steps: int = RECORDED_STEPS) -> None:
    """Record acts in any order, as a past that nobody ordered: each is stored, and its breaches are findings."""
    catalogue = rules().catalogue
    for step in range(steps):
        life.today += timedelta(days=life.rng.choice(PAUSES))
        spec = catalogue.acts[aim if step == steps // 2 else life.rng.choice(sorted(catalogue.acts))]
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
        result.recorded[act.name] += 1
        result.findings += len(found)


def run(seed: int, rounds: int) -> Result:
    """Lead as many lives as there are rounds, each repeatable by seed and number."""
    result, aims = Result(), sorted(_acts())
    for number in range(rounds):
        aim = aims[(seed + number) % len(aims)]
        for lead in (perform_some, record_some):
            rng = random.Random(f"{seed}/{number}/{lead.__name__}")
            life = Life(rng=rng, today=date(2024, 1, 1) + timedelta(days=rng.randint(0, 700)))
            known = len(result.violations)
            lead(life, result, aim)
            result.violations += life.folds()
            result.violations[known:] = [f"round {number}: {what}" for what in result.violations[known:]]
        result.rounds += 1
    return result


def _kept_until(state: PlanState) -> date:
    """The day after the longest retention: records wait decades for this act."""
    born = state.date_of_birth()
    return date(born.year + 121, 1, 1) if born else date.min


def _chosen(life: Life, aim: str) -> ActSpec:
    """The next act: what this life is for, what the phase suggests, or something possible, or anything at all."""
    acts, draw = rules().catalogue.acts, life.rng.random()
    if life.rng.random() < AIMING and (step := _towards(acts[aim], life.state)):
        return step
    suggested = [acts[name] for name in NEXT.get(life.state.phase, ()) if _has_its_matter(acts[name], life.state)]
    if suggested and (draw < 0.6 or not life.events):
        return life.rng.choice(suggested)
    possible = [spec for spec in acts.values() if life.state.phase in spec.from_ and not _ends_it(spec)]
    fitting = [spec for spec in possible if _has_its_matter(spec, life.state)]
    if fitting and draw < 0.97:
        return life.rng.choice(fitting)
    return life.rng.choice(list(acts.values()))


def _towards(aim: ActSpec, state: PlanState) -> ActSpec | None:
    """The aim where it is possible now, else an act that brings its matter to where the aim can take it on."""
    if state.phase not in aim.from_ or _ends_it(aim):
        return None
    wanted = None if _has_its_matter(aim, state) else aim.case
    alternatives = [names.split("|") for names in aim.after]
    missing = {name for names in alternatives if not any(map(state.happened, names)) for name in names}
    if not wanted and not missing:
        return aim
    for spec in rules().catalogue.acts.values():
        moves = wanted and spec.case and spec.case.kind == wanted.kind and spec.case.status in wanted.from_
        leads = moves or spec.event.removeprefix("ehcp.plan.").removesuffix(".v1") in missing
        if leads and state.phase in spec.from_ and _has_its_matter(spec, state):
            return spec
    return None


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
        today=life.today, subject=act.actor.subject,
    )  # fmt: skip


def _acts() -> set[str]:
    return set(rules().catalogue.acts)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the trial and print what it found; 1 when something is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=200)
    asked = parser.parse_args(arguments)
    result = run(asked.seed, asked.rounds)
    print(result.summary())
    return 1 if result.violations else 0


if __name__ == "__main__":
    sys.exit(main())
