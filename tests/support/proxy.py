"""A door before PostgreSQL at which a test can lose what passes: a client that vanishes, an answer that never comes."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

SYNC = b"S\x00\x00\x00\x04"
"""The last message of a statement in PostgreSQL's protocol: before it comes, nothing is answered."""


class Proxy:
    """Forwards connections to a server until it is told to lose something."""

    def __init__(self, server: str) -> None:
        """`server` is the address postgresql://... to which everything goes."""
        self._server = urlsplit(server)
        self._door = socket.create_server(("127.0.0.1", 0))
        self._clients: list[socket.socket] = []
        self._servers: list[socket.socket] = []
        self._lock = threading.Lock()
        self.loses_answers = False
        self.loses_syncs = False
        self.answers_lost = 0
        self.syncs_lost = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """The server's address, through this door."""
        user = self._server.netloc.rpartition("@")[0]
        port = self._door.getsockname()[1]
        return self._server._replace(netloc=f"{user}@127.0.0.1:{port}").geturl()

    def cut_clients(self) -> None:
        """End every conversation for the clients; the server is told nothing of it."""
        with self._lock:
            for client in self._clients:
                with suppress(OSError):
                    client.shutdown(socket.SHUT_RDWR)
            self._clients.clear()

    def close(self) -> None:
        """End everything."""
        self._door.close()
        self.cut_clients()
        for server in self._servers:
            server.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._door.accept()
            except OSError:
                return
            try:
                server = socket.create_connection((self._server.hostname or "127.0.0.1", self._server.port or 5432))
            except OSError:
                client.close()
                continue
            with self._lock:
                self._clients.append(client)
                self._servers.append(server)
            threading.Thread(target=self._upwards, args=(client, server), daemon=True).start()
            threading.Thread(target=self._downwards, args=(server, client), daemon=True).start()

    def _upwards(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while said := client.recv(65_536):
                if self.loses_syncs and said.endswith(SYNC):
                    self.syncs_lost += 1
                    said = said.removesuffix(SYNC)
                server.sendall(said)
        client.close()

    def _downwards(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while said := server.recv(65_536):
                if self.loses_answers:
                    self.answers_lost += 1
                else:
                    client.sendall(said)
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxy_to(server: str) -> Iterator[Proxy]:
    """A door to the server."""
    proxy = Proxy(server)
    try:
        yield proxy
    finally:
        proxy.close()
