"""A plan's history for tests of keeping it: starts from a final plan, then acts follow, each decided and folded."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any
from uuid import UUID

from domain.errors import Breach, Refusal
from domain.plan.acts import PERFORM, RECORD, Act, Actor
from domain.plan.decide import decide
from domain.plan.events import DecidedEvent, EventMetadata, PlanEvent
from domain.plan.evolve import fold
from domain.plan.rules import RuleBook
from domain.plan.state import PlanState
from services.rules.book import release_book

#: The families of acts that keep a plan.
FAMILIES = (
    "review", "amendment", "reassessment", "ceasing", "moving", "mediation", "appeal", "oversight", "people", "records",
    "rights",
)  # fmt: skip
PLAN_ID = "0199f000-0000-7000-8000-000000000001"
OTHER_ID = "0199f000-0000-7000-8000-000000000002"
MANAGER = Actor(subject="officer-2", organisation="la:855", role="send-manager")
OFFICER = Actor(subject="officer-1", organisation="la:855", role="case-officer")
GUARDIAN = Actor(subject="guardian-1", organisation="la:855", role="identity-guardian")
#: A finished plan of a fictional child with a named school, two parents and an agreed health body.
DOCUMENT: dict[str, Any] = {
    "planType": "EHCP",
    "schemaVersion": "1.0",
    "personalDetails": {
        "name": "Robin Example",
        "dateOfBirth": "2015-03-04",
        "sex": "notKnown",
        "identifiers": {"nhsNumber": "9990000050", "upn": "B801200005001"},
        "contacts": {
            "contact-1": {"order": 1, "kind": "parentOrCarer", "name": "Alex Example", "mayReceive": "yes"},
            "contact-2": {"order": 2, "kind": "parentOrCarer", "name": "Sam Example", "mayReceive": "yes"},
        },
    },
    "sections": {
        **{letter: {} for letter in "ACDEGJK"},
        "B": {"needs": {"need-1": {"order": 1, "area": "cognitionAndLearning", "description": "Reading"}}},
        "F": {
            "provisions": {
                "provision-1": {
                    "order": 1,
                    "what": "Reading tuition",
                    "needIds": ["need-1"],
                    "quantity": {"minutesPerSession": 30, "sessions": 3, "per": "week"},
                }
            }
        },
        "H1": {},
        "H2": {},
        "I": {
            "placementBasis": "NAMED",
            "placements": {"placement-1": {"order": 1, "rank": 1, "name": "Elm Tree School", "urn": "199101"}},
        },
    },
}


@cache
def rules() -> RuleBook:
    """The published rules: catalogue, clock tables, bank holidays and code sets."""
    return release_book()


def document(**personal: Any) -> dict[str, Any]:
    """The plan, with some of the personal details changed."""
    text = deepcopy(DOCUMENT)
    text["personalDetails"] |= personal
    return text


@dataclass
class History:
    """A history that grows by acts. `on` is the legal date of an act and, unless said otherwise, also today."""

    plan_id: str = PLAN_ID
    events: list[PlanEvent] = field(default_factory=list)

    @property
    def state(self) -> PlanState:
        """What is true of the plan now."""
        return fold(self.plan_id, self.events)

    def append(self, event: DecidedEvent, on: str, mode: str = RECORD) -> History:
        """Store an event that was decided, or one that stands for an act of another family."""
        metadata = EventMetadata(
            effectiveon=on, actor="officer-1", actororg="la:855", actorrole="case-officer", mode=mode
        )
        sequence = len(self.events) + 1
        self.events.append(
            PlanEvent(
                plan=UUID(self.plan_id),
                type=event.type,
                sequence=sequence,
                position=sequence,
                time=datetime.combine(date.fromisoformat(on), time(12), UTC),
                id=UUID(int=sequence),
                metadata=metadata,
                data=event.data,
            )
        )
        return self

    def happened(self, name: str, on: str, effects: dict[str, Any] | None = None, **data: Any) -> History:
        """An event of another family, as it would stand in the log."""
        stored = DecidedEvent(type=f"ehcp.plan.{name}.v1", data={**data, "effects": effects or {}})
        return self.append(stored, on)

    def perform(self, act: str, on: str, actor: Actor = OFFICER, **data: Any) -> History:
        """Perform an act today; raises Refusal."""
        return self._do(PERFORM, act, on, actor, data)

    def record(self, act: str, on: str, actor: Actor = OFFICER, **data: Any) -> History:
        """Write down that an act happened elsewhere."""
        return self._do(RECORD, act, on, actor, data)

    def refused(self, act: str, on: str, actor: Actor = OFFICER, **data: Any) -> dict[str, Breach]:
        """The breaches with which performing the act is refused, by rule; empty when it would be performed."""
        try:
            decide(self.state, _act(PERFORM, act, on, actor, data), _noon(on), rules())
        except Refusal as refusal:
            return {breach.rule: breach for breach in refusal.breaches}
        return {}

    def _do(self, mode: str, act: str, on: str, actor: Actor, data: dict[str, Any]) -> History:
        today = data.pop("today", on)
        asked = _act(mode, act, on, actor, data)
        return self.append(decide(self.state, asked, _noon(today), rules()), on, mode)

    def findings(self) -> set[str]:
        """The rules that what was recorded last broke."""
        return {finding.rule for finding in self.state.findings if finding.sequence == len(self.events)}

    def due(self, clock_id: str) -> str:
        """When the running clock of that id is due."""
        clock = self.state.open_clock(clock_id)
        return clock.due_on if clock else "not running"

    def status(self, kind: str, case_id: str) -> str:
        """The status of a matter."""
        case = self.state.case(kind, case_id)
        return case.status if case else "unknown"


def _act(mode: str, name: str, on: str, actor: Actor, data: dict[str, Any]) -> Act:
    resolved = data.pop("resolved", {})
    return Act(name=name, mode=mode, effective_on=date.fromisoformat(on), data=data, actor=actor, resolved=resolved)


def _noon(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(12), UTC)


def maintained(made_on: str = "2025-10-01", **personal: Any) -> History:
    """A plan that council 855 has made, with its final text in force."""
    text = document(**personal)
    effects = {
        "phase": "MAINTAINED",
        "maintainingLa": "855",
        "version": {"number": 1, "kind": "final"},
        "person": text["personalDetails"],
        "parties": [{"role": "maintainingCouncil", "organisation": "la:855", "since": made_on}],
    }
    return History().happened("finalised", made_on, effects, plan=text, sentOn=made_on)


def refused_to_assess(on: str = "2026-02-01") -> History:
    """A request that the council has refused."""
    opened = {"phase": "REQUESTED", "maintainingLa": "855", "person": DOCUMENT["personalDetails"]}
    history = History().happened("request-received", "2026-01-05", opened, receivedOn="2026-01-05")
    return history.happened("request-decided", on, {"phase": "ASSESSMENT_REFUSED"}, decision="REFUSE", notifiedOn=on)
