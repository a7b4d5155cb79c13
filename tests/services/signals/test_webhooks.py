"""Webhooks: in order, signed, tried again as long as it takes, and none in the way of another."""

import asyncio
import hmac
import random
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest

from connectors.identity.development import ISSUER
from connectors.webhooks.sending import NotDelivered
from domain.directory.clients import revoke_client
from domain.directory.events import ClientRegistered
from domain.directory.organisation import organisation_id
from services.directory.service import Entry
from services.signals.delivering import LONGEST_PAUSE, MOST_ATTEMPTS, Delivering
from services.signals.subscribed import Secrets
from services.signals.webhooks import Webhooks
from services.store.errors import StoreBusy
from services.store.values import DISCLOSURE_LOG
from tests.services.signals.test_feed import told
from tests.support.identity import ed_signer
from tests.support.life import ICB, SCHOOL, Life
from tests.support.receiver import Received, Receiver, receiver
from tests.support.serving import Caller, Serving, serving

TARGET = "https://subscriber.example/signals"


class Endpoint:
    """A subscriber's endpoint without a network: what it was sent, and what it answers."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.fault: NotDelivered | None = None
        self.attempts = 0

    async def send(self, _target: str, headers: Mapping[str, str], body: bytes) -> None:
        self.attempts += 1
        if self.fault:
            raise self.fault
        self.headers.append(dict(headers))
        self.taken.append(orjson.loads(body))


class Virtual:
    """The deliverer on a clock that only the test moves."""

    def __init__(self, platform: Serving, endpoint: Endpoint) -> None:
        self.now = datetime(2026, 11, 2, 12, tzinfo=UTC)
        signals = platform.platform.signals
        signals.delivering.stop()
        secrets, endings = Secrets(platform.platform.store.index), platform.platform.endings
        self.delivering = Delivering(
            signals.database,
            signals.outbox,
            signals.feed,
            platform.platform.disclosures,
            {"webhook": Webhooks(signals.database, secrets, endpoint, lambda: self.now)},
            lambda: self.now,
            random.Random(1),
            is_over=lambda one: endings.is_over_for(one.issuer, one.client, one.recipient, one.begun // 1_000_000),
        )

    def deliver(self) -> None:
        """Whatever can be done at this moment."""
        for one in self.delivering.waiting():
            asyncio.run(self.delivering.deliver(one))

    def pass_time(self, span: timedelta, step: timedelta = timedelta(seconds=30)) -> None:
        until = self.now + span
        while self.now < until:
            self.now += step
            self.deliver()


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint()


@pytest.fixture
def virtual(platform: Serving, endpoint: Endpoint) -> Virtual:
    return Virtual(platform, endpoint)


def subscribed(who: Caller, target: str = TARGET, **more: Any) -> dict[str, Any]:
    answer = who.post("/v1/subscriptions", {"channel": "webhook", "target": target, "after": 0, **more})
    assert answer.status_code == 201, answer.json()
    made: dict[str, Any] = answer.json()
    return made


def health(who: Caller, subscription: str) -> dict[str, Any]:
    found: dict[str, Any] = who.get(f"/v1/subscriptions/{subscription}").json()["health"]
    return found


def test_what_is_sent_is_what_the_feed_tells_signed(life: Life, virtual: Virtual, endpoint: Endpoint) -> None:
    life.finalised()
    feed = told(life.officer, 10)
    made = subscribed(life.officer)
    virtual.deliver()
    assert endpoint.taken == feed
    for headers, event in zip(endpoint.headers, endpoint.taken, strict=True):
        assert headers["webhook-id"] == event["id"]
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + orjson.dumps(event)
        assert headers["webhook-signature"] == f"v1,{mac(made['secret'], signed)}"
    assert health(life.officer, made["id"]) | {"deliveredAt": ""} == {
        "lastDelivered": len(feed), "lag": 0, "deliveredAt": "", "failures": 0, "failedAttempts": 0, "deadLetters": 0
    }  # fmt: skip


def test_what_was_sent_is_recorded_for_whoever_asked_by_name_and_issuer(
    platform: Serving, life: Life, virtual: Virtual
) -> None:
    life.requested()
    told(life.officer)
    subscribed(life.officer)
    virtual.deliver()
    recorded = platform.platform.store.read_log(log=DISCLOSURE_LOG)
    sent = {(one.metadata.actor, one.metadata.actorissuer) for one in recorded if one.data["channel"] == "webhook"}
    assert sent == {("case-officer-of-la:855", ISSUER)}


@pytest.mark.parametrize("revoked", ["organisation", "system"])
def test_who_was_ended_is_sent_nothing_any_more(
    platform: Serving, life: Life, virtual: Virtual, endpoint: Endpoint, revoked: str
) -> None:
    """A stolen key may have asked for webhooks: what it was given ends with it, what others have goes on."""
    life.requested()
    registered(platform, "system-1", organisation="la:855", role="case-officer")
    system = platform.as_("case-officer", "la:855", name="system-1", client="system-1")
    elsewhere = platform.officer("936")
    for who in (system, elsewhere):
        subscribed(who)
    Life(platform, "936").requested()
    told(life.officer)
    directory = platform.platform.directory
    if revoked == "organisation":
        until = datetime.now(UTC).replace(microsecond=0)
        platform.platform.endings.end("organisation:la:855", until, "left", actor="operator:test")
    else:
        over = revoke_client(directory.client("system-1"), datetime.now(UTC).replace(microsecond=0))
        entry = Entry(stream=organisation_id("client:system-1"), sequence=2, happening=over)
        directory.record([entry], actor="operator:test")
    virtual.deliver()
    assert {event["subject"] for event in endpoint.taken} & {life.plan_id} == set()
    assert len(endpoint.taken) == 1, "the other council's"


def registered(platform: Serving, name: str, organisation: str, role: str) -> None:
    known = ClientRegistered(
        client_id=name,
        organisation=organisation,
        role=role,
        jwks=ed_signer(name).jwks(),
        active_from=datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1),
    )
    entry = Entry(stream=organisation_id(f"client:{name}"), sequence=1, happening=known)
    platform.platform.directory.record([entry], actor="operator:test")


def mac(secret: str, signed: bytes) -> str:
    return b64encode(hmac.new(b64decode(secret.removeprefix("whsec_")), signed, sha256).digest()).decode()


def test_while_a_secret_is_exchanged_a_message_carries_two_signatures(
    life: Life, virtual: Virtual, endpoint: Endpoint
) -> None:
    life.requested()
    told(life.officer)
    made = subscribed(life.officer)
    path = f"/v1/subscriptions/{made['id']}/secret"
    again = life.officer.post(path, Idempotency_Key="one").json()
    assert life.officer.post(path, Idempotency_Key="one").json()["secret"] == again["secret"] != made["secret"]
    virtual.deliver()
    (headers,) = endpoint.headers
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + orjson.dumps(endpoint.taken[0])
    assert headers["webhook-signature"].split() == [f"v1,{mac(s['secret'], signed)}" for s in (again, made)]


def test_five_hundreds_for_an_hour_lose_nothing_and_keep_the_order(
    life: Life, virtual: Virtual, endpoint: Endpoint
) -> None:
    life.finalised()
    feed = told(life.officer, 10)
    made = subscribed(life.officer)
    endpoint.fault = NotDelivered("status-500")
    virtual.pass_time(timedelta(hours=1))
    failed = endpoint.attempts
    assert 5 <= failed <= 15, "tried again, ever more seldom"
    found = health(life.officer, made["id"])
    assert (found["lastDelivered"], found["lag"], found["error"]) == (0, len(feed), "status-500")
    assert (found["failures"], found["failedAttempts"], found["deadLetters"]) == (failed, failed, 0)
    endpoint.fault = None
    virtual.pass_time(timedelta(seconds=1.3 * LONGEST_PAUSE), timedelta(minutes=5))
    assert endpoint.taken == feed


def test_what_is_never_taken_is_a_dead_letter_that_can_be_sent_again(
    life: Life, virtual: Virtual, endpoint: Endpoint
) -> None:
    life.requested()
    (first,) = told(life.officer)
    made = subscribed(life.officer)
    endpoint.fault = NotDelivered("status-404")
    virtual.pass_time(timedelta(seconds=1.3 * LONGEST_PAUSE * MOST_ATTEMPTS), timedelta(minutes=30))
    path = f"/v1/subscriptions/{made['id']}"
    assert endpoint.attempts == MOST_ATTEMPTS
    assert life.officer.get(f"{path}/dead-letters").json()["deadLetters"] == [
        {"recipientsequence": 1, "error": "status-404", "attempts": MOST_ATTEMPTS, "replay": False}
    ]
    endpoint.fault = None
    assert life.officer.post(f"{path}/replays").json() == {"again": 1}
    virtual.deliver()
    assert endpoint.taken == [first]
    assert health(life.officer, made["id"])["deadLetters"] == 0


def test_a_receiver_that_wants_no_more_is_sent_nothing_until_it_asks_and_then_everything(
    life: Life, virtual: Virtual, endpoint: Endpoint
) -> None:
    life.finalised()
    feed = told(life.officer, 10)
    made = subscribed(life.officer)["id"]
    endpoint.fault = NotDelivered("status-410")
    virtual.pass_time(timedelta(days=10), step=timedelta(hours=6))
    found = health(life.officer, made)
    assert endpoint.attempts == 1
    assert (found["error"], found["lag"], found["deadLetters"]) == ("status-410", len(feed), 0)
    assert "nextAttempt" not in found
    endpoint.fault = None
    assert life.officer.post(f"/v1/subscriptions/{made}/replays").json() == {"again": 0}
    virtual.deliver()
    assert endpoint.taken == feed


def test_a_receivers_wish_to_wait_is_granted(life: Life, virtual: Virtual, endpoint: Endpoint) -> None:
    life.requested()
    told(life.officer)
    subscribed(life.officer)
    endpoint.fault = NotDelivered("status-429", 900)
    virtual.pass_time(timedelta(minutes=14))
    assert endpoint.attempts == 1


def test_filters_pass_over_what_was_not_asked_for(life: Life, virtual: Virtual, endpoint: Endpoint) -> None:
    life.finalised()
    feed = told(life.officer, 10)
    ours, others = subscribed(life.officer, filters={"types": ["ehcp-draft-issued-1", "ehcp-plan-finalised-1"]}), []
    virtual.deliver()
    assert endpoint.taken == [s for s in feed if s["type"] in {"ehcp-draft-issued-1", "ehcp-plan-finalised-1"}]
    assert health(life.officer, ours["id"])["lag"] == 0
    for filters in ({"commissioners": ["QJK"]}, {"sections": ["G"]}, {"commissioners": ["QXX"]}):
        endpoint.taken.clear()
        subscribed(life.officer, filters=filters)
        virtual.deliver()
        others.append([event["type"] for event in endpoint.taken])
    assert others == [["ehcp-plan-finalised-1"], ["ehcp-draft-issued-1", "ehcp-plan-finalised-1"], []]


def test_every_message_is_on_record_before_it_is_sent(
    life: Life, virtual: Virtual, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    life.requested()
    told(life.officer)
    made = subscribed(life.officer)

    async def refused(_events: Any) -> Any:
        raise StoreBusy("too many wait")

    with monkeypatch.context() as patched:
        patched.setattr(life.serving.platform.store, "disclose_async", refused)
        virtual.deliver()
    assert endpoint.attempts == 0
    assert health(life.officer, made["id"])["error"] == "not-recorded"
    virtual.pass_time(timedelta(minutes=1))
    assert len(endpoint.taken) == 1


def test_a_subscription_that_has_ended_is_sent_nothing(life: Life, virtual: Virtual, endpoint: Endpoint) -> None:
    life.requested()
    told(life.officer)
    made = subscribed(life.officer)
    assert life.officer.http.delete(f"/v1/subscriptions/{made['id']}", headers=life.officer.headers).status_code == 204
    virtual.deliver()
    assert endpoint.attempts == 0
    assert life.officer.get(f"/v1/subscriptions/{made['id']}").status_code == 404


@pytest.fixture
def delivering(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serving]:
    """A platform whose own deliverer may reach loopback."""
    monkeypatch.setenv("EHCP_WEBHOOK_NETWORKS", "127.0.0.0/8")
    with serving(tmp_path) as served:
        yield served


@pytest.fixture
def receivers() -> Iterator[tuple[Receiver, Receiver]]:
    with receiver() as one, receiver() as other:
        yield one, other


def eventually(found: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not found():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_one_endpoint_that_hangs_is_in_nobodys_way(delivering: Serving, receivers: tuple[Receiver, Receiver]) -> None:
    hanging, prompt = receivers

    def hang(_got: Received) -> tuple[int, dict[str, str], bytes]:
        hanging.going.wait(60)
        return 200, {}, b""

    hanging.answer = hang
    life = Life(delivering).finalised()
    feed = told(life.officer, 10)
    subscribed(life.officer, hanging.address)
    eventually(lambda: len(hanging.received) == 1)
    subscribed(life.officer, prompt.address)
    eventually(lambda: len(prompt.received) == len(feed))
    assert [orjson.loads(got.body) for got in prompt.received] == feed
    assert len(hanging.received) == 1, "it still has the first message before it"


def test_a_redirect_to_a_metadata_address_leads_nowhere(
    delivering: Serving, receivers: tuple[Receiver, Receiver]
) -> None:
    endpoint, inside = receivers
    for location in ("http://169.254.169.254/latest/meta-data/", inside.address):
        endpoint.answer = lambda _got, to=location: (307, {"Location": to}, b"")  # type: ignore[misc]
        life = Life(delivering).requested()
        made = subscribed(life.officer, endpoint.address)
        eventually(lambda path=made["id"], who=life.officer: health(who, path).get("error") == "status-307")  # type: ignore[misc]
    assert inside.received == []


def test_a_school_and_a_health_body_are_each_sent_their_own(delivering: Serving, receivers: Any) -> None:
    endpoints = dict(zip((SCHOOL, ICB), receivers, strict=True))
    roles = {SCHOOL: "school", ICB: "health"}
    for body, endpoint in endpoints.items():
        subscribed(delivering.as_(roles[body], body), endpoint.address)
    Life(delivering).finalised()
    for body, endpoint in endpoints.items():
        expected = {SCHOOL: ["ehcp-consultation-opened-1", "ehcp-plan-finalised-1"], ICB: ["ehcp-plan-finalised-1"]}
        eventually(lambda got=endpoint, wanted=expected[body]: len(got.received) >= len(wanted))  # type: ignore[misc]
        assert [orjson.loads(got.body)["type"] for got in endpoint.received] == expected[body]
