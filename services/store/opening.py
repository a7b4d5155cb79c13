"""From rows to history: many sealed events opened with as few queries as possible."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from domain.plan.events import Erased, HistoryEntry, PlanEvent
from services.store.child_keys import ChildKey, event_context
from services.store.errors import MalformedState, Unopenable
from services.store.framing import instant
from services.store.key_store import KeyStore
from services.store.log_table import Row
from services.store.register import PlanRegister
from services.store.replaying import KeyedRow, with_keys
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
        return self.open_keyed(
            with_keys(rows, self._keys.stream_keys(UUID(bytes=rows[0][1]), rows[0][2] - 1, rows[-1][2]))
        )

    def open_page(self, rows: Sequence[Row]) -> list[HistoryEntry]:
        """Events of many streams: their keys, and those of their children, in a few queries."""
        return self.open_keyed(with_keys(rows, self._keys.keys_at([(row[1], row[2]) for row in rows])))

    def open_keyed(self, page: Sequence[KeyedRow]) -> list[HistoryEntry]:
        """Events whose keys were read with them. Raises Unopenable or MalformedState, saying at which position."""
        children = self._children({keyed.plan for keyed in page if keyed.plan is not None})
        history: list[HistoryEntry] = []
        for keyed in page:
            child = children.get(keyed.plan)
            try:
                history.append(self._erased(keyed) if child is None else self._open(keyed, child))
            except (Unopenable, MalformedState) as error:
                place = f"position {keyed.position}, stream {UUID(bytes=keyed.stream)}"
                raise type(error)(f"{place}: {error}") from None
        return history

    def data_key(self, row: Row) -> bytes | None:
        """The data key of one event, None when it is gone."""
        (keyed,) = with_keys([row], self._keys.keys_at([(row[1], row[2])]))
        child = self._children({keyed.plan} if keyed.plan else set()).get(keyed.plan)
        return _data_key(keyed, child) if child else None

    def _children(self, plans: Iterable[bytes]) -> dict[bytes | None, ChildKey]:
        found = self._keys.children([UUID(bytes=plan) for plan in plans])
        return {identity.bytes: key for identity, key in found.items()}

    def _open(self, keyed: KeyedRow, child: ChildKey) -> PlanEvent:
        position, stream, sequence, type_, time, identity, ciphertext, _, _ = keyed
        content = open_bound(ciphertext, associated_data(stream, sequence, type_), _data_key(keyed, child))
        newest, data = self._upcasting(type_, content.data)
        return PlanEvent(
            plan=child.row.plan,
            type=newest,
            sequence=sequence,
            position=position,
            time=instant(time),
            id=identity,
            metadata=content.metadata,
            data=data,
        )

    def _erased(self, keyed: KeyedRow) -> Erased:
        owner = UUID(bytes=keyed.plan or keyed.stream)
        if keyed.plan is None:
            owner = self._register.plan_of(owner) or owner
        return Erased(
            plan=owner,
            type=keyed.type,
            sequence=keyed.sequence,
            position=keyed.position,
            time=instant(keyed.time),
            id=keyed.identity,
        )


def _data_key(keyed: KeyedRow, child: ChildKey) -> bytes:
    return child.unwrap(keyed.wrapped or b"", event_context(keyed.stream, keyed.sequence, keyed.identity.bytes))
