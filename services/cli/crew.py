"""Several processes that serve one address together, and the one that looks after them.

The kernel deals connections out among their sockets. A worker that is killed is replaced; one that ends by itself has
said why, and ends the whole. They all stop together, also when the process that looks after them is gone.
"""

import multiprocessing
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from types import FrameType
from typing import Final

Work = Callable[[socket.socket], None]
"""What a worker does with its listening socket. A function of a module, since each worker is a new interpreter."""

_LOOK: Final = 0.2
"""How often, in seconds, it is looked whether a signal came."""


def shared_listeners(host: str, port: int, number: int, backlog: int) -> list[socket.socket]:
    """So many listening sockets at one address, among which the kernel deals connections out. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Sockets that share an address would share it with another platform too: nobody else may have it.
    socket.create_server((host, port), family=family, backlog=1).close()
    return [socket.create_server((host, port), family=family, backlog=backlog, reuse_port=True) for _ in range(number)]


class Crew:
    """The workers of one address."""

    def __init__(self, work: Work, listeners: Sequence[socket.socket]) -> None:
        """A worker for each of the sockets, which stay open here: connections outlast the worker they were dealt to."""
        self._work = work
        self._listeners = listeners
        self._stopping = False

    def run(self) -> int:
        """Work until SIGTERM or Ctrl-C, or until a worker ends by itself; the exit code."""
        with _told_to_stop(self._stop):
            workers = [self._started(listener) for listener in self._listeners]
            code = 0
            while not self._stopping:
                wait([worker.sentinel for worker in workers], timeout=_LOOK)
                for number, worker in enumerate(workers):
                    code = code or self._looked_after(workers, number, worker)
            for worker in workers:
                worker.terminate()
            for worker in workers:
                worker.join()
        return code

    def _looked_after(self, workers: list[SpawnProcess], number: int, worker: SpawnProcess) -> int:
        """Replace a worker that was killed; one that ended by itself ends the rest, with its exit code."""
        if worker.exitcode is None or self._stopping:
            return 0
        if worker.exitcode < 0:
            workers[number] = self._started(self._listeners[number])
            return 0
        self._stopping = True
        return worker.exitcode

    def _started(self, listener: socket.socket) -> SpawnProcess:
        worker = multiprocessing.get_context("spawn").Process(target=self._work, args=(listener,))
        worker.start()
        return worker

    def _stop(self) -> None:
        self._stopping = True


@contextmanager
def _told_to_stop(stop: Callable[[], None]) -> Iterator[None]:
    def told(_signal: int, _frame: FrameType | None) -> None:
        stop()

    before = {number: signal.signal(number, told) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
