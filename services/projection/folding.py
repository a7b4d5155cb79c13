"""Folding for all views at once: each event is taken into its plan's state exactly once.

What a projector remembers of a plan is small: the state without its texts, of which only what views ask for is kept
(placements, provision of section G). It is also what the view of current plans holds, sealed, so that a plan that was
dropped from memory is taken up again from there.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Protocol
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from domain.access.parties import DELIVERED
from domain.plan.effects import Annulment
from domain.plan.events import HistoryEntry, JsonObject
from domain.plan.evolve import HistoryNeeded, annulments, fold
from domain.plan.state import PlanState

REMEMBERED: Final = 4_000
"""How many folded plans a projector keeps in memory."""


class Folded(Struct, frozen=True):
    """A plan up to an event: its lean state, where it was opened and last changed, and which text stands."""

    state: PlanState
    opened: int
    updated: int
    text: int

    @property
    def says_something(self) -> bool:
        """Whether anything is known of the plan; nothing is when all its events are erased."""
        return bool(self.state.phase)


class PlanFold(Struct, frozen=True):
    """One plan in one batch: before, after, and the events between.

    `whole` says that the rows of the plan are to be made anew, from all its events.
    """

    plan: UUID
    before: Folded | None
    after: Folded
    entries: tuple[HistoryEntry, ...]
    annulled: Mapping[int, Annulment]
    whole: bool = False

    @property
    def is_known(self) -> bool:
        """Whether a view may have rows of the plan already."""
        return self.whole or self.entries[0].sequence > 1


class NotMet(Exception):
    """The plan has no event yet, as far as the log was to be read."""


class Streams(Protocol):
    """Where the events of one plan are read."""

    def read_plan(self, plan: UUID, after: int = 0, upto: int | None = None) -> list[HistoryEntry]:
        """The plan's events with after < sequence <= upto."""


Loader = Callable[[Iterable[UUID]], Mapping[UUID, Folded]]
"""What is kept of these plans in the view of current plans."""

_decoder = msgspec.json.Decoder(Folded)
_encoder = msgspec.json.Encoder()


def encoded(folded: Folded) -> bytes:
    """A folded plan as it is kept."""
    return _encoder.encode(folded)


def decoded(content: bytes) -> Folded:
    """A folded plan as it was kept."""
    return _decoder.decode(content)


class Folder:
    """Folds batches; remembers what it folded last."""

    def __init__(self, streams: Streams, load: Loader, limit: int = REMEMBERED) -> None:
        """`load` is asked for plans that are not in memory."""
        self._streams = streams
        self._load = load
        self._limit = limit
        self._memory: OrderedDict[UUID, Folded] = OrderedDict()

    def prepare(self, first: Mapping[UUID, int]) -> None:
        """Take up what is kept of these plans (with the sequence of their first event to come), in one query."""
        missing = [plan for plan, sequence in first.items() if sequence > 1 and plan not in self._memory]
        if missing:
            self._memory.update(self._load(missing))

    def fold(self, plan: UUID, entries: Sequence[HistoryEntry]) -> PlanFold:
        """The plan after these events, which follow one another."""
        before = self._before(plan, entries[0].sequence)
        annulled = annulments(entries)
        try:
            state = fold(str(plan), entries, before.state if before else None)
        except HistoryNeeded:
            return self.whole(plan, entries[-1].position)
        after = _folded(state, before.opened if before else entries[0].position, entries[-1].position, before)
        self._remember(plan, after)
        return PlanFold(plan, before, after, tuple(entries), annulled)

    def upto(self, plan: UUID, sequence: int) -> PlanState:
        """The plan just before an event that is not its first."""
        before = self._before(plan, sequence)
        if before is None:
            raise NotMet
        return before.state

    def whole(self, plan: UUID, position: int) -> PlanFold:
        """The plan from its first event up to a position. Raises NotMet when it has none there."""
        entries = [entry for entry in self._streams.read_plan(plan) if entry.position <= position]
        if not entries:
            raise NotMet
        after = _folded(fold(str(plan), entries), entries[0].position, entries[-1].position)
        self._remember(plan, after)
        return PlanFold(plan, None, after, tuple(entries), annulments(entries), whole=True)

    def forget(self, plan: UUID) -> None:
        """What is remembered doesn't hold any more."""
        self._memory.pop(plan, None)

    def clear(self) -> None:
        """Forget everything: a batch was not written, or the lanes have changed hands."""
        self._memory.clear()

    def trim(self) -> None:
        """Keep the plans that were used last."""
        while len(self._memory) > self._limit:
            self._memory.popitem(last=False)

    def _before(self, plan: UUID, first: int) -> Folded | None:
        """The plan just before a sequence: as it is remembered, taken on from there, or from its beginning."""
        if first == 1:
            return None
        known = self._memory.get(plan)
        if known is not None and known.state.sequence == first - 1:
            return known
        if known is not None and known.state.sequence < first:
            between = self._streams.read_plan(plan, known.state.sequence, first - 1)
            try:
                return _folded(fold(str(plan), between, known.state), known.opened, between[-1].position, known)
            except HistoryNeeded:
                known = None
        entries = self._streams.read_plan(plan, upto=first - 1)
        return _folded(fold(str(plan), entries), entries[0].position, entries[-1].position)

    def _remember(self, plan: UUID, folded: Folded) -> None:
        self._memory[plan] = folded
        self._memory.move_to_end(plan)


def _folded(state: PlanState, opened: int, updated: int, before: Folded | None = None) -> Folded:
    """`before` is what the state was folded on from: the text in it is lean already, and stays what it was."""
    standing = state.standing_version()
    if before is None or state.document is not before.state.document:
        state = replace(state, document=_lean(state.document))
    return Folded(state, opened, updated, standing.sequence if standing else 0)


def _lean(document: JsonObject) -> JsonObject:
    """What views ask of a text: whom section I names until when, who commissions section G, who delivers."""
    sections: dict[str, Any] = document.get("sections", {})
    named = _picked(sections.get("I", {}).get("placements", {}), ("urn", "ukprn", "to"))
    arranged = {
        section: {"provisions": picked}
        for section in DELIVERED
        if (picked := _picked(sections.get(section, {}).get("provisions", {}), ("commissioner", "deliveredBy")))
    }
    kept = {**({"I": {"placements": named}} if named else {}), **arranged}
    return {"sections": kept} if kept else {}


def _picked(items: JsonObject, fields: tuple[str, ...]) -> JsonObject:
    picked = {key: {field: item[field] for field in fields if field in item} for key, item in items.items()}
    return {key: item for key, item in picked.items() if item}
