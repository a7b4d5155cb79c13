"""`ehcp rules`, and what `ehcp doctor` says of it: an operator and a council's records manager at a machine."""

import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from services.cli import doctor, rules
from services.rules.editions import shipped
from tests.services.cli.conftest import Machine
from tests.services.rules.examples import changed, newest
from tests.services.rules.test_rules_change import own_schedule
from tests.support.serving import serving

LIST, NEWER = "england-bank-holidays-2026-11", "england-bank-holidays-2027-03"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def record(machine: Machine, request: pytest.FixtureRequest) -> Machine:
    """A record that has been served once."""
    folder = machine.folder / "var"
    address = str(request.getfixturevalue("migrated")) if request.param == "postgresql" else ""
    with serving(folder, database_url=address):
        pass
    machine.settings = {
        "EHCP_DATABASE_URL": address or f"sqlite:///{folder}/record/record.sqlite",
        "EHCP_KEYRING": str(folder / "record" / "keyring"),
    }
    return machine


def counting(machine: Machine, kind: str, *more: str) -> list[str]:
    page = json.loads(machine.run("rules", "list", "--json", *more).stdout)
    return [one["edition"] for one in page["adoptions"] if one["kind"] == kind]


def file(machine: Machine, document: dict[str, Any]) -> str:
    return machine.write("edition.json", orjson.dumps(document))


def said(machine: Machine, *words: str) -> str:
    done = machine.run(*words)
    assert done.exit_code == 0, done.output
    return " ".join(done.output.split())


def test_before_the_first_start_nothing_is_adopted_and_that_is_said(machine: Machine) -> None:
    assert "the first start adopts" in said(machine, "rules", "check")
    found = json.loads(machine.run("doctor", "--json").stdout)["findings"]
    (adopted,) = [one for one in found if one["name"] == "Adopted rules"]
    assert adopted["good"]
    assert "none yet" in adopted["says"]


def test_what_counts_is_listed_shown_and_checked(record: Machine) -> None:
    assert counting(record, "bank-holidays") == [LIST]
    assert counting(record, "bank-holidays", "--on", "2022-09-09") == ["england-bank-holidays-2022-06"]
    assert LIST in said(record, "rules", "list")
    (shown,) = json.loads(record.run("rules", "show", "bank-holidays", "--json").stdout)
    assert (shown["edition"], shown["content"]) == (LIST, orjson.loads(newest("bank-holidays").content))
    assert f"{len(shipped())} of {len(shipped())} editions" in said(record, "rules", "check")


def test_an_edition_from_a_file_counts_from_its_day_and_can_be_withdrawn(record: Machine) -> None:
    own = file(record, orjson.loads(newest("bank-holidays").content) | {"version": NEWER})
    assert NEWER in said(record, "rules", "check", own, "--kind", "bank-holidays")
    words = ("rules", "adopt", "bank-holidays", "--file", own, "--from", "2027-03-01", "--source", "Gazette", "--json")
    made = json.loads(record.run(*words).stdout)
    assert (made["edition"], made["adoptedBy"]) == (NEWER, {"organisation": "platform", "role": "operator"})
    assert counting(record, "bank-holidays", "--on", "2027-02-28") == [LIST]
    assert counting(record, "bank-holidays", "--on", "2027-03-01") == [NEWER]
    known = str(made["position"] - 1)
    assert counting(record, "bank-holidays", "--on", "2027-03-01", "--known-at", known) == [LIST]
    said(record, "rules", "withdraw", str(made["position"]), "--because", "It was never proclaimed")
    assert counting(record, "bank-holidays", "--on", "2027-03-01") == [LIST]
    again = record.run("rules", "withdraw", str(made["position"]), "--because", "Again")
    assert (again.exit_code, "withdrawn already" in again.output) == (1, True)


def test_a_councils_own_schedule_is_adopted_and_withdrawn_as_its_records_manager(record: Machine) -> None:
    own = file(record, own_schedule(45, "leicestershire-2027") | {"from": "2027-01-01"})
    adopt = ("rules", "adopt", "retention-schedule", "--file", own, "--council", "855")
    assert record.run(*adopt).exit_code == 2
    made = json.loads(record.run(*adopt, "--source", "Decision of the board", "--json").stdout)
    assert (made["council"], made["adoptedBy"]["role"]) == ("855", "records-manager")
    assert counting(record, "retention-schedule", "--on", "2027-01-01") == ["2026-11", "leicestershire-2027"]
    words = ("rules", "show", "retention-schedule", "--on", "2027-01-01", "--council", "855", "--json")
    (shown,) = json.loads(record.run(*words).stdout)
    assert shown["content"]["rules"]["OWN"]["years"] == 45
    said(record, "rules", "withdraw", str(made["position"]), "--because", "Not decided", "--council", "855")
    assert counting(record, "retention-schedule", "--on", "2027-01-01") == ["2026-11"]


def test_a_newer_edition_of_a_release_is_named_and_how_to_adopt_it(
    record: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = [*shipped(), changed("bank-holidays", version=NEWER)]
    monkeypatch.setattr(rules, "shipped", lambda: tuple(newer))
    monkeypatch.setattr(doctor, "shipped", lambda: tuple(newer))
    how = f"ehcp rules adopt bank-holidays {NEWER}"
    told = record.run("rules", "check")
    assert (told.exit_code, how in " ".join(told.output.split())) == (1, True)
    (finding,) = [
        one for one in json.loads(record.run("doctor", "--json").stdout)["findings"] if one["name"] == "Adopted rules"
    ]
    assert (finding["good"], how in finding["says"]) == (False, True)
    said(record, "rules", "adopt", "bank-holidays", NEWER)
    assert said(record, "rules", "check")


def test_a_file_that_was_edited_in_place_stops_the_start_and_the_check(
    record: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    edited = (changed("access-matrix", title="Who may see everything"),)
    monkeypatch.setattr("services.bootstrap.shipped", lambda: edited)
    monkeypatch.setattr(rules, "shipped", lambda: edited)
    for words in (("rules", "list"), ("rules", "check")):
        told = record.run(*words)
        assert told.exit_code != 0
        assert "An edition is never changed" in " ".join(told.output.split())


def test_what_cant_be_meant_is_said(record: Machine, tmp_path: Path) -> None:
    broken = file(record, {"version": "x"})
    for words in (
        ("rules", "show", "weather"),
        ("rules", "adopt", "bank-holidays"),
        ("rules", "adopt", "bank-holidays", "england-bank-holidays-1066"),
        ("rules", "adopt", "bank-holidays", "--file", broken),
        ("rules", "adopt", "bank-holidays", "--file", str(tmp_path / "none.json")),
        ("rules", "adopt", "bank-holidays", LIST, "--from", "yesterday"),
        ("rules", "check", broken),
    ):
        assert record.run(*words).exit_code == 2, words
