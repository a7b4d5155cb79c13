"""An organisation is succeeded by another: who follows its plans is told on that day, and the same anew."""

import random
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.access.turns import SETTLING
from domain.directory.events import (
    Happening,
    OrganisationChanged,
    OrganisationClosed,
    OrganisationRegistered,
    OrganisationReopened,
    SuccessionRecorded,
)
from domain.directory.organisation import Fact, organisation_id
from domain.signals.types import GRANTED, WITHDRAWN
from services.directory.service import DirectoryService, Entry
from services.signals import unprompted
from services.store.framing import microseconds
from tests.services.signals.test_turns import BEGIN, LONG, SCHOOL, World, at, world
from tests.support.routed import faults, rows, told

__all__ = ["world"]
ACADEMY, LATER = "urn:199301", "urn:199302"
FINALISED = "ehcp-plan-finalised-1"


class Directory:
    """Says in the world's directory what a source would."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._sequences: dict[UUID, int] = {}

    def say(self, identifier: str, *happenings: Happening) -> None:
        stream = organisation_id(identifier)
        entries = []
        for happening in happenings:
            self._sequences[stream] = self._sequences.get(stream, 0) + 1
            entries.append(Entry(stream=stream, sequence=self._sequences[stream], happening=happening))
        DirectoryService(self._world.store.directory, lambda: self._world.now).record(entries, actor="operator:test")

    def opens(self, identifier: str, on: str = "2010-09-01", kind: str = "setting") -> None:
        scheme, _, value = identifier.partition(":")
        facts = (Fact(attribute=scheme, value=value), Fact(attribute="name", value="A school"))
        self.say(
            identifier,
            OrganisationRegistered(kind=kind, facts=facts, source="gias", as_of=day(on), opened=day(on)),
        )

    def closes(self, identifier: str, last: str) -> None:
        self.say(identifier, OrganisationClosed(closed=day(last), source="gias", as_of=day(last)))

    def succeeds(self, old: str, new: str, on: str) -> None:
        found = SuccessionRecorded(successor=organisation_id(new), on=day(on), how="Academy conversion", source="gias")
        self.say(old, found)

    def converts(self, old: str, new: str, on: str) -> None:
        """The old school's last day is the day before the new one's first."""
        self.opens(new, on)
        self.closes(old, (day(on) - timedelta(days=1)).isoformat())
        self.succeeds(old, new, on)


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.fixture
def directory(world: World) -> Directory:
    made = Directory(world)
    made.opens(SCHOOL)
    world.now += LONG
    return made


def named(world: World, count: int = 1) -> list[UUID]:
    plans = [world.record.open() for _ in range(count)]
    for plan in plans:
        world.record.finalise(plan, urn=SCHOOL.removeprefix("urn:"))
    world.route()
    return plans


def sound(world: World) -> None:
    """Nothing is missing, told twice or out of order, and a router that begins anew tells the same."""
    found = rows(world.database)
    assert faults(found) == []
    assert told(found) == world.anew()


@pytest.mark.parametrize(
    ("on", "midnight"), [("2027-03-10", at("2027-03-10")), ("2027-04-10", at("2027-04-09", "23:00:00"))]
)
def test_an_academy_is_told_of_the_schools_plans_when_its_first_day_begins_though_nothing_happens_to_them(
    world: World, directory: Directory, on: str, midnight: datetime
) -> None:
    plans = named(world, 3)
    directory.converts(SCHOOL, ACADEMY, on)
    world.now = midnight - timedelta(seconds=1)
    world.route()
    assert world.to(SCHOOL) == [FINALISED] * 3
    assert world.to(ACADEMY) == []
    before = world.store.head()[0]
    world.now = midnight + SETTLING
    for _ in range(2):
        world.route()
    assert world.to(SCHOOL) == [FINALISED] * 3 + [WITHDRAWN] * 3
    assert world.to(ACADEMY) == [GRANTED] * 3
    moved = [row for row in rows(world.database) if row.recipient == ACADEMY]
    assert {row.plan for row in moved} == set(plans)
    assert {(row.position, row.time) for row in moved} == {(before, microseconds(midnight))}
    sound(world)


def test_a_succession_that_is_heard_of_late_is_told_when_it_is_heard_of(world: World, directory: Directory) -> None:
    named(world)
    heard = world.now = at("2027-05-20", "10:00:00")
    directory.converts(SCHOOL, ACADEMY, "2027-04-01")
    world.now = heard + SETTLING - timedelta(seconds=1)
    world.route()
    assert world.to(ACADEMY) == []
    world.now = heard + LONG
    world.route()
    assert (world.to(SCHOOL)[-1], world.to(ACADEMY)) == (WITHDRAWN, [GRANTED])
    sound(world)


def test_what_was_told_before_stays_as_it_was_told_and_what_comes_after_goes_to_the_successor(
    world: World, directory: Directory
) -> None:
    (plan,) = named(world)
    world.now = at("2027-05-20")
    directory.converts(SCHOOL, ACADEMY, "2027-02-01")  # before the plan was made: a router that begins anew knows it
    world.now += LONG
    world.record.finalise(plan, number=2, urn=SCHOOL.removeprefix("urn:"))
    world.route()
    assert world.to(SCHOOL) == [FINALISED, WITHDRAWN]
    assert world.to(ACADEMY) == [GRANTED, FINALISED]
    sound(world)


def test_a_health_body_that_is_merged_into_another(world: World) -> None:
    directory = Directory(world)
    for body in ("ods:QA1", "ods:QA2", "ods:QB1"):
        directory.opens(body, kind="health")
    world.now += LONG
    plans = {}
    for body in ("ods:QA1", "ods:QA2"):
        plans[body] = world.record.open()
        party = {"role": "healthBody", "organisation": body, "since": "2027-03-01"}
        world.record.add(plans[body], "commissioner-changed", {"phase": "MAINTAINED", "parties": [party]})
    world.route()
    for body in plans:
        directory.closes(body, "2027-03-31")
        directory.succeeds(body, "ods:QB1", "2027-04-01")
    world.now = at("2027-04-01")
    world.route()
    assert world.to("ods:QB1") == [GRANTED, GRANTED]
    assert [world.to(body)[-1] for body in plans] == [WITHDRAWN, WITHDRAWN]
    sound(world)


def test_a_chain_of_successions_one_that_is_undone_and_another_number(world: World, directory: Directory) -> None:
    named(world)
    directory.converts(SCHOOL, ACADEMY, "2027-03-10")
    directory.converts(ACADEMY, LATER, "2027-03-20")
    world.now = at("2027-03-25")
    world.route()
    assert (world.to(SCHOOL), world.to(ACADEMY), world.to(LATER)) == (
        [FINALISED, WITHDRAWN], [GRANTED, WITHDRAWN], [GRANTED]
    )  # fmt: skip
    directory.say(SCHOOL, OrganisationReopened(source="gias", as_of=day("2027-03-25")))
    world.now += LONG
    world.route()
    assert (world.to(SCHOOL)[-1], world.to(LATER)[-1]) == (GRANTED, WITHDRAWN)
    number = Fact(attribute="urn", value="199401", since=day("2027-04-02"))
    changed = OrganisationChanged(source="gias", as_of=day("2027-04-02"), ended=("urn",), started=(number,))
    directory.say(SCHOOL, changed)
    world.now = at("2027-04-02")
    world.route()
    assert (world.to(SCHOOL)[-1], world.to("urn:199401")) == (WITHDRAWN, [GRANTED])
    sound(world)


def test_only_plans_that_are_told_to_whom_it_concerns_are_looked_at(
    world: World, directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = set(named(world, 4))
    for _ in range(30):
        world.record.finalise(world.record.open(), urn="199102")
    world.route()
    looked: list[UUID] = []
    walks = unprompted.Unprompted.walks

    def counted(self: Any, connection: Any, lanes: Any, plans: Any, *rest: Any) -> Any:
        looked.extend(plans)
        return walks(self, connection, lanes, plans, *rest)

    monkeypatch.setattr(unprompted.Unprompted, "walks", counted)
    directory.converts(SCHOOL, ACADEMY, "2027-03-10")
    world.now = at("2027-03-11")
    world.route()
    assert set(looked) == mine
    looked.clear()
    directory.say(SCHOOL, OrganisationChanged(source="gias", as_of=day("2027-03-11"), ended=("name",)))
    world.now += LONG
    world.route()
    assert looked == [], "another name changes nothing"


def test_routers_that_are_ended_in_the_middle_tell_each_plan_once(
    world: World, directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each step is a router of its own, and things happen to plans on either side of where it has come to."""
    monkeypatch.setattr(unprompted, "TOGETHER", 3)
    plans = named(world, 20)
    directory.converts(SCHOOL, ACADEMY, "2027-03-10")
    world.now = at("2027-03-10", "12:00:00")
    dice, working, happened = random.Random(7), True, 0
    while working:
        router = world.router()
        working = router.step()
        router.close()
        if dice.random() < 0.5 and happened < 6:
            world.record.add(dice.choice(plans), "access-noted")
            happened += 1
    world.route()
    assert all(world.to(SCHOOL, plan) == [FINALISED, WITHDRAWN] for plan in plans)
    assert all(world.to(ACADEMY, plan) == [GRANTED] for plan in plans)
    sound(world)


@pytest.mark.parametrize("seed", range(4))
def test_a_random_history_with_successions_is_told_the_same_anew(world: World, seed: int) -> None:
    dice, directory = random.Random(seed), Directory(world)
    schools = ["urn:199101", "urn:199102", "urn:199103"]
    for school in schools:
        directory.opens(school)
    new = 199301
    for _ in range(60):
        world.now += timedelta(seconds=dice.choice((1, 5, 9, 11, 3_600, 86_400, 400_000)))
        if dice.random() < 0.12 and schools:
            old, on = (
                schools.pop(dice.randrange(len(schools))),
                world.now.date() + timedelta(days=dice.randint(-20, 12)),
            )
            directory.converts(old, f"urn:{new}", on.isoformat())
            schools.append(f"urn:{new}")
            new += 1
        else:
            world.record.random_step(dice)
        if dice.random() < 0.2:
            world.route(batch=dice.randint(1, 9))
    world.now += timedelta(days=40)
    world.route()
    assert new > 199301
    assert world.now > BEGIN
    sound(world)
