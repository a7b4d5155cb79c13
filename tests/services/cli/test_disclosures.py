"""What a command shows is on record like any other showing, and `ehcp plan disclosures` lists it."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain.plan.events import PlanEvent
from services.bootstrap import open_platform
from services.disclosures.values import PLATFORM
from services.settings import Settings
from services.store.errors import StoreBusy
from services.store.values import DISCLOSURE_LOG
from tests.services.cli.conftest import Machine
from tests.support.fictional import fictional_plan


@pytest.fixture
def plan(machine: Machine) -> str:
    document = machine.write("plan.json", json.dumps(fictional_plan(1)).encode())
    imported = machine.run("import", document, "--council", "855", "--json")
    assert imported.exit_code == 0, imported.output
    found: str = json.loads(imported.stdout)["planIds"][0]
    return found


def recorded(folder: Path) -> list[tuple[UUID, dict[str, Any]]]:
    platform = open_platform(Settings(database_url=f"sqlite:///{folder}/var/record.sqlite", _env_file=None))
    found = platform.store.read_log(0, 1_000, DISCLOSURE_LOG)
    platform.close()
    return [(event.plan, event.data) for event in found if isinstance(event, PlanEvent)]


def test_reading_on_the_machine_that_holds_the_record_is_on_record(machine: Machine, plan: str) -> None:
    for words in (["show", plan], ["history", plan], ["disclosures", plan]):
        assert machine.run("plan", *words).exit_code == 0
    entries = recorded(machine.folder)
    assert [(owner, said["what"], said["channel"]) for owner, said in entries] == [
        (UUID(plan), what, "cli") for what in ("plan", "history", "disclosures")
    ]


def test_possible_breaches_are_printed_with_who_read_what(machine: Machine, plan: str) -> None:
    nothing = machine.run("plan", "possible-breaches", plan)
    assert (nothing.exit_code, nothing.stdout.strip()) == (0, "Nothing that was shown turned out to be wrong.")
    assert json.loads(machine.run("plan", "possible-breaches", plan, "--json").stdout) == {"breaches": []}
    assert [said["what"] for _, said in recorded(machine.folder)] == ["possible-breaches"] * 2


def test_a_copy_of_the_log_is_on_record_before_a_line_is_printed(
    machine: Machine, plan: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert machine.run("replay").exit_code == 0
    assert machine.run("replay", "--plan", plan).exit_code == 0
    whole, own = recorded(machine.folder)
    assert (whole[0], whole[1]["outcome"], whole[1]["text"]) == (PLATFORM, "exported", "positions 1 to 1")
    assert (own[0], own[1]["outcome"], own[1]["asked"]) == (UUID(plan), "exported", plan)

    def refused(*_: Any) -> Any:
        raise StoreBusy("too many wait")

    monkeypatch.setattr("services.store.record_store.RecordStore.disclose", refused)
    stopped = machine.run("replay")
    assert stopped.exit_code == 1
    assert stopped.stdout == ""


def test_the_readers_are_printed_for_people_and_for_programs(machine: Machine, plan: str) -> None:
    machine.run("plan", "show", plan)
    told = machine.run("plan", "disclosures", plan)
    assert "auditor operator" in told.stdout
    assert "final-1" in told.stdout
    found = json.loads(machine.run("plan", "disclosures", plan, "--json").stdout)
    assert [entry["what"] for entry in found["disclosures"]] == ["plan", "disclosures"]
    assert found["notShared"] == []
    assert machine.run("plan", "disclosures", str(UUID(int=7))).exit_code == 1
