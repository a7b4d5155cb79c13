"""All organisations, found by any identifier on any day, and who answers for whom.

An organisation that has closed is answered for by its successors, and theirs. While it is open it answers for itself,
even when part of its work has gone to another.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from uuid import UUID

from typing_extensions import override

from domain.directory.events import Happening
from domain.directory.evolve import evolve
from domain.directory.identifiers import REUSED, scheme_of
from domain.directory.organisation import Organisation

_Step = Callable[[Organisation], Sequence[UUID]]


class Register:
    """The organisations of the directory log, folded. Implements domain.directory.comparing.Directory."""

    def __init__(self) -> None:
        """Empty, to begin with."""
        self._organisations: dict[UUID, Organisation] = {}
        self._holders: dict[str, set[UUID]] = defaultdict(set)
        self._predecessors: dict[UUID, set[UUID]] = defaultdict(set)

    def __len__(self) -> int:
        """How many organisations there are."""
        return len(self._organisations)

    def __iter__(self) -> Iterator[Organisation]:
        """Every organisation, in order of registration."""
        return iter(tuple(self._organisations.values()))

    def apply(self, stream: UUID, happening: Happening) -> None:
        """Take in the next event of an organisation's stream."""
        after = evolve(stream, self._organisations.get(stream), happening)
        self._organisations[stream] = after
        for identifier in after.all_identifiers():
            self._holders[identifier].add(stream)
        for succession in after.successions:
            self._predecessors[succession.successor].add(stream)

    def get(self, organisation: UUID) -> Organisation | None:
        """An organisation by its id."""
        return self._organisations.get(organisation)

    def seen_by(self, seen: Callable[[Organisation], Organisation | None]) -> "Register":
        """The same register with every organisation as `seen` shows it; None for one that isn't there."""
        return _Seen(self._organisations, self._holders, self._predecessors, seen)

    def ever_held(self, identifier: str) -> tuple[Organisation, ...]:
        """The organisations that an identifier named at any time."""
        found = (self.get(holder) for holder in sorted(self._holders.get(identifier, ())))
        return tuple(one for one in found if one is not None)

    def find(self, identifier: str, on: date) -> Organisation | None:
        """Who an identifier named on a day; None for nobody, and where two open organisations claim it."""
        found = [holder for holder in self.ever_held(identifier) if holder.is_named(identifier, on)]
        if len(found) > 1:
            found = [holder for holder in found if holder.exists_on(on)]
        return found[0] if len(found) == 1 else None

    def answering(self, identifier: str, on: date) -> tuple[Organisation, ...]:
        """Who answers on a day for the organisation that the identifier names or named last: itself, or a successor."""
        found = self.find(identifier, on) or self._last_holder(identifier, on)
        return () if found is None else self._answering(found, on, set())

    def chain(self, organisation: Organisation) -> tuple[Organisation, ...]:
        """The successors of an organisation, and theirs, nearest first."""
        return self._reached(organisation, lambda one: [s.successor for s in one.successions])

    def predecessors(self, organisation: Organisation) -> tuple[Organisation, ...]:
        """Those whom an organisation succeeds, and theirs, nearest first."""
        return self._reached(organisation, lambda one: sorted(self._predecessors.get(one.id, ())))

    def same_organisation(self, one: str, other: str, on: date) -> bool:
        """Whether both identifiers stand for one organisation on a day."""
        if one == other:
            return True
        mine, theirs = self._standing_for(one, on), self._standing_for(other, on)
        return mine is not None and mine == theirs

    def known_as(self, organisation: str, on: date) -> frozenset[str]:
        """Every identifier that is the same organisation on a day."""
        standing = self._standing_for(organisation, on)
        if standing is None:
            return frozenset((organisation,))
        mine = self.get(standing)
        kin = (mine, *self.predecessors(mine)) if mine else ()
        candidates = {name for one in kin for name in one.all_identifiers()}
        same = {name for name in candidates if self._standing_for(name, on) == standing}
        return frozenset(same | {organisation})

    def _standing_for(self, identifier: str, on: date) -> UUID | None:
        """The one organisation that an identifier leads to; a closed one without successors stands for itself."""
        found = self.find(identifier, on) or self._last_holder(identifier, on)
        if found is None:
            return None
        answering = self._answering(found, on, set())
        if not answering and not found.successions:
            return found.id
        return answering[0].id if len(answering) == 1 else None

    def _last_holder(self, identifier: str, on: date) -> Organisation | None:
        """Who had the identifier last, where it was never given to anybody else: old plans name them by it."""
        held = self.ever_held(identifier)
        lasts = scheme_of(identifier) not in REUSED
        return held[0] if lasts and len(held) == 1 and held[0].has_opened(on) else None

    def _answering(self, one: Organisation, on: date, seen: set[UUID]) -> tuple[Organisation, ...]:
        if one.id in seen:
            return ()
        seen.add(one.id)
        if not one.has_closed(on):
            return (one,) if one.has_opened(on) else ()
        successors = (self.get(succession.successor) for succession in one.successions)
        return tuple(found for next_one in successors if next_one for found in self._answering(next_one, on, seen))

    def _reached(self, start: Organisation, step: _Step) -> tuple[Organisation, ...]:
        reached: dict[UUID, Organisation] = {}
        waiting: Sequence[UUID] = step(start)
        while waiting:
            further = [found for one in waiting if one not in reached and (found := self.get(one))]
            reached |= {one.id: one for one in further if one.id != start.id}
            waiting = [following for one in further for following in step(one) if following not in reached]
        return tuple(reached.values())


class _Seen(Register):
    """A register with its organisations shown as something sees them."""

    def __init__(
        self,
        organisations: dict[UUID, Organisation],
        holders: dict[str, set[UUID]],
        predecessors: dict[UUID, set[UUID]],
        seen: Callable[[Organisation], Organisation | None],
    ) -> None:
        """The insides of the register that it shows."""
        self._organisations = organisations
        self._holders = holders
        self._predecessors = predecessors
        self._seen = seen

    @override
    def get(self, organisation: UUID) -> Organisation | None:
        """An organisation by its id, as it is seen."""
        one = self._organisations.get(organisation)
        return None if one is None else self._seen(one)

    @override
    def ever_held(self, identifier: str) -> tuple[Organisation, ...]:
        """The organisations that an identifier named at any time, as far as is seen."""
        return tuple(one for one in super().ever_held(identifier) if identifier in one.all_identifiers())

    @override
    def predecessors(self, organisation: Organisation) -> tuple[Organisation, ...]:
        """Those whom an organisation succeeds as far as is seen, and theirs, nearest first."""
        found = super().predecessors(organisation)
        return tuple(one for one in found if organisation.id in {other.id for other in self.chain(one)})
