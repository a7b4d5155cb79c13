"""A subscriber that begins in the middle of things has, in the end, exactly what is there."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from domain.signals.types import WITHDRAWN
from services.signals.tables import lanes
from tests.support.life import SCHOOL, Life
from tests.support.serving import Caller, Serving

DAY = "2026-01-05"
PLANS, MORE = 3, 3


class Subscriber:
    """A school's or a council's own system: the pages of the list, then the feed."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.plans: dict[str, Any] = {}
        self.next = 0
        self.versions: dict[str, int] = {}

    def bootstrap(self) -> None:
        """Every plan of the list, and where in the feed what is newer begins: at the first page's position."""
        position, after = None, 0
        while True:
            page = self.caller.get("/v1/plans", limit=1, after=after).json()
            position = page["asOfPosition"] if position is None else position
            for row in page["plans"]:
                self._fetch(row["planId"])
            if "next" not in page:
                break
            after = page["next"]
        found = self.caller.get("/v1/feed", position=position, limit=1).json()
        self._take(found)

    def follow(self) -> None:
        """What is there at the moment."""
        while True:
            found = self.caller.get("/v1/feed", after=self.next, limit=2).json()
            self._take(found)
            if self.next >= found["last"]:
                return

    def _take(self, page: dict[str, Any]) -> None:
        for signal in page["signals"]:
            if int(signal["versionid"]) < self.versions.get(signal["subject"], 0):
                continue
            self.versions[signal["subject"]] = int(signal["versionid"])
            if signal["type"] == WITHDRAWN:
                self.plans.pop(signal["subject"], None)
            else:
                self._fetch(signal["subject"])
        self.next = page["next"]

    def _fetch(self, plan: str) -> None:
        answer = self.caller.get(f"/v1/plans/{plan}")
        if answer.status_code == 404:
            self.plans.pop(plan, None)
        else:
            self.plans[plan] = text_of(answer.json())


def text_of(view: dict[str, Any]) -> Any:
    """What a subscriber keeps of a plan: the legal text that it reads."""
    return view.get("version"), view.get("plan")


def present(caller: Caller) -> dict[str, Any]:
    """What is there now, asked for afresh."""
    listed = caller.get("/v1/plans", limit=200).json()["plans"]
    return {row["planId"]: text_of(caller.get(f"/v1/plans/{row['planId']}").json()) for row in listed}


def quiet(platform: Serving) -> None:
    """Wait until everything on record is routed and projected."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with platform.platform.signals.database.reading() as connection:
            at = min(connection.scalars(lanes.select().with_only_columns(lanes.c.position)))
        if at == platform.platform.store.head()[0] == platform.platform.projection.lists.position():
            return
        time.sleep(0.05)
    raise AssertionError("the router doesn't come to rest")


def change_hands(plans: list[Life]) -> None:
    """A setting's number is another, a commissioner changes, and there are new plans: all on one day."""
    moved, commissioned, *_ = plans
    change = {"placementId": "placement-1", "scheme": "urn", "formerValue": "199101", "newValue": "199202"}
    moved.record("change-placement-identifier", DAY, **change, since=DAY, reason="ACADEMY_CONVERSION")
    body = {"changeId": "c1", "fromOds": "QJK", "toOds": "QT1", "since": DAY, "awareOn": DAY}
    commissioned.record("change-commissioner", DAY, **body, reason="BOUNDARY_CHANGE")
    for _ in range(MORE):
        Life(moved.serving).imported()


@pytest.mark.parametrize(
    ("role", "organisation", "expected"),
    [
        ("case-officer", "la:855", PLANS + MORE),
        ("school", SCHOOL, PLANS + MORE - 1),
        ("school", "urn:199202", 1),
        ("health", "ods:QT1", 1),
    ],
)
def test_the_list_and_then_the_feed_lead_to_what_is_there(
    platform: Serving, role: str, organisation: str, expected: int
) -> None:
    plans = [Life(platform).imported() for _ in range(PLANS)]
    subscriber = Subscriber(platform.as_(role, organisation))
    with ThreadPoolExecutor(1) as others:
        acting = others.submit(change_hands, plans)
        subscriber.bootstrap()
        while not acting.done():
            subscriber.follow()
        acting.result()
    quiet(platform)
    subscriber.follow()
    assert subscriber.plans == present(subscriber.caller)
    assert len(subscriber.plans) == expected


def test_a_replay_from_a_date_or_a_position_is_the_end_of_the_whole(life: Life) -> None:
    life.finalised()
    quiet(life.serving)
    whole = life.officer.get("/v1/feed", after=0, limit=500).json()["signals"]
    middle = whole[5]
    since = life.officer.get("/v1/feed", since=middle["time"].replace("Z", "+00:00"), limit=500).json()["signals"]
    assert since in (whole[4:], whole[5:], whole[3:])
    position = int(middle["dataref"].rpartition("=")[2])
    assert life.officer.get("/v1/feed", position=position, limit=500).json()["signals"] == whole[5:]
    beyond = life.officer.get("/v1/feed", position=10**6).json()
    assert (beyond["signals"], beyond["next"]) == ([], len(whole))
    twice = life.officer.get("/v1/feed", position=1, after=1)
    assert (twice.status_code, len(twice.json()["errors"])) == (422, 2)
    assert life.officer.get("/v1/feed", since="yesterday").status_code == 422
