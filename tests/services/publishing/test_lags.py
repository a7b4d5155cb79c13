"""How far behind everything is, as anybody's /metrics and doctor tell it without asking the cluster."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from services.publishing.progress import NOTE_SECONDS, Progress
from services.signals.database import SignalDatabase
from services.signals.lags import LOOK_SECONDS, Behind, Lags
from services.signals.tables import recipients
from services.store.errors import StoreUnavailable
from tests.services.api.test_figures import samples
from tests.services.publishing.test_running import until
from tests.services.signals.test_feed import told
from tests.support.kafka import without_a_broker
from tests.support.life import Life
from tests.support.serving import serving


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SignalDatabase]:
    where = request.getfixturevalue("migrated") if request.param == "postgresql" else tmp_path / "signals.sqlite"
    made = SignalDatabase(where)
    yield made
    made.close()


def test_what_publishers_note_is_told_to_whoever_asks_the_database(database: SignalDatabase) -> None:
    clock = Clock()
    progress = Progress(database, lambda: datetime(2026, 11, 2, tzinfo=UTC), clock)
    lags = Lags(lambda: 30, database, ["plan-events", "plan-state"], ["la:855", "la:936"])
    with database.writing() as connection:
        connection.execute(insert(recipients).values(recipient="la:855", last=9))
    assert lags.published() == [
        Behind("plan-events", 0, 30),
        Behind("plan-state", 0, 30),
        Behind("signals.la:855", 0, 9),
        Behind("signals.la:936", 0, 0),
    ]
    progress.note("plan-events", 10)
    progress.note("plan-events", 20)  # too soon: it is written with the next
    progress.note("signals.la:855", 9)
    assert lags.published()[0] == Behind("plan-events", 10, 20)
    clock.now += NOTE_SECONDS
    progress.note("plan-state", 30)
    assert [one.behind for one in lags.published()] == [10, 0, 0, 0]
    clock.now += NOTE_SECONDS
    progress.note("plan-events", 30)
    assert [one.behind for one in lags.published()] == [0, 0, 0, 0]


def test_notes_are_taken_again_when_the_database_is_back(
    database: SignalDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    progress = Progress(database, lambda: datetime(2026, 11, 2, tzinfo=UTC), clock)

    def away() -> Any:
        raise StoreUnavailable("the database cannot be reached")

    with monkeypatch.context() as patched:
        patched.setattr(database, "writing", away)
        progress.note("plan-events", 10)
    clock.now += NOTE_SECONDS
    progress.note("plan-events", 10)
    assert Lags(lambda: 10, database, ["plan-events"]).published() == [Behind("plan-events", 10, 0)]


def test_figures_are_looked_for_once_in_a_while_however_often_somebody_asks(database: SignalDatabase) -> None:
    clock, asked = Clock(), list[int]()

    def head() -> int:
        asked.append(1)
        return 5

    lags = Lags(head, database, clock=clock)
    for _ in range(3):
        lags.show()
    assert len(asked) == 1
    clock.now += LOOK_SECONDS
    lags.show()
    assert len(asked) == 2


def test_the_api_shows_the_lag_of_workers_that_are_other_processes(
    migrated: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody publishes or routes here, and the cluster can't even be reached."""
    subscribers = tmp_path / "subscribers.json"
    subscribers.write_text('[{"kind": "la", "code": "855", "principal": "User:la-855"}]')
    monkeypatch.setenv("EHCP_KAFKA_BOOTSTRAP", "127.0.0.1:1")
    monkeypatch.setenv("EHCP_KAFKA_SUBSCRIBERS", str(subscribers))
    with without_a_broker(), serving(tmp_path, database_url=migrated) as served:
        life = Life(served).requested()
        head = served.platform.store.head()[0]
        lags = served.platform.lags
        assert {one.what: one.behind for one in [lags.routed(), *lags.published()]} == {
            "router": head,
            "plan-events": head,
            "plan-state": head,
            "signals.la:855": 0,
        }
        shown = served.http.get("/metrics").text
        assert ({"log": "plan-events"}, head) in samples(shown, "ehcp_publisher_lag_events")
        assert samples(shown, "ehcp_signals_lag_events") == [({}, head)]
        served.platform.signals.running.start()
        signals = told(life.officer)
        until(lambda: lags.routed().behind == 0)
        assert lags.published()[-1].behind == len(signals)


def test_a_server_that_publishes_itself_shows_how_far_behind_it_is_while_the_cluster_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its publisher may wait for the cluster for half a minute, and knows nothing of what came meanwhile."""
    monkeypatch.setenv("EHCP_KAFKA_BOOTSTRAP", "127.0.0.1:1")
    with without_a_broker(), serving(tmp_path) as served:
        for _ in range(3):
            Life(served).requested()
        head = served.platform.store.head()[0]
        shown = served.http.get("/metrics").text
        assert ({"log": "plan-events"}, head) in samples(shown, "ehcp_publisher_lag_events")
        assert ({"log": "plan-state"}, head) in samples(shown, "ehcp_publisher_lag_events")


def test_what_is_sent_to_webhooks_has_a_lag_too(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        served.platform.signals.running.start()
        officer = Life(served).requested().officer
        asked = {"channel": "webhook", "target": "https://hooks.council.example/ehcp"}
        begun = officer.post("/v1/subscriptions", asked).json()["health"]["lastDelivered"]
        Life(served).requested()
        told(officer, begun + 1)

        def behind() -> int:
            return served.platform.signals.outbox.last("la:855") - begun

        assert behind() > 0
        # The router may still be at work: what is compared is asked until it has come to rest.
        until(lambda: [(one.what, one.behind) for one in served.platform.lags.delivered()] == [("webhook", behind())])
        shown = served.http.get("/metrics").text
        until(
            lambda: (
                ({"channel": "webhook"}, behind())
                in samples(served.http.get("/metrics").text, "ehcp_deliveries_lag_signals")
            )
        )
        assert ({"channel": "webhook"}, 0) in samples(shown, "ehcp_dead_letters")
