"""What an act refers to, looked up before it is decided: a draft's text, the entry to correct, what was marked."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from msgspec.structs import replace

from domain.calendar import london_date
from domain.document import TooDeep, merge_patch
from domain.document.json_values import segments, value_at
from domain.draft import Draft
from domain.plan.acts import RECORD, Act
from domain.plan.decide import decide
from domain.plan.events import JsonObject, PlanEvent
from domain.plan.guards.people import OPEN_RECORDS
from domain.plan.redactions import ALSO_IN, TEXT, has_part, text_to_go_on_from
from domain.plan.state import PlanState
from domain.retention import HeldBack
from services.drafts import load_draft
from services.errors import Fault, InvalidContent, PlanErased, PlanUnknown, StaleState
from services.keeper.bodies import Bodies, plan_faults
from services.plans import Plans
from services.requests import ActRequest
from services.retention.merged import held_with
from services.rules.in_force import RulesInForce
from services.store.record_store import RecordStore
from services.subject_access.resolving import Requested

#: The guard that asks what holds the records back with which this one is merged.
HELD_WITH_OTHERS: Final = "nothing-holds-back"
#: The guard that asks which of the records that were merged into this one are open.
RESTS_ON_MERGED: Final = "merged-records-first"


class Resolver:
    """Completes an act with what its body names."""

    def __init__(
        self,
        store: RecordStore,
        plans: Plans,
        rules: RulesInForce,
        bodies: Bodies,
        requested: Requested,
        now: Callable[[], datetime],
    ) -> None:
        """Look things up in this store; corrected entries are decided anew by `rules`."""
        self._store = store
        self._plans = plans
        self._rules = rules
        self._bodies = bodies
        self._requested = requested
        self._now = now

    def resolve(self, state: PlanState, act: Act) -> Act:
        """The act with its references resolved.

        Raises InvalidContent for a reference to nothing or a change that makes no digital plan, StaleState when the
        draft has another revision than named.
        """
        spec = self._rules.catalogue.acts[act.name]
        if HELD_WITH_OTHERS in spec.guards:
            act = replace(act, resolved={**act.resolved, "merged": self._merged(state)})
        if RESTS_ON_MERGED in spec.guards:
            return self._sealing(state, act)
        act = self._requested.completed(state, act, spec)
        if "draftId" in act.data and spec.text:
            return self._from_draft(state, act)
        if "patch" in act.data:
            _require_whole(state, act.data["patch"])
        if act.data.get("pointer") and "entry" in act.data:
            return replace(act, resolved={**act.resolved, ALSO_IN: self._carriers(UUID(state.plan_id), act.data)})
        if "corrects" in act.data:
            return replace(act, resolved={**act.resolved, **self._correction(state, act)})
        return act

    def _merged(self, state: PlanState) -> tuple[HeldBack, ...]:
        today = london_date(self._now())
        return held_with(self._plans, state, self._rules.book.schedules_of(state.maintaining_la, today), today)

    def _from_draft(self, state: PlanState, act: Act) -> Act:
        draft = self._draft(state, act.data)
        return replace(act, resolved={**act.resolved, "plan": draft.document, "draft": _facts_of(draft)})

    def _sealing(self, state: PlanState, act: Act) -> Act:
        """A sealing with its text, or a merge with a sealed record, and the records whose readers would read on."""
        merging = "retired" in act.data
        others = state.absorbed if not merging else (act.data["retired"],) if state.sealed_from else ()
        whole = self._from_draft(state, act) if "draftId" in act.data else act
        return replace(whole, resolved={**whole.resolved, OPEN_RECORDS: list(filter(self._is_open, others))})

    def _is_open(self, record: str) -> bool:
        """Whether a record can be read, and its identity isn't sealed."""
        try:
            return not self._plans.current(UUID(record)).sealed_from
        except (PlanErased, PlanUnknown, ValueError):
            return False

    def _carriers(self, plan_id: UUID, data: JsonObject) -> list[int]:
        """The other entries in which the part of a text that is named stands with the same words.

        Raises InvalidContent where the entry has no such part: a slip in a pointer would hide nothing.
        """
        sequence, pointer = int(data["entry"]), str(data["pointer"])
        texts = {e.sequence: e.data for e in self._plans.history(plan_id) if isinstance(e, PlanEvent)}
        named = texts.pop(sequence, None)
        if named is None:
            return []
        if not has_part(named, pointer):
            fault = Fault(pointer="/pointer", text="The entry has no such part.", rule="unknown-part")
            raise InvalidContent((fault,))
        said = value_at(named, segments(pointer))
        inside = pointer.startswith(f"{TEXT}/") and said not in (None, {})
        return [other for other, text in texts.items() if inside and value_at(text, segments(pointer)) == said]

    def _draft(self, state: PlanState, data: JsonObject) -> Draft:
        try:
            draft = load_draft(self._store, state, UUID(data["draftId"]))
        except (PlanUnknown, ValueError):
            fault = Fault(pointer="/draftId", text="This plan has no such draft.", rule="unknown-draft")
            raise InvalidContent((fault,)) from None
        if draft.revision != data["draftRevision"]:
            raise StaleState(f"d{draft.revision}")
        return draft

    def _correction(self, state: PlanState, act: Act) -> JsonObject:
        """The entry that is corrected, decided anew from the plan as it stood before it."""
        plan_id, sequence = UUID(state.plan_id), int(act.data["corrects"])
        entry = next((e for e in self._plans.history(plan_id) if e.sequence == sequence), None)
        if not isinstance(entry, PlanEvent):
            fault = Fault(pointer="/corrects", text="There is no such entry, or it is erased.", rule="unknown-entry")
            raise InvalidContent((fault,))
        corrected = act.data.get("replacement")
        if corrected is None:
            return {"corrected": {"type": entry.type}}
        return {
            "corrected": {"type": entry.type},
            "replacement": self._decided_anew(plan_id, entry, corrected, act),
        }

    def _decided_anew(self, plan_id: UUID, entry: PlanEvent, corrected: JsonObject, act: Act) -> JsonObject:
        spec = self._rules.catalogue.events[entry.type]
        dated = act.data.get("correctEffectiveOn", entry.metadata.effectiveon)
        request = ActRequest(
            act=spec.act,
            body={"mode": RECORD, "effectiveOn": dated, **corrected},
            actor=act.actor,
            idempotency_key="",
            body_sha256=b"",
        )
        anew = self._bodies.act(replace(spec, modes=(*spec.modes, RECORD)), request)
        before = self._plans.before(plan_id, entry.sequence)
        if "patch" in corrected:
            _require_whole(before, corrected["patch"])
        return decide(before, anew, self._now(), self._rules.book).data


def _require_whole(state: PlanState, patch: JsonObject) -> None:
    """The text in force, changed so, is still a digital plan. Raises InvalidContent."""
    try:
        faults = plan_faults(merge_patch(text_to_go_on_from(state), patch), prefix="/patch")
    except TooDeep:
        faults = [Fault(pointer="/patch", text="The change nests too deep.", rule="too-deep")]
    if faults and state.document:
        raise InvalidContent(tuple(faults))


def _facts_of(draft: Draft) -> dict[str, Any]:
    return {
        "draftId": draft.draft_id,
        "purpose": draft.purpose,
        "kind": draft.kind,
        "baseVersion": draft.base_version,
        "open": draft.status == "OPEN",
    }
