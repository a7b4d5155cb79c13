"""What became of messages in MESH, as events: recorded once, folded into the view, moved from an earlier release."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select

from domain.signals.messages import EVENTS, MessageAcknowledged, MessageEvent, MessageNotDelivered, MessageSent
from services.signals.database import SIGNALS_FILE, SignalDatabase
from services.signals.message_log import ACKNOWLEDGED, NOT_DELIVERED, SENT, MessageLog, about, counted, unsettled
from services.signals.moving_messages import OLD, move_messages
from services.signals.tables import dead_letters, messages
from services.store.clear import ClearEvent, check_clear
from services.store.embedded import open_embedded
from services.store.file_keyring import FileKeyring
from services.store.framing import microseconds
from services.store.postgres.store import open_postgres
from services.store.record_store import RecordStore
from services.store.values import DELIVERY_LOG
from services.validation import SCHEMA_BASE, Validator

AT = datetime(2026, 11, 2, 12, tzinfo=UTC)
SUBSCRIPTION = uuid4()


class Office:
    """A record, the signals beside it, and as many logs of messages as there are processes."""

    def __init__(self, store: RecordStore, where: Path | str) -> None:
        self.store = store
        self.database = SignalDatabase(where)
        self.log = self.another()

    def another(self) -> MessageLog:
        return MessageLog(self.store.delivery, self.database)

    def events(self) -> list[ClearEvent]:
        return [event for page in self.store.delivery.pages() for event in page]

    def letters(self) -> list[tuple[UUID, int, str]]:
        with self.database.reading() as connection:
            columns = (dead_letters.c.subscription, dead_letters.c.number, dead_letters.c.error)
            return [tuple(row) for row in connection.execute(select(*columns))]

    def counts(self) -> dict[str, int]:
        with self.database.reading() as connection:
            return counted(connection, SUBSCRIPTION, (SENT, ACKNOWLEDGED, NOT_DELIVERED))


@pytest.fixture(params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    if request.param == "postgresql":
        url = request.getfixturevalue("migrated")
        with open_postgres(url, keyring=FileKeyring(tmp_path / "keyring")) as store:
            made = Office(store, url)
            yield made
            made.database.close()
        return
    with open_embedded(tmp_path / "record") as store:
        made = Office(store, tmp_path / "record" / SIGNALS_FILE)
        yield made
        made.database.close()


def stated(message: str = "message-1", number: int = 1) -> dict[str, Any]:
    return {"message": message, "subscription": str(SUBSCRIPTION), "number": number, "at": AT}


def life_of_a_message() -> list[MessageEvent]:
    return [MessageSent(**stated()), MessageNotDelivered(**stated(), code="14"), MessageAcknowledged(**stated())]


def test_each_is_an_event_in_the_clear_of_a_published_form(office: Office) -> None:
    assert [office.log.record(event) for event in life_of_a_message()] == [True, True, True]
    found = office.events()
    assert [(event.sequence, event.type) for event in found] == [
        (1, "ehcp.delivery.message-sent.v1"),
        (2, "ehcp.delivery.message-not-delivered.v1"),
        (3, "ehcp.delivery.message-acknowledged.v1"),
    ]
    assert len({event.stream for event in found}) == 1
    for row in office.store.rows(log=DELIVERY_LOG):
        check_clear(row[5])
    for event, said in zip(found, life_of_a_message(), strict=True):
        assert EVENTS.read(event.type, event.data) == said
        assert Validator.for_schema(f"{SCHEMA_BASE}events/{event.type}.schema.json").problems(event.data) == []
        assert event.data.keys() <= {"message", "subscription", "number", "at", "code"}
    assert office.counts() == {SENT: 1, NOT_DELIVERED: 1, ACKNOWLEDGED: 1}
    assert office.letters() == [(SUBSCRIPTION, 1, "mesh-14")]


def test_what_is_on_record_is_recorded_once(office: Office) -> None:
    for event in life_of_a_message():
        assert office.log.record(event)
        assert not office.log.record(event)
        assert not office.another().record(event)
    assert len(office.events()) == 3


def test_a_dead_letter_that_was_sent_again_does_not_come_back(office: Office) -> None:
    """Neither by a report that is read twice, nor by a process that folds late."""
    late = office.another()
    for event in life_of_a_message():
        office.log.record(event)
    with office.database.writing() as connection:
        connection.execute(dead_letters.delete())
    office.log.record(life_of_a_message()[1])
    late.fold()
    assert office.letters() == []


def test_a_process_that_ended_before_it_folded_leaves_it_to_the_next(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(MessageLog, "fold", lambda _self: None)
        office.log.record(MessageSent(**stated()))
    with office.database.reading() as connection:
        assert about(connection, "message-1") is None
    assert not office.another().record(MessageSent(**stated()))
    with office.database.reading() as connection:
        assert about(connection, "message-1") == (SUBSCRIPTION, 1)
        assert unsettled(connection, 0, "", 10) == ["message-1"]
    assert len(office.events()) == 1


def test_two_processes_that_hear_the_same_record_it_once(office: Office) -> None:
    office.log.record(MessageSent(**stated()))
    heard: list[bool] = []
    start = threading.Barrier(4)

    def hear() -> None:
        log = office.another()
        start.wait()
        heard.append(log.record(MessageNotDelivered(**stated(), code="14")))

    threads = [threading.Thread(target=hear) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(heard) == [False, False, False, True]
    assert len(office.events()) == 2
    assert office.letters() == [(SUBSCRIPTION, 1, "mesh-14")]


def test_what_an_earlier_release_kept_becomes_events_once_and_draws_no_consequence_again(office: Office) -> None:
    rows = [
        ("message-2", SENT, 2, "", AT),
        ("message-1", NOT_DELIVERED, 1, "14", AT + timedelta(days=5)),
        ("message-1", SENT, 1, "", AT - timedelta(hours=1)),
        ("message-2", ACKNOWLEDGED, 2, "", AT + timedelta(hours=1)),
    ]
    names = ("message", "kind", "number", "code")
    with office.database.writing() as connection:
        OLD.create(connection, checkfirst=True)
        for *values, at in rows:
            row = dict(zip(names, values, strict=True))
            connection.execute(insert(OLD).values(**row, subscription=SUBSCRIPTION, at=microseconds(at)))
    assert move_messages(office.database, office.log) == 4
    assert move_messages(office.database, office.another()) == 0
    assert [(event.data["message"], event.type.split(".")[2]) for event in office.events()] == [
        ("message-1", "message-sent"),
        ("message-2", "message-sent"),
        ("message-2", "message-acknowledged"),
        ("message-1", "message-not-delivered"),
    ]
    assert all(event.data["moved"] for event in office.events())
    assert office.letters() == []
    assert office.counts() == {SENT: 2, NOT_DELIVERED: 1, ACKNOWLEDGED: 1}
    with office.database.reading() as connection:
        kept = {(row.message, row.kind): row.at for row in connection.execute(select(messages))}
    assert kept == {(message, kind): microseconds(at) for message, kind, _, _, at in rows}


def test_a_message_is_known_by_its_own_id_alone(office: Office) -> None:
    with office.database.reading() as connection:
        assert about(connection, "nobody's") is None
