"""Every command: what it prints for people and for programs, and how it ends (0 done, 1 refused, 2 misuse)."""

import json
import re
import socket
from pathlib import Path
from typing import Any

import orjson
import pytest

from services.bootstrap import open_platform
from services.cli.main import app
from services.demo import load_demonstration, welcome
from services.settings import Settings
from tests.services.cli.conftest import Machine
from tests.support.fictional import fictional_plan

ROOT = Path(__file__).parents[3]
DEMONSTRATION = ROOT / "deploy" / "demonstration"
NOWHERE = "0b9d7c52-0000-4000-8000-000000000000"
DEVELOPMENT = {"EHCP_ENV": "development"}


@pytest.fixture
def shown(machine: Machine) -> str:
    """The id of the demonstration plan that the commands to try are about."""
    settings = Settings(env="development", database_url=f"sqlite:///{machine.folder}/var/record.sqlite")
    platform = open_platform(settings)
    load_demonstration(platform)
    said = welcome(platform)
    platform.close()
    found = re.search(r"plan show (\S+)", said)
    assert found
    return found.group(1)


def every_command() -> list[list[str]]:
    """The words of each command and group."""
    grouped = [
        [str(group.name), *words]
        for group in app.registered_groups
        for words in ([], *([str(command.name)] for command in group.typer_instance.registered_commands))  # type: ignore[union-attr]
    ]
    return [[], *([str(command.name)] for command in app.registered_commands), *grouped]


def test_every_command_explains_itself(machine: Machine) -> None:
    assert ["plan", "show"] in every_command()
    for words in every_command():
        helped = machine.run(*words, "--help")
        assert helped.exit_code == 0
        assert "Usage:" in helped.stdout


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"],
        ["plan", "show"],
        ["plan", "show", "no-id"],
        ["plan", "show", NOWHERE, "--version", "first"],
        ["plan", "diff", NOWHERE, "1"],
        ["plan", "check", "no-such-file.json"],
        ["import", "no-such-file.docx", "--council", "855"],
        ["import", "--council", "855"],
        ["token"],
        ["token", "--role", "minister"],
        ["serve", "--demo"],
    ],
    ids=" ".join,
)
def test_a_command_that_is_misused_ends_with_two_and_says_why(machine: Machine, words: list[str]) -> None:
    ended = machine.run(*words)
    assert ended.exit_code == 2
    assert ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_family_token_names_its_plan_and_contact(machine: Machine) -> None:
    assert machine.run("token", "--role", "family", **DEVELOPMENT).exit_code == 2
    made = machine.run("token", "--role", "family", "--plan", NOWHERE, "--contact", "contact-1", **DEVELOPMENT)
    assert made.exit_code == 0


def test_a_token_is_printed_for_people_and_programs(machine: Machine) -> None:
    assert machine.run("token", **DEVELOPMENT).stdout.count(".") == 2
    told = json.loads(machine.run("token", "--json", **DEVELOPMENT).stdout)
    assert told["expiresInSeconds"] == 8 * 3600


def test_plans_that_are_not_there_are_refused(machine: Machine, shown: str) -> None:
    for words in (
        ["show", NOWHERE],
        ["history", NOWHERE],
        ["show", shown, "--version", "9"],
        ["diff", shown, "1", "9"],
    ):
        assert machine.run("plan", *words).exit_code == 1
    assert "no such version" in machine.run("plan", "diff", shown, "1", "9").stderr


@pytest.mark.parametrize("option", ["--as-at=2026-02-30", "--as-at=tomorrow", "--known-at=x", "--version=0"])
def test_a_moment_that_cannot_be_is_misuse_and_explained(machine: Machine, shown: str, option: str) -> None:
    ended = machine.run("plan", "show", shown, option)
    assert ended.exit_code == 2
    assert "Give a" in ended.stderr


def test_a_plan_is_shown_with_its_history_and_what_changed(machine: Machine, shown: str) -> None:
    assert "Maya Ottershaw" in machine.run("plan", "show", shown).stdout
    assert "final 1" in machine.run("plan", "show", shown, "--as-at", "2024-01-01").stdout.partition("\n")[0]
    assert "no text in force" in machine.run("plan", "show", shown, "--as-at", "2020-01-01").stdout
    assert json.loads(machine.run("plan", "show", shown, "--version", "1", "--json").stdout)["version"]["number"] == 1
    changes = machine.run("plan", "diff", shown, "1", "2").stdout.splitlines()
    assert changes[:2] == ["- Outcome 3 reworded", "- Provision 1: 2 h -> 1 h a week, speech and language therapist"]
    assert len(json.loads(machine.run("plan", "diff", shown, "1", "2", "--json").stdout)["changes"]) == len(changes)
    assert "Issue the amended" in machine.run("plan", "history", shown).stdout
    assert len(json.loads(machine.run("plan", "history", shown, "--json").stdout)["events"]) == 11


CHECKED: dict[str, tuple[bytes, str]] = {
    "a name twice": (b'{"planType":"EHCP","planType":"EHCP"}', "repeated-name"),
    "malformed UTF-8": (b'{"planType":"\xff"}', "malformed-utf-8"),
    "not JSON": (b"plan", "malformed-json"),
    "no plan": (b"[]", "not-an-object"),
    "half a plan": (b'{"planType":"EHCP"}', "required"),
}


