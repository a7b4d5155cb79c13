"""Another edition of the matrix, and days: who may follow a plan changes, and is told once, at the same place anew."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import select, update

from domain.access.turns import SETTLING
from domain.signals.types import GRANTED, WITHDRAWN
from services.rules.adopting import AdoptedRules
from services.rules.editions import Edition
from services.signals import unprompted
from services.signals.database import SignalDatabase
from services.signals.router import Router
from services.signals.tables import lanes, parked
from services.store.embedded import open_embedded
from services.store.framing import microseconds
from services.store.postgres.migrating import migrate
from tests.services.rules.examples import OPERATOR, adoption, changed, newest
from tests.support.recording import Recording
from tests.support.routed import SomeLanes, faults, fresh, router_of, rows, told

SCHOOL = "urn:199101"
BEGIN = datetime(2027, 3, 1, 9, tzinfo=UTC)
LONG = timedelta(seconds=30)


class World:
    """A record, its adopted rules and its signals, with one clock for all of them."""

    def __init__(self, folder: Path, database: SignalDatabase) -> None:
        self.now = BEGIN
        self.folder = folder
        self.database = database
        self.store = open_embedded(folder / "record", clock=lambda: microseconds(self.now))
        self.record = Recording(self.store)
        self.adopt(newest("access-matrix"), "2014-09-01")
        self.now += LONG

    def adopt(self, edition: Edition, on: str) -> int:
        rules = AdoptedRules(self.store.adoption, self.store.rules_content)
        made = rules.adopt(adoption(edition, on), edition.content, actor="operator:test", on=on)
        return made.position

    def withdraw(self, position: int) -> None:
        rules = AdoptedRules(self.store.adoption, self.store.rules_content)
        rules.withdraw(position, because="It was not decided", by=OPERATOR, actor="operator:test", on="2027-03-01")

    def router(self, **more: Any) -> Router:
        return router_of(self.store, self.database, now=lambda: self.now, **more)

    def route(self, **more: Any) -> None:
        router = self.router(**more)
        try:
            router.catch_up()
        finally:
            router.close()

    def to(self, recipient: str, plan: UUID | None = None) -> list[str]:
        found = (row for row in rows(self.database) if row.recipient == recipient)
        return [row.type for row in found if plan in {None, row.plan}]

    def anew(self) -> set[Any]:
        return set(fresh(self.store, self.folder, lambda: self.now))


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    if request.param == "sqlite":
        database = SignalDatabase(tmp_path / "signals.sqlite")
    else:
        address = request.getfixturevalue("postgres")
        migrate(address)
        database = SignalDatabase(address)
    made = World(tmp_path, database)
    yield made
    made.store.close()
    database.close()


def listing(version: str, relation: str = "named-setting", *, lists: bool = False) -> Edition:
    """A matrix in which parties of this relation are told of plans, or not."""
    document = orjson.loads(newest("access-matrix").content)
    document["relations"][relation]["lists"] = lists
    return changed("access-matrix", version=version, relations=document["relations"])


def at(day: str, clock: str = "00:00:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}+00:00")


@pytest.mark.parametrize(
    ("day", "midnight"), [("2027-03-10", at("2027-03-10")), ("2027-04-10", at("2027-04-09", "23:00:00"))]
)
def test_who_may_not_follow_from_a_day_on_is_told_when_that_day_begins_in_london_and_once(
    world: World, day: str, midnight: datetime
) -> None:
    plans = [world.record.open() for _ in range(3)]
    for plan in plans:
        world.record.finalise(plan, urn="199101")
    world.adopt(listing("2027-narrow"), day)
    world.adopt(listing("2027-wide", lists=True), "2027-05-01")
    world.now = midnight - timedelta(seconds=1)
    world.route()
    assert world.to(SCHOOL) == ["ehcp-plan-finalised-1"] * 3
    before = world.store.head()[0]
    world.now = midnight + SETTLING
    for _ in range(2):
        world.route()
    ended = [row for row in rows(world.database) if row.type == WITHDRAWN]
    assert {(row.recipient, row.plan) for row in ended} == {(SCHOOL, plan) for plan in plans}
    assert {(row.position, row.time) for row in ended} == {(before, microseconds(midnight))}
    world.now = at("2027-05-03")
    world.route()
    assert world.to(SCHOOL)[6:] == [GRANTED] * 3
    assert faults(rows(world.database)) == []
    assert told(rows(world.database)) == world.anew()


def test_whoever_was_never_told_of_a_plan_and_may_follow_it_now_is_told(world: World) -> None:
    """Also of a plan of which nobody was told: every plan is looked at."""
    world.adopt(listing("2027-none", "maintaining-council"), "2027-03-01")
    world.now += LONG
    plan = world.record.open()
    world.route()
    assert rows(world.database) == []
    world.adopt(listing("2027-some", "maintaining-council", lists=True), "2027-03-01")
    world.now += LONG
    world.route()
    assert world.to("la:855", plan) == [GRANTED]
    assert told(rows(world.database)) == world.anew()


def test_an_adoption_that_counts_at_once_and_its_withdrawal_are_told_though_nothing_happens(world: World) -> None:
    world.record.finalise(world.record.open(), urn="199101")
    world.route()
    position = world.adopt(listing("2027-narrow"), "2027-01-01")
    world.now += SETTLING - timedelta(seconds=1)
    world.route()
    assert world.to(SCHOOL) == ["ehcp-plan-finalised-1"]
    world.now += LONG
    world.route()
    assert world.to(SCHOOL) == ["ehcp-plan-finalised-1", WITHDRAWN]
    world.withdraw(position)
    world.now += LONG
    world.route()
    assert world.to(SCHOOL) == ["ehcp-plan-finalised-1", WITHDRAWN, GRANTED]
    assert told(rows(world.database)) == world.anew()


def test_what_changes_nobodys_access_is_told_to_nobody(world: World) -> None:
    world.record.finalise(world.record.open(), urn="199101")
    world.route()
    before = rows(world.database)
    world.adopt(changed("access-matrix", version="2027-same"), "2027-03-01")
    world.adopt(listing("2027-planned-and-given-up"), "2027-06-01")
    world.withdraw(3)
    world.now = at("2027-07-01")
    world.route()
    assert rows(world.database) == before
    assert world.anew() == told(before)


def test_a_matrix_adopted_later_for_the_past_tells_nothing_new_of_the_past(world: World) -> None:
    plan = world.record.open()
    world.record.finalise(plan, urn="199101")
    world.now += timedelta(days=30)
    world.adopt(listing("2027-narrow"), "2014-09-01")
    world.now += LONG
    world.record.add(plan, "access-noted")
    world.route()
    assert world.to(SCHOOL) == ["ehcp-plan-finalised-1", WITHDRAWN]
    assert told(rows(world.database)) == world.anew()


def test_a_router_that_is_ended_in_the_middle_of_many_plans_goes_on_and_tells_each_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each step is a router of its own, and things happen to plans on either side of where it has come to."""
    monkeypatch.setattr(unprompted, "TOGETHER", 3)
    plans = [world.record.open() for _ in range(20)]
    for plan in plans:
        world.record.finalise(plan, urn="199101")
    world.route()
    world.adopt(listing("2027-narrow"), "2027-03-10")
    world.now = at("2027-03-10", "12:00:00")
    dice, working = random.Random(5), True
    while working:
        router = world.router()
        working = router.step()
        router.close()
        if dice.random() < 0.5 and len(world.record.sequences) < 26:
            world.record.finalise(dice.choice(plans), number=2, urn="199102")
            world.record.finalise(world.record.open(), urn="199101")
    world.route()
    assert all(world.to(SCHOOL, plan) == ["ehcp-plan-finalised-1", WITHDRAWN] for plan in plans)
    assert faults(rows(world.database)) == []
    assert told(rows(world.database)) == world.anew()


