"""The record keeper: takes an act, decides it on the plan's current state, and puts the event on disk.

Acts on one plan take turns; one without If-Match that loses a race with another process is decided again on the new
state, up to five times. A repeated request gets the first one's answer, rebuilt from the events it made. A refusal
stores nothing.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from uuid import UUID, uuid4

from domain.access import Access
from domain.calendar import london_date
from domain.errors import Refusal
from domain.plan.acts import Act, Actor
from domain.plan.catalogue import ActSpec
from domain.plan.state import PlanState
from services.entity_tags import EntityTags
from services.errors import (
    AlreadyOnRecord,
    Fault,
    InvalidContent,
    NotYours,
    PlanErased,
    PlanUnknown,
    StaleState,
)
from services.keeper.bodies import Bodies
from services.keeper.companions import Companions
from services.keeper.key_work import KeyWork
from services.keeper.openings import NewRecord, Opening, council_of
from services.keeper.preparing import Asked, Preparation, Prepared, each
from services.keeper.receipts import Receipts
from services.keeper.repeats import Repeats
from services.keeper.resolving import Resolver
from services.keeper.turns import Turns
from services.plans import Plans
from services.requests import ActRequest, Receipt
from services.rules.in_force import RulesInForce
from services.store.errors import (
    DuplicateLocalReference,
    KeyConflict,
    KeyDestroyed,
    RequestAlreadyRecorded,
    SequenceConflict,
    StoreBusy,
)
from services.store.record_store import RecordStore
from services.store.values import Appended, RecordedRequest

#: How often an act is decided again when somebody else's act came first.
ATTEMPTS = 5
#: Why an act is not done. The first of two alike may have been, and is then the reason.
NOT_DONE = (Refusal, InvalidContent, NotYours, PlanErased, PlanUnknown, StaleState)


class RecordKeeper:
    """The one way by which acts become history."""

    def __init__(
        self,
        store: RecordStore,
        plans: Plans,
        rules: RulesInForce,
        bodies: Bodies,
        resolver: Resolver,
        access: Access,
        key_work: KeyWork,
        now: Callable[[], datetime],
    ) -> None:
        """Keep the record in `store`, deciding by `rules` what `access` allows; `now` gives an aware instant."""
        self._store = store
        self._plans = plans
        self._rules = rules
        self._bodies = bodies
        self._resolver = resolver
        self._access = access
        self._now = now
        self._repeats = Repeats(store)
        self._turns = Turns()
        self._tags = EntityTags(store.index, access, now)
        self._receipts = Receipts(store, plans, self._tags)
        self._preparing = Preparation(store, plans, rules, bodies, Companions(store, plans, rules, access, now), now)
        self._key_work = key_work

    async def open_record(self, request: ActRequest) -> Receipt:
        """Perform an act that opens a record (a request for assessment, an imported baseline).

        Raises InvalidContent, NotYours, domain Refusal, KeyReused, AlreadyOnRecord.
        """
        async with self._repeats.one_at_a_time(request):
            if answered := self._repeats.find(request):
                return self._told_again(answered, request)
            return await self._commit(self._preparing.of(self._opening(request)))

    def prepare_openings(self, requests: Sequence[ActRequest]) -> list[NewRecord | Exception]:
        """Decide and seal opening acts, for `open_together`; or why one can't be done."""
        prepared = self._preparing.of_each(each(self._opening, requests))
        return each(lambda item: NewRecord(item.event.plan, item.group), prepared)

    def open_together(self, records: Sequence[NewRecord]) -> Opening:
        """Hand many records over at once, so that they share a commit.

        Repeats are the caller's to recognise: these requests carry no Idempotency-Key. Raises StoreBusy, StoreClosed.
        """
        return Opening(records, self._store.submit_all([record.group for record in records]))

    def _opening(self, request: ActRequest) -> Asked:
        spec = self._spec(request.act, opens=True)
        act = self._bodies.act(spec, request)
        council = council_of(act)
        if not council:
            text = "Say which council is responsible: the three digits of its code."
            raise InvalidContent((Fault(pointer="/council", text=text, rule="required"),))
        if council not in self._rules.code_sets["local-authorities"]:
            text = "There is no council with this code: a record is some council's from its first day."
            raise InvalidContent((Fault(pointer="/council", text=text, rule="la-code-unknown"),))
        if "localReference" in act.data and not self._access.names_records(act.actor):
            text = "The council gives a record its reference: leave it out."
            raise InvalidContent((Fault(pointer="/localReference", text=text, rule="councils-reference"),))
        if not self._access.decide_opening(act.actor, spec, council, act.mode):
            raise NotYours(f"'{spec.title}' is not open to your role for this council.")
        return Asked(state=PlanState(plan_id=str(uuid4()), maintaining_la=council), act=act, request=request, spec=spec)

    async def perform(self, plan_id: UUID, request: ActRequest) -> Receipt:
        """Perform or record an act on a plan.

        Raises PlanUnknown, PlanErased, NotYours, InvalidContent, domain Refusal, StaleState, KeyReused, StoreBusy.
        """
        spec = self._spec(request.act, opens=False)
        async with self._repeats.one_at_a_time(request):
            try:
                act = self._bodies.act(spec, request)
                async with self._turns.turn(plan_id):
                    return await self._decided(plan_id, act, spec, request)
            except NOT_DONE:
                # The append recognises a repeat, at no cost to what is none; so must whatever is about to refuse it.
                if answered := self._repeats.find(request):
                    return self._told_again(answered, request)
                raise

    def today(self) -> date:
        """The civil date in London now."""
        return london_date(self._now())

    async def _decided(self, plan_id: UUID, act: Act, spec: ActSpec, request: ActRequest) -> Receipt:
        """Decide on the state in memory if there is one: the append holds it to its sequence, at no question more.

        Neither a conflict nor a refusal may come of an old state: then what the log says now is asked, and counts.
        """
        if remembered := self._plans.remembered(plan_id):
            try:
                return await self._decided_on(remembered, act, spec, request)
            except (SequenceConflict, KeyConflict):
                self._plans.overtaken(plan_id)
            except (*NOT_DONE, KeyDestroyed):
                self._plans.forget(plan_id)
        for _ in range(ATTEMPTS):
            try:
                return await self._decided_on(self._plans.current(plan_id), act, spec, request)
            except (SequenceConflict, KeyConflict):
                self._plans.overtaken(plan_id)
        raise StoreBusy("too many acts on this plan at once")

    async def _decided_on(self, state: PlanState, act: Act, spec: ActSpec, request: ActRequest) -> Receipt:
        self._admit(state, act, spec, request)
        resolved = self._resolver.resolve(state, act)
        return await self._commit(self._preparing.of(Asked(state=state, act=resolved, request=request, spec=spec)))

    def _spec(self, name: str, *, opens: bool) -> ActSpec:
        spec = self._rules.catalogue.acts.get(name)
        if spec is None or spec.opens != opens:
            raise PlanUnknown
        return spec

    def _admit(self, state: PlanState, act: Act, spec: ActSpec, request: ActRequest) -> None:
        verdict = self._access.decide_act(state, act.actor, spec, act.data, self.today(), act.mode)
        if not verdict.visible:
            raise self._plans.refusal(UUID(state.plan_id))
        if not verdict.allowed:
            raise NotYours(verdict.reason)
        if request.if_match is not None and not self._is_current(request.if_match, state, act.actor):
            raise StaleState(self._tags.of(state, act.actor))

    def _is_current(self, tag: str, state: PlanState, actor: Actor) -> bool:
        """Whether a tag that was read is the plan's still; no number is, to who could else count by asking."""
        return tag == self._tags.of(state, actor)

    async def _commit(self, prepared: Prepared) -> Receipt:
        return await self._finish(prepared, self._store.append_async(prepared.group))

    async def _finish(self, prepared: Prepared, append: Awaitable[tuple[Appended, ...]]) -> Receipt:
        """Wait until the append is on disk, then follow it up and make out the receipt."""
        request = prepared.request
        try:
            appended = await append
        except RequestAlreadyRecorded:
            return self._told_again(self._repeats.known(request), request)
        except DuplicateLocalReference as duplicate:
            raise AlreadyOnRecord(str(duplicate.existing)) from None
        except SequenceConflict:
            if request.if_match is not None and self._counts(prepared.before, request.actor):
                raise StaleState(str(prepared.event.sequence)) from None
            raise
        if prepared.after is not None:
            self._plans.advance(prepared.before, prepared.after)
        self._key_work.follow(prepared.event)
        counts = self._counts(prepared.before, request.actor)
        tag = str(prepared.event.sequence) if counts else self._tags.of(self._after(prepared), request.actor)
        return self._receipts.new(appended, prepared.event.data, prepared.spec, tag)

    def _told_again(self, answered: RecordedRequest, request: ActRequest) -> Receipt:
        """The first answer; should the platform have stopped between the append and its key work, that is done now."""
        self._key_work.follow_all(self._store.read_plan(answered.plan, after=answered.written[0].first - 1))
        return self._receipts.rebuilt(answered, request.act, request.actor)

    def _counts(self, state: PlanState, actor: Actor) -> bool:
        """Whether the actor is told how many entries the plan has, by whom it was before the act."""
        return self._access.counts_entries(state, actor, self.today())

    def _after(self, prepared: Prepared) -> PlanState:
        return prepared.after or self._plans.current(prepared.event.plan)
