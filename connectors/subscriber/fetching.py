"""Asking the platform: what a signal is about, and signals that a topic no longer has."""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from types import TracebackType
from typing import Any, Final, Self

import httpx

from connectors.subscriber.signals import Malformed, Signal, signal_from

SECONDS: Final = 30
#: Answers that say that the recipient may not see the plan any more, or that it is erased.
GONE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
#: Answers that say something of the question itself: asked again, it would be answered in the same way.
WRONG: Final = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.NOT_ACCEPTABLE,
        HTTPStatus.CONFLICT,
        HTTPStatus.REQUEST_URI_TOO_LONG,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    }
)


class ExchangeUnavailable(Exception):
    """The platform can't be reached, or doesn't let us in: the same will succeed later, or with another token."""


class NotFetched(Exception):
    """What this one signal is about can't be fetched, whatever becomes of others."""


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
        """What the signal is about; None when it isn't for us any more. Raises ExchangeUnavailable, NotFetched."""
        if not signal.dataref:
            return None
        if not signal.dataref.startswith(f"{self._address}/"):
            raise NotFetched("it names an address that isn't the platform's")
        return self._plan(signal.dataref)

    def plan(self, plan: str) -> Any:
        """A plan as it is now; None when it isn't for us. Raises ExchangeUnavailable, NotFetched."""
        return self._plan(f"{self._address}/v1/plans/{plan}")

    def pages(self) -> Iterator[tuple[int, list[str]]]:
        """Every page of the plans that are listed for us: the position that it is of, and their ids.

        Raises ExchangeUnavailable.
        """
        after = None
        while True:
            page = self._asked("plans", after=after)
            yield page["asOfPosition"], [row["planId"] for row in page["plans"]]
            if (after := page.get("next")) is None:
                return

    def number_before(self, position: int) -> int:
        """The recipientsequence behind which every signal tells of the log from a position on, or of more.

        Raises ExchangeUnavailable.
        """
        page = self._asked("feed", position=position, limit=1)
        return int(page["next"]) - len(page["signals"])

    def _plan(self, address: str) -> Any:
        answer = self._get(address, accept=self._accept)
        if answer.status_code in WRONG:
            raise NotFetched(f"the platform answered {answer.status_code}")
        return None if answer.status_code in GONE else self._content(answer)

    def feed(self, after: int) -> Iterator[Signal]:
        """The signals behind a recipientsequence, in order. Raises ExchangeUnavailable."""
        while True:
            page = self._asked("feed", after=after)
            yield from (self._signal(event) for event in page["signals"])
            if page["next"] == after or page["next"] >= page["last"]:
                return
            after = page["next"]

    def _asked(self, what: str, **parameters: Any) -> Any:
        stated = {name: value for name, value in parameters.items() if value is not None}
        return self._content(self._get(f"{self._address}/v1/{what}", accept="application/json", **stated))

    def _get(self, address: str, *, accept: str, **parameters: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token()}", "Accept": accept}
        try:
            return self._client.get(address, headers=headers, params=parameters or None)
        except httpx.HTTPError as error:
            raise ExchangeUnavailable(type(error).__name__) from None

    @staticmethod
    def _signal(event: Any) -> Signal:
        try:
            return signal_from(event)
        except Malformed:
            raise ExchangeUnavailable("the feed holds what is no signal") from None

    @staticmethod
    def _content(answer: httpx.Response) -> Any:
        if not answer.is_success:
            raise ExchangeUnavailable(f"the platform answered {answer.status_code}")
        try:
            return answer.json()
        except ValueError:
            raise ExchangeUnavailable("the platform's answer isn't JSON") from None
