"""`ehcp audit`: the newest checkpoint as a note, and the exchange of the key that signs."""

import json
import sqlite3
from typing import Any

import pytest

from services.notary.notes import parsed
from tests.services.cli.conftest import Machine
from tests.support.life import Life
from tests.support.serving import serving


@pytest.fixture
def recorded(machine: Machine) -> int:
    """How many entries the log has of which a checkpoint was signed."""
    with serving(machine.folder) as platform:
        Life(platform).imported().read()
        platform.platform.notary.running.look()
        folder = machine.folder / "record"
        machine.settings = {
            "EHCP_DATABASE_URL": f"sqlite:///{folder}/record.sqlite",
            "EHCP_KEYRING": str(folder / "keyring"),
        }
        return platform.platform.store.head()[0]


def test_nothing_is_signed_of_an_empty_log(machine: Machine) -> None:
    answer = machine.run("audit", "checkpoint")
    assert answer.exit_code == 0
    assert answer.stdout == ""
    assert "ehcp work notary" in answer.stderr


def test_the_note_is_printed_as_it_is(machine: Machine, recorded: int) -> None:
    printed = machine.run("audit", "checkpoint")
    assert printed.exit_code == 0, printed.output
    assert parsed(printed.stdout).size == recorded
    told = json.loads(machine.run("audit", "checkpoint", "--json").stdout)
    assert told["note"] == printed.stdout
    assert len(told["keys"]) == 1
    disclosures = machine.run("audit", "checkpoint", "--log", "disclosure")
    assert parsed(disclosures.stdout).origin.endswith(":disclosure")


def test_the_key_is_exchanged(machine: Machine, recorded: int) -> None:
    assert recorded
    answer = machine.run("audit", "rotate-key")
    assert answer.exit_code == 0, answer.output
    assert "key 2" in answer.stderr
    folder = machine.folder / "record" / "keyring"
    assert {path.name for path in folder.glob("checkpoint.*.p*")} == {
        "checkpoint.1.pub",
        "checkpoint.2.pub",
        "checkpoint.2.pem",
    }


def test_the_doctor_tells_how_much_is_signed_and_when_the_log_is_another(machine: Machine, recorded: int) -> None:
    def checkpoints() -> dict[str, Any]:
        told = json.loads(machine.run("doctor", "--json").stdout)
        (found,) = [one for one in told["findings"] if one["name"] == "Checkpoints"]
        return dict(found)

    well = checkpoints()
    assert well["good"]
    assert well["says"].startswith(f"plan log: {recorded} of {recorded} signed; disclosure log: ")
    note = machine.folder / "record" / "keyring" / "checkpoint.plan.note"
    note.write_text(note.read_text().replace(f"\n{recorded}\n", f"\n{recorded + 7}\n"))
    ill = checkpoints()
    assert not ill["good"]
    assert f"a checkpoint of {recorded + 7} is known" in ill["says"]


def test_a_command_that_writes_says_why_nothing_is_recorded(machine: Machine, recorded: int) -> None:
    note = machine.folder / "record" / "keyring" / "checkpoint.plan.note"
    note.write_text(note.read_text().replace(f"\n{recorded}\n", f"\n{recorded + 7}\n"))
    refused = machine.run("directory", "import", "--source", "councils")
    assert refused.exit_code == 1
    assert f"a checkpoint of {recorded + 7} is known" in refused.stderr.replace("\n", "")
    plan = machine.write("plan.json", b"{}")
    imported = machine.run("import", plan, "--council", "855")
    assert imported.exit_code == 1
    assert "Nothing is recorded" in imported.stderr.replace("\n", " ")
    assert machine.run("audit", "checkpoint").exit_code == 0


def test_an_entry_that_was_changed_anywhere_is_found_by_reading_it_all(machine: Machine, recorded: int) -> None:
    well = machine.run("audit", "check", "--json")
    assert well.exit_code == 0, well.output
    assert json.loads(well.stdout)["asSigned"]
    with sqlite3.connect(machine.folder / "record" / "record.sqlite") as record:
        record.execute("DROP TRIGGER plan_event_no_UPDATE")
        record.execute("UPDATE plan_event SET time = time - 1 WHERE position = 1")
    ill = machine.run("audit", "check", "--json")
    assert ill.exit_code == 1
    told = json.loads(ill.stdout)
    assert (told["asSigned"], told["size"]) == (False, recorded)


def test_there_is_nothing_to_check_before_anything_is_signed(machine: Machine) -> None:
    assert machine.run("audit", "check").exit_code == 1
