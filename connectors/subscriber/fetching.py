"""Asking the platform: what a signal is about, and signals that a topic no longer has."""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from types import TracebackType
from typing import Any, Final, Self

import httpx

from connectors.subscriber.signals import Signal, signal_from

SECONDS: Final = 30
#: Answers that say that the recipient may not see the plan any more, or that it is erased.
GONE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


class ExchangeUnavailable(Exception):
    """The platform can't be reached, or doesn't answer as it should: the same may succeed later."""


class Exchange:
    """The platform's API. Tokens go to its own address and to no other, whatever a signal says."""

    def __init__(self, address: str, token: Callable[[], str], *, accept: str = "application/json") -> None:
        """`token` gives a valid bearer token each time, `accept` is the form in which plans are wanted."""
        self._address = address.rstrip("/")
        self._token = token
        self._accept = accept
        self._client = httpx.Client(timeout=SECONDS, follow_redirects=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def fetch(self, signal: Signal) -> Any:
        """What the signal is about; None when it isn't for us any more. Raises ExchangeUnavailable."""
        if not signal.dataref:
            return None
        if not signal.dataref.startswith(f"{self._address}/"):
            raise ExchangeUnavailable("a signal names an address that isn't the platform's")
        answer = self._get(signal.dataref, accept=self._accept)
        return None if answer.status_code in GONE else self._content(answer)

    def feed(self, after: int) -> Iterator[Signal]:
        """The signals behind a recipientsequence, in order. Raises ExchangeUnavailable, Malformed."""
        while True:
            page = self._content(self._get(f"{self._address}/v1/feed", accept="application/json", after=after))
            yield from (signal_from(event) for event in page["signals"])
            if page["next"] == after or page["next"] >= page["last"]:
                return
            after = page["next"]

    def _get(self, address: str, *, accept: str, **parameters: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token()}", "Accept": accept}
        try:
            return self._client.get(address, headers=headers, params=parameters or None)
        except httpx.HTTPError as error:
            raise ExchangeUnavailable(type(error).__name__) from None

    @staticmethod
    def _content(answer: httpx.Response) -> Any:
        if not answer.is_success:
            raise ExchangeUnavailable(f"the platform answered {answer.status_code}")
        return answer.json()
