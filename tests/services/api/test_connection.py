"""What can go wrong on the wire before there is a request: answered as a problem, without waiting for ever."""

import logging
from collections.abc import Iterator

import orjson
import pytest

from services.api import bodies, connection
from tests.support.life import Life
from tests.support.listening import Wire, listening
from tests.support.serving import Serving


@pytest.fixture(scope="module")
def wire(module_platform: Serving) -> Iterator[Wire]:
    with listening(module_platform) as served:
        yield served


@pytest.fixture(autouse=True)
def nothing_is_said_in_the_log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def problem(answer: bytes) -> tuple[int, str]:
    """Status and code of the problem that is answered."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head
    assert b"connection: close" in head
    assert b"x-content-type-options: nosniff" in head
    assert b"cache-control: no-store" in head
    content = orjson.loads(body)
    assert head.split()[1] == str(content["status"]).encode()
    return content["status"], content["type"].rpartition("/")[2]


MALFORMED = {
    "no HTTP at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
    "an unknown method": b"SHOW /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
    "a NUL in a header": b"GET /healthz HTTP/1.1\r\nHost: x\x00y\r\n\r\n",
    "a negative length": b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "two lengths": b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "a length and chunks": b"POST /x HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("kind", MALFORMED)
def test_what_is_no_http_is_malformed(wire: Wire, kind: str) -> None:
    assert problem(wire.send(MALFORMED[kind])) == (400, "malformed-http")


@pytest.mark.parametrize(
    "parts",
    [
        [b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: ", *[b"y" * 10_000] * 100],
        [b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 70_000 + b"\r\n\r\n"],
        [b"GET /" + b"y" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"],
        [b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 1_000 + b"\r\n"],
    ],
    ids=["a header without end", "a long header", "a long address", "many headers"],
)
def test_a_head_over_the_limit_is_refused_before_it_has_come(wire: Wire, parts: list[bytes]) -> None:
    assert problem(wire.send(*parts)) == (431, "head-too-large")


def test_requests_behind_each_other_are_each_answered_however_many(wire: Wire) -> None:
    one = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 500 + b"\r\n"
    answer = wire.send(*[one + b"\r\n"] * 500, one + b"Connection: close\r\n\r\n")
    assert answer.count(b'{"status":"alive"}') == 501


def test_a_head_that_never_ends_is_not_waited_for(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.2)
    assert problem(wire.send(b"GET /healthz HTTP/1.1\r\nHost: ")) == (408, "slow-head")
    assert wire.send() == b""


def posted(life: Life, *headers: str) -> bytes:
    lines = [
        f"POST {life.path}/acts/hold-coproduction-meeting HTTP/1.1",
        "Host: x",
        f"Authorization: {life.officer.headers['Authorization']}",
        "Idempotency-Key: cut",
        "Content-Type: application/json",
        *headers,
        "",
        '{"mode":',
    ]
    return "\r\n".join(lines).encode()


def test_a_body_that_never_ends_is_not_waited_for(wire: Wire, life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    life.requested()
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.2)
    assert problem(wire.send(posted(life, "Content-Length: 100", ""))) == (408, "slow-body")
    assert life.read()["sequence"] == 1


def test_a_sender_that_goes_away_leaves_nothing_behind(wire: Wire, life: Life) -> None:
    life.requested()
    wire.send(posted(life, "Content-Length: 100", ""), ends=True)
    assert wire.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").startswith(b"HTTP/1.1 200 ")
    assert life.read()["sequence"] == 1


def test_the_server_does_not_say_what_it_is(wire: Wire) -> None:
    answer = wire.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert b"uvicorn" not in answer.lower()
