"""The acts of the matrix: which of them each relation may do in each role, as decided, and as the API answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cached_property
from typing import Any
from uuid import UUID

import httpx
from msgspec import Struct

from domain.access import Policy, Verdict
from domain.plan.acts import PERFORM, RECORD, Actor
from domain.plan.catalogue import ActSpec
from domain.plan.state import PlanState
from tests.support.access_tables import Scene
from tests.support.serving import COUNCIL, Caller, Serving
from tests.support.whole_life import TODAY

#: What an act is said to be about: the matters of the parties that were asked, or others.
MATTERS = {
    "own": {"consultation": "c-asked", "advice": "of-trust", "health-agreement": "g-own"},
    "another's": {"consultation": "c-other", "advice": "of-care", "health-agreement": "g-other"},
}
#: The id of a record that isn't there, for matters that are another record.
NO_RECORD = "00000000-0000-4000-8000-000000000001"
#: No plan under test ever has this entity tag: an act that its caller may do stops there, and changes nothing.
NEVER_CURRENT = '"999999999"'
EVERY_ACT = "every act of the role"


class Cell(Struct, frozen=True):
    """One question: may this caller in this role do this act, about this matter of a party?"""

    scene: Scene
    name: str
    role: str
    whose: str
    spec: ActSpec

    @property
    def caller(self) -> Caller:
        return self.scene.callers[self.name]

    @property
    def row(self) -> str:
        """The beginning of the table's line that answers for it."""
        return f"{self.scene.name} | {self.name} | {self.role} | {self.whose}"

    @property
    def about(self) -> dict[str, Any]:
        """The matter that the act is about, in the words of its body."""
        case = self.spec.case
        if case is None or not case.id_field:
            return {}
        nobodys = NO_RECORD if self.spec.body[case.id_field].get("format") == "uuid" else "nobodys"
        return {case.id_field: MATTERS[self.whose].get(case.kind, nobodys)}

    @property
    def tells_whose(self) -> bool:
        """Whether it makes a difference to the request whose matter is meant."""
        return self.spec.case is not None and bool(self.spec.case.id_field) and self.spec.case.kind in MATTERS["own"]