def test_two_routers_with_half_of_the_lanes_each_tell_it_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unprompted, "TOGETHER", 2)
    for _ in range(12):
        world.record.finalise(world.record.open(), urn="199101")
    world.adopt(listing("2027-narrow"), "2027-03-10")
    world.now = at("2027-03-10", "12:00:00")
    halves = [world.router(lanes=SomeLanes(frozenset(range(start, 16, 2))), batch=1) for start in (0, 1)]
    while sum(router.step() for router in halves):
        pass
    for router in halves:
        router.close()
    assert world.to(SCHOOL).count(WITHDRAWN) == 12
    assert faults(rows(world.database)) == []
    assert told(rows(world.database)) == world.anew()


def test_whoever_comes_second_in_a_turn_writes_nothing(world: World) -> None:
    world.record.finalise(world.record.open(), urn="199101")
    world.route()
    world.adopt(listing("2027-narrow"), "2027-03-10")
    world.now = at("2027-03-11")
    first, second = world.router(), world.router()
    second_looked = second._unprompted.turned  # noqa: SLF001 - the moment between looking and writing
    found: list[Any] = []

    def looked(*where: Any) -> Any:
        found.append(second_looked(*where))
        first.catch_up()
        return found[-1]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(second._unprompted, "turned", looked)  # noqa: SLF001
        assert second.step()
    assert found[0] is not None
    second.catch_up()
    assert world.to(SCHOOL) == ["ehcp-plan-finalised-1", WITHDRAWN]
    first.close()
    second.close()


def test_a_plan_that_can_not_be_followed_on_that_day_is_parked_and_told_when_it_is_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = world.record.open(), world.record.open()
    for plan in (bad, good):
        world.record.finalise(plan, urn="199101")
    world.route()
    world.adopt(listing("2027-narrow"), "2027-03-10")
    world.now = at("2027-03-11")
    router = world.router()
    read = type(router._folder).whole  # noqa: SLF001

    def failing(folder: Any, plan: UUID, position: int) -> Any:
        if plan == bad:
            raise LookupError("a word of a child")
        return read(folder, plan, position)

    with monkeypatch.context() as patched:
        patched.setattr(type(router._folder), "whole", failing)  # noqa: SLF001
        router.catch_up()
    router.close()
    assert [world.to(SCHOOL, plan)[1:] for plan in (bad, good)] == [[], [WITHDRAWN]]
    with world.database.writing() as connection:
        (found,) = connection.execute(select(parked))
        assert (found.plan, found.error) == (bad, "LookupError")
        connection.execute(update(parked).values(retry=1))
    world.route()
    assert world.to(SCHOOL, bad)[1:] == [WITHDRAWN]
    assert told(rows(world.database)) == world.anew()


