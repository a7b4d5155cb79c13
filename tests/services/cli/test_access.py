"""`ehcp access`: what was given out is ended from the command line."""

import json

import pytest

from services.bootstrap import open_platform
from services.settings import Settings
from tests.services.cli.conftest import Machine


def test_access_is_ended_and_listed(machine: Machine) -> None:
    done = machine.run("access", "end", "--organisation", "la:855", "--reason", "left")
    assert done.exit_code == 0, done.output
    person = ("--issuer", "https://login.example", "--subject", "Morwenna")
    assert machine.run("access", "end", *person, "--reason", "lost-device").exit_code == 0
    listed = json.loads(machine.run("access", "list", "--json").stdout)
    assert [one["scope"].split(":")[0] for one in listed] == ["organisation", "person"]
    told = machine.run("access", "list")
    assert "la:855" in told.stderr
    assert "Morwenna" not in told.output


@pytest.mark.parametrize(
    "stated",
    [
        (),
        ("--everybody", "--client", "system-1"),
        ("--issuer", "https://login.example"),
        ("--organisation", "no organisation"),
        ("--everybody", "--before", "yesterday"),
        ("--everybody", "--before", "2999-01-01"),
    ],
)
def test_what_can_not_be_ended_is_said(machine: Machine, stated: tuple[str, ...]) -> None:
    assert machine.run("access", "end", *stated, "--reason", "left").exit_code == 2


def test_a_reason_is_a_code(machine: Machine) -> None:
    assert machine.run("access", "end", "--everybody", "--reason", "Robin left").exit_code == 2


def test_what_was_ended_is_listed_while_a_server_has_the_record(machine: Machine) -> None:
    assert json.loads(machine.run("access", "list", "--json").stdout) == []
    assert machine.run("access", "end", "--client", "system-1", "--reason", "left").exit_code == 0
    platform = open_platform(Settings(database_url=f"sqlite:///{machine.folder}/var/record.sqlite"))
    try:
        listed = json.loads(machine.run("access", "list", "--json").stdout)
    finally:
        platform.close()
    assert [one["scope"] for one in listed] == ["client:system-1"]
