"""Plans of a file that are written together: so many that a commit is shared, and no two that could be one child's."""

from collections.abc import Iterable, Iterator

from domain.plan.events import JsonObject
from services.importing.matching import identifiers_in
from services.importing.reading import Candidate
from services.importing.report import Reject
from services.store.register import LOCAL_REFERENCE, NHS_NUMBER, UPN

#: How many plans share a commit.
TOGETHER = 64


class Batch:
    """Plans none of which carries an identifier of another, and what was turned away between them."""

    def __init__(self) -> None:
        """Begin with none."""
        self.plans: list[Candidate] = []
        self.rejects: list[Reject] = []
        self.identifiers: set[tuple[str, object]] = set()

    def is_full(self) -> bool:
        """Whether enough is together."""
        return len(self.plans) + len(self.rejects) >= TOGETHER

    def shares_an_identifier_with(self, other: "Batch") -> bool:
        """Whether a plan could be one of the others, so that it has to wait until they are on record."""
        return not self.identifiers.isdisjoint(other.identifiers)

    def take(self, plan: Candidate) -> bool:
        """Take in one more, unless it could be one of these."""
        identifiers = _distinctive(plan.document)
        if not self.identifiers.isdisjoint(identifiers):
            return False
        self.plans.append(plan)
        self.identifiers |= identifiers
        return True


def in_batches(found: Iterable[Candidate | Reject]) -> Iterator[Batch]:
    """What was found in a file, in batches in its order."""
    batch = Batch()
    for each in found:
        if isinstance(each, Reject):
            batch.rejects.append(each)
        elif not batch.take(each):
            yield batch
            batch = Batch()
            batch.take(each)
        if batch.is_full():
            yield batch
            batch = Batch()
    yield batch


def _distinctive(document: JsonObject) -> set[tuple[str, object]]:
    """The identifiers by which a plan could be found, as (kind, value)."""
    held = identifiers_in(document)
    stated = {
        LOCAL_REFERENCE: document.get("localReference"),
        NHS_NUMBER: held.get("nhsNumber"),
        UPN: held.get("upn"),
    }
    return {(kind, value) for kind, value in stated.items() if isinstance(value, str)}
