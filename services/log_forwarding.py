"""Sends what a process logs to a separate system: syslog (RFC 5424) over TLS (RFC 5425), to EHCP_LOG_TO.

So that whoever breaks into this machine can't take back what it has said (ASVS 5.0 16.4.3). Nothing waits for the
collector: lines wait for it in memory, 10,000 at most, and the number of those beyond is told as soon as it answers
again. A line that was on its way when a connection ended is sent again, so one may come twice. Standard error has all
of them as ever.
"""

import logging
import os
import queue
import re
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct
from prometheus_client import Counter
from typing_extensions import override

from services.errors import ConfigurationError
from services.logs import formatter, worth_a_line
from services.settings import Settings
from services.tls import require_private

#: What EHCP_LOG_TO says where a collector of the machine's own takes the log from standard error.
STANDARD_ERROR: Final = "standard-error"
#: The registered port of syslog over TLS.
PORT: Final = 6514
#: How many lines may wait for the collector.
MOST_WAITING: Final = 10_000
#: How long a connection, a line and the last lines of a process may take, in seconds.
PATIENCE: Final = 5.0
#: How many seconds lie between two attempts to connect.
PAUSE: Final = 1.0
#: log audit, the facility of RFC 5424 for a record of what was done.
_FACILITY: Final = 13
_SEVERITIES: Final = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}

LOST = Counter("ehcp_log_lines_lost", "Lines of the log that didn't reach the collector")
_log = logging.getLogger(__name__)


class Collector(Struct, frozen=True, kw_only=True):
    """Where lines go, and how the connection is sealed."""

    host: str
    port: int
    context: ssl.SSLContext

    def connected(self) -> ssl.SSLSocket:
        """A new connection, its certificate checked. Raises OSError."""
        plain = socket.create_connection((self.host, self.port), timeout=PATIENCE)
        try:
            return self.context.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise


def collector_of(settings: Settings) -> Collector | None:
    """The collector that is set, if one is. Raises ConfigurationError."""
    if settings.log_to in {"", STANDARD_ERROR}:
        return None
    host, port = _host_and_port(settings.log_to)
    return Collector(host=host, port=port, context=_context(settings))


def _host_and_port(address: str) -> tuple[str, int]:
    wanted = f"EHCP_LOG_TO must be tls://HOST:PORT or {STANDARD_ERROR}."
    try:
        stated = urlsplit(address)
        host, port = stated.hostname, stated.port or PORT
    except ValueError:
        raise ConfigurationError(wanted) from None
    if not host or address != f"tls://{stated.netloc}" or "@" in address:
        raise ConfigurationError(wanted)
    return host, port


def where_logs_go(settings: Settings) -> str:
    """Where, in words, the collector having answered. Raises ConfigurationError, also where production says nothing."""
    collector = collector_of(settings)
    if collector is not None:
        try:
            collector.connected().close()
        except OSError as error:
            raise ConfigurationError(f"{settings.log_to} can't be reached: {type(error).__name__}") from None
        return f"to {collector.host}, port {collector.port}, over TLS"
    if settings.log_to:
        return "to whoever takes standard error"
    if settings.env == "production":
        raise ConfigurationError(f"It stays on this machine: set EHCP_LOG_TO (tls://HOST:PORT, or {STANDARD_ERROR}).")
    return "stays on this machine"


def forward_log(settings: Settings) -> logging.Handler | None:
    """Have what this process logs sent to the collector from now on, if one is set. Raises ConfigurationError."""
    collector = collector_of(settings)
    if collector is None:
        return None
    handler = Forwarding(collector.connected)
    logging.getLogger().addHandler(handler)
    return handler


