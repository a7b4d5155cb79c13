"""What the topic of states holds: of every plan the newest state, sealed; of an erased one, nothing."""

from services.publishing.publisher import Publisher
from tests.services.publishing.conftest import Publishers, publish_all
from tests.support.published import Installation, opened_state
from tests.support.recording import Recording

STATES = "plan-state.v1"


def newest(installation: Installation) -> dict[str, object]:
    """The last record of every plan."""
    return {record.key.decode(): record for record in installation.committed(STATES)}


def opened(record: Recording, published: object) -> dict[str, object]:
    """The state in a record."""
    state = opened_state(record.store, published)
    assert state is not None
    return state


def test_the_last_record_of_a_plan_is_its_state(
    record: Recording, installation: Installation, publisher: Publishers
) -> None:
    states: Publisher = publisher(record.store, installation, states=True)
    first, second = record.open("Aled Ottershaw"), record.open("Bryn Fernlea")
    publish_all(states)
    record.finalise(first)
    publish_all(states)
    found = newest(installation)
    assert set(found) == {str(first), str(second)}
    assert opened(record, found[str(first)])["phase"] == "MAINTAINED"
    assert opened(record, found[str(second)])["phase"] == "REQUESTED"
    assert all(b"Ottershaw" not in one.value for one in installation.committed(STATES))


def test_an_erased_plan_leaves_a_tombstone_and_a_lost_event_a_new_state(
    record: Recording, installation: Installation, publisher: Publishers
) -> None:
    states: Publisher = publisher(record.store, installation, states=True)
    gone, kept = record.open("Aled Ottershaw"), record.open("Bryn Fernlea")
    record.add(kept, "name-changed", {"person": {"name": "Bryn Silverdale"}})
    publish_all(states)
    before = newest(installation)
    assert "Silverdale" in str(opened(record, before[str(kept)]))

    record.store.erase_plan(gone)
    record.store.erase_event(kept, 2)
    publish_all(states)
    found = newest(installation)
    assert found[str(gone)].value is None  # type: ignore[attr-defined]
    assert "Silverdale" not in str(opened(record, found[str(kept)]))
    assert [opened_state(record.store, before[str(plan)]) for plan in (gone, kept)] == [None, None]

    states.close()
    publish_all(states)
    assert len(installation.committed(STATES)) == 4


def test_a_plan_that_cannot_be_folded_holds_up_no_other(
    record: Recording, installation: Installation, publisher: Publishers
) -> None:
    states: Publisher = publisher(record.store, installation, states=True)
    odd, good = record.open(), record.open()
    record.add(odd, "phase-made-up", {"clockStarts": "not a list"})
    publish_all(states)
    assert set(newest(installation)) >= {str(good)}
    assert states.position.position == 3
