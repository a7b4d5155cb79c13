"""From rows to history: many sealed events opened with as few queries as possible."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from domain.plan.events import Erased, HistoryEntry, PlanEvent
from services.store.child_keys import ChildKey, event_context
from services.store.errors import MalformedState, Unopenable
from services.store.framing import event_id, instant, unframe
from services.store.key_store import KeptKey, KeyPlace, KeyStore
from services.store.log_table import Row
from services.store.register import PlanRegister
from services.store.sealing import associated_data, open_bound
from services.store.upcasting import Upcasting


class EventOpener:
    """Opens rows of a log.

    An event whose key is gone becomes `Erased`; one that was altered raises Unopenable.
    """

    def __init__(self, keys: KeyStore, register: PlanRegister, upcasting: Upcasting) -> None:
        """`upcasting` is applied to everything that is opened."""
        self._keys = keys
        self._register = register
        self._upcasting = upcasting

    def open_stream(self, rows: Sequence[Row]) -> list[HistoryEntry]:
        """The events of one stream: one query for their keys."""
        if not rows:
            return []
        stream = rows[0][1]
        kept = self._keys.stream_keys(UUID(bytes=stream), rows[0][2] - 1, rows[-1][2])
        return self._open(rows, {(stream, sequence, event): key for (sequence, event), key in kept.items()})

    def open_page(self, rows: Sequence[Row]) -> list[HistoryEntry]:
        """Events of many streams: their keys, and those of their children, in a few queries."""
        return self._open(rows, self._keys.keys_at([(row[1], row[2]) for row in rows]))

    def data_key(self, row: Row) -> bytes | None:
        """The data key of one event, None when it is gone."""
        place = (row[1], row[2], event_id(unframe(row[5]).header).bytes)
        kept = self._keys.keys_at([place[:2]]).get(place)
        child = kept and self._keys.children((UUID(bytes=kept[0]),)).get(UUID(bytes=kept[0]))
        return child.unwrap(kept[1], event_context(*place)) if kept and child else None

    def _open(self, rows: Sequence[Row], kept: Mapping[KeyPlace, KeptKey]) -> list[HistoryEntry]:
        plans = {plan: UUID(bytes=plan) for plan in {key[0] for key in kept.values()}}
        children = {plan.bytes: key for plan, key in self._keys.children(plans.values()).items()}
        history: list[HistoryEntry] = []
        for row in rows:
            try:
                history.append(self._open_row(row, kept, children))
            except (Unopenable, MalformedState) as error:
                raise type(error)(f"position {row[0]}, stream {UUID(bytes=row[1])}: {error}") from None
        return history

    def _open_row(self, row: Row, kept: Mapping[KeyPlace, KeptKey], children: Mapping[bytes, ChildKey]) -> HistoryEntry:
        position, stream, sequence, type_, time, state = row
        sealed = unframe(state)
        identity = event_id(sealed.header)
        place = (stream, sequence, identity.bytes)
        plan, wrapped = kept.get(place, (None, b""))
        child = children.get(plan) if plan else None
        if child is None:
            return self._erased(row, plan, identity)
        data_key = child.unwrap(wrapped, event_context(*place))
        content = open_bound(sealed.ciphertext, associated_data(stream, sequence, type_), data_key)
        type_, data = self._upcasting(type_, content.data)
        return PlanEvent(
            plan=child.row.plan,
            type=type_,
            sequence=sequence,
            position=position,
            time=instant(time),
            id=identity,
            metadata=content.metadata,
            data=data,
        )

    def _erased(self, row: Row, plan: bytes | None, identity: UUID) -> Erased:
        stream = UUID(bytes=row[1])
        owner = UUID(bytes=plan) if plan else self._register.plan_of(stream) or stream
        return Erased(plan=owner, type=row[3], sequence=row[2], position=row[0], time=instant(row[4]), id=identity)
