"""MESH on NHS England's own sandbox: what is sent, what isn't, what comes back, and trouble that is nobody else's."""

import asyncio
import random
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from connectors.nhs.mesh import Mailbox, MeshMailbox, MeshRefused, MeshUnavailable
from services.bootstrap import ConfigurationError
from services.signals.delivering import Delivering
from services.signals.mesh import MeshChannel
from services.signals.mesh_reports import MeshReports
from services.signals.message_log import MessageLog
from services.store.postgres.migrating import migrate
from tests.services.signals.test_feed import told
from tests.services.signals.test_webhooks import health
from tests.support.life import ICB, NHS_NUMBER, Life
from tests.support.mesh import OURS, THEIRS, mailbox_at
from tests.support.serving import Caller, Serving, serving

WORKFLOW = "TEST_WORKFLOW"
TARGET = f"mesh://{THEIRS}?workflow_id={WORKFLOW}"
TRACED = {"nhsNumber": "9990000026", "nhsNumberStatus": "01", "since": "2026-07-13", "reason": "ISSUED"}
VERIFIED = {"identifiers": {"nhsNumber": NHS_NUMBER, "nhsNumberStatus": "01"}}


class Sent:
    """A mailbox without a network: what it was given, and what it answers."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str, dict[str, Any], str]] = []
        self.fault: Exception | None = None
        self.checks = 0
        self.hanging: dict[str, threading.Event] = {}

    def send(self, recipient: str, workflow_id: str, body: bytes, *, local_id: str, media_type: str) -> str:
        assert media_type == "application/cloudevents+json"
        if recipient in self.hanging:
            self.hanging[recipient].wait(60)
        if self.fault:
            raise self.fault
        self.taken.append((recipient, workflow_id, orjson.loads(body), local_id))
        return f"message-{len(self.taken)}"

    def receipt_for(self, message_id: str) -> None:
        raise MeshUnavailable(message_id)

    def non_deliveries(self) -> Iterator[Any]:
        raise MeshUnavailable("inbox")

    def check(self) -> None:
        self.checks += 1

    def close(self) -> None:
        """Nothing is open."""


class Mesh:
    """The deliverer and the reader of reports on a clock that only the test moves."""

    def __init__(self, platform: Serving, open_mailbox: Callable[[], Mailbox]) -> None:
        self.now = datetime.now(UTC)
        signals, made = platform.platform.signals, platform.platform
        signals.delivering.stop()
        self.messages = MessageLog(made.store.delivery, signals.database)
        self.channel = MeshChannel(self.messages, made.plans, open_mailbox)
        self.reports = MeshReports(signals.database, self.messages, open_mailbox, lambda: self.now)
        self.delivering = Delivering(
            signals.database,
            signals.outbox,
            signals.feed,
            made.disclosures,
            {"mesh": self.channel},
            lambda: self.now,
            random.Random(1),
        )

    def deliver(self) -> None:
        for one in self.delivering.waiting():
            asyncio.run(self.delivering.deliver(one))

    def pass_time(self, span: timedelta, step: timedelta = timedelta(seconds=30)) -> None:
        until = self.now + span
        while self.now < until:
            self.now += step
            self.deliver()

    def close(self) -> None:
        self.channel.close()
        self.reports.close()


@pytest.fixture
def platform(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serving]:
    """A platform that has a mailbox; on SQLite unless the test says otherwise."""
    for name in ("PASSWORD", "KEY"):
        secret = tmp_path / name.lower()
        secret.write_text("a secret\n")
        monkeypatch.setenv(f"EHCP_MESH_{name}_FILE", str(secret))
    monkeypatch.setenv("EHCP_MESH_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("EHCP_MESH_MAILBOX", OURS)
    address = ""
    if getattr(request, "param", "sqlite") == "postgresql":
        address = request.getfixturevalue("postgres")
        migrate(address)
    with serving(tmp_path, database_url=address) as served:
        served.platform.signals.running.start()
        yield served


both_databases = pytest.mark.parametrize("platform", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def mailbox() -> Sent:
    return Sent()


@pytest.fixture
def mesh(platform: Serving, mailbox: Sent) -> Iterator[Mesh]:
    made = Mesh(platform, lambda: mailbox)
    yield made
    made.close()


@pytest.fixture
def sandbox(platform: Serving, mesh_sandbox: str) -> Iterator[Mesh]:
    made = Mesh(platform, lambda: mailbox_at(mesh_sandbox, OURS))
    yield made
    made.close()
    httpx.delete(f"{mesh_sandbox}/messageexchange/admin/reset").raise_for_status()


def icb(life: Life) -> Caller:
    return life.serving.as_("health", ICB)


def subscribed(who: Caller, target: str = TARGET) -> str:
    answer = who.post("/v1/subscriptions", {"channel": "mesh", "target": target, "after": 0})
    assert answer.status_code == 201, answer.json()
    made: str = answer.json()["id"]
    return made


@both_databases
def test_the_notification_of_a_child_reaches_the_mailbox_and_its_receipt_comes_back(
    life: Life, sandbox: Mesh, their_mailbox: MeshMailbox
) -> None:
    life.finalised(**VERIFIED)
    (signal,) = told(icb(life))
    made = subscribed(icb(life))
    sandbox.deliver()
    client = their_mailbox._client  # noqa: SLF001 - the recipient's side isn't ours to offer
    (message,) = client.iterate_all_messages()
    with message:
        event, stated = orjson.loads(message.read()), {name.lower(): text for name, text in message.mex_headers()}
    assert event == {**signal, "subject": NHS_NUMBER, "filtering": {"commissioner": "QJK"}}
    assert (stated["localid"], stated["workflowid"]) == (signal["id"], WORKFLOW)
    sandbox.reports.step()
    found = health(icb(life), made)
    assert (found["lag"], found["acknowledged"], found["notCollected"]) == (0, 1, 0)
    sandbox.reports.step()
    assert health(icb(life), made)["acknowledged"] == 1


@both_databases
def test_what_nobody_collects_is_a_dead_letter_that_can_be_sent_again(
    life: Life, sandbox: Mesh, their_mailbox: MeshMailbox, mesh_sandbox: str
) -> None:
    life.finalised(**VERIFIED)
    (signal,) = told(icb(life))
    made = subscribed(icb(life))
    sandbox.deliver()
    client = their_mailbox._client  # noqa: SLF001 - as above
    (message_id,) = client.list_messages()
    report = {"mailbox_id": OURS, "code": "14", "description": "not collected", "workflow_id": WORKFLOW}
    stated = {**report, "linked_message_id": message_id, "local_id": signal["id"]}
    for _ in range(2):
        httpx.post(f"{mesh_sandbox}/messageexchange/admin/report", json=stated).raise_for_status()
        sandbox.reports.step()
    path = f"/v1/subscriptions/{made}"
    assert health(icb(life), made)["notCollected"] == 1
    assert icb(life).get(f"{path}/dead-letters").json()["deadLetters"] == [
        {"recipientsequence": 1, "error": "mesh-14", "attempts": 1, "replay": False}
    ]
    assert icb(life).post(f"{path}/replays").json() == {"again": 1}
    sandbox.deliver()
    assert len(client.list_messages()) == 2
    assert health(icb(life), made)["deadLetters"] == 0


def test_a_mailbox_that_does_not_exist_is_seen_on_the_health_page(life: Life, sandbox: Mesh) -> None:
    life.finalised(**VERIFIED)
    told(icb(life))
    made = subscribed(icb(life), f"mesh://X26NONE?workflow_id={WORKFLOW}")
    sandbox.deliver()
    found = health(icb(life), made)
    assert (found["error"], found["failures"], found["lag"]) == ("mesh-refused", 1, 1)


@pytest.mark.parametrize(
    "held", [{"identifiers": {"nhsNumber": NHS_NUMBER}}, {"identifiers": {"upn": "B801200005001"}}]
)
def test_without_a_verified_number_nothing_is_sent_until_somebody_has_matched_the_child(
    life: Life, mesh: Mesh, mailbox: Sent, held: dict[str, Any]
) -> None:
    life.finalised(**held)
    (signal,) = told(icb(life))
    made = subscribed(icb(life))
    mesh.deliver()
    path = f"/v1/subscriptions/{made}"
    found = health(icb(life), made)
    assert (mailbox.taken, found["lag"], found["unmatched"], found["deadLetters"]) == ([], 0, 1, 1)
    (letter,) = icb(life).get(f"{path}/dead-letters").json()["deadLetters"]
    assert (letter["recipientsequence"], letter["error"]) == (signal["recipientsequence"], "no-verified-nhs-number")
    icb(life).post(f"{path}/replays")
    mesh.deliver()
    assert health(icb(life), made)["unmatched"] == 1, "still nobody has"
    life.do("change-person-identifier", "2026-07-13", **TRACED)
    icb(life).post(f"{path}/replays")
    mesh.deliver()
    assert mailbox.taken[0][2]["id"] == signal["id"]
    assert health(icb(life), made)["unmatched"] == 0


def test_mesh_that_is_away_is_tried_again_in_order(life: Life, mesh: Mesh, mailbox: Sent) -> None:
    life.finalised(**VERIFIED)
    (signal,) = told(icb(life))
    made = subscribed(icb(life))
    mailbox.fault = MeshUnavailable("ConnectTimeout")
    mesh.pass_time(timedelta(minutes=10))
    assert health(icb(life), made)["error"] == "mesh-unavailable"
    mailbox.fault = None
    mesh.pass_time(timedelta(hours=1), timedelta(minutes=5))
    assert [local_id for *_, local_id in mailbox.taken] == [signal["id"]]


def test_one_mailbox_that_hangs_is_in_nobodys_way(life: Life, mesh: Mesh, mailbox: Sent) -> None:
    life.finalised(**VERIFIED)
    told(icb(life))
    slow = subscribed(icb(life), f"mesh://X26SLOW?workflow_id={WORKFLOW}")
    prompt = subscribed(icb(life))
    mailbox.hanging["X26SLOW"] = going = threading.Event()

    async def both() -> None:
        found = {str(one.id): one for one in mesh.delivering.waiting()}
        hanging = asyncio.create_task(mesh.delivering.deliver(found[slow]))
        await asyncio.sleep(0)
        await mesh.delivering.deliver(found[prompt])
        assert not hanging.done()
        going.set()
        await hanging

    asyncio.run(both())
    assert [recipient for recipient, *_ in mailbox.taken] == [THEIRS, "X26SLOW"]


def test_the_number_is_kept_nowhere(life: Life, mesh: Mesh, mailbox: Sent) -> None:
    life.finalised(**VERIFIED)
    told(icb(life))
    subscribed(icb(life))
    mesh.deliver()
    assert mailbox.taken[0][2]["subject"] == NHS_NUMBER
    with life.serving.platform.signals.database.reading() as connection:
        for table in ("mesh_message", "subscription", "subscription_delivery", "signal"):
            rows = connection.exec_driver_sql(f"SELECT * FROM {table}").all()  # noqa: S608 - our own names
            assert rows
            assert NHS_NUMBER not in str(rows)


def test_only_bodies_of_the_nhs_have_mailboxes_and_in_one_form(life: Life) -> None:
    refused = life.officer.post("/v1/subscriptions", {"channel": "mesh", "target": TARGET})
    assert [item["pointer"] for item in refused.json()["errors"]] == ["/channel"]
    for target in (
        "X26ABC1",
        "mesh://X26ABC1",
        f"mesh://{THEIRS}?workflow_id=",
        f"https://{THEIRS}?workflow_id=A",
        None,
    ):
        refused = icb(life).post("/v1/subscriptions", {"channel": "mesh", **({"target": target} if target else {})})
        assert refused.status_code == 422
        assert [item["pointer"] for item in refused.json()["errors"]] == ["/target"]


def test_a_platform_without_a_mailbox_says_so(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        refused = served.as_("health", ICB).post("/v1/subscriptions", {"channel": "mesh", "target": TARGET})
    assert refused.json()["errors"][0]["text"] == "This platform delivers by feed, webhook."


def test_our_mailbox_says_hello_once_a_day_at_least(mesh: Mesh, mailbox: Sent) -> None:
    for _ in range(48):
        with pytest.raises(MeshUnavailable):
            mesh.reports.step()
        mesh.now += timedelta(hours=1)
    assert mailbox.checks == 4


@pytest.mark.parametrize("missing", ["EHCP_MESH_MAILBOX", "EHCP_MESH_PASSWORD_FILE", "EHCP_MESH_KEY_FILE"])
def test_what_is_missing_of_a_mailbox_is_named_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a secret")
    whole = {"URL": "http://127.0.0.1:1", "MAILBOX": OURS, "PASSWORD_FILE": str(secret), "KEY_FILE": str(secret)}
    for name, value in whole.items():
        monkeypatch.setenv(f"EHCP_MESH_{name}", value)
    monkeypatch.delenv(missing)
    with pytest.raises(ConfigurationError, match=f"set {missing} too"), serving(tmp_path):
        pass


def test_a_secret_that_is_not_there_is_never_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the password itself")
    named = {
        "URL": "http://127.0.0.1:1",
        "MAILBOX": OURS,
        "PASSWORD_FILE": str(secret),
        "KEY_FILE": str(tmp_path / "no"),
    }
    for name, value in named.items():
        monkeypatch.setenv(f"EHCP_MESH_{name}", value)
    with pytest.raises(ConfigurationError, match="EHCP_MESH_KEY_FILE") as raised, serving(tmp_path):
        pass
    assert "the password itself" not in str(raised.value)


def test_a_refusal_of_mesh_is_no_words_of_ours(life: Life, mesh: Mesh, mailbox: Sent) -> None:
    life.finalised(**VERIFIED)
    told(icb(life))
    made = subscribed(icb(life))
    mailbox.fault = MeshRefused("a sentence of somebody else's")
    mesh.deliver()
    assert health(icb(life), made)["error"] == "mesh-refused"
