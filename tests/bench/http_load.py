"""A load generator: keep-alive connections in a process of its own, each with one request under way at a time.

Lean on purpose: it runs on the same cores as what it measures. `python -m tests.bench.http_load` reads a Load as JSON
from its input and writes a Result.
"""

import asyncio
import sys
import time
from collections import Counter
from typing import cast
from uuid import uuid4

import msgspec
import uvloop
from typing_extensions import override


class Load(msgspec.Struct):
    """Connection number n posts `body` to its own paths in turn, for so many seconds; or sends another `method`."""

    port: int
    seconds: float
    token: str
    body: str
    paths: list[list[str]]
    method: str = "POST"


class Result(msgspec.Struct):
    """What came of it. Latencies in milliseconds."""

    answers: int
    seconds: float
    statuses: dict[int, int]
    median: float
    p99: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds


class _Client(asyncio.Protocol):
    """Posts, waits for the whole answer, posts again."""

    def __init__(self, load: Load, paths: list[str], figures: list[tuple[int, float]], ended: asyncio.Event) -> None:
        self._until = time.perf_counter() + load.seconds
        self._figures = figures
        self._ended = ended
        self._received = b""
        self._sent_at = 0.0
        self._turn = 0
        fixed = (
            f"host: 127.0.0.1\r\nauthorization: Bearer {load.token}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(load.body.encode())}\r\nidempotency-key: "
        )
        self._heads = [f"{load.method} {path} HTTP/1.1\r\n{fixed}".encode() for path in paths]
        self._tail = b"\r\n\r\n" + load.body.encode()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._post()

    @override
    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0])
        if len(body) < length:
            return
        self._received = b""
        now = time.perf_counter()
        self._figures.append((int(head[9:12]), now - self._sent_at))
        if now < self._until:
            self._post()
        else:
            self._transport.close()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._ended.set()

    def _post(self) -> None:
        self._turn += 1
        self._sent_at = time.perf_counter()
        self._transport.write(self._heads[self._turn % len(self._heads)] + str(uuid4()).encode() + self._tail)


async def _run(load: Load) -> Result:
    loop = asyncio.get_running_loop()
    figures: list[tuple[int, float]] = []
    ends = [asyncio.Event() for _ in load.paths]
    started = time.perf_counter()
    for paths, ended in zip(load.paths, ends, strict=True):
        await loop.create_connection(lambda p=paths, e=ended: _Client(load, p, figures, e), "127.0.0.1", load.port)
    for ended in ends:
        await ended.wait()
    taken = time.perf_counter() - started
    latencies = sorted(latency * 1000 for _, latency in figures)
    return Result(
        answers=len(figures),
        seconds=taken,
        statuses=dict(Counter(status for status, _ in figures)),
        median=latencies[len(latencies) // 2],
        p99=latencies[len(latencies) * 99 // 100],
    )


if __name__ == "__main__":
    result = uvloop.run(_run(msgspec.json.decode(sys.stdin.buffer.read(), type=Load)))
    sys.stdout.buffer.write(msgspec.json.encode(result))
