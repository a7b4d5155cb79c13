"""An endpoint of a subscriber on loopback that answers as it is told, and keeps what it was sent."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from msgspec import Struct


class Received(Struct, frozen=True):
    """One message: its path, headers (names in lower case) and body."""

    path: str
    headers: dict[str, str]
    body: bytes


Answer = Callable[[Received], tuple[int, dict[str, str], bytes]]


class Receiver:
    """What was received, and how the next message is answered."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.received: list[Received] = []
        self.answer: Answer = lambda _received: (204, {}, b"")
        self.going = threading.Event()


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Listen until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            got = Received(self.path, headers, body)
            mine.received.append(got)
            status, more, content = mine.answer(got)
            try:
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                if "Content-Length" not in more:
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    mine = Receiver(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield mine
    finally:
        mine.going.set()
        server.shutdown()
        server.server_close()
        thread.join()
