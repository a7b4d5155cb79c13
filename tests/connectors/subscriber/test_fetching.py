"""Asking the platform: tokens go nowhere else, what isn't ours any more is nothing, trouble is said to be trouble."""

from collections.abc import Iterator

import httpx
import pytest

from connectors.subscriber import Exchange, ExchangeUnavailable, NotFetched
from tests.connectors.subscriber.made import EXCHANGE, signal


def exchange(answer: httpx.Response | Exception, seen: list[httpx.Request] | None = None) -> Exchange:
    def respond(request: httpx.Request) -> httpx.Response:
        (seen if seen is not None else []).append(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    asked = Exchange(EXCHANGE, lambda: "a-token")
    asked._client = httpx.Client(transport=httpx.MockTransport(respond))  # noqa: SLF001 - no socket in this test
    return asked


def test_what_a_signal_is_about_is_fetched_with_the_token() -> None:
    seen: list[httpx.Request] = []
    with exchange(httpx.Response(200, json={"planId": "plan-1"}), seen) as asked:
        assert asked.fetch(signal(3)) == {"planId": "plan-1"}
    assert str(seen[0].url) == f"{EXCHANGE}/v1/plans/plan-1?knownAt=3"
    assert seen[0].headers["authorization"] == "Bearer a-token"


@pytest.mark.parametrize(
    "address",
    [
        "https://attacker.example/v1/plans/1",
        "https://exchange.example.attacker.example/v1",
        "http://exchange.example/v1",
    ],
)
def test_the_token_is_sent_to_no_other_address(address: str) -> None:
    seen: list[httpx.Request] = []
    with exchange(httpx.Response(200, json={}), seen) as asked, pytest.raises(NotFetched):
        asked.fetch(signal(3, dataref=address))
    assert seen == []


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_not_ours_any_more_is_nothing(status: int) -> None:
    with exchange(httpx.Response(status, json={})) as asked:
        assert asked.fetch(signal(3)) is None


def test_a_signal_that_access_was_withdrawn_has_nothing_to_fetch() -> None:
    seen: list[httpx.Request] = []
    with exchange(httpx.Response(200, json={}), seen) as asked:
        assert asked.fetch(signal(3, dataref="")) is None
    assert seen == []


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(401),
        httpx.Response(403),
        httpx.Response(429),
        httpx.Response(503),
        httpx.Response(302),
        httpx.Response(200, text="<html>"),
        httpx.ConnectError("refused"),
    ],
)
def test_trouble_is_to_be_tried_again(answer: httpx.Response | Exception) -> None:
    with exchange(answer) as asked, pytest.raises(ExchangeUnavailable):
        asked.fetch(signal(3))


@pytest.mark.parametrize("status", [400, 406, 409, 414, 422])
def test_a_question_that_is_wrong_itself_is_told_apart(status: int) -> None:
    with exchange(httpx.Response(status)) as asked, pytest.raises(NotFetched, match=str(status)):
        asked.fetch(signal(3))


def test_a_feed_with_what_is_no_signal_is_not_passed_over() -> None:
    page = {"signals": [{"id": "1"}], "next": 4, "last": 4}
    with exchange(httpx.Response(200, json=page)) as asked, pytest.raises(ExchangeUnavailable):
        list(asked.feed(after=3))


def test_every_page_of_the_list_is_read_with_the_position_that_it_is_of() -> None:
    pages = {
        None: {"asOfPosition": 5, "plans": [{"planId": "a"}, {"planId": "b"}], "next": "17"},
        "17": {"asOfPosition": 6, "plans": [{"planId": "c"}]},
    }

    def respond(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=pages[request.url.params.get("after")])

    with exchange(httpx.Response(200)) as asked:
        asked._client = httpx.Client(transport=httpx.MockTransport(respond))  # noqa: SLF001
        assert list(asked.pages()) == [(5, ["a", "b"]), (6, ["c"])]


@pytest.mark.parametrize(("signals", "following", "before"), [(1, 8, 7), (0, 5, 5)])
def test_where_signals_from_a_position_on_begin(signals: int, following: int, before: int) -> None:
    page = {"signals": [{}] * signals, "next": following, "last": 9}
    seen: list[httpx.Request] = []
    with exchange(httpx.Response(200, json=page), seen) as asked:
        assert asked.number_before(19) == before
    assert dict(seen[0].url.params) == {"position": "19", "limit": "1"}


def test_the_feed_is_read_page_by_page_to_its_end() -> None:
    def pages() -> Iterator[dict[str, object]]:
        for first, last in ((4, 5), (6, 6)):
            told = [signal(number) for number in range(first, last + 1)]
            yield {"signals": [{f: getattr(s, f) for f in s.__struct_fields__} for s in told], "next": last, "last": 6}

    waiting, seen = pages(), list[str]()

    def respond(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.params["after"])
        return httpx.Response(200, json=next(waiting))

    with exchange(httpx.Response(200)) as asked:
        asked._client = httpx.Client(transport=httpx.MockTransport(respond))  # noqa: SLF001
        assert [told.recipientsequence for told in asked.feed(after=3)] == [4, 5, 6]
    assert seen == ["3", "5"]
