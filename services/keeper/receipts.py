"""Receipts: what a caller is told once its act is on disk, and told again when it repeats the request."""

from collections.abc import Sequence

from msgspec import UNSET, convert
from msgspec.structs import replace

from domain.plan.acts import Actor
from domain.plan.catalogue import ActSpec
from domain.plan.effects import Effects, FindingEffect
from domain.plan.events import JsonObject, PlanEvent
from services.entity_tags import EntityTags
from services.errors import PlanErased
from services.plans import Plans
from services.requests import Notice, Receipt, ReceiptEvent
from services.store.framing import event_id, instant, leaf_hash, unframe
from services.store.record_store import RecordStore
from services.store.values import PLAN_LOG, Appended, RecordedRequest


class Receipts:
    """Makes receipts from what was written, now or earlier."""

    def __init__(self, store: RecordStore, plans: Plans, tags: EntityTags) -> None:
        """Rebuild receipts from this store's logs."""
        self._store = store
        self._tags = tags
        self._plans = plans

    def new(self, appended: Sequence[Appended], data: JsonObject, spec: ActSpec, tag: str) -> Receipt:
        """The receipt of an act that was just written, with the plan's entity tag; its own event is the first."""
        written = [item for item in appended if item.log == PLAN_LOG]
        own, *also = [_event(item) for item in written]
        plan_id = written[0].event.originator_id
        return self._told(str(plan_id), spec.act, own, also, data, tag)

    def rebuilt(self, recorded: RecordedRequest, act: str, actor: Actor) -> Receipt:
        """The receipt of an earlier request, from the events that it made. Raises PlanErased when they are gone."""
        events = [
            event
            for place in recorded.written
            if place.log == PLAN_LOG
            for event in self._store.read_plan(place.stream, after=place.first - 1, upto=place.last)
        ]
        own = next((event for event in events if event.plan == recorded.plan), None)
        if not isinstance(own, PlanEvent):
            raise PlanErased
        also = [self._told_again(event) for event in events if event is not own and isinstance(event, PlanEvent)]
        tag = self._tags.of(self._plans.before(own.plan, own.sequence + 1), actor)
        return self._told(str(own.plan), act, self._told_again(own), also, own.data, tag)

    def _told(
        self,
        plan_id: str,
        act: str,
        own: ReceiptEvent,
        also: Sequence[ReceiptEvent],
        data: JsonObject,
        tag: str,
    ) -> Receipt:
        """The receipt: no number says how many events there are to who isn't told them by the tag."""
        if tag != str(own.sequence):
            own, also = _without_place(own), [_without_place(event) for event in also]
        return _receipt(plan_id, act, tag, own, also, data)

    def _told_again(self, event: PlanEvent) -> ReceiptEvent:
        return ReceiptEvent(
            id=str(event.id),
            type=event.type,
            sequence=event.sequence,
            position=event.position,
            time=event.time,
            leaf_hash=self._store.leaf(event.position).hex(),
        )


def _without_place(event: ReceiptEvent) -> ReceiptEvent:
    return replace(event, sequence=UNSET)


def _event(item: Appended) -> ReceiptEvent:
    state: bytes = item.event.state
    return ReceiptEvent(
        id=str(event_id(unframe(state).header)),
        type=item.event.topic,
        sequence=item.event.originator_version,
        position=item.position,
        time=instant(item.time),
        leaf_hash=leaf_hash(state, item.time).hex(),
    )


def _receipt(
    plan_id: str, act: str, tag: str, own: ReceiptEvent, also: Sequence[ReceiptEvent], data: JsonObject
) -> Receipt:
    effects = convert(data.get("effects", {}), Effects)
    return Receipt(
        plan_id=plan_id,
        act=act,
        entity_tag=tag,
        event=own,
        also=tuple(also),
        phase=effects.phase,
        version=effects.version.number if effects.version else 0,
        findings=_notices(effects.findings),
        warnings=_notices(effects.warnings),
    )


def _notices(found: Sequence[FindingEffect]) -> tuple[Notice, ...]:
    return tuple(Notice(rule=item.rule, law=item.law, text=item.text) for item in found)