class Acts:
    """Every cell of the acts, in the order of the table."""

    def __init__(self, serving: Serving, found: list[Scene]) -> None:
        self._serving = serving
        self.found = found
        self._access = serving.platform.access
        self._states: dict[str, PlanState] = {}
        self._visible: dict[tuple[str, str, str], bool] = {}
        self._senders: dict[tuple[str, str, str], Caller] = {}

    @cached_property
    def policy(self) -> Policy:
        return self._access.policies.on(date.fromisoformat(TODAY))

    @cached_property
    def specs(self) -> list[ActSpec]:
        """The acts on a plan; those that open a record are on none."""
        return [spec for spec in self._serving.platform.rules.catalogue.acts.values() if not spec.opens]

    def of_role(self, role: str) -> list[str]:
        """The acts that the catalogue opens to a role at all."""
        return [spec.act for spec in self.specs if self.policy.acting_role(role) in spec.by]

    def cells(self) -> Iterator[Cell]:
        for scene in self.found:
            for name in scene.callers:
                for role in self.policy.roles:
                    for whose in MATTERS:
                        for spec in self.specs:
                            yield Cell(scene, name, role, whose, spec)

    def decided(self, cell: Cell, mode: str = PERFORM) -> Verdict:
        """What the one function answers to somebody who does it, or writes down that it was done."""
        plan = cell.scene.life.plan_id
        if plan not in self._states:
            self._states[plan] = self._serving.platform.plans.current(UUID(plan))
        today, actor = date.fromisoformat(TODAY), _actor(cell.caller, cell.role)
        return self._access.decide_act(self._states[plan], actor, cell.spec, cell.about, today, mode)

    def visible(self, cell: Cell) -> bool:
        """Whether the caller may know of the plan in this role."""
        key = cell.scene.name, cell.name, cell.role
        if key not in self._visible:
            self._visible[key] = self.decided(cell).visible
        return self._visible[key]

    def lines(self) -> Iterator[str]:
        """A line for each relation, role and matter of whom: the acts that are open to it. None: no line."""
        open_to: dict[str, list[str]] = {}
        roles: dict[str, str] = {}
        own: dict[str, bool] = {}
        for cell in self.cells():
            if cell.whose == "own" or cell.tells_whose:
                allowed = own[cell.spec.act] = self.decided(cell).allowed
            else:
                allowed = own[cell.spec.act]
            if allowed:
                open_to.setdefault(cell.row, []).append(cell.spec.act)
                roles[cell.row] = cell.role
        for row, names in open_to.items():
            told = EVERY_ACT if names == self.of_role(roles[row]) else " ".join(names)
            yield f"{row} | {len(names)} | {told}"

    def allowed_by(self, lines: list[str]) -> dict[str, frozenset[str]]:
        """A table read back: the acts that are open, by the beginning of their line."""
        found = {}
        for line in lines:
            row, _, told = line.rsplit(" | ", 2)
            names = self.of_role(row.split(" | ")[2]) if told == EVERY_ACT else told.split()
            found[row] = frozenset(names)
        return found

    def requests(self, table: list[str]) -> dict[int, list[Cell]]:
        """Every cell that makes a request of its own, by the status that it gets if the table tells the truth."""
        allowed = self.allowed_by([line for line in table if not line.startswith("opening ")])
        by_status: dict[int, list[Cell]] = {403: [], 404: [], 412: []}
        for cell in self.cells():
            if cell.whose == "own" or cell.tells_whose:
                is_open = cell.spec.act in allowed.get(cell.row, ())
                by_status[412 if is_open else 403 if self.visible(cell) else 404].append(cell)
        return by_status

    def sent(self, cell: Cell, body: dict[str, Any]) -> httpx.Response:
        """The answer to the act, sent with a right body on a state of the plan that it doesn't have.

        Who may not know of the plan gets 404, who may not do the act 403, and who may 412: form is looked at before
        access, and the state after it.
        """
        plan = cell.scene.life.plan_id
        who = self._sender(cell)
        mode = PERFORM if PERFORM in cell.spec.modes else RECORD
        said = {"effectiveOn": TODAY, **body, **cell.about, "mode": mode}
        return who.post(f"/v1/plans/{plan}/acts/{cell.spec.act}", said, If_Match=NEVER_CURRENT)

    def _sender(self, cell: Cell) -> Caller:
        key = cell.scene.name, cell.name, cell.role
        if key not in self._senders:
            mine = cell.caller.principal
            self._senders[key] = self._serving.as_(
                cell.role, mine.organisation, plan=mine.plan_id, contact=mine.contact_id
            )
        return self._senders[key]


class Opened(Struct, frozen=True):
    """One question: may somebody of this organisation in this role open a record with this act?

    Asked for the council of the tests; of an act that names no council, for the organisation itself if it is one.
    """

    organisation: str
    role: str
    spec: ActSpec
    council: str

    @property
    def row(self) -> str:
        """The beginning of the table's line that answers for it."""
        return f"opening | {self.organisation} | {self.role}"


def openings(serving: Serving, found: list[Scene]) -> Iterator[Opened]:
    """Every organisation of the scenes, role, and act that opens a record."""
    roles = serving.platform.access.policies.on(date.fromisoformat(TODAY)).roles
    acts = [spec for spec in serving.platform.rules.catalogue.acts.values() if spec.opens]
    for organisation in sorted({caller.principal.organisation for scene in found for caller in scene.callers.values()}):
        own = organisation.removeprefix("la:") if organisation.startswith("la:") else ""
        for role in roles:
            for spec in acts:
                yield Opened(organisation, role, spec, COUNCIL if "council" in spec.body else own)


def opening_lines(serving: Serving, found: list[Scene]) -> Iterator[str]:
    """A line for each organisation and role that may open a record, with the acts. None: no line."""
    open_to: dict[str, list[str]] = {}
    for one in openings(serving, found):
        actor = Actor(subject="", organisation=one.organisation, role=one.role)
        if one.council and serving.platform.access.decide_opening(actor, one.spec, one.council):
            open_to.setdefault(one.row, []).append(one.spec.act)
    for row, names in open_to.items():
        yield f"{row} | {len(names)} | {' '.join(names)}"


def _actor(caller: Caller, role: str) -> Actor:
    principal = caller.principal
    return Actor(
        subject=principal.subject, organisation=principal.organisation, role=role,
        plan_id=principal.plan_id, contact_id=principal.contact_id,
    )  # fmt: skip
