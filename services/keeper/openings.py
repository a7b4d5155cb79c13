"""Records that are opened together: decided and sealed one by one, written in one commit."""

from collections.abc import Sequence
from concurrent.futures import Future
from uuid import UUID

from msgspec import Struct

from domain.plan.acts import Act
from services.errors import AlreadyOnRecord
from services.store.errors import DuplicateLocalReference
from services.store.values import AppendGroup, Outcome
from services.store.writer import await_appends


class NewRecord(Struct, frozen=True):
    """A record that is ready to be opened. Of what it says nothing is kept but what is written: that is sealed."""

    plan: UUID
    group: AppendGroup


class Opening:
    """Records on their way to disk."""

    def __init__(self, records: Sequence[NewRecord], future: Future[list[Outcome]]) -> None:
        """`future` is that of their groups, in the same order."""
        self._plans = [record.plan for record in records]
        self._future = future

    async def outcomes(self) -> list[UUID | Exception]:
        """For each the new plan's id once it is on disk, or why it was not opened."""
        outcomes = await await_appends(self._future)
        return [_told(plan, outcome) for plan, outcome in zip(self._plans, outcomes, strict=True)]


def _told(plan: UUID, outcome: Outcome) -> UUID | Exception:
    if isinstance(outcome, DuplicateLocalReference):
        return AlreadyOnRecord(str(outcome.existing))
    return outcome if isinstance(outcome, Exception) else plan


def council_of(act: Act) -> str:
    """The council (LA code) for which a record is opened: the body's, else the caller's own."""
    stated = act.data.get("council")
    if stated:
        return str(stated)
    kind, _, code = act.actor.organisation.partition(":")
    return code if kind == "la" else ""
