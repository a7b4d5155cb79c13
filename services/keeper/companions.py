"""What an act writes beside its own event: in another record, in the draft that it finalises, in the key store.

Everything that is an event goes into the same append as the act's own, so that both are on disk or neither is. What is
done to keys follows from the event once it is on disk, and is safe to do twice (`services.keeper.key_work`).
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from msgspec import Struct, field
from msgspec.structs import replace

from domain.access import WORKSHOP, Access, Question
from domain.calendar import london_date
from domain.document.merge import merge_patch
from domain.draft import close_draft
from domain.errors import Breach, Refusal
from domain.plan.acts import RECORD, Act
from domain.plan.decide import decide
from domain.plan.events import DecidedEvent, EventMetadata, JsonObject, PlanEvent
from domain.plan.evolve import HistoryNeeded, evolve
from domain.plan.state import PlanState
from services.drafts import load_draft
from services.errors import Fault, InvalidContent, NotYours, PlanErased, PlanUnknown
from services.keeper.metadata import metadata_of
from services.keeper.registering import register_change
from services.plans import Plans
from services.requests import ActRequest
from services.rules.in_force import RulesInForce
from services.store.record_store import RecordStore
from services.store.values import DRAFT_LOG, RegisterChange, SealedEvent

#: Acts whose event stands in two records, with the act that mirrors them and the field that names the other record.
MIRRORED: Mapping[str, tuple[str, str]] = {
    "merge-records": ("retire-record", "retired"),
    "unmerge-records": ("restore-record", "retired"),
}


class Writing(Struct, frozen=True, kw_only=True):
    """Companion writes of an act, for the same append."""

    plan_events: tuple[SealedEvent, ...] = ()
    other_logs: dict[str, list[SealedEvent]] = field(default_factory=dict)
    register: tuple[RegisterChange, ...] = ()


class Companions:
    """Knows the few acts that reach beyond their own event."""

    def __init__(
        self, store: RecordStore, plans: Plans, rules: RulesInForce, access: Access, now: Callable[[], datetime]
    ) -> None:
        """Write into `store`, deciding the other record's part by `rules`."""
        self._store = store
        self._plans = plans
        self._rules = rules
        self._access = access
        self._now = now

    def of(self, state: PlanState, act: Act, decided: DecidedEvent, request: ActRequest) -> Writing:
        """What goes with this act. Raises Refusal when the other record can't take its part."""
        if act.name in MIRRORED:
            return self._mirrored(state, act, request)
        if act.name == "move-entry":
            return self._moved_entry(state, act, request)
        if "draft" in act.resolved and decided.data.get("effects", {}).get("version", {}).get("kind") == "final":
            return self._closing_draft(state, act, request)
        return Writing()

    def _mirrored(self, state: PlanState, act: Act, request: ActRequest) -> Writing:
        mirror, names_other = MIRRORED[act.name]
        other = self._other(act.data[names_other], f"/{names_other}", act)
        data = {"survivor": state.plan_id, **_shared(act.data, self._rules.catalogue.acts[mirror].body)}
        return self._in_other(other, [replace(act, name=mirror, data=data, resolved={"mirrors": act.name})], request)

    def _moved_entry(self, state: PlanState, act: Act, request: ActRequest) -> Writing:
        entry = self._entry(state, act.data["entry"])
        if "rightPlan" not in act.data or entry is None:
            return Writing()
        spec = self._rules.catalogue.events[entry.type]
        other = self._other(act.data["rightPlan"], "/rightPlan", act)
        again = Act(
            name=spec.act,
            mode=RECORD,
            effective_on=datetime.fromisoformat(entry.metadata.effectiveon).date(),
            data={name: value for name, value in entry.data.items() if name != "effects"},
            actor=act.actor,
        )
        received = replace(
            act,
            name="receive-entry",
            data={"misfiledId": act.data["misfiledId"], "entry": other.sequence + 2},
            resolved={},
        )
        return self._in_other(other, [received, again], request)

    def _in_other(self, other: PlanState, acts: list[Act], request: ActRequest) -> Writing:
        """Decide acts on another record, one after the other, and seal their events."""
        sealed = []
        for act in acts:
            decided = decide(other, act, self._now(), self._rules.book)
            metadata = metadata_of(self._rules.catalogue.acts[act.name], act, request, other, decided)
            sealed.append(self._seal(other, decided, metadata))
            other = self._after(other, decided, metadata, sealed[-1])
        return Writing(plan_events=tuple(sealed), register=(register_change(other, self._store.index),))

    def _closing_draft(self, state: PlanState, act: Act, request: ActRequest) -> Writing:
        plan_id, draft_id = UUID(state.plan_id), UUID(act.data["draftId"])
        draft = load_draft(self._store, state, draft_id)
        if draft.status != "OPEN":
            return Writing()
        decided = close_draft(draft, "finalised")
        metadata = metadata_of(self._rules.catalogue.acts[act.name], act, request, state, decided)
        sealed = self._store.seal(plan_id, draft.revision + 1, decided.type, metadata, decided.data, draft=draft_id)
        return Writing(other_logs={DRAFT_LOG: [sealed]})

    def _other(self, plan_id: str, pointer: str, act: Act) -> PlanState:
        """The other record, which must be the same council's. Raises InvalidContent, NotYours."""
        try:
            other = self._plans.current(UUID(plan_id))
        except (PlanUnknown, PlanErased, ValueError):
            fault = Fault(pointer=pointer, text="There is no such record, or it isn't yours.", rule="unknown-plan")
            raise InvalidContent((fault,)) from None
        question, today = Question(part=WORKSHOP), london_date(self._now())
        if not self._access.decide_read(other, act.actor, question, today).allowed:
            raise NotYours("The other record is kept by another council: ask that council to do its part.")
        return other

    def _entry(self, state: PlanState, sequence: int) -> PlanEvent | None:
        entries = self._store.read_plan(UUID(state.plan_id), after=sequence - 1, upto=sequence)
        entry = entries[0] if entries else None
        if isinstance(entry, PlanEvent) and self._rules.catalogue.events[entry.type].opens:
            text = "The entry that opened a record can't be moved: void the record instead."
            raise Refusal((Breach(rule="opening-entry", law="", text=text, pointer="/entry"),))
        return entry if isinstance(entry, PlanEvent) else None

    def _seal(self, state: PlanState, decided: DecidedEvent, metadata: EventMetadata) -> SealedEvent:
        return self._store.seal(UUID(state.plan_id), state.sequence + 1, decided.type, metadata, decided.data)

    def _after(
        self, state: PlanState, decided: DecidedEvent, metadata: EventMetadata, sealed: SealedEvent
    ) -> PlanState:
        event = PlanEvent(
            plan=UUID(state.plan_id),
            type=decided.type,
            sequence=state.sequence + 1,
            position=0,
            time=self._now(),
            id=sealed.event_id,
            metadata=metadata,
            data=decided.data,
        )
        try:
            return evolve(state, event)
        except HistoryNeeded:
            return self._plans.folded_with(state, event)


def _shared(data: JsonObject, body: JsonObject) -> JsonObject:
    """The fields of an act's data that its mirror has too."""
    return merge_patch({}, {name: value for name, value in data.items() if name in body})
