"""Where a message may go, how it is signed, and what an endpoint can't do to its sender."""

import asyncio
import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from connectors.webhooks.addresses import AddressRefused, check_target, may_reach
from connectors.webhooks.sending import LONGEST_ANSWER, NotDelivered, Sender
from connectors.webhooks.signing import new_secret, signed_headers
from services.settings import Settings
from tests.support.receiver import Receiver, receiver

LOOPBACK = (ip_network("127.0.0.0/8"),)
INSIDE = [
    "127.0.0.1", "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.1", "224.0.0.1",
    "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:169.254.169.254", "::ffff:10.0.0.1",
    "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "2002:7f00:1::", "192.0.2.1", "198.18.0.1", "fd00:ec2::254",
]  # fmt: skip


@pytest.fixture
def endpoint() -> Iterator[Receiver]:
    with receiver() as listening:
        yield listening


def send(endpoint: str, allowed: Any = LOOPBACK, *, seconds: float = 5.0, times: int = 1) -> None:
    async def sending() -> None:
        sender = Sender(allowed, seconds=seconds)
        try:
            for _ in range(times):
                await sender.send(endpoint, {"webhook-id": "1"}, b"{}")
        finally:
            await sender.close()

    asyncio.run(sending())


@pytest.mark.parametrize("address", INSIDE)
def test_nothing_is_sent_to_an_address_that_is_not_public(address: str) -> None:
    assert not may_reach(ip_address(address), ())
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(AddressRefused):
        check_target(f"https://{host}/signals")


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d70e"])
def test_a_public_address_may_be_reached_with_tls_only(address: str) -> None:
    assert may_reach(ip_address(address), ())
    assert not may_reach(ip_address(address), LOOPBACK, plain=True)


