"""What the topic of events holds: every event of the log, once, in order for each plan, sealed as it is stored."""

import random
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from services.publishing.publisher import Publisher
from services.publishing.source import LogBehind
from services.store.embedded import open_embedded
from services.store.framing import unframe
from services.store.sealing import associated_data, open_bound
from services.store.values import DRAFT_LOG, AppendGroup
from tests.services.publishing.conftest import Publishers, publish_all
from tests.support.published import Installation
from tests.support.recording import METADATA, Recording

EVENTS = "plan-events.v1"


def headers(record: Any) -> dict[str, str]:
    return {name: value.decode() for name, value in record.headers}


def test_every_event_is_there_once_and_in_order_for_each_plan(
    record: Recording, installation: Installation, publisher: Publishers
) -> None:
    dice = random.Random(4)
    for _ in range(300):
        record.random_step(dice)
    publish_all(publisher(record.store, installation))
    for _ in range(50):
        record.random_step(dice)
    publish_all(publisher(record.store, installation))

    found = installation.committed(EVENTS)
    assert sorted(int(headers(one)["ce_position"]) for one in found) == list(range(1, 351))
    for plan in record.sequences:
        of_plan = [one for one in found if one.key == str(plan).encode()]
        assert [int(headers(one)["ce_sequence"]) for one in of_plan] == list(range(1, record.sequences[plan] + 1))
        assert len({one.partition for one in of_plan}) == 1
    assert {one.partition for one in found} == {0, 1, 2, 3}


def test_a_record_is_a_cloud_event_whose_data_only_the_key_opens(
    record: Recording, installation: Installation, publisher: Publishers
) -> None:
    plan = record.open("Aled Ottershaw")
    publish_all(publisher(record.store, installation))
    (published,) = installation.committed(EVENTS)
    _, _, _, _, time, state = record.store.row(1)
    stated = headers(published)
    clear = orjson.loads(unframe(state).header)
    assert {stated[f"ce_{name}"] for name in ("id", "source", "subject", "type", "dataschema", "sequence")} == {
        clear[name] for name in ("id", "source", "subject", "type", "dataschema", "sequence")
    }
    assert stated["ce_specversion"] == "1.0"
    assert stated["content-type"] == "application/vnd.ehcp-exchange.sealed"
    assert published.timestamp == time // 1000
    assert b"Ottershaw" not in published.value

    data_key = record.store.data_key(1)
    assert data_key is not None
    _, data = open_bound(published.value, associated_data(plan.bytes, 1, stated["ce_type"]), data_key)
    assert data["effects"]["person"]["name"] == "Aled Ottershaw"


def test_the_leaf_of_the_log_follows_from_the_record_alone(
    record: Recording, installation: Installation, publisher: Publishers
) -> None:
    record.open()
    publish_all(publisher(record.store, installation))
    (published,) = installation.committed(EVENTS)
    stated = headers(published)
    clear = {name.removeprefix("ce_"): value for name, value in stated.items() if name.startswith("ce_")}
    commitment = bytes.fromhex(clear.pop("commitment"))
    position = int(clear.pop("position"))
    header = orjson.dumps({**clear, "datacontenttype": "application/json"}, option=orjson.OPT_SORT_KEYS)
    leaf = sha256(b"\x00" + header + commitment + sha256(published.value).digest()).digest()
    assert leaf == record.store.leaf(position)


def test_drafts_are_never_published(record: Recording, installation: Installation, publisher: Publishers) -> None:
    plan = record.open()
    draft = record.store.seal(plan, 1, "ehcp.draft.changed.v1", METADATA, {"note": "n"}, draft=uuid4())
    record.store.append(AppendGroup({DRAFT_LOG: [draft]}))
    publish_all(publisher(record.store, installation))
    publish_all(publisher(record.store, installation, states=True))
    assert {headers(one)["ce_type"] for one in installation.committed(EVENTS)} == {"ehcp.plan.assessment-requested.v1"}
    assert [one.key for one in installation.committed("plan-state.v1")] == [str(plan).encode()]


def test_an_erased_child_leaves_events_that_nobody_can_open(
    record: Recording, installation: Installation, publisher: Publishers
) -> None:
    plan = record.open()
    record.finalise(plan)
    record.store.erase_plan(plan)
    other = record.open()
    publish_all(publisher(record.store, installation))
    found = installation.committed(EVENTS)
    assert sorted(headers(one)["ce_position"] for one in found) == ["1", "2", "3"]
    assert record.store.data_key(1) is None
    assert {one.key for one in found} == {str(plan).encode(), str(other).encode()}


def test_what_cannot_be_made_a_record_is_left_out_and_the_rest_goes_on(
    embedded: Recording, installation: Installation, publisher: Publishers, caplog: pytest.LogCaptureFixture
) -> None:
    embedded.open()
    damage(embedded)
    embedded.open()
    publish_all(publisher(embedded.store, installation))
    assert [headers(one)["ce_position"] for one in sorted(installation.committed(EVENTS), key=position)] == ["1", "3"]
    assert "position 2 of the plan log can't be taken apart" in caplog.text


def test_a_log_that_lacks_what_was_published_is_refused(
    embedded: Recording, tmp_path: Path, installation: Installation, publisher: Publishers
) -> None:
    embedded.open()
    embedded.open()
    publish_all(publisher(embedded.store, installation))
    with open_embedded(tmp_path / "restored") as store:
        restored = Recording(store)
        restored.open()
        ahead: Publisher = publisher(store, installation)
        with pytest.raises(LogBehind, match="position 2 was published, the log ends before it"):
            ahead.step()
        restored.open()
        restored.open()
        with pytest.raises(LogBehind, match="another event was published for position 2"):
            ahead.step()
    assert len(installation.committed(EVENTS)) == 2


def position(record: Any) -> int:
    return int(headers(record)["ce_position"])


def damage(record: Recording) -> None:
    """An event in the log whose bytes are none, as a disk may leave it."""
    with record.store._database.transaction() as connection:  # noqa: SLF001 - nobody but a disk can do this
        row = (2, UUID(int=7).bytes, 1, "ehcp.plan.accessed.v1", 1_790_000_000_000_000, b"\x01damaged")
        connection.execute("INSERT INTO plan_event VALUES (?,?,?,?,?,?)", row)
