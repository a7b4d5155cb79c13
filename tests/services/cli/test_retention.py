"""`ehcp retention` and the backups of keys: two people at one machine, what they are told and what is refused."""

import json
from pathlib import Path

import pytest

from tests.services.cli.conftest import Machine
from tests.services.retention.conftest import Ended
from tests.support.serving import serving

COUNCIL = ("--council", "855")


@pytest.fixture
def record(machine: Machine) -> str:
    """A record of somebody born in 1990, at rest."""
    folder = machine.folder / "var"
    with serving(folder) as served:
        life = Ended(served).at_rest(dateOfBirth="1990-03-04")
    machine.settings = {
        "EHCP_DATABASE_URL": f"sqlite:///{folder}/record/record.sqlite",
        "EHCP_KEYRING": str(folder / "record" / "keyring"),
    }
    return life.plan_id


def proposed(machine: Machine, record: str) -> str:
    said = machine.run("retention", "propose", record, *COUNCIL, "--reason", "Over", "--json")
    assert said.exit_code == 0, said.output
    erasure: str = json.loads(said.stdout)["erasureId"]
    return erasure


def test_it_lists_proposes_and_refuses_whoever_proposed_it(machine: Machine, record: str) -> None:
    (found,) = json.loads(machine.run("retention", "list", *COUNCIL, "--json").stdout)["records"]
    assert (found["planId"], found["keptUntil"], found["heldBack"]) == (record, "2021-03-04", [])
    erasure = proposed(machine, record)
    assert erasure in machine.run("retention", "list", *COUNCIL).output
    alone = machine.run("retention", "erase", record, erasure, *COUNCIL, "--yes")
    assert alone.exit_code == 1
    assert "Two people approve" in " ".join(alone.output.split())


def test_nobody_becomes_somebody_else_by_saying_so(
    machine: Machine, record: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    erasure = proposed(machine, record)
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME", "SUDO_USER"):
        monkeypatch.setenv(name, "somebody-else")
    alone = machine.run("retention", "erase", record, erasure, *COUNCIL, "--yes")
    assert "Two people approve" in " ".join(alone.output.split())


def test_somebody_else_destroys_it_and_is_shown_the_certificate(
    machine: Machine, record: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept = machine.run("keys", "backup", str(tmp_path / "backups"), "--json")
    backup = json.loads(kept.stdout)["backup"]
    erasure = proposed(machine, record)
    monkeypatch.setattr("services.cli.own_record.account", lambda: "somebody-else")
    done = machine.run("retention", "erase", record, erasure, *COUNCIL, "--yes")
    assert done.exit_code == 0, done.output
    assert "the record (rule DOB_31) was destroyed" in done.output
    (certificate,) = json.loads(machine.run("retention", "certificates", *COUNCIL, "--json").stdout)["certificates"]
    assert certificate["proposed"]["by"] != certificate["approved"]["by"]
    shown = machine.run("plan", "show", record)
    assert (shown.exit_code, "Quillfeather" in shown.output) == (1, False)
    assert "Its key was destroyed" in shown.output
    restored = machine.run("keys", "restore", backup, "--json")
    assert json.loads(restored.stdout) == {"restored": 0, "destroyedAgain": 0}
    assert machine.run("plan", "show", record).exit_code == 1


def test_a_proposal_can_be_turned_down(machine: Machine, record: str) -> None:
    erasure = proposed(machine, record)
    said = machine.run("retention", "withdraw", record, erasure, *COUNCIL, "--reason", "Kept for research")
    assert said.exit_code == 0, said.output
    (found,) = json.loads(machine.run("retention", "list", *COUNCIL, "--json").stdout)["records"]
    assert "proposal" not in found


@pytest.mark.parametrize(
    "words",
    [
        ("retention", "list", "--council", "85"),
        ("retention", "propose", "not-an-id", *COUNCIL, "--reason", "x"),
        ("keys", "restore", "nowhere.keys"),
    ],
)
def test_what_cannot_be_is_misuse(machine: Machine, words: tuple[str, ...]) -> None:
    assert machine.run(*words).exit_code == 2


def test_a_council_that_does_not_exist_is_said_to_be_none(machine: Machine) -> None:
    told = machine.run("retention", "list", "--council", "999")
    assert told.exit_code == 2
    assert "There is no council with the code 999." in told.stderr
