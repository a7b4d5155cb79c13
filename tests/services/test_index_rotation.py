"""The index key is exchanged while everything goes on: at every moment each plan is found, and found once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.bootstrap import Platform
from services.index_rotation import HEARD_SECONDS, KEPT_SECONDS, IndexRotation, open_index_rotation
from services.keyrings import open_keyring
from services.store.errors import KeyInUse, StoreError, UnknownKey
from services.store.family_links import FamilyLink
from tests.support.life import person, text
from tests.support.serving import Serving, serving

WEBHOOK = {"channel": "webhook", "target": "https://subscriber.example/signals"}
CHILDREN = ("Aled Ottershaw", "Bryony Penhallow", "Caius Rookwood", "Delphine Silverdale")


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.store.index_keys.PAGE", 2)
    monkeypatch.setattr("services.index_rotation.SETTLED_SECONDS", 0)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def address(request: pytest.FixtureRequest) -> str:
    """The address of the database, "" for a file."""
    return str(request.getfixturevalue("migrated")) if request.param == "postgresql" else ""


@pytest.fixture
def served(address: str, tmp_path: Path) -> Iterator[Serving]:
    with serving(tmp_path, database_url=address) as served:
        served.platform.projection.running.start()
        yield served


class Children:
    """Records of children, each with a name, a number and a reference of its own."""

    def __init__(self, served: Serving) -> None:
        self.served = served
        self.officer = served.officer()
        self.plans = {name: self.imported(number, name) for number, name in enumerate(CHILDREN, 1)}

    def imported(self, number: int, name: str) -> str:
        whole = text(f"TURN-{number}")
        whole["personalDetails"] = person(name=name, identifiers={"nhsNumber": number_of(number)})
        answer = self.open(whole, str(number))
        assert answer.status_code == 201, answer.json()
        plan: str = answer.json()["planId"]
        return plan

    def open(self, whole: dict[str, Any], key: str, digest: str = "0") -> Any:
        source = {"sha256": digest * 64, "line": int(key)}
        body = {"council": "855", "plan": whole, "sourceFile": source, "mode": "RECORD", "effectiveOn": "2026-11-02"}
        return self.officer.post("/v1/plans/opened-by/import-baseline", body, Idempotency_Key=f"request-{key}")

    def found(self, **terms: str) -> list[str]:
        found: list[str] = self.officer.post("/v1/plans/search", terms).json()["planIds"]
        return found

    def assert_all_found(self) -> None:
        for number, (name, plan) in enumerate(self.plans.items(), 1):
            assert self.found(name=name) == [plan]
            assert self.found(nhsNumber=number_of(number)) == [plan]
            assert self.found(localReference=f"turn-{number}") == [plan]

    def assert_no_second(self) -> None:
        """A reference that another plan has is refused, and a request made before gets its first answer."""
        taken = text("TURN-1")
        taken["personalDetails"] = person(name="Somebody Else", identifiers={})
        assert self.open(taken, "99", "1").status_code == 409
        again = text("TURN-2")
        again["personalDetails"] = person(name=CHILDREN[1], identifiers={"nhsNumber": number_of(2)})
        repeated = self.open(again, "2")
        assert repeated.json()["planId"] == self.plans[CHILDREN[1]]


def number_of(child: int) -> str:
    """A valid NHS number of the test range for each child."""
    return ("9990000018", "9990000026", "9990000034", "9990000042", "9990000050")[child - 1]


def finish(platform: Platform, seconds: float = 30) -> None:
    """Write everything anew, names with the projector that runs here."""
    until = time.monotonic() + seconds
    platform.index_rotation.write_anew()
    while not platform.index_rotation.is_whole():
        assert time.monotonic() < until
        time.sleep(0.05)
        platform.index_rotation.write_anew()


def later(platform: Platform, seconds: float) -> IndexRotation:
    """The rotation as it is so many seconds from now."""
    parts = (platform.store, platform.plans, platform.projection, platform.signals)
    return open_index_rotation(*parts, clock=lambda: time.time() + seconds)


def test_every_plan_is_found_at_every_step_of_an_exchange_and_the_old_key_goes_in_the_end(served: Serving) -> None:
    platform, children = served.platform, Children(served)
    children.assert_all_found()
    assert platform.index_rotation.begin(platform.keyring) == "index.2"
    children.assert_all_found()
    children.assert_no_second()
    assert platform.index_rotation.begin(platform.keyring) == "index.2"
    stopping = threading.Event()
    platform.index_rotation.write_anew(progress=lambda _: stopping.set(), stopping=stopping)
    children.assert_all_found()
    children.assert_no_second()
    children.plans["Eamon Thistlewood"] = children.imported(5, "Eamon Thistlewood")
    finish(platform)
    children.assert_all_found()
    children.assert_no_second()
    with pytest.raises(KeyInUse, match="days"):
        later(platform, HEARD_SECONDS + 1).destroy(platform.keyring, "index.1")
    later(platform, KEPT_SECONDS + 1).destroy(platform.keyring, "index.1")
    children.assert_all_found()
    assert [info.key_id for info in platform.keyring.all_keys() if info.key_id.startswith("index")] == ["index.2"]
    uses = {use.key_id: use for use in platform.index_rotation.usage(platform.keyring)}
    assert uses.keys() == {"index.2"}
    assert uses["index.2"].rows["identifiers"] == 3 * 5


def test_what_depends_on_the_old_key_keeps_it_from_being_destroyed(served: Serving) -> None:
    platform = served.platform
    Children(served)
    with pytest.raises(KeyInUse, match="rotate it first"):
        platform.index_rotation.destroy(platform.keyring, "index.1")
    with pytest.raises(UnknownKey):
        platform.index_rotation.destroy(platform.keyring, "index.7")
    platform.index_rotation.begin(platform.keyring)
    with pytest.raises(KeyInUse, match="seconds old"):
        platform.index_rotation.destroy(platform.keyring, "index.1", at_once=True)
    with pytest.raises(KeyInUse, match="Not everything is found"):
        later(platform, KEPT_SECONDS + 1).destroy(platform.keyring, "index.1", at_once=True)


def test_sessions_families_and_webhooks_outlive_the_old_key_where_they_can(served: Serving) -> None:
    platform, store, now = served.platform, served.platform.store, int(time.time())
    plan = UUID(Children(served).plans[CHILDREN[0]])
    store.family_links.invite("code", FamilyLink(plan=plan, contact="contact-1"), now=now, until=now + 900)
    assert store.family_links.redeem("code", "issuer\x00parent", now=now)
    store.web_sessions.put("s" * 43, "issuer\x00parent", b"content", now=now, ends=now + 900)
    store.provider_sign_outs.put("s" * 43, ["s-1"], now=now, ends=now + 900)
    store.provider_sign_outs.note("s-2", now, now=now, until=now + 900)
    assert store.single_use.use("assertion", "jti", now + 900)
    subscriber = served.as_("school", "urn:199101")
    made = subscriber.post("/v1/subscriptions", WEBHOOK, Idempotency_Key="subscribe").json()
    platform.index_rotation.begin(platform.keyring)
    assert not store.single_use.use("assertion", "jti", now + 900)
    assert store.web_sessions.find("s" * 43) is not None
    assert store.provider_sign_outs.has_signed_out(["s-2"], now)
    finish(platform)
    assert subscriber.post("/v1/subscriptions", WEBHOOK, Idempotency_Key="subscribe").json() == made
    later(platform, HEARD_SECONDS + 1).destroy(platform.keyring, "index.1", at_once=True)
    assert store.web_sessions.find("s" * 43) is None
    assert store.provider_sign_outs.end(["s-1"]) == 0
    assert not store.provider_sign_outs.has_signed_out(["s-2"], now)
    assert store.family_links.of("issuer\x00parent") == (FamilyLink(plan=plan, contact="contact-1"),)
    assert platform.index_rotation.usage(platform.keyring)[0].rows["webhook secrets"] == 1


def test_a_family_that_is_only_known_by_the_old_key_is_waited_for_or_let_go(served: Serving) -> None:
    platform, links, now = served.platform, served.platform.store.family_links, int(time.time())
    plan = UUID(Children(served).plans[CHILDREN[0]])
    for code, who in (("one", "issuer\x00one"), ("two", "issuer\x00two")):
        links.invite(code, FamilyLink(plan=plan, contact=f"contact-{code}"), now=now, until=now + 900)
        links.redeem(code, who, now=now)
    platform.store._backend.aside(lambda c: c.execute("DELETE FROM family_link_person"))  # noqa: SLF001 - of an earlier release
    platform.index_rotation.begin(platform.keyring)
    finish(platform)
    assert links.of("issuer\x00one")
    with pytest.raises(KeyInUse, match="1 families"):
        later(platform, KEPT_SECONDS + 1).destroy(platform.keyring, "index.1")
    later(platform, KEPT_SECONDS + 1).destroy(platform.keyring, "index.1", at_once=True)
    assert links.of("issuer\x00one")
    assert not links.of("issuer\x00two")


def test_a_destruction_that_was_stopped_halfway_goes_on(served: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    platform, children = served.platform, Children(served)
    platform.index_rotation.begin(platform.keyring)
    finish(platform)
    rotation = later(platform, KEPT_SECONDS + 1)

    def stopped(_number: int) -> None:
        raise StoreError

    with monkeypatch.context() as patched:
        patched.setattr(rotation._keys, "delete_rows", stopped)  # noqa: SLF001 - the process ends here
        with pytest.raises(StoreError):
            rotation.destroy(platform.keyring, "index.1")
    children.assert_all_found()
    assert "index.1" in {info.key_id for info in platform.keyring.all_keys()}
    platform.index_rotation.destroy(platform.keyring, "index.1")
    children.assert_all_found()
    assert "index.1" not in {info.key_id for info in platform.keyring.all_keys()}


def test_an_erased_record_is_not_found_again_by_the_new_key(served: Serving) -> None:
    platform, children = served.platform, Children(served)
    platform.index_rotation.begin(platform.keyring)
    platform.store.keys.destroy_child(UUID(children.plans.pop(CHILDREN[3])))
    finish(platform)
    children.assert_all_found()
    assert children.found(nhsNumber=number_of(4)) == []


def test_a_server_takes_up_a_key_that_a_command_made(served: Serving) -> None:
    platform, children = served.platform, Children(served)
    beside = open_keyring(platform.settings)
    assert beside.new_index_key() == "index.2"
    until = time.monotonic() + 30
    while time.monotonic() < until and platform.store.index.accepted != (2, 1):
        platform.index_rotation.follow(platform.keyring, threading.Event())
        time.sleep(0.05)
    assert platform.store.index.accepted == (2, 1)
    children.assert_all_found()


@pytest.mark.postgres
def test_a_process_that_has_not_heard_is_right_or_refused_and_then_hears(migrated: str, tmp_path: Path) -> None:
    with serving(tmp_path, database_url=migrated) as one, serving(tmp_path, database_url=migrated) as two:
        one.platform.projection.running.start()
        children = Children(one)
        knows = two.platform.store.index._ask  # noqa: SLF001 - as if it did not look for a while
        two.platform.store.index._ask = lambda: (1,)  # noqa: SLF001
        two.platform.store.index.look()
        one.platform.index_rotation.begin(one.platform.keyring)
        other = Children.__new__(Children)
        other.served, other.officer, other.plans = two, two.officer(), children.plans
        other.assert_all_found()
        whole = text("TURN-77")
        assert other.open(whole, "77", "7").status_code == 503
        finish(one.platform)
        other.assert_all_found()
        two.platform.store.index._ask = knows  # noqa: SLF001
        two.platform.store.index.look()
        answer = other.open(whole, "77", "7")
        assert answer.status_code == 201
        assert children.found(localReference="TURN-77") == [answer.json()["planId"]]
