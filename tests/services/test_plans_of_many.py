"""The states of many plans at once: what each would be by itself, whatever is in memory of it."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from domain.plan.state import PlanState
from services.errors import PlanErased, PlanUnknown
from services.plans import SNAPSHOT_EVERY, Plans
from services.store.embedded import open_embedded
from services.store.file_keyring import FileKeyring
from services.store.postgres.store import open_postgres
from tests.support.recording import Recording


@pytest.fixture(params=["sqlite", "postgresql"])
def recording(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Recording]:
    if request.param == "postgresql":
        opened = open_postgres(request.getfixturevalue("migrated"), keyring=FileKeyring(tmp_path / "keyring"))
    else:
        opened = open_embedded(tmp_path / "record")
    with opened as store:
        yield Recording(store)


def one_by_one(plans: Plans, asked: list[UUID]) -> dict[UUID, PlanState]:
    found = {}
    for plan in asked:
        try:
            found[plan] = plans.current(plan)
        except (PlanUnknown, PlanErased):
            continue
    return found


def test_many_states_are_what_each_is_by_itself(recording: Recording) -> None:
    plans = Plans(recording.store)
    short, long, renamed, damaged, gone = (recording.open(name) for name in ("A B", "C D", "E F", "G H", "I J"))
    for _ in range(SNAPSHOT_EVERY):
        recording.add(long, "access-noted")
    recording.add(damaged, "name-changed", {"person": {"name": "Bryony Rookwood"}})
    asked = [short, long, renamed, damaged, gone, uuid4()]
    assert plans.current_of(asked) == one_by_one(Plans(recording.store), asked)
    # all are in memory now: of some more happens, by whatever process
    recording.add(renamed, "name-changed", {"person": {"name": "Bryony Marshbanks"}})
    recording.store.erase_event(damaged, 2)
    recording.store.erase_plan(gone)
    found = plans.current_of(asked)
    assert found == one_by_one(Plans(recording.store), asked)
    assert found.keys() == {short, long, renamed, damaged}
    assert found[renamed].person["name"] == "Bryony Marshbanks"
    assert found[damaged].person["name"] == "G H"
    assert Plans(recording.store).current_of(asked) == found


def test_nothing_is_asked_for_nobody(recording: Recording) -> None:
    assert Plans(recording.store).current_of([]) == {}
