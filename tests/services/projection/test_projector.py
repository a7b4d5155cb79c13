"""However the log is taken in, the views say what a view made from nothing says."""

import random
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from services.projection.database import ViewDatabase
from services.projection.generations import BUILDING, LIVE, RETIRED, begin, retire_strangers, start_rebuild, targets
from services.projection.intake import Changes, PlanFold, Seal
from services.projection.parking import ask_again, parked_plans
from services.projection.tables import generations, history, worklist
from services.projection.wiring import VIEW_NAMES, all_views
from services.projection.worklist import Worklist
from services.store.embedded import open_embedded
from tests.services.projection.conftest import Start
from tests.support.projected import fresh, live_rows
from tests.support.recording import Recording


def test_views_kept_up_are_views_made_from_nothing(
    record: Recording, start: Start, database: ViewDatabase, tmp_path: Path
) -> None:
    dice, projector = random.Random(11), start(record.store, database)
    projector.catch_up()
    for _ in range(60):
        for _ in range(dice.randint(1, 5)):
            record.random_step(dice)
        for _ in range(dice.randint(0, 3)):
            projector.step()
        if dice.random() < 0.1:
            projector.close()
    projector.catch_up()
    found = live_rows(record.store, database)
    assert found == fresh(record.store, tmp_path)
    assert len(found["view_history"]) == record.store.head()[0]


def test_two_projectors_that_both_think_that_they_are_alone_take_nothing_in_twice(
    record: Recording, start: Start, database: ViewDatabase, tmp_path: Path
) -> None:
    dice = random.Random(12)
    projectors = [start(record.store, database) for _ in range(2)]
    for _ in range(40):
        record.random_step(dice)
        dice.choice(projectors).step()
    projectors[0].catch_up()
    assert live_rows(record.store, database) == fresh(record.store, tmp_path)


def test_the_erasure_of_an_entry_leaves_the_views(
    record: Recording, start: Start, database: ViewDatabase, tmp_path: Path
) -> None:
    plan = record.open("Aled Ottershaw")
    record.finalise(plan)
    record.add(plan, "name-changed", {"person": {"name": "Bryony Penhallow"}})
    projector = start(record.store, database)
    projector.catch_up()
    before = live_rows(record.store, database)
    record.store.erase_event(plan, 3)
    projector.catch_up()
    after = live_rows(record.store, database)
    assert after == fresh(record.store, tmp_path)
    assert before["view_worklist_name"] != after["view_worklist_name"]
    assert sorted(row[6] for row in after["view_history"]) == ["counted", "counted", "erased"]


def test_a_child_that_was_erased_is_in_no_view_but_its_history_stays(
    record: Recording, start: Start, database: ViewDatabase, tmp_path: Path
) -> None:
    plan, other = record.open(), record.open("Bryony Penhallow")
    record.finalise(plan)
    projector = start(record.store, database)
    projector.catch_up()
    record.store.erase_plan(plan)
    projector.catch_up()
    found = live_rows(record.store, database)
    assert found == fresh(record.store, tmp_path)
    assert {row[0] for row in found["view_worklist"]} == {other}
    assert [row[-1] for row in found["view_history"] if row[0] == plan] == [None, None]


def test_an_erasure_that_is_registered_is_followed_although_its_key_is_not_deleted_yet(
    record: Recording, start: Start, database: ViewDatabase, tmp_path: Path
) -> None:
    plan = record.open()
    record.finalise(plan)
    projector = start(record.store, database)
    projector.catch_up()
    record.store.keys.erasures.event(plan, plan, 2)
    projector.catch_up()
    record.store.erase_event(plan, 2)
    found = live_rows(record.store, database)
    assert [row[6] for row in sorted(found["view_history"], key=lambda row: row[1])] == ["counted", "erased"]
    assert found == fresh(record.store, tmp_path)


class Refusing(Worklist):
    """A worklist that can't take one plan in, until it is mended."""

    refused: UUID | None = None

    def changes(self, fold: PlanFold, seal: Seal) -> Changes:
        if fold.plan == self.refused:
            raise ZeroDivisionError
        return super().changes(fold, seal)


