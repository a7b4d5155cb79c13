"""`ehcp replay`, as who holds the record sees it."""

import json
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from typer.testing import CliRunner, Result

from services.cli.main import app
from services.store.embedded import open_embedded
from services.store.values import PLAN_LOG, AppendGroup
from tests.services.store.conftest import AMENDED, METADATA, REQUESTED

Replay = Callable[..., Result]


@pytest.fixture
def plans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[UUID, UUID]:
    """A record with two events of one plan and one of another, erased, plan."""
    monkeypatch.setenv("EHCP_DATABASE_URL", f"sqlite:///{tmp_path}/var/record.sqlite")
    kept, erased = uuid4(), uuid4()
    with open_embedded(tmp_path / "var") as store:
        for plan, sequence, type_ in ((kept, 1, REQUESTED), (erased, 1, REQUESTED), (kept, 2, AMENDED)):
            event = store.seal(plan, sequence, type_, METADATA, {"note": f"n{sequence}"}, council="855")
            store.append(AppendGroup({PLAN_LOG: [event]}))
        store.erase_plan(erased)
    return kept, erased


def replayed(*options: str) -> list[dict[str, object]]:
    result = CliRunner().invoke(app, ["replay", "--json", *options])
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_every_event_is_a_line_in_order_and_an_erased_one_says_so(plans: tuple[UUID, UUID]) -> None:
    kept, erased = plans
    first, gone, last = replayed()
    assert [event["position"] for event in (first, gone, last)] == [1, 2, 3]
    assert (first["subject"], first["sequence"], first["type"], first["data"]) == (
        str(kept),
        1,
        REQUESTED,
        {"note": "n1"},
    )
    assert gone == {**gone, "subject": str(erased), "erased": True}
    assert "data" not in gone
    assert last["metadata"] == {**last["metadata"], "actororg": "la:855", "mode": "PERFORM"}  # type: ignore[dict-item]


def test_a_part_of_the_log_is_named_by_plan_type_position_and_instant(plans: tuple[UUID, UUID]) -> None:
    kept, _ = plans
    everything = replayed()
    assert [event["position"] for event in replayed("--plan", str(kept))] == [1, 3]
    assert [event["position"] for event in replayed("--type", AMENDED)] == [3]
    assert [event["position"] for event in replayed("--after", "1", "--upto", "2")] == [2]
    assert [event["position"] for event in replayed("--since", str(everything[0]["time"]))] == [2, 3]
    assert [event["position"] for event in replayed("--until", str(everything[1]["time"]))] == [1, 2]


def test_for_people_an_event_is_a_line_of_words(plans: tuple[UUID, UUID]) -> None:
    result = CliRunner().invoke(app, ["replay"])
    lines = result.stdout.splitlines()
    assert [line.split()[-1] for line in lines] == ["la:855", "erased", "la:855"]
    assert str(plans[0]) in lines[0]


@pytest.mark.parametrize("options", [["--since", "yesterday"], ["--until", "2026-11-02T09:00:00"], ["--plan", "17"]])
@pytest.mark.usefixtures("plans")
def test_what_cannot_be_read_is_told_and_is_misuse(options: list[str]) -> None:
    result = CliRunner().invoke(app, ["replay", *options])
    assert result.exit_code == 2
    assert options[1] in " ".join(result.stderr.split())
