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
from itertools import islice
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
"""How many groups share a commit at most, so that the first of them does not wait for the last of a crowd.

Groups that were handed in together are not parted.
"""

_log = logging.getLogger(__name__)

T = TypeVar("T")
Work = Callable[[], Any]


class Batches(Protocol):
    """Turns groups into rows, in one commit. Used by one thread at a time."""

    def write(self, groups: Sequence[AppendGroup]) -> list[Outcome]:
        """Write each group whole or not at all, and none at the cost of another; never raises."""


class _Waiting:
    """Groups of one caller, or other work for the writer's thread, with the future that the caller holds."""

    __slots__ = ("future", "groups", "loop", "together", "work")

    def __init__(
        self,
        future: "Future[Any] | asyncio.Future[Any]",
        groups: Sequence[AppendGroup] = (),
        *,
        together: bool = False,
        loop: asyncio.AbstractEventLoop | None = None,
        work: Work | None = None,
    ) -> None:
        """With `together` the future is told a list of outcomes, else the outcome of the one group."""
        self.future = future
        self.groups = groups
        self.together = together
        self.loop = loop
        self.work = work


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
        taken any more but those that decide nothing, or take access away.
        """
        self.refused = ""
        self._batches = batches
        self._queue_limit = queue_limit
        self._crowded = False
        self._after_commit = after_commit
        self._waiting: list[_Waiting] = []
        self._groups_waiting = 0
        self._arrival = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, group: AppendGroup) -> Future[tuple[Appended, ...]]:
        """Hand in a group.

        The future holds where its events stand once they are on disk, or why they are not.

        Raises StoreBusy when too many wait, StoreClosed after `close`, WritesRefused.
        """
        future: Future[tuple[Appended, ...]] = Future()
        self._enqueue(_Waiting(future, (group,)))
        return future

    def submit_all(self, groups: Sequence[AppendGroup]) -> Future[list[Outcome]]:
        """Hand in many groups at once, so that they share a commit; the future holds what became of each.

        Raises StoreBusy when there is no room for all of them, StoreClosed after `close`.
        """
        future: Future[list[Outcome]] = Future()
        if groups:
            self._enqueue(_Waiting(future, groups, together=True))
        else:
            future.set_result([])
        return future

    async def append(self, group: AppendGroup) -> tuple[Appended, ...]:
        """As `submit`, for a caller on an event loop. One that is cancelled does not cancel what is being written."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[tuple[Appended, ...]] = loop.create_future()
        self._enqueue(_Waiting(future, (group,), loop=loop))
        return await future

    def perform(self, work: Callable[[], T]) -> Future[T]:
        """Let the writer's thread do other writing between two batches (snapshots, purges, rebuilds)."""
        future: Future[T] = Future()
        self._enqueue(_Waiting(future, work=work))
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

    def _enqueue(self, waiting: _Waiting) -> None:
        if self.refused and not _is_following(waiting):
            raise WritesRefused(self.refused)
        with self._arrival:
            if self._closing:
                raise StoreClosed("the store is closed")
            if self._groups_waiting + len(waiting.groups) > self._queue_limit:
                raise StoreBusy("too many appends wait; try again shortly")
            self._waiting.append(waiting)
            self._groups_waiting += len(waiting.groups)
            self._arrival.notify()

    def _run(self) -> None:
        while batch := self._next_batch():
            if batch[0].work is None:
                self._write(batch)
            else:
                _do(batch[0].work, batch[0].future)

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
            self._groups_waiting -= sum(len(item.groups) for item in taken)
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
        outcomes = self._batches.write([group for item in batch for group in item.groups])
        try:
            if not all(map(_is_showing, batch)):
                self._after_commit()
        except Exception as error:  # noqa: BLE001 — what is on disk stays acknowledged
            _log.error("a listener of the log failed: %s", type(error).__name__)
        _tell_all(batch, outcomes)


async def await_appends(future: Future[list[Outcome]]) -> list[Outcome]:
    """Wait on the event loop for groups that were handed in together.

    A caller that is cancelled does not cancel what is being written. What is on disk already is told at once: the loop
    isn't woken up by another thread's means.
    """
    return future.result() if future.done() else await asyncio.shield(asyncio.wrap_future(future))


def _is_wanted(item: _Waiting) -> bool:
    return not isinstance(item.future, Future) or item.future.set_running_or_notify_cancel()


def _length_of_batch(waiting: Sequence[_Waiting]) -> int:
    """How many of those that wait are done next: other work alone; what one caller handed in together stays so."""
    if waiting and waiting[0].work:
        return 1
    groups = 0
    for length, item in enumerate(waiting):
        groups += len(item.groups)
        if item.work or (length and groups > BATCH_LIMIT):
            return length
    return len(waiting)


def _is_showing(item: _Waiting) -> bool:
    return bool(item.groups) and all(DISCLOSURE_LOG in group.events for group in item.groups)


def _is_following(item: _Waiting) -> bool:
    return all(group.is_following for group in item.groups)


def _do(work: Work, future: Any) -> None:
    try:
        future.set_result(work())
    except Exception as error:  # noqa: BLE001 — it is the caller's, who finds it in the future
        future.set_exception(error)


def _tell_all(batch: Iterable[_Waiting], outcomes: Sequence[Outcome]) -> None:
    """Give every caller its outcomes: those in threads at once, those on a loop with one call for all of them."""
    on_loops: dict[asyncio.AbstractEventLoop, list[tuple[_Waiting, Outcome | list[Outcome]]]] = {}
    each = iter(outcomes)
    for item in batch:
        own = list(islice(each, len(item.groups))) if item.together else next(each)
        if item.loop is None:
            _tell(item, own)
        else:
            on_loops.setdefault(item.loop, []).append((item, own))
    for loop, answers in on_loops.items():
        with suppress(RuntimeError):  # the loop was closed: nobody waits there any more
            loop.call_soon_threadsafe(_tell_loop, answers)


def _tell_loop(answers: Iterable[tuple[_Waiting, Outcome | list[Outcome]]]) -> None:
    for item, own in answers:
        if not item.future.done():
            _tell(item, own)


def _tell(item: _Waiting, own: Outcome | list[Outcome]) -> None:
    future: Any = item.future
    if isinstance(own, Exception):
        future.set_exception(own)
    else:
        future.set_result(own)
