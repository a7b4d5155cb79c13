"""The log goes to a separate system over TLS: each line, in order, through interruptions, to nobody else."""

from __future__ import annotations

import logging
import queue
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import orjson
import pytest

from services.errors import ConfigurationError
from services.log_forwarding import Forwarding, collector_of, forward_log, where_logs_go
from services.settings import Settings
from tests.support.certificates import Authority

CHILD = "Zebedee Quillfeather"
SYSLOG = re.compile(rb"<(\d+)>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (\S+) ehcp (\d+) - - (\{.*\})", re.DOTALL)


class Collecting:
    """A collector of syslog over TLS on this machine; `lines` are the messages, in the order in which they came."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.lines: queue.Queue[bytes] = queue.Queue()
        self.context = context
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.open: list[ssl.SSLSocket] = []
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    def _accept(self) -> None:
        with ExitStack() as reading:
            while True:
                try:
                    plain, _ = self.listener.accept()
                except OSError:
                    return
                reading.enter_context(plain)
                with suppress(OSError):
                    sealed = reading.enter_context(self.context.wrap_socket(plain, server_side=True))
                    self.open.append(sealed)
                    thread = threading.Thread(target=self._read, args=(sealed,))
                    thread.start()
                    reading.callback(thread.join)

    def _read(self, sealed: ssl.SSLSocket) -> None:
        with suppress(OSError, ValueError), sealed.makefile("rb") as stream:
            while size := self._size(stream.read):
                self.lines.put(stream.read(size))

    def _size(self, read: Callable[[int], bytes]) -> int:
        digits = b""
        while (one := read(1)).isdigit():
            digits += one
        return int(digits or 0)

    def hang_up(self) -> None:
        while self.open:
            with suppress(OSError):
                self.open.pop().shutdown(socket.SHUT_RDWR)

    def line(self) -> bytes:
        return self.lines.get(timeout=20)

    def event(self) -> str:
        found = SYSLOG.fullmatch(self.line())
        assert found is not None
        return str(orjson.loads(found[5])["event"])

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self._thread.join()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def collecting(authority: Authority) -> Iterator[Collecting]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.server("127.0.0.1"))
    made = Collecting(context)
    yield made
    made.hang_up()
    made.close()


def settings(**stated: object) -> Settings:
    return Settings(_env_file=None, **stated)  # type: ignore[arg-type]


@pytest.fixture
def log(collecting: Collecting, authority: Authority) -> Iterator[logging.Logger]:
    stated = settings(log_to=f"tls://127.0.0.1:{collecting.port}", log_authorities=authority.certificate)
    handler = forward_log(stated)
    assert handler is not None
    own = logging.getLogger("services.somewhere")
    own.setLevel("INFO")
    yield own
    logging.getLogger().removeHandler(handler)
    handler.close()


def record(text: str) -> logging.LogRecord:
    return logging.LogRecord("services.somewhere", logging.INFO, __file__, 1, text, (), None)


def test_a_line_arrives_as_syslog_with_the_json_that_standard_error_has(
    collecting: Collecting, log: logging.Logger
) -> None:
    log.warning("somebody was refused", extra={"reason": "expired", "child": CHILD})
    found = SYSLOG.fullmatch(collecting.line())
    assert found is not None
    assert int(found[1]) == 13 * 8 + 4
    said = orjson.loads(found[5])
    assert said["reason"] == "expired"
    assert said["event"] == "somebody was refused"
    assert CHILD.encode() not in found[0]


def test_lines_keep_their_order_and_none_can_break_the_frame(collecting: Collecting, log: logging.Logger) -> None:
    texts = [f"line {number}\n<13>1 forged \u2028 \u00e9" for number in range(300)]
    for text in texts:
        log.info(text)
    found = [collecting.event() for _ in texts]
    assert [one.partition("\n")[0] for one in found] == [f"line {number}" for number in range(300)]


def test_after_an_interruption_every_line_arrives(collecting: Collecting, log: logging.Logger) -> None:
    log.info("before")
    assert collecting.event() == "before"
    collecting.hang_up()
    for number in range(20):
        log.info("after %d", number)
    found: list[str] = []
    while "after 19" not in found:
        found.append(collecting.event())
    assert list(dict.fromkeys(found)) == [f"after {number}" for number in range(20)]


def test_while_nobody_collects_nothing_waits_and_what_is_lost_is_counted() -> None:
    ours, theirs = socket.socketpair()
    let_in = threading.Event()

    def connect() -> socket.socket:
        if not let_in.is_set():
            raise ConnectionRefusedError
        return ours

    handler = Forwarding(connect, most=3, pause=0.01)
    for number in range(10):
        handler.handle(record(f"line {number}"))
    let_in.set()
    handler.close()
    ours.close()
    with theirs, theirs.makefile("rb") as stream:
        said = stream.read()
    assert b"7 lines of the log did not reach the collector" in said
    assert [b"line %d" % number in said for number in range(10)] == [True] * 3 + [False] * 7


def test_the_last_words_of_a_process_are_sent(collecting: Collecting, authority: Authority) -> None:
    stated = settings(log_to=f"tls://127.0.0.1:{collecting.port}", log_authorities=authority.certificate)
    handler = forward_log(stated)
    assert handler is not None
    handler.handle(record("farewell"))
    logging.getLogger().removeHandler(handler)
    handler.close()
    assert collecting.event() == "farewell"


def test_nothing_is_told_to_a_collector_whose_certificate_is_not_trusted(
    collecting: Collecting, tmp_path: Path
) -> None:
    other = Authority(tmp_path, "another").certificate
    stated = settings(log_to=f"tls://127.0.0.1:{collecting.port}", log_authorities=other)
    with pytest.raises(ConfigurationError, match="SSLCertVerificationError"):
        where_logs_go(stated)
    collector = collector_of(stated)
    assert collector is not None
    handler = Forwarding(collector.connected, pause=0.01)
    handler.handle(record("a secret of the house"))
    handler.close()
    assert collecting.lines.empty()


def test_the_platform_shows_its_own_certificate_where_it_is_set(collecting: Collecting, authority: Authority) -> None:
    collecting.context.verify_mode = ssl.CERT_REQUIRED
    collecting.context.load_verify_locations(authority.certificate)
    certificate, key = authority.server("localhost")
    stated = settings(
        log_to=f"tls://127.0.0.1:{collecting.port}",
        log_authorities=authority.certificate,
        log_certificate=certificate,
        log_key=key,
    )
    handler = forward_log(stated)
    assert handler is not None
    handler.handle(record("from us"))
    assert collecting.event() == "from us"
    logging.getLogger().removeHandler(handler)
    handler.close()
    key.chmod(0o644)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        collector_of(stated)


@pytest.mark.parametrize(
    "log_to",
    ["udp://logs.example:514", "logs.example", "tls://", "tls://logs.example:x", "tls://logs.example/path",
     "tls://user@logs.example", "tls://logs.example?x", "stderr", "tls://logs.example:99999"],
)  # fmt: skip
def test_no_other_way_is_taken(log_to: str) -> None:
    with pytest.raises(ConfigurationError, match="EHCP_LOG_TO"):
        collector_of(settings(log_to=log_to))


def test_production_has_to_say_where_its_log_goes(collecting: Collecting, authority: Authority) -> None:
    with pytest.raises(ConfigurationError, match="stays on this machine"):
        where_logs_go(settings())
    assert where_logs_go(settings(env="development"))
    assert where_logs_go(settings(log_to="standard-error")) == "to whoever takes standard error"
    assert forward_log(settings(log_to="standard-error")) is None
    address = f"tls://127.0.0.1:{collecting.port}"
    assert "over TLS" in where_logs_go(settings(log_to=address, log_authorities=authority.certificate))


def test_two_kinds_of_files_go_together(tmp_path: Path) -> None:
    for stated in ({"log_certificate": tmp_path / "c"}, {"log_key": tmp_path / "k"}, {"log_authorities": tmp_path}):
        with pytest.raises(ConfigurationError):
            collector_of(settings(log_to="tls://logs.example", **stated))
