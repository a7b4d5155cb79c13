"""`ehcp audit`: the newest checkpoint as a note, and the exchange of the key that signs."""

import json

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