def test_an_installation_that_knew_of_no_turns_tells_what_it_has_not_told(world: World) -> None:
    """As after an upgrade: the edition counted for long, and the lanes have followed none."""
    world.record.finalise(world.record.open(), urn="199101")
    world.route()
    world.adopt(listing("2027-narrow"), "2027-03-10")
    world.now = at("2027-06-01")
    with world.database.writing() as connection:
        assert set(connection.scalars(select(lanes.c.turn))) == {0}
    world.route()
    assert world.to(SCHOOL) == ["ehcp-plan-finalised-1", WITHDRAWN]


@pytest.mark.parametrize("seed", range(6))
def test_a_random_history_with_days_and_editions_is_told_the_same_anew(world: World, seed: int) -> None:
    dice = random.Random(seed)
    adopted: list[int] = []
    for number in range(60):
        world.now += timedelta(seconds=dice.choice((1, 5, 9, 11, 3_600, 86_400, 400_000)))
        choice = dice.random()
        if choice < 0.08:
            relation = dice.choice(("named-setting", "consulted-setting", "maintaining-council"))
            day = world.now.date() + timedelta(days=dice.randint(-20, 12))
            edition = listing(f"2027-{number}", relation, lists=dice.random() < 0.4)
            adopted.append(world.adopt(edition, day.isoformat()))
        elif choice < 0.11 and adopted:
            world.withdraw(adopted.pop(dice.randrange(len(adopted))))
        elif choice < 0.25 and world.record.sequences:
            consulted(world, dice.choice(list(world.record.sequences)), days=dice.randint(0, 20))
        else:
            world.record.random_step(dice)
        if dice.random() < 0.2:
            world.route(batch=dice.randint(1, 9))
    world.now += timedelta(days=40)
    world.route()
    found = rows(world.database)
    assert {WITHDRAWN, GRANTED} <= {row.type for row in found}
    assert faults(found) == []
    assert told(found) == world.anew()


def consulted(world: World, plan: UUID, days: int) -> None:
    data = {"organisation": SCHOOL, "accessUntil": (world.now.date() + timedelta(days=days)).isoformat()}
    case = {"kind": "consultation", "id": "c-1", "status": "SENT", "data": data}
    world.record.add(plan, "setting-consulted", {"cases": [case]}, {"consultationId": "c-1"})


def test_a_consulted_schools_window_ends_with_its_last_day(world: World) -> None:
    plan = world.record.open()
    consulted(world, plan, days=9)
    world.now = at("2027-03-10", "23:59:59")
    world.route()
    assert world.to(SCHOOL) == ["ehcp-consultation-opened-1"]
    world.now = at("2027-03-11") + SETTLING
    world.route()
    assert world.to(SCHOOL) == ["ehcp-consultation-opened-1", WITHDRAWN]
    assert told(rows(world.database)) == world.anew()


def test_a_setting_is_told_on_the_day_from_which_it_is_named_and_the_day_after_its_last(world: World) -> None:
    plan = world.record.open()
    party = {"role": "namedSetting", "organisation": SCHOOL, "since": "2027-04-01"}
    world.record.add(plan, "placement-changed", {"parties": [party]})
    world.record.finalise(plan, urn="199101", to="2027-07-23")
    world.route()
    assert world.to(SCHOOL) == []
    world.now = at("2027-03-31", "23:00:00") + SETTLING
    world.route()
    assert world.to(SCHOOL) == [GRANTED]
    world.now = at("2027-07-24")
    world.route()
    assert world.to(SCHOOL) == [GRANTED, WITHDRAWN]
    assert told(rows(world.database)) == world.anew()


def test_councils_are_told_on_the_day_on_which_one_takes_over_from_the_other(world: World) -> None:
    plan = world.record.open()
    parties = [
        {"role": "maintainingCouncil", "organisation": "la:855", "since": "2026-01-01"},
        {"role": "maintainingCouncil", "organisation": "la:855", "until": "2027-03-31"},
        {"role": "maintainingCouncil", "organisation": "la:936", "since": "2027-04-01"},
    ]
    world.record.add(plan, "transfer-decided", {"parties": parties})
    world.now = at("2027-03-31", "22:00:00")
    world.route()
    before = world.to("la:855")
    assert WITHDRAWN not in before
    assert world.to("la:936") == []
    world.now = at("2027-04-01")
    world.route()
    assert (world.to("la:855"), world.to("la:936")) == ([*before, WITHDRAWN], [GRANTED])
    assert told(rows(world.database)) == world.anew()
