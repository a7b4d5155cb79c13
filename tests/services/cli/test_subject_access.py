"""`ehcp subject-access`: requests, what has to be decided about, and taking the package."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from tests.services.cli.conftest import Machine
from tests.services.subject_access.asking import OPINION, RELEASE, SEEN, TODAY, Asking
from tests.support.life import Life
from tests.support.serving import serving


@pytest.fixture
def plan(machine: Machine) -> str:
    """A plan with a request that was reviewed, in the record of this machine."""
    return reviewed(machine, SEEN)


def reviewed(machine: Machine, health_data: dict[str, Any]) -> str:
    """A plan with a request that was reviewed in July 2026, after this was decided about health data."""
    with serving(machine.folder) as served:
        asking = Asking(Life(served).finalised()).asked().prepared(SERIOUS_HARM_HEALTH=health_data).reviewed()
        plan_id = asking.life.plan_id
    keep(machine)
    return plan_id


def keep(machine: Machine) -> None:
    """Let the machine keep what was served from its folder."""
    machine.settings["EHCP_DATABASE_URL"] = f"sqlite:///{machine.folder}/record/record.sqlite"
    machine.settings["EHCP_KEYRING"] = str(machine.folder / "record" / "keyring")


def test_what_is_decided_is_printed_and_the_package_is_what_was_reviewed(machine: Machine, plan: str) -> None:
    listed = machine.run("subject-access", plan)
    assert listed.exit_code == 0, listed.output
    assert "s1  REVIEWED  received 2026-07-14, due 2026-08-14" in listed.stdout
    marked = json.loads(machine.run("subject-access", plan, "--request", "s1", "--json").stdout)
    assert marked["undecided"] == []
    told = machine.run("subject-access", plan, "--request", "s1")
    assert "RELEASE" in told.stdout
    assert "0 undecided" in told.output
    file = machine.folder / "answer.zip"
    taken = machine.run("subject-access", plan, "--request", "s1", "--package", str(file), "--json")
    assert json.loads(taken.stdout)["sha256"] == marked["packageSha256"]
    assert sha256(file.read_bytes()).hexdigest() == marked["packageSha256"]
    assert file.stat().st_mode & 0o077 == 0


def test_the_package_is_taken_in_the_form_that_the_file_is_named_for(machine: Machine, plan: str) -> None:
    for name in ("answer.zip", "answer.json", "answer.html"):
        taken = machine.run("subject-access", plan, "--request", "s1", "--package", str(machine.folder / name))
        assert taken.exit_code == 0, taken.output
    with ZipFile(machine.folder / "answer.zip") as folder:
        for form in ("json", "html"):
            assert folder.read(f"record.{form}") == (machine.folder / f"answer.{form}").read_bytes()
    unnamed = machine.run("subject-access", plan, "--request", "s1", "--package", str(machine.folder / "answer"))
    assert unnamed.exit_code == 2


def test_it_is_never_written_over_something(machine: Machine, plan: str) -> None:
    here = Path(machine.write("here.zip", b"something"))
    assert machine.run("subject-access", plan, "--request", "s1", "--package", str(here)).exit_code == 2
    assert here.read_bytes() == b"something"
    assert machine.run("subject-access", plan, "--package", str(machine.folder / "new.zip")).exit_code == 2
    assert machine.run("subject-access", "no id", "--request", "s1", "--package", "x.zip").exit_code == 2
    assert machine.run("subject-access", plan, "--request", "s9").exit_code == 1


def test_what_is_not_what_was_released_is_told_and_why_it_was_taken_back(machine: Machine) -> None:
    with serving(machine.folder) as served:
        asking = Asking(Life(served).finalised()).asked().prepared(SERIOUS_HARM_HEALTH=SEEN).reviewed().released()
        life = asking.life
        life.do("redact", TODAY, life.manager, redactionId="r1", entry=2, reason="Another child's")
    keep(machine)
    assert (
        "take it back (reopen-subject-access)" in machine.run("subject-access", life.plan_id, "--request", "s1").output
    )
    taken = machine.run("subject-access", life.plan_id, "--request", "s1", "--package", str(machine.folder / "a.zip"))
    assert taken.exit_code == 1
    with serving(machine.folder) as served:
        life.serving, life.officer = served, served.officer("855")
        why = {"reopenedOn": TODAY, "why": "HIDDEN_SINCE", "countsFrom": TODAY, "reasons": "An entry was redacted"}
        life.do("reopen-subject-access", TODAY, accessId="s1", **why)
    assert "s1  RECEIVED (HIDDEN_SINCE)  received 2026-07-14" in machine.run("subject-access", life.plan_id).stdout


def test_an_opinion_that_has_grown_too_old_is_told_and_gives_no_package(machine: Machine) -> None:
    plan = reviewed(machine, RELEASE | OPINION | {"opinionOn": "2026-01-21"})
    told = machine.run("subject-access", plan, "--request", "s1")
    assert "without an opinion that counts today" in told.output
    assert "SHA-256" not in told.output
    taken = machine.run("subject-access", plan, "--request", "s1", "--package", str(machine.folder / "answer.zip"))
    assert taken.exit_code == 1
    assert not (machine.folder / "answer.zip").exists()
