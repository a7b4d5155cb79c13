"""`ehcp signals`: on the demonstration's own record, after its router has worked."""

import json
from pathlib import Path
from uuid import uuid4

import pytest

from services.signals import subscribed
from services.signals.database import SIGNALS_FILE, SignalDatabase
from services.signals.subscribed import Delivery, Filters, Subscription
from services.signals.tables import dead_letters, parked
from services.store.embedded import open_embedded
from tests.services.cli.conftest import Machine
from tests.support.recording import Recording
from tests.support.routed import router_of

MINE = uuid4()


@pytest.fixture
def database(machine: Machine, tmp_path: Path) -> SignalDatabase:
    """Two signals of one plan, a subscription that took none of them, a dead letter and a parked plan."""
    machine.settings = {"EHCP_DATABASE_URL": f"sqlite:///{tmp_path}/record/record.sqlite"}
    found = SignalDatabase(tmp_path / "record" / SIGNALS_FILE)
    with open_embedded(tmp_path / "record") as store:
        record = Recording(store)
        record.finalise(record.open(), urn="199101")
        router = router_of(store, found)
        router.catch_up()
        router.close()
    mine = Subscription(
        id=MINE, recipient="la:855", client="officer", role="case-officer", channel="webhook",
        target="https://subscriber.example/signals", filters=Filters(), sealed=None, begun=1,
    )  # fmt: skip
    letter = {"subscription": MINE, "number": 1, "error": "status-500", "attempts": 80, "since": 1, "replay": 0}
    with found.writing() as connection:
        subscribed.add(connection, mine, 0)
        connection.execute(dead_letters.insert().values(letter))
        connection.execute(parked.insert().values(plan=MINE, position=1, error="LookupError", retry=0))
    return found


@pytest.mark.usefixtures("database")
def test_the_state_of_signals_and_of_every_subscription(machine: Machine) -> None:
    told = json.loads(machine.run("signals", "status", "--json").stdout)
    assert (told["position"], told["signals"], told["parked"]) == (2, 3, [str(MINE)])
    (one,) = told["subscriptions"]
    assert (one["id"], one["lag"], one["deadLetters"]) == (str(MINE), 2, 1)
    shown = machine.run("signals", "status").output
    assert "la:855" in shown
    assert str(MINE) in shown, "the other commands ask for the whole id"
    assert "parked" in shown


def test_what_was_not_taken_is_listed_and_sent_again(machine: Machine, database: SignalDatabase) -> None:
    (letter,) = json.loads(machine.run("signals", "dead-letters", str(MINE)).stdout)
    assert letter == {"recipientsequence": 1, "error": "status-500", "attempts": 80, "replay": False}
    assert machine.run("signals", "replay", str(MINE)).exit_code == 0
    with database.reading() as connection:
        assert [one.replay for one in subscribed.letters(connection, MINE)] == [True]
        assert subscribed.delivery_of(connection, MINE) == Delivery(number=0)


def test_parked_plans_are_tried_again(machine: Machine, database: SignalDatabase) -> None:
    assert machine.run("signals", "unpark").exit_code == 0
    with database.reading() as connection:
        assert [row.retry for row in connection.execute(parked.select())] == [1]
