"""`ehcp plan show` and `diff` of a text of which a part is disputed, and another one hidden."""

import pytest

from tests.services.cli.conftest import Machine
from tests.support.life import Life
from tests.support.serving import serving

TODAY = "2026-07-20"
NEED, DISPUTED = "/plan/sections/B/needs/need-1", "We say that she reads well"


@pytest.fixture
def plan(machine: Machine) -> str:
    """A final plan with a need that is disputed, and with its section C and its person hidden."""
    with serving(machine.folder) as served:
        life = Life(served).finalised()
        entry = int(life.read()["version"]["sequence"])
        stated = {"disputeId": "d1", "statedOn": TODAY, "requester": "contact-1", "entry": entry}
        life.do("attach-statement", TODAY, life.family(), **stated, pointer=NEED, statement=DISPUTED)
        for number, part in enumerate(("/plan/sections/C", "/plan/personalDetails")):
            hiding = {"redactionId": f"r{number}", "entry": entry, "reason": "Another child's"}
            life.do("redact", TODAY, life.manager, **hiding, pointer=part)
    machine.settings["EHCP_DATABASE_URL"] = f"sqlite:///{machine.folder}/record/record.sqlite"
    machine.settings["EHCP_KEYRING"] = str(machine.folder / "record" / "keyring")
    return life.plan_id


def test_the_statement_stands_beneath_what_it_disputes_and_the_rest_is_read(machine: Machine, plan: str) -> None:
    shown = machine.run("plan", "show", plan)
    assert shown.exit_code == 0, shown.output
    lines = shown.stdout.splitlines()
    need = next(number for number, line in enumerate(lines) if "Reads slowly" in line)
    assert lines[need + 1].strip() == f"! need-1 is disputed by contact-1 since {TODAY}: {DISPUTED}"
    assert shown.stdout.count("not shown") == 2
    assert "Tight calf muscles" not in shown.output


def test_texts_are_named_as_they_are_elsewhere(machine: Machine, plan: str) -> None:
    told = machine.run("plan", "diff", plan, "draft-1", "1")
    assert told.exit_code == 0, told.output
    assert "Placement added" in told.stdout
