"""One plan's life under trial: acts with random bodies, decided, held against their schemas, stored and folded."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any
from uuid import UUID

import jsonschema_rs
import msgspec

from domain.plan.acts import Act, Actor
from domain.plan.catalogue import ActSpec
from domain.plan.context import Context
from domain.plan.contract import body_schema, effects_schema, event_schema
from domain.plan.decide import breaches_of, decide
from domain.plan.events import DecidedEvent, EventMetadata, PlanEvent
from domain.plan.evolve import HistoryNeeded, evolve, fold
from domain.plan.rules import RuleBook
from domain.plan.state import PlanState
from services.rules.book import release_book
from services.validation import load_schema
from tests.trials.act_bodies import BodyMaker

PLAN_ID = "0199f000-0000-7000-8000-000000000001"


@cache
def rules() -> RuleBook:
    """The published rules: the whole catalogue, clock tables, bank holidays and code sets."""
    return release_book()


@dataclass
class Life:
    """One plan's history under trial. `state` is kept event by event, as the record keeper keeps it."""

    rng: random.Random
    today: date
    events: list[PlanEvent] = field(default_factory=list)
    state: PlanState = field(default_factory=lambda: PlanState(plan_id=PLAN_ID, maintaining_la="855"))

    def act(self, spec: ActSpec, mode: str, on: date, *, lawful: bool, slip: bool = False) -> Act:
        """A random act of this kind, its body held against its published schema."""
        body = BodyMaker(self.rng, self.state, spec, on, lawful=lawful, slip=slip).body()
        sent = {"mode": mode, "effectiveOn": on.isoformat(), **body}
        faults = [(e.instance_path, e.message) for e in _body_validator(spec.act).iter_errors(sent)]
        if faults:
            raise AssertionError(f"{spec.act}: the trial made a body that doesn't fit its schema: {faults[:3]}")
        role = "send-manager" if "send-manager" in spec.by and self.rng.random() < 0.3 else self.rng.choice(spec.by)
        actor = Actor(subject=f"person-{self.rng.randint(1, 2)}", organisation="la:855", role=role)
        return Act(name=spec.act, mode=mode, effective_on=on, data=body, actor=actor, resolved=self._resolved(body))

    def _resolved(self, body: dict[str, Any]) -> dict[str, Any]:
        """What the record keeper looks up: the entry that a correction rewrites, here as it was, and what is given."""
        named = body.get("corrects")
        entry = next((e for e in self.events if e.sequence == named), None)
        package = {"package": body["packageSha256"]} if "packageSha256" in body else {}
        return package | ({"replacement": entry.data} if entry and "replacement" in body else {})

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


def _metadata(act: Act) -> EventMetadata:
    return EventMetadata(
        effectiveon=act.effective_on.isoformat(),
        actor=act.actor.subject,
        actororg=act.actor.organisation,
        actorrole=act.actor.role,
        mode=act.mode,
    )


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
