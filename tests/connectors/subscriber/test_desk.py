"""Dealing with records: once each, in order, older news left out, gaps filled, what is broken put aside."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.subscriber import (
    Books,
    Desk,
    ExchangeUnavailable,
    HandlerFailed,
    NotFetched,
    Signal,
    SignalsMissed,
    TryLater,
    begin,
)
from tests.connectors.subscriber.made import record, signal

TOPIC = "ehcp.signals.v1.ods.QJK"


class Crash(BaseException):
    """The process ends here."""


class FeedOf:
    """An exchange whose feed has these signals."""

    def __init__(self, signals: list[Signal]) -> None:
        self.signals = signals
        self.fetched: list[str] = []
        self.away = 0
        self.wrong: set[str] = set()

    def feed(self, after: int) -> Iterator[Signal]:
        yield from (told for told in self.signals if told.recipientsequence > after)

    def fetch(self, told: Signal) -> Any:
        if self.away:
            self.away -= 1
            raise ExchangeUnavailable("the platform answered 401")
        if told.id in self.wrong:
            raise NotFetched("the platform answered 422")
        self.fetched.append(told.id)
        return {"of": told.subject}


class Kept:
    """A handler that writes what it dealt with into the books' database."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.books.connection.execute("CREATE TABLE IF NOT EXISTS work (n INTEGER PRIMARY KEY, id TEXT, content TEXT)")
        self.crash_before = 0
        self.failures = 0
        self.refused: set[str] = set()

    def __call__(self, told: Signal, content: Any) -> None:
        self.books.connection.execute("INSERT INTO work (id, content) VALUES (?, ?)", (told.id, repr(content)))
        if self.failures or told.id in self.refused:
            self.failures = max(0, self.failures - 1)
            raise HandlerFailed("busy")
        if told.recipientsequence == self.crash_before:
            self.crash_before = 0
            raise Crash

    @property
    def ids(self) -> list[str]:
        return [row[0] for row in self.books.connection.execute("SELECT id FROM work ORDER BY n")]


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    opened = Books(tmp_path / "subscriber.sqlite")
    yield opened
    opened.close()


def desk(books: Books, handle: Any, exchange: Any = None) -> Desk:
    return Desk(TOPIC, books, handle, exchange=exchange)


def take(at: Desk, offset: int, value: bytes) -> list[float]:
    """As a follower does, without its waiting; the pauses that were asked for."""
    pauses: list[float] = []
    while True:
        try:
            at.take(offset, value)
        except TryLater as later:
            pauses.append(later.seconds)
        else:
            return pauses


def ids(*numbers: int) -> list[str]:
    return [f"id-{number}" for number in numbers]


def test_each_signal_is_dealt_with_once_and_the_place_is_kept(books: Books) -> None:
    kept = Kept(books)
    at = desk(books, kept)
    for offset, number in enumerate((1, 2, 2, 3, 1)):
        at.take(offset, record(signal(number)))
    assert kept.ids == ids(1, 2, 3)
    assert books.place(TOPIC) == (5, 3)


def test_older_news_about_a_plan_leads_to_nothing_and_counts_as_dealt_with(books: Books) -> None:
    kept = Kept(books)
    at = desk(books, kept)
    at.take(0, record(signal(1, version=7)))
    at.take(1, record(signal(2, version=5)))
    at.take(2, record(signal(3, "plan-2", version=5)))
    at.take(3, record(signal(4, version=7)))
    assert kept.ids == ids(1, 3, 4)
    assert books.place(TOPIC) == (4, 4)


def test_what_is_missing_is_taken_from_the_feed_first(books: Books) -> None:
    kept = Kept(books)
    feed = FeedOf([signal(number) for number in range(1, 8)])
    at = desk(books, kept, feed)
    at.take(0, record(signal(1)))
    at.take(1, record(signal(5)))
    assert kept.ids == ids(1, 2, 3, 4, 5) == feed.fetched
    assert books.place(TOPIC) == (2, 5)


def test_without_a_feed_a_gap_stops_everything_and_nothing_moves(books: Books) -> None:
    at = desk(books, Kept(books))
    at.take(0, record(signal(1)))
    with pytest.raises(SignalsMissed, match="2 to 4"):
        at.take(1, record(signal(5)))
    assert books.place(TOPIC) == (1, 1)


def test_who_begins_in_the_middle_of_a_topic_misses_nothing(books: Books) -> None:
    kept = Kept(books)
    desk(books, kept).take(40, record(signal(41)))
    assert kept.ids == ids(41)


@pytest.mark.parametrize(
    "broken",
    [
        None,
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"id": "1"}',
        record(signal(2)).replace(b'"versionid":"2"', b'"versionid":"two"'),
        record(signal(2)).replace(b'"recipientsequence":2', b'"recipientsequence":0'),
    ],
)
def test_a_record_that_is_no_signal_is_put_aside_and_the_rest_goes_on(books: Books, broken: bytes | None) -> None:
    kept = Kept(books)
    at = desk(books, kept)
    at.take(0, record(signal(1)))
    at.take(1, broken)
    at.take(2, record(signal(2)))
    assert kept.ids == ids(1, 2)
    assert [(topic, offset) for topic, offset, _ in books.parked()] == [(TOPIC, 1)]


def test_attributes_in_headers_are_a_signal_too(books: Books) -> None:
    kept = Kept(books)
    told = signal(1)
    headers = [(f"ce_{name}", str(getattr(told, name)).encode()) for name in told.__struct_fields__]
    desk(books, kept).take(0, b"", [*headers, ("content-type", b"application/json")])
    assert kept.ids == ids(1)


