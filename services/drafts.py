"""Working drafts of a plan: opened, changed by merge patch, read, discarded. The council's own workshop.

A draft is a stream of the draft log. It is never published and binds nobody; the acts that serve or finalise a text
name the draft and its revision.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from uuid import UUID, uuid4

from msgspec.structs import replace

from domain.access import WORKSHOP, Access, Entitlement, Question
from domain.calendar import london_date
from domain.document import deleted_but_linked, empty_document, merge_patch, reused_ids
from domain.document.json_values import TooDeep
from domain.draft import Draft, change_draft, close_draft, fold_draft, open_draft
from domain.plan.acts import PERFORM, Actor
from domain.plan.events import DecidedEvent, EventMetadata, HistoryEntry, JsonObject
from domain.plan.redactions import text_to_go_on_from
from domain.plan.state import PlanState
from services.disclosures.values import Showing, Withheld
from services.draft_views import DraftView, draft_view
from services.errors import Fault, InvalidContent, NotYours, PlanUnknown, StaleState
from services.keeper.bodies import plan_faults
from services.keeper.repeats import Repeats
from services.plans import Plans
from services.redacted_drafts import without_redacted
from services.requests import ActRequest
from services.required import require_valid
from services.rules.in_force import RulesInForce
from services.store.errors import KeyConflict, SequenceConflict, StoreBusy
from services.store.idempotency import idempotency_record
from services.store.record_store import RecordStore
from services.store.values import DRAFT_LOG, AppendGroup, IdempotencyRecord, SealedEvent
from services.validation import SCHEMA_BASE

ATTEMPTS = 5
BODY_SCHEMA = f"{SCHEMA_BASE}drafts/open-draft.schema.json"


class Drafts:
    """The workshop. Every method raises PlanUnknown for a stranger and NotYours for other parties than the council."""

    def __init__(
        self, store: RecordStore, plans: Plans, rules: RulesInForce, access: Access, now: Callable[[], datetime]
    ) -> None:
        """Keep drafts in `store`, for whom `access` opens the workshop; `now` gives an aware instant."""
        self._store = store
        self._plans = plans
        self._rules = rules
        self._access = access
        self._now = now
        self._repeats = Repeats(store)

    async def open(self, plan_id: UUID, request: ActRequest) -> Withheld[DraftView]:
        """Start a draft. Raises InvalidContent, KeyReused."""
        draft_id = await self.start(plan_id, request)
        return self.read(plan_id, draft_id, request.actor)

    async def start(self, plan_id: UUID, request: ActRequest) -> UUID:
        """As `open`, for who needs nothing but the draft's id."""
        state = self._plan(plan_id, request.actor)
        async with self._repeats.one_at_a_time(request):
            if answered := self._repeats.find(request):
                return answered.written[0].stream
            decided = self._opening(state, request.body)
            draft_id = uuid4()
            record = idempotency_record(
                self._store.index,
                request.actor.person,
                request.idempotency_key,
                request.body_sha256,
                plan_id,
            )
            seal = partial(self._seal, state, draft_id, 1, decided, request.actor, request.correlation_id)
            await self._written(seal, record)
        return draft_id

    def list(self, plan_id: UUID, actor: Actor) -> Withheld[tuple[DraftView, ...]]:
        """All drafts of the plan in the order in which they were started, without their texts."""
        state, allowed = self._entitled(plan_id, actor)
        views = tuple(self._view(state, draft, with_text=False) for draft in self._drafts_of(state))
        return Withheld(views, _showing(state, allowed, "drafts"))

    def read(self, plan_id: UUID, draft_id: UUID, actor: Actor) -> Withheld[DraftView]:
        """One draft with its text."""
        state, allowed = self._entitled(plan_id, actor)
        draft = load_draft(self._store, state, draft_id)
        return Withheld(self._view(state, draft), _showing(state, allowed, "draft", draft))

    async def change(
        self,
        plan_id: UUID,
        draft_id: UUID,
        patch: JsonObject,
        actor: Actor,
        if_match: str,
        correlation_id: str,
    ) -> Withheld[DraftView]:
        """Apply a merge patch to the revision that the caller last saw ("d3").

        Raises StaleState, InvalidContent with pointers into the resulting plan, Refusal when the draft is closed.
        """
        state = self._plan(plan_id, actor)
        draft = load_draft(self._store, state, draft_id)
        _require_revision(draft, if_match)
        decided = change_draft(draft, patch)
        _check_change(state, draft, patch)
        await self._append(state, draft, decided, actor, correlation_id)
        return self.read(plan_id, draft_id, actor)

    async def discard(
        self, plan_id: UUID, draft_id: UUID, actor: Actor, if_match: str, correlation_id: str
    ) -> Withheld[DraftView]:
        """Close a draft that won't be used. Raises StaleState, Refusal when it is closed already."""
        state = self._plan(plan_id, actor)
        draft = load_draft(self._store, state, draft_id)
        _require_revision(draft, if_match)
        await self._append(state, draft, close_draft(draft, "discarded"), actor, correlation_id)
        return self.read(plan_id, draft_id, actor)

    def _plan(self, plan_id: UUID, actor: Actor) -> PlanState:
        return self._entitled(plan_id, actor)[0]

    def _entitled(self, plan_id: UUID, actor: Actor) -> tuple[PlanState, Entitlement]:
        state = self._plans.current(plan_id)
        allowed = self._access.decide_read(state, actor, Question(part=WORKSHOP), london_date(self._now()))
        if not allowed.relation:
            raise self._plans.refusal(plan_id)
        if not allowed.allowed:
            raise NotYours("Working drafts are the maintaining council's.")
        return state, allowed

    def _drafts_of(self, state: PlanState) -> Iterator[Draft]:
        for stream in self._store.register.streams(UUID(state.plan_id), DRAFT_LOG):
            with suppress(PlanUnknown):
                yield load_draft(self._store, state, stream)

    def _opening(self, state: PlanState, body: JsonObject) -> DecidedEvent:
        require_valid(body, BODY_SCHEMA)
        document = body.get("plan") or text_to_go_on_from(state) or _blank(state)
        faults = plan_faults(document, prefix="/plan")
        faults = faults or _reuse_faults(state, document, prefix="/plan")
        if faults:
            raise InvalidContent(tuple(faults))
        kind = self._rules.code_sets["draft-purposes"].codes[body["purpose"]].text("kind")
        current = state.current_version()
        return open_draft(
            state.plan_id,
            purpose=body["purpose"],
            kind=kind,
            base_version=current.number if current else 0,
            document=document,
        )

    async def _append(
        self, state: PlanState, draft: Draft, decided: DecidedEvent, actor: Actor, correlation_id: str
    ) -> None:
        seal = partial(self._seal, state, UUID(draft.draft_id), draft.revision + 1, decided, actor, correlation_id)
        try:
            await self._written(seal)
        except SequenceConflict:
            raise StaleState(f"d{draft.revision + 1}") from None

    async def _written(self, seal: Callable[[], SealedEvent], record: IdempotencyRecord | None = None) -> None:
        """Append an event, sealed anew where the child's key was just replaced. Raises SequenceConflict, StoreBusy."""
        for _ in range(ATTEMPTS):
            with suppress(KeyConflict):
                await self._store.append_async(AppendGroup({DRAFT_LOG: [seal()]}, idempotency=record))
                return
        raise StoreBusy("an entry of the plan is being destroyed")

    def _seal(
        self,
        state: PlanState,
        draft_id: UUID,
        revision: int,
        decided: DecidedEvent,
        actor: Actor,
        correlation_id: str,
    ) -> SealedEvent:
        metadata = EventMetadata(
            effectiveon=london_date(self._now()).isoformat(),
            actor=actor.subject,
            actorissuer=actor.issuer or None,
            actororg=actor.organisation,
            actorrole=actor.role,
            mode=PERFORM,
            correlationid=correlation_id or None,
        )
        plan_id = UUID(state.plan_id)
        return self._store.seal(plan_id, revision, decided.type, metadata, decided.data, draft=draft_id)

    def _view(self, state: PlanState, draft: Draft, *, with_text: bool = True) -> DraftView:
        return draft_view(state, draft, london_date(self._now()), with_text=with_text)


