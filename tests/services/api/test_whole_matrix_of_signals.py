"""Who is told of which text by a signal: the rows that the router writes, as a golden table; and no row says more.

`tests/fixtures/access/signals.txt` is reviewed by eye; `python -m tests.tools.draw_access_tables` writes it anew.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import orjson
import pytest

from connectors.kafka.declared import Subscriber
from connectors.kafka.positions import START
from domain.document import SECTION_KEYS
from services.publishing.signal_topics import SignalTopic
from services.signals.outbox import Signal
from tests.services.signals.test_webhooks import Endpoint, Virtual, subscribed
from tests.support.access_signals import as_it_happens, leak, route, signals, told
from tests.support.access_tables import Scene, scenes, shown
from tests.support.serving import Caller, Serving, serving
from tests.support.whole_life import TEXTS, TODAY

TABLE = Path(__file__).parents[2] / "fixtures" / "access" / "signals.txt"


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("signals"), day=TODAY) as served:
        yield served


@pytest.fixture(scope="module")
def found(platform: Serving) -> list[Scene]:
    made = [*scenes(platform), as_it_happens(platform)]
    platform.clock.day = TODAY
    route(platform)
    return made


def test_the_router_tells_everybody_what_the_reviewed_table_says_and_nothing_leaks(
    platform: Serving, found: list[Scene], capsys: pytest.CaptureFixture[str]
) -> None:
    assert list(signals(platform, found)) == TABLE.read_text().splitlines()
    policy = platform.platform.access.policies.on(date.fromisoformat(TODAY))
    asked = [told(platform, scene, caller) for scene in found for caller in scene.callers.values()]
    rows = {(row.recipient, row.number): row for some in asked for row in some}.values()
    types = platform.platform.signals.routing.types
    leaks = [wrong for row in rows if (wrong := leak(row, types, policy) or _said(row))]
    with capsys.disabled():
        callers = sum(len(scene.callers) for scene in found)
        print(f"\n{callers} callers in {len(found)} scenes: {len(rows)} rows of signals looked at, ", end="")
        print(f"{callers * len(TEXTS) * len(SECTION_KEYS)} cells, {len(leaks)} leaks")
    assert leaks == []


def test_neither_a_family_nor_a_stranger_is_told_anything(platform: Serving, found: list[Scene]) -> None:
    for scene in found:
        at_it = {"la:936", "la:855"}  # the machine of a council is told what its council is
        for name, caller in scene.callers.items():
            if caller.principal.role == "family" or (name.startswith("stranger") and _of(caller) not in at_it):
                assert told(platform, scene, caller) == [], name


def _of(caller: Caller) -> str:
    return caller.principal.organisation


def _said(row: Signal) -> str:
    """A word of any text in what a row holds."""
    return next((label for label in TEXTS if shown(repr(row), label) != "nothing"), "")


def test_webhooks_and_topics_carry_what_the_feed_shows(platform: Serving, found: list[Scene]) -> None:
    """Whoever may follow a plan no more is told only that, by every way."""
    endpoint = Endpoint()
    virtual, carried = Virtual(platform, endpoint), 0
    for organisation, caller in _followers(found).items():
        feed = caller.get("/v1/feed", limit=200).json()["signals"]
        subscribed(caller)
        endpoint.taken.clear()
        virtual.deliver()
        assert endpoint.taken == feed, organisation
        carried += len(feed)
        if organisation.partition(":")[0] in {"la", "ods"}:
            assert _published(platform, caller) == feed, organisation
    assert carried > len(found)


def _followers(found: list[Scene]) -> dict[str, Caller]:
    """One caller for each organisation that reads a feed."""
    callers = [caller for scene in found for caller in scene.callers.values()]
    return {_of(caller): caller for caller in callers if caller.get("/v1/feed", limit=1).is_success}


def _published(platform: Serving, caller: Caller) -> list[dict[str, object]]:
    """What the topic of the caller's organisation would be given."""
    kind, _, code = _of(caller).partition(":")
    ours = platform.platform
    subscriber = Subscriber(kind=kind, code=code, principal="p", role=caller.principal.role)  # type: ignore[arg-type]
    topic = SignalTopic(subscriber, ours.signals.outbox, ours.signals.feed, ours.disclosures, "t")
    batch = topic.batch(START, ours.store.head()[0])
    return [orjson.loads(record.value or b"") for record in batch.records] if batch else []
