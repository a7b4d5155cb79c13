"""From rows to history: many sealed events opened with as few queries as possible."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple
from uuid import UUID

from domain.plan.events import Erased, HistoryEntry, PlanEvent
from services.store.child_keys import ChildKey, Unwrapper, event_context
from services.store.errors import MalformedState, Unopenable
from services.store.framing import identity_and_ciphertext, instant
from services.store.key_rows import KeyPlace
from services.store.key_store import KeyStore
from services.store.log_table import Row
from services.store.register import PlanRegister
from services.store.sealing import associated_data, open_bound
from services.store.upcasting import Upcasting
from services.store.values import PLAN_LOG


class WrittenKeys(NamedTuple):
    """The keys of a child's events up to a position: what unwraps them, and those of a page."""

    upto: int
    unwrapper: Unwrapper
    kept: Mapping[KeyPlace, bytes]


_NONE: Final[Mapping[bytes, WrittenKeys]] = {}


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
        children, written = self._keys_of(page, plans, log)
        for row in page:
            plan = plans.get(row[1], row[1])
            child = children.get(plan)
            try:
                entry = _erased(row, plan) if child is None else self._entry(row, plan, child, written)
            except (Unopenable, MalformedState) as error:
                place = f"position {row[0]}, stream {UUID(bytes=row[1])}"
                raise type(error)(f"{place}: {error}") from None
            yield entry

    def data_key(self, row: Row, log: str) -> bytes | None:
        """The data key of one event, None when it is gone."""
        plans = self._plans([row], log)
        children, written = self._keys_of([row], plans, log)
        plan = plans.get(row[1], row[1])
        child, rows = children.get(plan), written.get(plan)
        identity, _ = identity_and_ciphertext(row[5])
        if child is None:
            return None
        if rows is None:
            return child.data_key(row[1], row[2], identity.bytes)
        return _written_or_derived(row, identity, child, rows)

    def _plans(self, page: Sequence[Row], log: str) -> Mapping[bytes, bytes]:
        """The plans of streams that are not plans' own."""
        return {} if log == PLAN_LOG else self._register.plans_of(list({row[1] for row in page}))

    def _keys_of(
        self, page: Sequence[Row], plans: Mapping[bytes, bytes], log: str
    ) -> tuple[dict[bytes, ChildKey], Mapping[bytes, WrittenKeys]]:
        """The keys of the page's children by plan, and those of its events that are written down."""
        owners = [plans.get(row[1], row[1]) for row in page] if plans else [row[1] for row in page]
        children = self._keys.children_of(set(owners))
        upto = {plan: child.rows_upto(log) for plan, child in children.items() if child.has_rows}
        if not upto:
            return children, _NONE
        places = [(row[1], row[2]) for row, plan in zip(page, owners, strict=True) if row[0] <= upto.get(plan, 0)]
        kept = self._keys.event_keys(places)
        return children, {
            plan: WrittenKeys(last, Unwrapper(children[plan].secret), kept) for plan, last in upto.items()
        }

    def _entry(self, row: Row, plan: bytes, child: ChildKey, written: Mapping[bytes, WrittenKeys]) -> HistoryEntry:
        position, stream, sequence, type_, time, state = row
        identity, ciphertext = identity_and_ciphertext(state)
        if rows := written.get(plan):
            data_key = _written_or_derived(row, identity, child, rows)
            if data_key is None:
                return _erased(row, plan)
        else:
            data_key = child.data_key(stream, sequence, identity.bytes)
        metadata, data = open_bound(ciphertext, associated_data(stream, sequence, type_), data_key)
        newest, data = self._upcasting(type_, data)
        return PlanEvent(
            plan=child.plan,
            type=newest,
            sequence=sequence,
            position=position,
            time=instant(time),
            id=identity,
            metadata=metadata,
            data=data,
        )


def _written_or_derived(row: Row, identity: UUID, child: ChildKey, rows: WrittenKeys) -> bytes | None:
    """The data key out of its row for an event that stands before a puncture; None where it was destroyed."""
    if row[0] > rows.upto:
        return child.data_key(row[1], row[2], identity.bytes)
    wrapped = rows.kept.get((row[1], row[2], identity.bytes))
    return None if wrapped is None else rows.unwrapper.unwrap(wrapped, event_context(row[1], row[2], identity.bytes))


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