def _showing(state: PlanState, allowed: Entitlement, what: str, draft: Draft | None = None) -> Showing:
    """What is recorded of showing the list of drafts, or one of them."""
    showing = Showing(
        what=what,
        plan=UUID(state.plan_id),
        relation=allowed.relation,
        gateway=allowed.gateway or None,
    )
    if draft is None:
        return showing
    sections = tuple(sorted(draft.document.get("sections", {})))
    return replace(showing, sections=sections, text=f"d{draft.revision}", draft_id=draft.draft_id)


def load_draft(store: RecordStore, state: PlanState, draft_id: UUID, until: datetime | None = None) -> Draft:
    """A draft of this plan, folded; as it was at a moment, where one is given.

    What redactions hide isn't in it. Raises PlanUnknown when the plan has no such draft (or had none then), or when it
    was begun under an identity that is sealed since: no text may bring that back.
    """
    plan_id = UUID(state.plan_id)
    if draft_id not in store.register.streams(plan_id, DRAFT_LOG):
        raise PlanUnknown
    history = [e for e in store.read_stream(DRAFT_LOG, draft_id) if until is None or e.time <= until]
    if not history:
        raise PlanUnknown
    if state.sealed_from and history[0].time < _sealed_at(store, state):
        raise PlanUnknown
    draft = fold_draft(str(draft_id), history)
    return replace(draft, document=without_redacted(state, draft, history[0].time, partial(_entry, store, plan_id)))


