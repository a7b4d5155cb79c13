"""A plan's way through its first weeks, for tests: a history in which nothing is made up, from the request on.

Everything passes where the record keeper would pass it: a body is held against the published schema of its act and an
event against that of its type, and the record opens with no more known than the council for which it opens.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import jsonschema_rs

from domain.document.json_values import pointer
from domain.errors import Breach
from domain.plan.acts import PERFORM, RECORD, Actor
from domain.plan.contract import body_schema, event_schema
from domain.plan.effects import Effects
from domain.plan.events import DecidedEvent
from domain.plan.evolve import effects_of
from domain.plan.state import Clock, PlanState
from services.validation import load_schema
from tests.domain.plan.keeping.history import OFFICER, History, document, rules

COUNCIL = "855"
RECEIVED = "2026-03-02"
ASSESSED = "2026-04-01"
ADVISED = "2026-05-01"
ISSUED = "2026-05-20"
MADE = "2025-10-01"
#: Advice that every assessment seeks (reg 6(1)(a) to (e)).
ALWAYS_SOUGHT = "abcde"
FILE = {"sha256": "5e" * 32, "line": 1}
#: What stands beside an act's data and isn't part of its body.
BESIDE = frozenset({"today", "resolved"})


def child(**changed: Any) -> dict[str, Any]:
    """The fictional child as a request names them, with some details changed."""
    return {**document()["personalDetails"], **changed}


@dataclass
class Journey(History):
    """A history that grows by acts alone; `on` is the legal date and, unless `today` says otherwise, the day itself."""

    council: str = COUNCIL

    @classmethod
    def requested(cls, on: str = RECEIVED, **changed: Any) -> Journey:
        """A parent has asked for an assessment."""
        journey = cls()
        journey.perform("receive-request", on, receivedOn=on, source="1", requestId="request-1", child=child(**changed))
        return journey

    @classmethod
    def assessing(cls, on: str = ASSESSED, **changed: Any) -> Journey:
        """The council has told the family that it assesses."""
        journey = cls.requested(**changed)
        journey.perform("decide-request", on, decision="ASSESS", notifiedOn=on)
        return journey

    @classmethod
    def advised(cls, on: str = ADVISED, **changed: Any) -> Journey:
        """Every adviser that the law names has been asked and has answered."""
        journey = cls.assessing(**changed)
        for category in ALWAYS_SOUGHT:
            journey.ask(category, ASSESSED)
            answer = {"adviceId": f"advice-{category}", "answer": "advice", "receivedOn": on}
            journey.perform("receive-advice", on, **answer)
        return journey

    @classmethod
    def drafting(cls, on: str = ISSUED, **changed: Any) -> Journey:
        """The council has told the family that it makes a plan."""
        journey = cls.advised(**changed)
        journey.perform("decide-assessment", on, decision="ISSUE", notifiedOn=on)
        return journey

    @classmethod
    def maintained(cls, made_on: str = MADE, **personal: Any) -> Journey:
        """A final plan that the council made before the platform, imported with its text."""
        journey = cls()
        asserted = {"council": COUNCIL, "sourceFile": FILE, "planMadeOn": made_on, "finalSentOn": made_on}
        journey.record("import-baseline", made_on, plan=document(**personal), **asserted)
        return journey

    @property
    def state(self) -> PlanState:
        """What is true of the plan now; before its first act, what the record keeper knows."""
        opened = super().state
        return opened if self.events else PlanState(plan_id=self.plan_id, maintaining_la=self.council)

    @property
    def effects(self) -> Effects:
        """What the event stored last changed."""
        return effects_of(self.events[-1])

    def append(self, event: DecidedEvent, on: str, mode: str = RECORD) -> Journey:
        """Store an event that is of its published form."""
        _hold_against(_event_validator(event.type), event.data)
        super().append(event, on, mode)
        return self

    def ask(self, category: str, on: str, **data: Any) -> Journey:
        """Ask for advice of a category of reg 6(1)."""
        asked = {"adviceId": f"advice-{category}", "category": category, "provider": "Adviser", "requestedOn": on}
        self.perform("request-advice", on, **asked, **data)
        return self

    def refused(self, act: str, on: str, actor: Actor = OFFICER, **data: Any) -> dict[str, Breach]:
        """The breaches with which performing the act is refused, by rule. Fails when it would be performed."""
        _hold_body(act, PERFORM, on, data)
        breaches = super().refused(act, on, actor, **data)
        assert breaches, f"{act} would be performed"
        assert all(breach.law and breach.text for breach in breaches.values()), "a refusal cites the law"
        return breaches

    def clock(self, clock_id: str) -> Clock:
        """The clock of that id that was started last, running or not."""
        return max((c for c in self.state.clocks.values() if c.id == clock_id), key=lambda c: c.started_by)

    def running(self) -> dict[str, str]:
        """The duties that are still owed, with their due dates."""
        return {c.id: c.due_on for c in self.state.clocks.values() if not c.met_on and not c.closed}

    def _do(self, mode: str, act: str, on: str, actor: Actor, data: dict[str, Any]) -> History:
        _hold_body(act, mode, on, data)
        return super()._do(mode, act, on, actor, data)


def _hold_body(act: str, mode: str, on: str, data: dict[str, Any]) -> None:
    """Hold a body against its schema. A mode that the act doesn't have is for the decision to refuse."""
    body = {"mode": mode, "effectiveOn": on, **{name: value for name, value in data.items() if name not in BESIDE}}
    _hold_against(_body_validator(act), body, but=frozenset({"/mode"}))


def _hold_against(
    validator: jsonschema_rs.Draft202012Validator, value: dict[str, Any], but: frozenset[str] = frozenset()
) -> None:
    faults = {pointer(*error.instance_path): error.message for error in validator.iter_errors(value)}
    assert not set(faults) - but, faults


@cache
def _body_validator(act: str) -> jsonschema_rs.Draft202012Validator:
    return _compiled(body_schema(rules().catalogue.acts[act]))


@cache
def _event_validator(event: str) -> jsonschema_rs.Draft202012Validator:
    return _compiled(event_schema(rules().catalogue.events[event]))


def _compiled(schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True, retriever=load_schema)
