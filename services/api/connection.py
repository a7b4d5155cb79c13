"""A connection that is patient with nobody: a request's head has a limit of size and of time, and faults are problems.

The server's own protocol takes heads of any length and waits for them for ever: a few idle senders could use up its
memory or its connections. Bodies have their limits in `services.api.bodies`.
"""

import asyncio
from typing import Any

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from services.api.guards import guarded
from services.api.problems import Problem

#: Request line and headers together, in bytes. A token, the longest of them, takes about 1 kB.
MAX_HEAD = 64 * 1024
#: Headers of one request; those of an ordinary one are fewer than thirty.
MAX_HEADERS = 200
#: How long a head may take to arrive, in seconds.
HEAD_SECONDS = 30.0


class HeadTooLarge(Exception):
    """Stops the parser, whose caller then answers with `send_400_response`."""


class Connection(HttpToolsProtocol):
    """HTTP/1.1 on one connection."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Begin before any byte has come."""
        super().__init__(*args, **kwargs)
        self._heads = 0
        self._in_head = False
        self._arrived = 0
        self._parsed = 0
        self._timer: asyncio.TimerHandle | None = None

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first head."""
        super().connection_made(transport)
        self._start_timer()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._stop_timer()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        """Parse what has come. A part that ends in the head in which it began adds to that head's length."""
        was_in_head, heads = self._in_head, self._heads
        super().data_received(data)
        if was_in_head and self._in_head and self._heads == heads:
            self._arrived += len(data)
            if self._arrived > MAX_HEAD:
                self.send_400_response("")

    @override
    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._heads += 1
        self._in_head, self._arrived, self._parsed = True, 0, 0
        self._start_timer()

    @override
    def on_url(self, url: bytes) -> None:
        """Count the address."""
        self._count(url)
        super().on_url(url)

    @override
    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a header."""
        self._count(name, value)
        super().on_header(name, value)
        if len(self.headers) > MAX_HEADERS:
            raise HeadTooLarge

    @override
    def on_headers_complete(self) -> None:
        """The head has come in time."""
        self._in_head = False
        self._stop_timer()
        super().on_headers_complete()

    @override
    def send_400_response(self, msg: str) -> None:
        """Say as a problem why the head can't be taken, and close; the wording of `msg` is the server library's."""
        if max(self._arrived, self._parsed) > MAX_HEAD or len(self.headers or ()) > MAX_HEADERS:
            text = f"Address and headers together may have {MAX_HEAD:,} bytes, in {MAX_HEADERS} headers at most."
            self._refuse(Problem(431, "head-too-large", "The headers are too large", text))
        else:
            self._refuse(Problem(400, "malformed-http", "This isn't a well-formed HTTP request"))

    def _count(self, *parts: bytes) -> None:
        self._parsed += sum(map(len, parts))
        if self._parsed > MAX_HEAD:
            raise HeadTooLarge

    def _start_timer(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(HEAD_SECONDS, self._too_late)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_late(self) -> None:
        self._timer = None
        if self._in_head:
            text = f"Address and headers must arrive within {HEAD_SECONDS:.0f} seconds."
            self._refuse(Problem(408, "slow-head", "The headers took too long", text))
        else:
            self.transport.close()

    def _answering(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete

    def _refuse(self, problem: Problem) -> None:
        """Answer and close, unless another answer is on its way: then only close."""
        self._in_head = False
        if not self.transport.is_closing() and not self._answering():
            response = problem.response()
            lines = [STATUS_LINE[problem.status]]
            lines += [name + b": " + value + b"\r\n" for name, value in guarded(response.raw_headers)]
            self.transport.write(b"".join([*lines, b"connection: close\r\n\r\n", bytes(response.body)]))
        self.transport.close()