def _sealed_at(store: RecordStore, state: PlanState) -> datetime:
    return _entry(store, UUID(state.plan_id), state.sealed_from).time


def _entry(store: RecordStore, plan_id: UUID, sequence: int) -> HistoryEntry:
    (entry,) = store.read_plan(plan_id, after=sequence - 1, upto=sequence)
    return entry


def _require_revision(draft: Draft, if_match: str) -> None:
    if if_match != f"d{draft.revision}":
        raise StaleState(f"d{draft.revision}")


def _check_change(state: PlanState, draft: Draft, patch: JsonObject) -> None:
    """Raises InvalidContent when the patched text isn't a valid plan, loses a linked item or uses an id again."""
    try:
        document = merge_patch(draft.document, patch)
    except TooDeep:
        raise InvalidContent((Fault(pointer="", text="The patch is nested too deeply.", rule="depth"),)) from None
    faults = plan_faults(document)
    faults = faults or _link_faults(draft.document, patch) + _reuse_faults(state, document, since=draft.document)
    if faults:
        raise InvalidContent(tuple(faults))


def _link_faults(document: JsonObject, patch: JsonObject) -> list[Fault]:
    return [
        Fault(
            pointer=deletion.pointer,
            text=f"This item can't be removed: {', '.join(deletion.links)} still refers to it.",
            rule="linked-item",
        )
        for deletion in deleted_but_linked(document, patch)
    ]


def _reuse_faults(
    state: PlanState, document: JsonObject, *, prefix: str = "", since: JsonObject | None = None
) -> list[Fault]:
    text = "This id named another item of the plan once; ids are never used again."
    held = since if since is not None else state.document
    return [
        Fault(pointer=prefix + place, text=text, rule="id-reused")
        for place in reused_ids(state.used_item_ids, held or document, document)
    ]


def _blank(state: PlanState) -> JsonObject:
    """A plan with nothing but the child's details, for a first draft. Raises InvalidContent when they aren't known."""
    person = state.person
    if "name" not in person or "dateOfBirth" not in person:
        text = "The record doesn't hold the child's name and date of birth yet: send the starting text."
        raise InvalidContent((Fault(pointer="/plan", text=text, rule="required"),))
    document = empty_document(
        name=person["name"],
        date_of_birth=person["dateOfBirth"],
        local_reference=state.local_reference or None,
    )
    return {**document, "personalDetails": {**document["personalDetails"], **person}}
