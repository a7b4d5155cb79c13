"""The one writer of a process: whatever arrived during the last commit is the next batch.

A commit costs a disk flush whether it carries one act or sixty. Callers hand in a group and get a future; the
writer's thread takes all that wait, writes them in one transaction and tells each caller what became of its
own group. Callers on an event loop are told together, with one wake-up of their loop a batch.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Final, Protocol, TypeVar

from services.store.errors import StoreBusy, StoreClosed, WritesRefused
from services.store.values import DISCLOSURE_LOG, Appended, AppendGroup, Outcome

QUEUE_LIMIT: Final = 4_096
"""How many groups may wait before `submit` refuses: some seconds of a slow disk."""

GATHER_SECONDS: Final = 0.001
"""How long readers that come together wait for one more: three times this, and twenty times at most.

Reads come one by one, some in the time of a commit: without this each commit would be for two or three of them, and
cost more than they do. A reader that comes alone never waits, and where acts come the next commit is at once.
"""

BATCH_LIMIT: Final = 512
"""How many groups share a commit at most, so that the first of them does not wait for the last of a crowd."""

_log = logging.getLogger(__name__)

T = TypeVar("T")
Work = Callable[[], Any]


class Batches(Protocol):
    """Turns groups into rows, in one commit. Used by one thread at a time."""

    def write(self, groups: Sequence[AppendGroup]) -> list[Outcome]:
        """Write each group whole or not at all, and none at the cost of another; never raises."""


class _Waiting:
    """A group, or other work for the writer's thread, with the future that its caller holds."""

    __slots__ = ("future", "loop", "task")

    def __init__(
        self,
        task: AppendGroup | Work,
        future: "Future[Any] | asyncio.Future[Any]",
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self.task = task
        self.future = future
        self.loop = loop


class Writer:
    """A thread that does all appending of a process.

    `close` drains what was accepted; nothing accepted is dropped.
    """

    def __init__(
        self,
        batches: Batches,
        *,
        queue_limit: int = QUEUE_LIMIT,
        after_commit: Callable[[], None] = lambda: None,
    ) -> None:
        """`after_commit` is called on the writer's thread once a batch is on disk, before callers know.

        Nobody follows the disclosure log: a batch of nothing else wakes nobody. Once `refused` says why, no group is
        taken any more but those that decide nothing.
        """
        self.refused = ""
        self._batches = batches
        self._queue_limit = queue_limit
        self._crowded = False
        self._after_commit = after_commit
        self._waiting: list[_Waiting] = []
        self._arrival = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, group: AppendGroup) -> Future[tuple[Appended, ...]]:
        """Hand in a group.

        The future holds where its events stand once they are on disk, or why they are not.

        Raises StoreBusy when too many wait, StoreClosed after `close`, WritesRefused.
        """
        return self.submit_all((group,))[0]

    def submit_all(self, groups: Sequence[AppendGroup]) -> list[Future[tuple[Appended, ...]]]:
        """Hand in many groups at once, so that they share a commit; each keeps an outcome of its own.

        Raises StoreBusy when there is no room for all of them, StoreClosed after `close`.
        """
        futures: list[Future[tuple[Appended, ...]]] = [Future() for _ in groups]
        self._enqueue([_Waiting(group, future) for group, future in zip(groups, futures, strict=True)])
        return futures

    async def append(self, group: AppendGroup) -> tuple[Appended, ...]:
        """As `submit`, for a caller on an event loop. One that is cancelled does not cancel what is being written."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[tuple[Appended, ...]] = loop.create_future()
        self._enqueue([_Waiting(group, future, loop)])
        return await future

    def perform(self, work: Callable[[], T]) -> Future[T]:
        """Let the writer's thread do other writing between two batches (snapshots, purges, rebuilds)."""
        future: Future[T] = Future()
        self._enqueue([_Waiting(work, future)])
        return future

    def is_alive(self) -> bool:
        """Whether appends are taken and written."""
        return self._thread.is_alive() and not self._closing

    def close(self) -> None:
        """Write what waits, then stop. Safe to call twice."""
        with self._arrival:
            self._closing = True
            self._arrival.notify()
        self._thread.join()

    def _enqueue(self, waiting: Sequence[_Waiting]) -> None:
        if self.refused and not all(map(_is_following, waiting)):
            raise WritesRefused(self.refused)
        with self._arrival:
            if self._closing:
                raise StoreClosed("the store is closed")
            if len(self._waiting) + len(waiting) > self._queue_limit:
                raise StoreBusy("too many appends wait; try again shortly")
            self._waiting.extend(waiting)
            self._arrival.notify()

    def _run(self) -> None:
        while batch := self._next_batch():
            if isinstance(batch[0].task, AppendGroup):
                self._write(batch)
            else:
                _do(batch[0])

    def _next_batch(self) -> list[_Waiting]:
        """The groups that wait, in order of arrival, or one piece of other work.

        Empty when closed and drained.
        """
        while taken := self._take():
            # A caller that gave up meanwhile gets nothing written; from here on it can no longer give up.
            if batch := [item for item in taken if _is_wanted(item)]:
                return batch
        return []

    def _take(self) -> list[_Waiting]:
        with self._arrival:
            while not self._waiting and not self._closing:
                self._arrival.wait()
        if self._crowded:
            self._gather()
        with self._arrival:
            length = _length_of_batch(self._waiting)
            taken, self._waiting = self._waiting[:length], self._waiting[length:]
        self._crowded = length > 1 and not self._closing and all(map(_is_showing, taken))
        return taken

    def _gather(self) -> None:
        """Wait as long as more readers come, and no act does."""
        here, quiet = 0, 0
        for _ in range(20):
            if not all(map(_is_showing, self._waiting)):
                return
            here, before = len(self._waiting), here
            quiet = quiet + 1 if here == before else 0
            if quiet == 3:  # noqa: PLR2004 (as said above)
                return
            time.sleep(GATHER_SECONDS)

    def _write(self, batch: Sequence[_Waiting]) -> None:
        outcomes = self._batches.write([item.task for item in batch if isinstance(item.task, AppendGroup)])
        try:
            if not all(map(_is_showing, batch)):
                self._after_commit()
        except Exception as error:  # noqa: BLE001 — what is on disk stays acknowledged
            _log.error("a listener of the log failed: %s", type(error).__name__)
        _tell_all(batch, outcomes)


