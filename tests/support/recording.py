"""Histories written straight into a store, event by event: many of them, quickly, and odd ones too."""

import random
from typing import Any
from uuid import UUID, uuid4

from domain.plan.events import EventMetadata
from services.store.record_store import RecordStore
from services.store.values import PLAN_LOG, AppendGroup, SealedEvent
from tests.support.fictional import FAMILY, GIVEN, fictional_plan

DAY = "2026-09-01"
SCHOOLS = ("urn:199101", "urn:199102", "urn:199103")
METADATA = EventMetadata(effectiveon=DAY, actor="person-1", actororg="la:855", actorrole="case-officer", mode="RECORD")


class Recording:
    """Appends events with the effects that a decision would have written into them."""

    def __init__(self, store: RecordStore) -> None:
        self.store = store
        self.sequences: dict[UUID, int] = {}

    def sealed(self, plan: UUID, kind: str, data: dict[str, Any]) -> SealedEvent:
        """The next event of the plan."""
        sequence = self.sequences.get(plan, 0) + 1
        self.sequences[plan] = sequence
        return self.store.seal(plan, sequence, f"ehcp.plan.{kind}.v1", METADATA, data, council="855")

    def append(self, *events: SealedEvent) -> int:
        """On disk; the position of the last."""
        return self.store.append(AppendGroup({PLAN_LOG: events}))[-1].position

    def add(
        self, plan: UUID, kind: str, effects: dict[str, Any] | None = None, data: dict[str, Any] | None = None
    ) -> int:
        """One more event of the plan; its position."""
        return self.append(self.sealed(plan, kind, {**(data or {}), "effects": effects or {}}))

    def open(self, name: str = "Aled Ottershaw", born: str = "2014-03-02", council: str = "855", **more: Any) -> UUID:
        """A request for assessment of a fictional child; the new plan."""
        plan = uuid4()
        self.add(plan, "assessment-requested", opening(name, born, council, **more))
        return plan

    def finalise(self, plan: UUID, number: int = 1, **placement: str) -> int:
        """A final text."""
        text = fictional_plan(number, needs=1)
        text["sections"]["I"]["placements"]["placement-1"].update(placement)
        version = {"number": number, "kind": "final", "basis": "COUNCIL"}
        return self.add(plan, "finalised", {"phase": "MAINTAINED", "version": version}, {"plan": text})

    def annul(self, plan: UUID, sequence: int) -> int:
        """An entry that doesn't count any more."""
        return self.add(plan, "entry-corrected", {"annuls": {"sequence": sequence}}, {"corrects": sequence})

    def random_step(self, dice: random.Random) -> None:
        """Something that happens to some plan, or a new plan."""
        plans = list(self.sequences)
        if not plans or dice.random() < 0.2:
            name = f"{dice.choice(GIVEN)} {dice.choice(FAMILY)}"
            self.open(name, f"20{dice.randint(10, 19)}-0{dice.randint(1, 9)}-11", dice.choice(("855", "936")))
            return
        plan = dice.choice(plans)
        kind, effects, data = random_event(dice, self.sequences[plan])
        self.add(plan, kind, effects, data)


def opening(name: str, born: str, council: str, **more: Any) -> dict[str, Any]:
    """What a request for assessment changes."""
    start = clock_start("D1", "2026-10-13")
    person = {"name": name, "dateOfBirth": born, **more}
    return {"phase": "REQUESTED", "maintainingLa": council, "person": person, "clockStarts": [start]}


def clock_start(clock: str, due_on: str, key: str = "") -> dict[str, str]:
    """A duty that begins to run."""
    more = {"title": "A duty", "law": "SEND Regulations 2014", "owedBy": "council", "startedOn": DAY}
    return {"id": clock, "key": key or clock, "dueOn": due_on, **more}


def random_event(dice: random.Random, sequence: int) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """The kind, effects and data of an event of a plan that has so many."""
    choice = dice.random()
    if choice < 0.25:
        version = {"number": sequence, "kind": dice.choice(("draft", "final")), "basis": "COUNCIL"}
        text = fictional_plan(dice.randint(0, 500), needs=1)
        return "finalised", {"phase": "MAINTAINED", "version": version}, {"plan": text}
    if choice < 0.4:
        return "name-changed", {"person": {"name": f"{dice.choice(GIVEN)} {dice.choice(FAMILY)}"}}, {}
    if choice < 0.55:
        status = dice.choice(("SENT", "ANSWERED"))
        data = {"organisation": dice.choice(SCHOOLS)}
        return (
            "setting-consulted",
            {"cases": [{"kind": "consultation", "id": "c-1", "status": status, "data": data}]},
            {},
        )
    if choice < 0.75:
        clock, day = f"D{dice.randint(1, 9)}", f"2026-1{dice.randint(0, 2)}-0{dice.randint(1, 9)}"
        stops = [{"key": f"D{dice.randint(1, 9)}", "metOn": DAY}]
        return "advice-requested", {"clockStarts": [clock_start(clock, day)], "clockStops": stops}, {}
    if choice < 0.85 and sequence > 1:
        # Never the first event: a plan without its opening says nothing.
        return "entry-corrected", {"annuls": {"sequence": dice.randint(2, sequence)}}, {}
    return "access-noted", {}, {"note": "n" * dice.randint(1, 50)}
