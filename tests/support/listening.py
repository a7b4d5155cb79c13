"""A platform behind a real socket on loopback, for what a client in the same process can't do wrong."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread

import uvicorn

from services.cli.serving import server_config
from tests.support.serving import Serving


class Wire:
    """Bytes in, bytes out."""

    def __init__(self, port: int) -> None:
        self.port = port

    def send(self, *parts: bytes, ends: bool = False) -> bytes:
        """Everything that is answered until the other side closes; `ends` closes our side after the last part."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            with suppress(BrokenPipeError, ConnectionResetError):
                for part in parts:
                    connection.sendall(part)
            if ends:
                connection.shutdown(socket.SHUT_WR)
            answer = b""
            with suppress(ConnectionResetError):
                while more := connection.recv(65_536):
                    answer += more
            return answer


@contextmanager
def listening(serving: Serving) -> Iterator[Wire]:
    """Serve the platform as `ehcp serve` does, at a free port."""
    config = server_config(serving.http.app)  # type: ignore[arg-type]
    config.lifespan = "off"
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield Wire(listener.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join()
