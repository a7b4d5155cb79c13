"""Plans of a file in handfuls that are prepared together, and in batches of handfuls that are written together.

No two plans of a batch could be one child's: each is matched with what is on record, so that an earlier one of the file
has to be. Of a plan that is ready to be written its text is let go, while it is at hand still.
"""

from collections.abc import Iterable, Iterator
from uuid import UUID

from msgspec import Struct

from domain.plan.events import JsonObject
from services.importing.matching import identifiers_in
from services.importing.reading import Candidate
from services.importing.report import ImportNotice, Reject
from services.keeper.openings import NewRecord
from services.store.register import LOCAL_REFERENCE, NHS_NUMBER, UPN

#: How many plans share a commit: a commit writes nearly as many pages for 64. Whoever else writes waits for it.
TOGETHER = 128
#: How many plans take a step together: so few that their texts stay in the processor's cache from reading to sealing,
#: and so many that the code of a step does too.
HANDFUL = 16


class Kept(Struct, frozen=True, kw_only=True):
    """What is kept of a plan while it is written: its document can be read again."""

    line: int
    written: bytes
    notices: tuple[ImportNotice, ...]
    unplaced: int


class Attempt(Struct, frozen=True):
    """A plan, and the new record that it makes, or the record that it has, or why there is neither."""

    plan: Candidate | Kept
    outcome: NewRecord | UUID | Exception


class Handful:
    """Plans none of which carries an identifier of another, and what was turned away between them."""

    def __init__(self) -> None:
        """Begin with none."""
        self.plans: list[Candidate] = []
        self.rejects: list[Reject] = []
        self.identifiers: set[tuple[str, object]] = set()

    def is_full(self) -> bool:
        """Whether enough is together."""
        return len(self.plans) + len(self.rejects) >= HANDFUL

    def take(self, plan: Candidate) -> bool:
        """Take in one more, unless it could be one of these."""
        identifiers = _distinctive(plan.document)
        if not self.identifiers.isdisjoint(identifiers):
            return False
        self.plans.append(plan)
        self.identifiers |= identifiers
        return True


class Batch:
    """What became of the plans of some handfuls so far, and what was turned away between them."""

    def __init__(self) -> None:
        """Begin with none."""
        self.attempts: list[Attempt] = []
        self.rejects: list[Reject] = []
        self._identifiers: set[tuple[str, object]] = set()

    @property
    def new(self) -> list[NewRecord]:
        """The records that are to be opened."""
        return [attempt.outcome for attempt in self.attempts if isinstance(attempt.outcome, NewRecord)]

    def is_full(self) -> bool:
        """Whether enough is together."""
        return len(self.attempts) + len(self.rejects) >= TOGETHER

    def shares_an_identifier_with(self, handful: Handful) -> bool:
        """Whether a plan could be one of these, so that it has to wait until they are on record."""
        return not self._identifiers.isdisjoint(handful.identifiers)

    def add(self, handful: Handful, attempts: Iterable[Attempt]) -> None:
        """Take a handful in, with what became of its plans."""
        self.attempts += attempts
        self.rejects += handful.rejects
        self._identifiers |= handful.identifiers


def in_handfuls(found: Iterable[Candidate | Reject]) -> Iterator[Handful]:
    """What was found in a file, in handfuls in its order."""
    handful = Handful()
    for each in found:
        if isinstance(each, Reject):
            handful.rejects.append(each)
        elif not handful.take(each):
            yield handful
            handful = Handful()
            handful.take(each)
        if handful.is_full():
            yield handful
            handful = Handful()
    yield handful


def attempted(plan: Candidate, outcome: NewRecord | UUID | Exception) -> Attempt:
    """The attempt on a plan; the text of a new record is not kept."""
    if not isinstance(outcome, NewRecord):
        return Attempt(plan, outcome)
    kept = Kept(line=plan.line, written=plan.written, notices=plan.notices, unplaced=plan.unplaced)
    return Attempt(kept, outcome)


def _distinctive(document: JsonObject) -> set[tuple[str, object]]:
    """The identifiers by which a plan could be found, as (kind, value)."""
    held = identifiers_in(document)
    stated = {
        LOCAL_REFERENCE: document.get("localReference"),
        NHS_NUMBER: held.get("nhsNumber"),
        UPN: held.get("upn"),
    }
    return {(kind, value) for kind, value in stated.items() if isinstance(value, str)}