@pytest.mark.parametrize("kind", CHECKED)
def test_a_file_that_is_no_plan_is_refused_in_words_and_as_json(machine: Machine, kind: str) -> None:
    content, rule = CHECKED[kind]
    file = machine.write("plan.json", content)
    assert machine.run("plan", "check", file).exit_code == 1
    told = machine.run("plan", "check", file, "--json")
    assert told.exit_code == 1
    report: dict[str, Any] = json.loads(told.stdout)
    assert not report["valid"]
    assert rule in {fault["rule"] for fault in report["faults"]}


def test_a_plan_is_checked(machine: Machine) -> None:
    file = machine.write("plan.json", orjson.dumps(fictional_plan(1)))
    assert machine.run("plan", "check", file).exit_code == 0
    assert json.loads(machine.run("plan", "check", file, "--json").stdout)["valid"]


def test_an_import_ends_with_one_line_and_a_file_of_what_was_turned_away(machine: Machine) -> None:
    good, wrong = fictional_plan(1), fictional_plan(2)
    wrong["personalDetails"]["identifiers"] = {"upn": "E838100126001"}
    file = machine.write("plans.ndjson", b"\n".join((orjson.dumps(good), b"{", orjson.dumps(wrong))))
    ended = machine.run("import", file, "--council", "855", "--json")
    assert ended.exit_code == 0
    told = json.loads(ended.stdout.splitlines()[-1])
    assert (told["plans"], told["rejected"], len(told["planIds"])) == (1, 2, 1)
    rejects = [json.loads(line) for line in (machine.folder / "import-rejects.ndjson").read_text().splitlines()]
    assert [(r["file"], r["line"]) for r in rejects] == [("plans.ndjson", 2), ("plans.ndjson", 3)]
    assert rejects[1]["pointer"] == "/personalDetails/identifiers/upn"


def test_an_import_of_which_nothing_is_taken_in_lists_every_reason_and_is_refused(machine: Machine) -> None:
    file = machine.write("plans.ndjson", b"{\n" * 250)
    ended = machine.run("import", file, "--council", "855", "--json")
    assert ended.exit_code == 1
    assert json.loads(ended.stdout.splitlines()[-1])["rejected"] == 250
    lines = [json.loads(line)["line"] for line in (machine.folder / "import-rejects.ndjson").read_text().splitlines()]
    assert lines == list(range(1, 251))


def test_a_council_that_does_not_exist_gets_no_record(machine: Machine) -> None:
    file = machine.write("plan.json", orjson.dumps(fictional_plan(1)))
    ended = machine.run("import", file, "--council", "999")
    assert ended.exit_code == 1
    assert "no council with this code" in ended.stderr
    assert not list((machine.folder / "var" / "keyring").glob("la-999*"))


def test_the_word_file_of_the_tour_is_read_as_the_readme_shows(machine: Machine) -> None:
    file = DEMONSTRATION / "ada-brindle.docx"
    ended = machine.run("import", str(file), "--council", "855")
    shown = (ROOT / "README.md").read_text()
    for line in ended.stderr.splitlines():
        assert line in shown or not line


def test_the_doctor_names_every_setting_and_what_is_wrong(machine: Machine) -> None:
    well = json.loads(machine.run("doctor", "--json", EHCP_LOG_TO="standard-error").stdout)
    assert set(well["settings"]) == {f"EHCP_{name.upper()}" for name in Settings.model_fields}
    assert all(finding["good"] for finding in well["findings"])
    ill = {
        "EHCP_DATABASE_URL": "mysql://nowhere",
        "EHCP_BASE_URL": "http://127.0.0.1:99999",
        "EHCP_ISSUERS": "no-such-file.json",
    }
    ended = machine.run("doctor", "--json", **ill)
    assert ended.exit_code == 1
    bad = {finding["name"] for finding in json.loads(ended.stdout)["findings"] if not finding["good"]}
    assert {"Record", "Address", "Issuers", "Log"} <= bad
    assert machine.run("doctor", EHCP_ENV="staging").exit_code == 2


def test_the_doctor_shows_no_password(machine: Machine) -> None:
    ended = machine.run("doctor", "--json", EHCP_DATABASE_URL="postgresql://ehcp:se:cret@127.0.0.1:1/ehcp")
    assert "cret" not in ended.stdout + ended.stderr


@pytest.mark.parametrize("address", ["nonsense", "http://127.0.0.1:99999", "http://", "ftp://127.0.0.1:8080"])
def test_an_address_that_is_none_is_misuse(machine: Machine, address: str) -> None:
    assert machine.run("serve", EHCP_BASE_URL=address).exit_code == 2


@pytest.mark.parametrize("address", ["http://0.0.0.0:8080", "http://192.0.2.1:8080", "http://ehcp.example:8080"])
def test_development_is_served_on_loopback_only(machine: Machine, address: str) -> None:
    ended = machine.run("serve", EHCP_BASE_URL=address, **DEVELOPMENT)
    assert ended.exit_code == 2
    assert "loopback" in ended.stderr


def test_an_address_that_is_taken_is_said_before_anybody_is_sent_there(machine: Machine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"http://127.0.0.1:{other.getsockname()[1]}"
        ended = machine.run("serve", "--demo", EHCP_BASE_URL=address, **DEVELOPMENT)
    assert ended.exit_code == 1
    assert ended.stdout == ""
    assert "EHCP_BASE_URL=" in ended.stderr
