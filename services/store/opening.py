"""From rows to history: many sealed events opened with as few queries as possible."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from domain.plan.events import Erased, HistoryEntry, PlanEvent
from services.store.child_keys import Unwrapper, event_context
from services.store.errors import MalformedState, Unopenable
from services.store.framing import identity_and_ciphertext, instant
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

    def open_stream(self, rows: Sequence[Row], *, of_plan: bool = False) -> list[HistoryEntry]:
        """The events of one stream: one query for their keys. `of_plan`: the stream is a plan's own."""
        if not rows:
            return []
        return self.open_keyed(
            with_keys(rows, self._keys.stream_keys(UUID(bytes=rows[0][1]), rows[0][2] - 1, rows[-1][2])),
            of_plans=of_plan,
        )

    def open_page(self, rows: Sequence[Row]) -> list[HistoryEntry]:
        """Events of many streams: their keys, and those of their children, in a few queries."""
        return self.open_keyed(with_keys(rows, self._keys.keys_at([(row[1], row[2]) for row in rows])))

    def open_keyed(self, page: Sequence[KeyedRow], *, of_plans: bool = False) -> list[HistoryEntry]:
        """Events whose keys were read with them. `of_plans`: of the log of plans, where a stream is a plan.

        Raises Unopenable or MalformedState, saying at which position.
        """
        return list(self.opened(page, of_plans=of_plans))

    def opened(self, page: Sequence[KeyedRow], *, of_plans: bool = False) -> Iterator[HistoryEntry]:
        """The same one by one, each opened when it is asked for: in a long replay it is let go of while still at hand.

        The keys of the page's children are there before the first.
        """
        children = self._keys.children_of({row[6] for row in page if row[6] is not None})
        unwrappers: dict[bytes | None, Unwrapper] = {plan: child.unwrapper() for plan, child in children.items()}
        for row in page:
            unwrapper = unwrappers.get(row[6])
            try:
                entry = self._erased(row, of_plan=of_plans) if unwrapper is None else self._open(row, unwrapper)
            except (Unopenable, MalformedState) as error:
                place = f"position {row.position}, stream {UUID(bytes=row.stream)}"
                raise type(error)(f"{place}: {error}") from None
            yield entry

    def data_key(self, row: Row) -> bytes | None:
        """The data key of one event, None when it is gone."""
        (keyed,) = with_keys([row], self._keys.keys_at([(row[1], row[2])]))
        child = self._keys.children_of([keyed.plan]).get(keyed.plan) if keyed.plan else None
        if child is None:
            return None
        identity, _ = identity_and_ciphertext(keyed.state)
        return child.unwrap(keyed.wrapped or b"", event_context(keyed.stream, keyed.sequence, identity.bytes))

    def _open(self, row: KeyedRow, unwrapper: Unwrapper) -> PlanEvent:
        position, stream, sequence, type_, time, state, _, wrapped = row
        identity, ciphertext = identity_and_ciphertext(state)
        data_key = unwrapper.unwrap(wrapped or b"", event_context(stream, sequence, identity.bytes))
        metadata, data = open_bound(ciphertext, associated_data(stream, sequence, type_), data_key)
        newest, data = self._upcasting(type_, data)
        return PlanEvent(
            plan=unwrapper.plan,
            type=newest,
            sequence=sequence,
            position=position,
            time=instant(time),
            id=identity,
            metadata=metadata,
            data=data,
        )

    def _erased(self, row: KeyedRow, *, of_plan: bool) -> Erased:
        owner = UUID(bytes=row.plan or row.stream)
        if row.plan is None and not of_plan:
            owner = self._register.plan_of(owner) or owner
        return Erased(
            plan=owner,
            type=row.type,
            sequence=row.sequence,
            position=row.position,
            time=instant(row.time),
            id=identity_and_ciphertext(row.state)[0],
        )