def test_a_handler_that_fails_is_asked_again_and_its_work_counts_once(books: Books) -> None:
    kept = Kept(books)
    kept.failures = 3
    assert take(desk(books, kept), 0, record(signal(1))) == [2, 4, 8]
    assert kept.ids == ids(1)
    assert books.parked() == []


def test_what_a_handler_never_deals_with_is_put_aside_without_a_gap(books: Books) -> None:
    kept = Kept(books)
    kept.failures = 5
    at = desk(books, kept)
    take(at, 0, record(signal(1)))
    take(at, 1, record(signal(2)))
    assert kept.ids == ids(2)
    assert books.parked() == [(TOPIC, -1, "given up")]
    assert books.place(TOPIC) == (2, 2)


def test_while_the_platform_is_away_nothing_is_passed_over_however_long(books: Books) -> None:
    kept, platform = Kept(books), FeedOf([])
    platform.away = 500
    at = desk(books, kept, platform)
    pauses = take(at, 0, record(signal(1)))
    assert len(pauses) == 500
    assert max(pauses) == 60
    take(at, 1, record(signal(2)))
    assert kept.ids == ids(1, 2)
    assert books.parked() == []


def test_what_was_put_aside_is_dealt_with_again_when_that_is_asked_for(books: Books) -> None:
    kept = Kept(books)
    kept.refused = {"id-1", "id-3", "id-4"}
    at = desk(books, kept)
    take(at, 0, record(signal(1, "plan-1")))
    take(at, 1, record(signal(2, "plan-2")))
    take(at, 2, record(signal(3, "plan-3")))
    take(at, 3, record(signal(4, "plan-4")))
    assert books.parked() == [(TOPIC, -4, "given up"), (TOPIC, -3, "given up"), (TOPIC, -1, "given up")]
    kept.refused = {"id-3"}
    assert at.again() == 1
    assert kept.ids == ids(2, 1, 4)
    assert at.again() == 1
    kept.refused = set()
    assert at.again() == 0
    assert kept.ids == ids(2, 1, 4, 3)
    assert (books.parked(), books.place(TOPIC)) == ([], (4, 4))


def test_what_was_put_aside_and_is_older_news_by_now_leads_to_nothing(books: Books) -> None:
    kept = Kept(books)
    kept.refused = {"id-1"}
    at = desk(books, kept)
    take(at, 0, record(signal(1)))
    take(at, 1, record(signal(2)))
    kept.refused = set()
    assert at.again() == 0
    assert kept.ids == ids(2)


def test_of_the_missing_ones_each_that_is_given_up_is_put_aside_by_itself(books: Books) -> None:
    kept = Kept(books)
    kept.refused = {"id-3"}
    platform = FeedOf([signal(number, f"plan-{number}") for number in range(1, 6)])
    platform.wrong = {"id-4"}
    at = desk(books, kept, platform)
    take(at, 0, record(signal(1)))
    take(at, 1, record(signal(5)))
    assert kept.ids == ids(1, 2, 5)
    assert books.parked() == [(TOPIC, -4, "given up"), (TOPIC, -3, "given up")]
    assert books.place(TOPIC) == (2, 5)
    kept.refused, platform.wrong = set(), set()
    assert at.again() == 0
    assert kept.ids == ids(1, 2, 5, 3, 4)


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32), length=st.integers(1, 15))
def test_after_any_crashes_and_repetitions_the_work_is_as_if_nothing_had_happened(
    tmp_path_factory: pytest.TempPathFactory, seed: int, length: int
) -> None:
    rng = random.Random(seed)
    told = [signal(number, f"plan-{rng.randrange(3)}", version=number) for number in range(1, length + 1)]
    books = Books(tmp_path_factory.mktemp("books") / "subscriber.sqlite")
    kept = Kept(books)
    at = desk(books, kept)
    while books.place(TOPIC)[0] < length:
        kept.crash_before = rng.randint(0, length)  # 0: none this time
        start = max(books.place(TOPIC)[0] - rng.randrange(4), 0)
        try:
            for offset in range(start, length):
                at.take(offset, record(told[offset]))
        except Crash:
            continue
    assert kept.ids == [one.id for one in told]
    books.close()


class Listing(FeedOf):
    """A platform with a list of plans, of which one goes away while the list is read."""

    def pages(self) -> Iterator[tuple[int, list[str]]]:
        yield 7, ["plan-1", "plan-2"]
        yield 9, ["plan-gone"]

    def plan(self, plan: str) -> Any:
        return None if plan == "plan-gone" else {"now": plan}

    def number_before(self, position: int) -> int:
        return sum(one.version < position for one in self.signals)


def test_who_begins_has_the_list_and_then_what_is_newer(books: Books) -> None:
    kept, taken = Kept(books), list[Any]()
    told = [signal(1, "plan-1", 3), signal(2, "plan-2", 7), signal(3, "plan-1", 8), signal(4, "plan-3", 9)]
    assert begin(TOPIC, books, Listing(told), taken.append) == 3  # type: ignore[arg-type]
    assert taken == [{"now": "plan-1"}, {"now": "plan-2"}]
    at = desk(books, kept)
    for offset, one in enumerate(told):
        at.take(offset, record(one))
    assert kept.ids == ids(2, 3, 4)
    assert begin(TOPIC, books, Listing(told), taken.append) == 0, "only once"  # type: ignore[arg-type]
    assert len(taken) == 2


def test_who_begins_is_told_at_once_of_a_gap_behind_the_list(books: Books) -> None:
    told = [signal(1, version=3), signal(2, version=7)]
    begin(TOPIC, books, Listing(told), lambda _: None)  # type: ignore[arg-type]
    with pytest.raises(SignalsMissed, match="2 to 2"):
        desk(books, Kept(books)).take(0, record(signal(3, version=8)))