def test_a_plan_that_a_view_cannot_take_in_is_parked_there_and_only_there(
    record: Recording, start: Start, database: ViewDatabase, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    good, bad = record.open(), record.open("Caius Rookwood")
    view = Refusing(record.store.index)
    view.refused = bad
    projector = start(record.store, database, [view, *all_views(record.store.index)[:3]])
    projector.catch_up()
    record.add(good, "access-noted")
    position = record.add(bad, "access-noted")
    projector.catch_up()
    with database.reading() as connection:
        (parked,) = parked_plans(connection)
    assert (parked.view, parked.plan, parked.error) == ("worklist", bad, "ZeroDivisionError")
    assert parked.position < position
    assert "Caius" not in caplog.text
    assert str(bad) in caplog.text
    found, whole = live_rows(record.store, database), fresh(record.store, tmp_path)
    assert {row[0] for row in found["view_worklist"]} == {good}
    assert {name: found[name] for name in ("view_current", "view_version", "view_history")} == {
        name: whole[name] for name in ("view_current", "view_version", "view_history")
    }
    view.refused = None
    with database.writing() as connection:
        assert ask_again(connection, "worklist", None) == 1
    projector.catch_up()
    assert live_rows(record.store, database) == whole
    with database.reading() as connection:
        assert parked_plans(connection) == []


def test_an_event_that_cannot_be_folded_parks_its_plan_in_every_view(
    record: Recording, start: Start, database: ViewDatabase
) -> None:
    good, bad = record.open(), record.open()
    projector = start(record.store, database)
    projector.catch_up()
    record.add(bad, "access-noted", {"phase": 7})
    record.add(good, "access-noted")
    record.add(bad, "access-noted")
    projector.catch_up()
    with database.writing() as connection:
        assert {(parked.view, parked.plan) for parked in parked_plans(connection)} == {
            (view.name, bad) for view in all_views(record.store.index)
        }
        ask_again(connection, None, bad)
    projector.catch_up()
    with database.reading() as connection:
        assert not any(parked.retry for parked in parked_plans(connection))
        sequences = dict(connection.execute(select(worklist.c.plan, worklist.c.sequence)).all())  # type: ignore[arg-type]
    assert sequences == {good: 2, bad: 1}


def test_a_rebuild_stands_beside_the_live_view_until_it_is_as_far(
    record: Recording, start: Start, database: ViewDatabase, tmp_path: Path
) -> None:
    dice, projector = random.Random(13), start(record.store, database)
    projector.catch_up()
    for _ in range(50):
        record.random_step(dice)
    projector.catch_up()
    before = live_rows(record.store, database)
    with database.writing() as connection:
        built = start_rebuild(connection, "history", record.store.head()[0])
        assert start_rebuild(connection, "history", record.store.head()[0]) == built
    projector.step()
    assert live_rows(record.store, database) == before
    projector.close()  # stopped in the middle: another goes on from there
    record.random_step(dice)
    other = start(record.store, database)
    lowest = []
    while other.step():
        with database.reading() as connection:
            lowest += [min(t.positions.values()) for t in targets(connection, BUILDING)]
    assert lowest == sorted(lowest)
    assert lowest[0] > 0
    assert live_rows(record.store, database) == fresh(record.store, tmp_path)
    with database.reading() as connection:
        states = dict(connection.execute(select(generations.c.generation, generations.c.state)).all())  # type: ignore[arg-type]
        kept = connection.execute(select(history.c.generation).distinct()).scalars().all()
    assert built in states
    assert RETIRED not in states.values()
    assert kept == [built]


def test_a_view_that_is_ahead_learns_what_a_later_event_makes_of_an_earlier_one(
    record: Recording, start: Start, database: ViewDatabase, tmp_path: Path
) -> None:
    ahead = all_views(record.store.index)[1:3]
    with database.writing() as connection:
        begin(connection, [view.name for view in ahead], 0)
    plan = record.open()
    record.finalise(plan)
    start(record.store, database, ahead).catch_up()
    with database.writing() as connection:
        begin(connection, VIEW_NAMES, 0)
    record.annul(plan, 2)
    start(record.store, database).catch_up()
    found = live_rows(record.store, database)
    assert found == fresh(record.store, tmp_path)
    assert [row[6] for row in sorted(found["view_history"], key=lambda row: row[1])] == [
        "counted",
        "superseded",
        "counted",
    ]
    assert found["view_version"] == set()


class Growing:
    """A log that grows whenever it is read, so that no two generations are ever equally far."""

    def __init__(self, record: Recording, dice: random.Random, reads: int) -> None:
        self._record, self._dice, self._reads = record, dice, reads

    def __getattr__(self, name: str) -> Any:
        return getattr(self._record.store, name)

    def rows(self, after: int = 0, limit: int = 1_000) -> Any:
        if self._reads:
            self._reads -= 1
            self._record.random_step(self._dice)
        return self._record.store.rows(after, limit)


def test_a_rebuild_overtakes_the_live_view_and_is_overtaken(
    record: Recording, start: Start, database: ViewDatabase, tmp_path: Path
) -> None:
    dice = random.Random(14)
    projector = start(Growing(record, dice, 150), database)
    erased: set[UUID] = set()
    for round_ in range(60):
        for _ in range(dice.randint(1, 4)):
            projector.step()
        name = dice.choice(VIEW_NAMES)
        if round_ % 6 == 0:
            with database.writing() as connection:
                start_rebuild(connection, name, record.store.head()[0])
        plan = dice.choice(list(record.sequences)) if record.sequences else None
        if round_ % 9 == 0 and plan and record.sequences[plan] > 1:
            record.store.erase_event(plan, record.sequences[plan])
            erased.add(plan)
    projector.catch_up()
    assert len(erased) > 3
    with database.reading() as connection:
        assert parked_plans(connection) == []
        assert {target.state for target in targets(connection)} == {LIVE}
    assert live_rows(record.store, database) == fresh(record.store, tmp_path)


def test_views_that_are_ahead_of_others_keep_what_they_have(
    record: Recording, start: Start, database: ViewDatabase, tmp_path: Path
) -> None:
    dice, views = random.Random(15), all_views(record.store.index)
    with database.writing() as connection:
        begin(connection, [view.name for view in views[1:3]], 0)
    for _ in range(60):
        record.random_step(dice)
    start(record.store, database, views[1:3]).catch_up()
    with database.writing() as connection:
        begin(connection, VIEW_NAMES, 0)
    whole = start(record.store, database)
    while whole.step():
        if dice.random() < 0.5:
            record.random_step(dice)
    assert live_rows(record.store, database) == fresh(record.store, tmp_path)


def test_views_that_are_ahead_of_the_log_are_made_anew(
    record: Recording, start: Start, database: ViewDatabase, tmp_path: Path
) -> None:
    for _ in range(3):
        record.open()
    projector = start(record.store, database)
    projector.catch_up()
    projector.close()
    with open_embedded(tmp_path / "restored") as store:
        restored = Recording(store)
        restored.open()
        projector = start(store, database)
        projector.catch_up()
        assert live_rows(store, database) == fresh(store, tmp_path)
    with database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(worklist)) == 1
        assert {target.state for target in targets(connection)} == {LIVE}


def test_a_projector_that_starts_while_others_go_on_leaves_their_views_alone(
    record: Recording, start: Start, database: ViewDatabase
) -> None:
    """What the log held when it looked is less than what the others have taken in by the time that it looks at them."""
    record.open()
    first = start(record.store, database)
    first.catch_up()

    def others_go_on() -> int:
        record.open()
        first.catch_up()
        return record.store.head()[0]

    with database.reading() as connection:
        before = {(target.view, target.generation) for target in targets(connection)}
        retire_strangers(connection, others_go_on)
        assert {(target.view, target.generation) for target in targets(connection, LIVE)} == before
