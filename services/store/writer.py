"""The one writer of a process: whatever arrived during the last commit is the next batch.

A commit costs a disk flush whether it carries one act or sixty. Callers hand in a group and get a future; the
writer's thread takes all that wait, writes them in one transaction and tells each caller what became of its
own group.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, Final, TypeVar

import msgspec

from services.store.batch import BatchWriter, Outcome
from services.store.errors import StoreBusy, StoreClosed
from services.store.values import Appended, AppendGroup

QUEUE_LIMIT: Final = 4_096
"""How many groups may wait before `submit` refuses: some seconds of a slow disk."""

BATCH_LIMIT: Final = 512
"""How many groups share a commit at most, so that the first of them does not wait for the last of a crowd."""

_log = logging.getLogger(__name__)

T = TypeVar("T")
Work = Callable[[], Any]


class _Waiting(msgspec.Struct):
    """A group, or other work for the writer's thread, with the future that its caller holds."""

    task: AppendGroup | Work
    future: Future[Any]


class Writer:
    """A thread that owns the writing connection.

    `close` drains what was accepted; nothing accepted is dropped.
    """

    def __init__(
        self,
        batches: BatchWriter,
        *,
        queue_limit: int = QUEUE_LIMIT,
        after_commit: Callable[[], None] = lambda: None,
    ) -> None:
        """`after_commit` is called on the writer's thread once a batch is on disk, before callers know."""
        self._batches = batches
        self._queue_limit = queue_limit
        self._after_commit = after_commit
        self._waiting: list[_Waiting] = []
        self._arrival = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, group: AppendGroup) -> Future[tuple[Appended, ...]]:
        """Hand in a group.

        The future holds where its events stand once they are on disk, or why they are not.

        Raises StoreBusy when too many wait, StoreClosed after `close`.
        """
        return self._enqueue(group)

    def submit_all(self, groups: Sequence[AppendGroup]) -> list[Future[tuple[Appended, ...]]]:
        """Hand in many groups at once, so that they share a commit; each keeps an outcome of its own.

        Raises StoreBusy when there is no room for all of them, StoreClosed after `close`.
        """
        return self._enqueue_all(groups)

    def perform(self, work: Callable[[], T]) -> Future[T]:
        """Let the writer's thread do other writing between two batches (snapshots, purges, rebuilds)."""
        return self._enqueue(work)

    def is_alive(self) -> bool:
        """Whether appends are taken and written."""
        return self._thread.is_alive() and not self._closing

    def close(self) -> None:
        """Write what waits, then stop. Safe to call twice."""
        with self._arrival:
            self._closing = True
            self._arrival.notify()
        self._thread.join()

    def _enqueue(self, task: AppendGroup | Work) -> Future[Any]:
        return self._enqueue_all((task,))[0]

    def _enqueue_all(self, tasks: Sequence[AppendGroup | Work]) -> list[Future[Any]]:
        waiting = [_Waiting(task, Future()) for task in tasks]
        with self._arrival:
            if self._closing:
                raise StoreClosed("the store is closed")
            if len(self._waiting) + len(waiting) > self._queue_limit:
                raise StoreBusy("too many appends wait; try again shortly")
            self._waiting.extend(waiting)
            self._arrival.notify()
        return [item.future for item in waiting]

    def _run(self) -> None:
        while batch := self._next_batch():
            if isinstance(batch[0].task, AppendGroup):
                self._write(batch)
            else:
                _do(batch[0].task, batch[0].future)

    def _next_batch(self) -> list[_Waiting]:
        """The groups that wait, in order of arrival, or one piece of other work.

        Empty when closed and drained.
        """
        while taken := self._take():
            # A caller that gave up meanwhile gets nothing written; from here on it can no longer give up.
            if batch := [item for item in taken if item.future.set_running_or_notify_cancel()]:
                return batch
        return []

    def _take(self) -> list[_Waiting]:
        with self._arrival:
            while not self._waiting and not self._closing:
                self._arrival.wait()
            length = _length_of_batch(self._waiting)
            taken, self._waiting = self._waiting[:length], self._waiting[length:]
            return taken

    def _write(self, batch: Sequence[_Waiting]) -> None:
        outcomes = self._outcomes([item.task for item in batch if isinstance(item.task, AppendGroup)])
        for item, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, Exception):
                item.future.set_exception(outcome)
            else:
                item.future.set_result(outcome)

    def _outcomes(self, groups: Sequence[AppendGroup]) -> list[Outcome]:
        outcomes = self._batches.write(groups)
        try:
            self._after_commit()
        except Exception as error:  # noqa: BLE001 — what is on disk stays acknowledged
            _log.error("a listener of the log failed: %s", type(error).__name__)
        return outcomes


async def await_append(future: Future[tuple[Appended, ...]]) -> tuple[Appended, ...]:
    """Wait for an append on the event loop.

    A caller that is cancelled does not cancel what is being written.
    """
    return await asyncio.shield(asyncio.wrap_future(future))


def _length_of_batch(waiting: Sequence[_Waiting]) -> int:
    if waiting and not isinstance(waiting[0].task, AppendGroup):
        return 1
    for length, item in enumerate(waiting):
        if length == BATCH_LIMIT or not isinstance(item.task, AppendGroup):
            return length
    return len(waiting)


def _do(work: Work, future: Future[Any]) -> None:
    try:
        future.set_result(work())
    except Exception as error:  # noqa: BLE001 — it is the caller's, who finds it in the future
        future.set_exception(error)
