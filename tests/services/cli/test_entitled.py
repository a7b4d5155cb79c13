"""`ehcp plan entitled`: who could see a plan on a day, for people and for programs."""

import json
import re

import pytest

from services.bootstrap import open_platform
from services.demo import load_demonstration, welcome
from services.settings import Settings
from tests.services.cli.conftest import Machine


@pytest.fixture
def plan(machine: Machine) -> str:
    settings = Settings(env="development", database_url=f"sqlite:///{machine.folder}/var/record.sqlite")
    platform = open_platform(settings)
    load_demonstration(platform)
    said = welcome(platform)
    platform.close()
    found = re.search(r"plan show (\S+)", said)
    assert found
    return found.group(1)


def test_it_says_whether_why_and_by_which_policy(machine: Machine, plan: str) -> None:
    asked = ("plan", "entitled", plan, "--org", "la:855", "--on", "2026-11-02")
    told = machine.run(*asked)
    assert told.exit_code == 0
    words = " ".join(told.output.split())
    assert re.search(r"By what is on record now \(policy 2026-11, [0-9a-f]{12}\)", words)
    assert "Your council maintains this plan." in words
    answers = json.loads(machine.run(*asked, "--json").stdout)["answers"]
    assert answers[-1]["roles"][0]["relation"] == "maintaining-council"
    stranger = machine.run("plan", "entitled", plan, "--org", "urn:199199", "--on", "2026-11-02")
    assert "Could not see it." in stranger.output


@pytest.mark.parametrize(("org", "on"), [("a school", "2026-11-02"), ("urn:199101", "yesterday")])
def test_what_cannot_be_asked_is_misuse(machine: Machine, plan: str, org: str, on: str) -> None:
    assert machine.run("plan", "entitled", plan, "--org", org, "--on", on).exit_code == 2