class Forwarding(logging.Handler):
    """Sends a line for each record from a thread of its own."""

    def __init__(self, connect: Callable[[], socket.socket], most: int = MOST_WAITING, pause: float = PAUSE) -> None:
        """Connect by `connect`, which raises OSError when it can't; hold `most` lines; try every `pause` seconds."""
        super().__init__()
        self.setFormatter(formatter())
        self.addFilter(worth_a_line)
        self._connect = connect
        self._pause = pause
        self._waiting: queue.Queue[bytes] = queue.Queue(most)
        self._ending = threading.Event()
        self._in_hand = b""
        self._lost = 0
        self._counting = threading.Lock()
        self._thread = threading.Thread(target=self._send_all, name="log-forwarding", daemon=True)
        self._thread.start()

    @override
    def emit(self, record: logging.LogRecord) -> None:
        """Have the line wait for its turn; count it where no more may wait."""
        try:
            self._waiting.put_nowait(message(record, self.format(record)))
        except Exception:  # noqa: BLE001 - full, or a line that can't be made: what is said goes on
            LOST.inc()
            with self._counting:
                self._lost += 1

    @override
    def close(self) -> None:
        """Send what waits, for a few seconds at most."""
        self._ending.set()
        with suppress(queue.Full):
            self._waiting.put_nowait(b"")
        self._thread.join(PATIENCE)
        super().close()

    def _is_done(self) -> bool:
        return self._ending.is_set() and self._waiting.empty() and not self._in_hand

    def _send_all(self) -> None:
        while not self._is_done():
            try:
                with self._connect() as connection:
                    self._send(connection)
            except OSError:
                if self._ending.is_set():
                    return
                self._ending.wait(self._pause)

    def _send(self, connection: socket.socket) -> None:
        """Send line after line until the end. Raises OSError when the connection is gone, the line still in hand."""
        while not self._is_done():
            self._tell_the_loss(connection)
            self._in_hand = self._in_hand or self._waiting.get()
            _require_open(connection)
            connection.sendall(self._in_hand)
            self._in_hand = b""
        _say_that_it_ends(connection)

    def _tell_the_loss(self, connection: socket.socket) -> None:
        with self._counting:
            lost, self._lost = self._lost, 0
        if not lost:
            return
        text = "%d lines of the log did not reach the collector"
        record = _log.makeRecord(_log.name, logging.WARNING, __file__, 0, text, (lost,), None)
        try:
            connection.sendall(message(record, self.format(record)))
        except OSError:
            with self._counting:
                self._lost += lost
            raise


def message(record: logging.LogRecord, line: str) -> bytes:
    """A line as a message of RFC 5424 in the frame of RFC 5425: its length in bytes before it."""
    severity = _SEVERITIES.get(record.levelno, 5)
    when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    text = f"<{_FACILITY * 8 + severity}>1 {when} {_HOST} ehcp {os.getpid()} - - {line}".encode()
    return b"%d %s" % (len(text), text)


def _host_name() -> str:
    """This machine's name as RFC 5424 wants one: printable ASCII, or the sign that it isn't known."""
    name = socket.gethostname()
    return name if re.fullmatch(r"[\x21-\x7e]{1,255}", name) else "-"


_HOST: Final = _host_name()


def _require_open(connection: socket.socket) -> None:
    """Raises OSError when the other side has hung up: what is written then is lost without a word."""
    connection.settimeout(0)
    try:
        if not connection.recv(1):
            raise ConnectionResetError
    except (BlockingIOError, ssl.SSLWantReadError):
        pass
    finally:
        connection.settimeout(PATIENCE)


def _say_that_it_ends(connection: socket.socket) -> None:
    """The end that TLS has for a connection, without waiting for the other side's (RFC 5425 section 4.4)."""
    if isinstance(connection, ssl.SSLSocket):
        connection.settimeout(0)
        with suppress(OSError):
            connection.unwrap()


def _context(settings: Settings) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        if settings.log_authorities:
            context = ssl.create_default_context(cafile=settings.log_authorities)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
        if settings.log_certificate and settings.log_key:
            require_private(settings.log_key)
            context.load_cert_chain(settings.log_certificate, settings.log_key)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise ConfigurationError(f"The files for EHCP_LOG_TO can't be used: {why}.") from None
    if bool(settings.log_certificate) != bool(settings.log_key):
        raise ConfigurationError("EHCP_LOG_CERTIFICATE and EHCP_LOG_KEY go together: set both.")
    return context
