"""`ehcp directory`: extracts in, organisations out, and the systems that sign in."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import OKPKey

from tests.services.cli.conftest import Machine
from tests.services.directory.conftest import FIXTURES
from tests.support.postgres import migrate

GIAS = str(FIXTURES / "edubasealldata20261001.csv")


@pytest.fixture(params=["sqlite", "postgresql"])
def installed(request: pytest.FixtureRequest, machine: Machine) -> Machine:
    """A machine whose record is in a file, and one whose record is in PostgreSQL."""
    if request.param == "postgresql":
        address = request.getfixturevalue("postgres")
        migrate(address)
        machine.settings["EHCP_DATABASE_URL"] = address
    return machine


def imported(machine: Machine, source: str, *file: str) -> dict[str, Any]:
    told = machine.run("directory", "import", *file, "--source", source, "--json")
    assert told.exit_code == 0, told.output
    found: dict[str, Any] = json.loads(told.stdout)
    return found


def test_extracts_are_taken_in_and_looked_up_on_any_day(installed: Machine) -> None:
    assert imported(installed, "councils")["registered"] == 160
    assert imported(installed, "gias", GIAS)["registered"] == 7
    assert imported(installed, "gias-links", str(FIXTURES / "links_edubasealldata20261001.csv"))["changed"] == 1
    assert imported(installed, "ods", str(FIXTURES / "eccg.csv"))["registered"] == 3
    assert imported(installed, "ods-succ", str(FIXTURES / "succ.csv"))["changed"] == 2
    assert imported(installed, "gias", GIAS)["events"] == 0
    shown = installed.run("directory", "show", "urn:199601", "--on", "2021-05-01")
    assert "Brindle Wood Community School (setting), on 2021-05-01" in shown.stdout
    told = json.loads(installed.run("directory", "show", "ods:Q99", "--on", "2026-04-01", "--json").stdout)
    assert [one["identifiers"] for one in told["answering"]] == [["ods:QN1"]]


def test_rows_that_were_turned_away_are_listed(machine: Machine) -> None:
    told = machine.run("directory", "import", GIAS, "--source", "gias")
    assert told.exit_code == 0
    assert "4 turned away" in " ".join(told.stderr.split())
    rejects = [json.loads(line) for line in Path("directory-rejects.ndjson").read_text().splitlines()]
    assert [(reject["line"], reject["column"]) for reject in rejects] == [
        (9, "CloseDate"), (10, "URN"), (11, "EstablishmentName"), (12, "OpenDate")
    ]  # fmt: skip
    assert {reject["file"] for reject in rejects} == {"edubasealldata20261001.csv"}
    imported(machine, "councils")
    assert not Path("directory-rejects.ndjson").exists()


def test_the_day_of_the_extract_is_in_its_name_or_stated(machine: Machine) -> None:
    imported(machine, "gias", GIAS)
    told = json.loads(machine.run("directory", "show", "urn:199603", "--on", "2026-10-01", "--json").stdout)
    assert told["facts"]["section41"] == "approved"
    before = json.loads(machine.run("directory", "show", "urn:199603", "--on", "2026-09-30", "--json").stdout)
    assert "section41" not in before["facts"]
    renamed = machine.write("all.csv", Path(GIAS).read_bytes().replace(b"Fernhollow", b"Fernhill"))
    assert machine.run("directory", "import", renamed, "--source", "gias", "--as-of", "2026-10-15").exit_code == 0
    told = json.loads(machine.run("directory", "show", "urn:199604", "--on", "2026-10-15", "--json").stdout)
    assert told["name"] == "The Fernhill Pupil Referral Unit"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("import", GIAS, "--source", "edubase"), 2),
        (("import", "--source", "gias"), 2),
        (("import", GIAS, "--source", "councils"), 2),
        (("import", "missing.csv", "--source", "gias"), 2),
        (("import", GIAS, "--source", "gias-links"), 2),
        (("import", GIAS, "--source", "gias", "--as-of", "1 June"), 2),
        (("show", "la:855", "--on", "yesterday"), 2),
        (("show", "urn:199999"), 1),
    ],
)
def test_what_cannot_be_done_is_said(machine: Machine, words: tuple[str, ...], code: int) -> None:
    told = machine.run("directory", *words)
    assert told.exit_code == code
    assert "Stopped:" in told.stderr


def test_a_file_of_which_nothing_can_be_taken_ends_with_a_refusal(machine: Machine) -> None:
    assert machine.run("directory", "import", str(FIXTURES / "succ.csv"), "--source", "ods-succ").exit_code == 1


def test_a_system_is_registered_given_new_keys_and_ended(installed: Machine) -> None:
    keys = [installed.write(f"{kid}.json", jwks(kid)) for kid in ("one", "two")]
    added = installed.run(
        "directory", "clients", "add", "epr-1", "--organisation", "ods:QN1", "--role", "health", "--jwks", keys[0],
        "--until", "2030-01-01", "--certificate", "A" * 43,
    )  # fmt: skip
    assert added.exit_code == 0, added.output
    assert "isn't in the directory yet" in added.stderr
    again = installed.run(
        "directory", "clients", "add", "epr-1", "--organisation", "ods:QN1", "--role", "health", "--jwks", keys[0]
    )
    assert again.exit_code == 1
    assert installed.run("directory", "clients", "rotate", "epr-1", "--jwks", keys[1]).exit_code == 0
    (client,) = listed(installed)
    assert (client["active"], client["role"], client["organisation"]) == (True, "health", "ods:QN1")
    assert [period["key"]["kid"] for period in client["keys"]] == ["one", "two"]
    assert datetime.fromisoformat(client["keys"][0]["until"])
    assert "one, two" in " ".join(installed.run("directory", "clients", "list").stderr.split())
    assert installed.run("directory", "clients", "revoke", "epr-1").exit_code == 0
    assert listed(installed)[0]["active"] is False
    assert installed.run("directory", "clients", "revoke", "epr-1").exit_code == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"--role": "family"}, 2),
        ({"--organisation": "QN1"}, 2),
        ({"--jwks": "missing.json"}, 2),
        ({"--from": "soon"}, 2),
        ({"--certificate": "short"}, 1),
        ({"--until": "2001-01-01"}, 1),
    ],
)
def test_a_system_that_is_not_stated_right_is_not_registered(
    machine: Machine, change: dict[str, str], code: int
) -> None:
    stated = {"--organisation": "ods:QN1", "--role": "health", "--jwks": machine.write("k.json", jwks("a"))} | change
    told = machine.run("directory", "clients", "add", "epr-1", *(word for pair in stated.items() for word in pair))
    assert told.exit_code == code
    assert listed(machine) == []


def listed(machine: Machine) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(machine.run("directory", "clients", "list", "--json").stdout)
    return found


def jwks(kid: str) -> bytes:
    key = {**OKPKey.generate_key("Ed25519").as_dict(private=False), "kid": kid}
    return json.dumps({"keys": [key]}).encode()
