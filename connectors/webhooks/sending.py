"""Sending one message: to a checked address, once, with a limit of time and size, and no redirect followed.

Whatever goes wrong is a code of ours without a word of what was answered: an answer is the subscriber's, and may hold
anything.
"""

import asyncio
import ssl
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from socket import IPPROTO_TCP
from typing import Any, Final
from urllib.parse import urlsplit

import httpcore
from typing_extensions import override

from connectors.webhooks.addresses import ANY_HOST, AddressRefused, Network, check_target, may_reach

SECONDS: Final = 15.0
"""How long one attempt may take in all."""

LONGEST_ANSWER: Final = 16 * 1024
"""How much of an answer is read before the connection is dropped; nothing of it is kept."""

MOST_CONNECTIONS: Final = 1_000
_AGENT: Final = "ehcp-exchange"
_RETRY_AFTER: Final = b"retry-after"


class NotDelivered(Exception):
    """The message wasn't taken. `code` says why in a word; `retry_after` is how many seconds the receiver asks for."""

    def __init__(self, code: str, retry_after: int = 0) -> None:
        """Keep both."""
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after


class _CheckedBackend(httpcore.AsyncNetworkBackend):
    """Connects to addresses that were checked, never to a name."""

    def __init__(self, allowed: Sequence[Network], *, plain: bool) -> None:
        self._allowed = allowed
        self._plain = plain
        self._under = httpcore.AnyIOBackend()

    @override
    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        found = await _resolved(host, port)
        if not all(may_reach(ip_address(one), self._allowed, plain=self._plain) for one in found):
            raise NotDelivered("address-refused")
        for address in found[:-1]:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return await self._under.connect_tcp(address, port, timeout, local_address, socket_options)
        return await self._under.connect_tcp(found[-1], port, timeout, local_address, socket_options)

    @override
    async def sleep(self, seconds: float) -> None:
        await self._under.sleep(seconds)


class Sender:
    """Sends messages from one event loop. Connections are kept for the next message to the same receiver."""

    def __init__(
        self,
        allowed: Sequence[Network] = (),
        *,
        hosts: Collection[str] = ANY_HOST,
        seconds: float = SECONDS,
        certificates: ssl.SSLContext | None = None,
    ) -> None:
        """`allowed` are networks to which messages may go although they aren't public, `hosts` those agreed on."""
        self._allowed = tuple(allowed)
        self._hosts = frozenset(hosts)
        self._seconds = seconds
        context = certificates or ssl.create_default_context()
        self._pools = {
            plain: httpcore.AsyncConnectionPool(
                ssl_context=context,
                max_connections=MOST_CONNECTIONS,
                max_keepalive_connections=50,
                keepalive_expiry=30.0,
                network_backend=_CheckedBackend(self._allowed, plain=plain),
            )
            for plain in (False, True)
        }

    async def send(self, target: str, headers: Mapping[str, str], body: bytes) -> None:
        """Send it. Raises NotDelivered unless the receiver answers with a status of 200 to 299."""
        try:
            check_target(target, self._allowed, self._hosts)
            async with asyncio.timeout(self._seconds):
                await self._sent(target, headers, body)
        except AddressRefused:
            raise NotDelivered("address-refused") from None
        except TimeoutError:
            raise NotDelivered("timed-out") from None
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, ssl.SSLError, OSError):
            raise NotDelivered("unreachable") from None

    async def close(self) -> None:
        """Let go of every connection."""
        for pool in self._pools.values():
            await pool.aclose()

    async def _sent(self, target: str, headers: Mapping[str, str], body: bytes) -> None:
        parts = urlsplit(target)
        stated = {"Host": parts.netloc, "User-Agent": _AGENT, "Content-Length": str(len(body)), **headers}
        pool = self._pools[parts.scheme == "http"]
        async with pool.stream("POST", target, headers=list(stated.items()), content=body) as answer:
            read = 0
            async for part in answer.aiter_stream():
                read += len(part)
                if read > LONGEST_ANSWER:
                    raise NotDelivered("oversized-answer")
            if answer.status not in range(200, 300):
                raise NotDelivered(f"status-{answer.status}", _seconds(answer.headers))


async def _resolved(host: str, port: int) -> list[str]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, proto=IPPROTO_TCP)
    except (OSError, UnicodeError):
        raise NotDelivered("unknown-host") from None
    addresses = [str(one[4][0]).partition("%")[0] for one in found]
    if not addresses:
        raise NotDelivered("unknown-host")
    return addresses


def _seconds(headers: Iterable[tuple[bytes, bytes]]) -> int:
    """How many seconds the receiver asks for in Retry-After: a number, or a date (RFC 9110, 10.2.3); else none."""
    stated = next((value for name, value in headers if name.lower() == _RETRY_AFTER), b"").decode("latin-1").strip()
    if stated.isdigit():
        return int(stated) if len(stated) < 8 else 0  # noqa: PLR2004 - more than a year is none
    try:
        moment = parsedate_to_datetime(stated)
    except ValueError:
        return 0
    return max(0, int((moment.astimezone(UTC) - datetime.now(UTC)).total_seconds()))
