"""What every answer tells a browser: show nothing of this as a page, keep nothing of it, lead nobody on with it.

The API answers programs, yet anybody can open an address of it in a browser. These headers make that harmless. An
answer that states one of them itself, as a page with a policy of its own does, keeps what it states.
"""

from collections.abc import Iterable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

RawHeaders = list[tuple[bytes, bytes]]

#: Nothing may be loaded, run, framed or sent from what is answered here.
POLICY: Final = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; sandbox"
)
#: Two years, for the whole domain; said only where the platform is reached by TLS (RFC 6797, 7.2).
STRICT_TRANSPORT: Final = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")
GUARDS: Final[tuple[tuple[bytes, bytes], ...]] = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", POLICY.encode()),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)


def guards(*, tls: bool) -> tuple[tuple[bytes, bytes], ...]:
    """The headers of every answer; `tls` says whether the platform's address is one of TLS."""
    return (*GUARDS, STRICT_TRANSPORT) if tls else GUARDS


def guarded(stated: Iterable[tuple[bytes, bytes]], more: Iterable[tuple[bytes, bytes]] = GUARDS) -> RawHeaders:
    """An answer's headers, with those of `more` that it doesn't state itself."""
    headers = list(stated)
    names = {name.lower() for name, _ in headers}
    headers += [header for header in more if header[0] not in names]
    return headers


class Guards:
    """Middleware around everything that answers HTTP."""

    def __init__(self, app: ASGIApp, *, tls: bool) -> None:
        """Guard the answers of `app`, which is reached by TLS or isn't."""
        self._app = app
        self._headers = guards(tls=tls)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and its answer with the guards."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = guarded(message.get("headers", ()), self._headers)
            await send(message)

        await self._app(scope, receive, sending)
