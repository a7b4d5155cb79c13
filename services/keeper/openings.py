"""Records that are opened together: decided and sealed one by one, written in one commit."""

from collections.abc import Sequence
from concurrent.futures import Future
from uuid import UUID

from eventsourcing.persistence import IntegrityError

from domain.plan.acts import Act
from services.errors import AlreadyOnRecord
from services.keeper.preparing import Prepared
from services.store.errors import DuplicateLocalReference, StoreError
from services.store.values import Appended
from services.store.writer import await_append


class Opening:
    """Records on their way to disk."""

    def __init__(self, prepared: Sequence[Prepared], futures: Sequence[Future[tuple[Appended, ...]]]) -> None:
        """`futures` are those of their groups, in the same order."""
        self._plans = [item.event.plan for item in prepared]
        self._futures = futures

    async def outcomes(self) -> list[UUID | Exception]:
        """For each the new plan's id once it is on disk, or why it was not opened."""
        for future in reversed(self._futures):  # the last is told last: one wait for all of them
            if not future.done():
                try:
                    await await_append(future)
                except (IntegrityError, StoreError):
                    continue
        return [_outcome(plan, future) for plan, future in zip(self._plans, self._futures, strict=True)]


def _outcome(plan: UUID, future: Future[tuple[Appended, ...]]) -> UUID | Exception:
    refused = future.exception()
    if isinstance(refused, DuplicateLocalReference):
        return AlreadyOnRecord(str(refused.existing))
    if isinstance(refused, IntegrityError | StoreError):
        return refused
    future.result()
    return plan


def council_of(act: Act) -> str:
    """The council (LA code) for which a record is opened: the body's, else the caller's own."""
    stated = act.data.get("council")
    if stated:
        return str(stated)
    kind, _, code = act.actor.organisation.partition(":")
    return code if kind == "la" else ""
