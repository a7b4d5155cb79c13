"""From rows to history: many sealed events opened with as few queries as possible."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from uuid import UUID

from domain.plan.events import Erased, HistoryEntry, PlanEvent
from services.store.child_keys import DataKeys, derived, event_context
from services.store.errors import MalformedState, Unopenable
from services.store.framing import identity_and_ciphertext, instant
from services.store.key_rows import KeyPlace
from services.store.key_store import KeyStore
from services.store.log_table import Row
from services.store.register import PlanRegister
from services.store.sealing import associated_data, open_bound
from services.store.upcasting import Upcasting
from services.store.values import PLAN_LOG

_NONE: Final[Mapping[KeyPlace, bytes]] = {}


class EventOpener:
    """Opens rows of a log.

    An event whose key is gone becomes `Erased`; one that was altered raises Unopenable.
    """

    def __init__(self, keys: KeyStore, register: PlanRegister, upcasting: Upcasting) -> None:
        """`upcasting` is applied to everything that is opened."""
        self._keys = keys
        self._register = register
        self._upcasting = upcasting

    def open_page(self, rows: Sequence[Row], log: str) -> list[HistoryEntry]:
        """Events of a log, whatever their streams: their keys, and those of their children, in a few queries.

        Raises Unopenable or MalformedState, saying at which position.
        """
        return list(self.opened(rows, log))

    def open_plan(self, rows: Sequence[Row], plan: UUID) -> list[HistoryEntry]:
        """Events of a plan's own stream. Its key is asked for also where there is no event, so that nobody can tell."""
        if not rows:
            self._keys.children_of((plan.bytes,))
        return self.open_page(rows, PLAN_LOG)

    def opened(self, page: Sequence[Row], log: str) -> Iterator[HistoryEntry]:
        """The same one by one, each opened when it is asked for: in a long replay it is let go of while still at hand.

        The keys of the page's children are there before the first.
        """
        if not page:
            return
        plans = self._plans(page, log)
        keys, kept = self._keys_of(page, plans, log)
        for row in page:
            stream = row[1]
            data_keys = keys.get(plans.get(stream, stream))
            try:
                yield self._entry(row, data_keys, kept) or _erased(row, plans.get(stream, stream))
            except (Unopenable, MalformedState) as error:
                place = f"position {row[0]}, stream {UUID(bytes=stream)}"
                raise type(error)(f"{place}: {error}") from None

    def data_key(self, row: Row, log: str) -> bytes | None:
        """The data key of one event, None when it is gone."""
        plans = self._plans([row], log)
        keys, kept = self._keys_of([row], plans, log)
        data_keys = keys.get(plans.get(row[1], row[1]))
        identity, _ = identity_and_ciphertext(row[5])
        return None if data_keys is None else _data_key(row, identity, data_keys, kept)

    def _plans(self, page: Sequence[Row], log: str) -> Mapping[bytes, bytes]:
        """The plans of streams that are not plans' own."""
        return {} if log == PLAN_LOG else self._register.plans_of(list({row[1] for row in page}))

    def _keys_of(
        self, page: Sequence[Row], plans: Mapping[bytes, bytes], log: str
    ) -> tuple[dict[bytes, DataKeys], Mapping[KeyPlace, bytes]]:
        """The keys of the page's children by plan, and those of its events that are written down."""
        owners = [plans.get(row[1], row[1]) for row in page] if plans else [row[1] for row in page]
        keys = {plan: child.data_keys(log) for plan, child in self._keys.children_of(set(owners)).items()}
        upto = {plan: one.rows_upto for plan, one in keys.items() if one.rows_upto}
        if not upto:
            return keys, _NONE
        places = [(row[1], row[2]) for row, plan in zip(page, owners, strict=True) if row[0] <= upto.get(plan, 0)]
        return keys, self._keys.event_keys(places)

    def _entry(self, row: Row, keys: DataKeys | None, kept: Mapping[KeyPlace, bytes]) -> PlanEvent | None:
        if keys is None:
            return None
        position, stream, sequence, type_, time, state = row
        identity, ciphertext = identity_and_ciphertext(state)
        data_key = _data_key(row, identity, keys, kept)
        if data_key is None:
            return None
        metadata, data = open_bound(ciphertext, associated_data(stream, sequence, type_), data_key)
        newest, data = self._upcasting(type_, data)
        return PlanEvent(
            plan=keys.plan,
            type=newest,
            sequence=sequence,
            position=position,
            time=instant(time),
            id=identity,
            metadata=metadata,
            data=data,
        )


def _data_key(row: Row, identity: UUID, keys: DataKeys, kept: Mapping[KeyPlace, bytes]) -> bytes | None:
    """Derived, or out of its row for an event that stands before a puncture; None where it was destroyed."""
    position, stream, sequence, *_ = row
    if position > keys.rows_upto:
        return derived(keys.root, stream, sequence, identity.bytes)
    wrapped = kept.get((stream, sequence, identity.bytes))
    return None if wrapped is None else keys.unwrap(wrapped, event_context(stream, sequence, identity.bytes))


def _erased(row: Row, plan: bytes) -> Erased:
    position, _, sequence, type_, time, state = row
    return Erased(
        plan=UUID(bytes=plan),
        type=type_,
        sequence=sequence,
        position=position,
        time=instant(time),
        id=identity_and_ciphertext(state)[0],
    )