async def await_append(future: Future[tuple[Appended, ...]]) -> tuple[Appended, ...]:
    """Wait for an append on the event loop.

    A caller that is cancelled does not cancel what is being written.
    """
    return await asyncio.shield(asyncio.wrap_future(future))


def _is_wanted(item: _Waiting) -> bool:
    return not isinstance(item.future, Future) or item.future.set_running_or_notify_cancel()


def _length_of_batch(waiting: Sequence[_Waiting]) -> int:
    if waiting and not isinstance(waiting[0].task, AppendGroup):
        return 1
    for length, item in enumerate(waiting):
        if length == BATCH_LIMIT or not isinstance(item.task, AppendGroup):
            return length
    return len(waiting)


def _is_showing(item: _Waiting) -> bool:
    return isinstance(item.task, AppendGroup) and DISCLOSURE_LOG in item.task.events


def _is_following(item: _Waiting) -> bool:
    return not isinstance(item.task, AppendGroup) or item.task.is_following


def _do(item: _Waiting) -> None:
    work: Any = item.task
    try:
        item.future.set_result(work())
    except Exception as error:  # noqa: BLE001 — it is the caller's, who finds it in the future
        item.future.set_exception(error)


def _tell_all(batch: Iterable[_Waiting], outcomes: Iterable[Outcome]) -> None:
    """Give every caller its outcome: those in threads at once, those on a loop with one call for all of them."""
    on_loops: dict[asyncio.AbstractEventLoop, list[tuple[Any, Outcome]]] = {}
    for item, outcome in zip(batch, outcomes, strict=True):
        if item.loop is None:
            _tell(item.future, outcome)
        else:
            on_loops.setdefault(item.loop, []).append((item.future, outcome))
    for loop, answers in on_loops.items():
        with suppress(RuntimeError):  # the loop was closed: nobody waits there any more
            loop.call_soon_threadsafe(_tell_loop, answers)


def _tell_loop(answers: Iterable[tuple[Any, Outcome]]) -> None:
    for future, outcome in answers:
        if not future.done():
            _tell(future, outcome)


def _tell(future: Any, outcome: Outcome) -> None:
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