@pytest.mark.parametrize(
    "target",
    [
        "", "http://subscriber.example/", "ftp://subscriber.example/", "https://", "https://user@subscriber.example/",
        "https://user:word@subscriber.example/", "https://subscriber.example/#part", "https://subscriber.example:0/",
        "https://subscriber.example:99999/", "https://sub scriber.example/", "https://subscriber.example/\r\nX: y",
        "https://subscriber.example/" + "a" * 500, "//subscriber.example/", "https://[::1", "https://schöol.example/",
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_webhook_is_refused(target: str) -> None:
    with pytest.raises(AddressRefused):
        check_target(target)


AGREED = {"subscriber.example", "*.council.example"}


@pytest.mark.parametrize(
    "host", ["subscriber.example", "SUBSCRIBER.example.", "a.council.example", "a.b.council.example"]
)
def test_a_host_that_was_agreed_on_is_taken(host: str) -> None:
    check_target(f"https://{host}:8443/signals", (), AGREED)


@pytest.mark.parametrize(
    "host",
    ["council.example", "evilcouncil.example", "subscriber.example.evil.example", "93.184.215.14", "other.example",
     "[2606:2800:220:1:248:1893:25c8:1946]", "127.0.0.1"],
)  # fmt: skip
def test_nothing_is_sent_to_a_host_that_nobody_agreed_to(host: str) -> None:
    with pytest.raises(AddressRefused, match="agree on it"):
        check_target(f"https://{host}/signals", (), AGREED)
    with pytest.raises(AddressRefused):
        check_target(f"https://{host}/signals", (), frozenset())

    async def sending() -> None:
        sender = Sender(hosts=AGREED)
        try:
            with pytest.raises(NotDelivered, match="address-refused"):
                await sender.send(f"https://{host}/signals", {}, b"{}")
        finally:
            await sender.close()

    asyncio.run(sending())


def test_an_address_in_a_network_of_the_operator_s_own_needs_no_name() -> None:
    check_target("http://127.0.0.1:8080/signals", LOOPBACK, frozenset())


def test_production_agrees_to_no_host_by_itself() -> None:
    assert Settings(_env_file=None).webhook_host_names == frozenset()
    assert Settings(_env_file=None, env="development").webhook_host_names == {"*"}
    stated = Settings(_env_file=None, webhook_hosts="A.example, *.b.example,")
    assert stated.webhook_host_names == {"a.example", "*.b.example"}


def test_a_name_that_leads_inside_is_refused_when_it_is_connected_to(
    endpoint: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is public while it is checked, and leads elsewhere afterwards: the address of the connection counts."""

    async def rebound(_loop: Any, _host: str, port: int, **_more: Any) -> list[Any]:
        return [(2, 1, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", rebound)
    port = endpoint.address.rpartition(":")[2]
    with pytest.raises(NotDelivered, match="address-refused"):
        send(f"https://subscriber.example:{port}/", allowed=())
    assert endpoint.received == []


def test_one_bad_address_among_good_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    async def mixed(_loop: Any, _host: str, port: int, **_more: Any) -> list[Any]:
        return [(2, 1, 6, "", (one, port)) for one in ("93.184.215.14", "169.254.169.254")]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", mixed)
    with pytest.raises(NotDelivered, match="address-refused"):
        send("https://subscriber.example/", allowed=())


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(endpoint: Receiver, status: int) -> None:
    with receiver() as inside:
        endpoint.answer = lambda _got: (status, {"Location": f"{inside.address}/latest/meta-data/"}, b"")
        with pytest.raises(NotDelivered, match=f"status-{status}"):
            send(endpoint.address)
        assert (len(endpoint.received), inside.received) == (1, [])


def test_an_answer_without_end_is_not_read(endpoint: Receiver) -> None:
    endpoint.answer = lambda _got: (200, {}, b"x" * (LONGEST_ANSWER * 40))
    with pytest.raises(NotDelivered, match="oversized-answer"):
        send(endpoint.address)


def test_an_endpoint_that_hangs_is_given_up(endpoint: Receiver) -> None:
    def hang(_got: object) -> tuple[int, dict[str, str], bytes]:
        endpoint.going.wait(30)
        return 200, {}, b""

    endpoint.answer = hang
    with pytest.raises(NotDelivered, match="timed-out"):
        send(endpoint.address, seconds=0.3)


def pause(endpoint: Receiver, stated: str) -> int:
    """For how long the receiver asks by this Retry-After."""
    endpoint.answer = lambda _got: (429, {"Retry-After": stated}, b"")
    with pytest.raises(NotDelivered, match="status-429") as refused:
        send(endpoint.address)
    return refused.value.retry_after


def test_a_receiver_may_ask_for_a_pause(endpoint: Receiver) -> None:
    assert pause(endpoint, "120") == 120
    assert 3_000 < pause(endpoint, format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)) <= 3_600


@pytest.mark.parametrize("stated", ["", "soon", "-5", "9" * 20, "Thu, 01 Jan 1970 00:00:00 GMT", "Thu, 99 Foo 2026"])
def test_what_is_no_pause_is_none(endpoint: Receiver, stated: str) -> None:
    assert pause(endpoint, stated) == 0


def test_messages_follow_one_another_on_a_connection(endpoint: Receiver) -> None:
    send(endpoint.address, times=3)
    assert [got.headers["webhook-id"] for got in endpoint.received] == ["1"] * 3


def test_an_address_at_which_nobody_listens_is_unreachable() -> None:
    with receiver() as gone:
        address = gone.address
    with pytest.raises(NotDelivered, match="unreachable"):
        send(address)


def test_signatures_are_those_of_the_specification() -> None:
    """Standard Webhooks 1.0: base64 of HMAC-SHA256 over "id.timestamp.body" under the decoded secret, one each."""
    new, old = new_secret(), new_secret()
    headers = signed_headers((new, old), "msg_1", 1_700_000_000, b'{"a":1}')
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == ("msg_1", "1700000000")
    expected = [
        "v1," + b64encode(hmac.new(b64decode(s[6:]), b'msg_1.1700000000.{"a":1}', sha256).digest()).decode()
        for s in (new, old)
    ]
    assert headers["webhook-signature"].split(" ") == expected


def test_the_signature_of_the_specifications_own_example() -> None:
    headers = signed_headers(
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",),
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1_614_265_330,
        b'{"test": 2432232314}',
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
