"""`ehcp import` and `ehcp plan show`: what they print for programs, what they leave behind, how they end."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner, Result

from services.cli import importing
from services.cli.main import app
from services.importing import slices
from tests.fixtures.documents.build import standard_form
from tests.support.fictional import fictional_plan

_COUNCIL = ("--council", "855")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place to work, with a record of its own in it."""
    monkeypatch.setenv("EHCP_DATABASE_URL", f"sqlite:///{tmp_path}/record/record.sqlite")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(each) for each in arguments])


def _import(*files: str | Path, code: int = 0, council: str = "855") -> dict[str, Any]:
    done = _run("import", *files, "--council", council, "--json")
    assert done.exit_code == code, done.output
    summary: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return summary


def _show(plan_id: str, *more: str) -> dict[str, Any]:
    shown: dict[str, Any] = json.loads(_run("plan", "show", plan_id, *more, "--json").stdout)
    return shown


def _rejects(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "import-rejects.ndjson").read_bytes().splitlines()]


def _plans_file(folder: Path, *plans: Any, name: str = "plans.ndjson") -> Path:
    file = folder / name
    file.write_bytes(b"".join(orjson.dumps(plan) + b"\n" for plan in plans))
    return file


def test_the_last_line_says_what_became_of_the_plans_in_exactly_these_words(folder: Path) -> None:
    form = standard_form()
    form.write("signOff", 1, 2, "20/03/26")
    form.document.add_paragraph("The family asked for large print.")
    (folder / "ada.docx").write_bytes(form.to_bytes())
    wrong = fictional_plan(2)
    del wrong["personalDetails"]["name"]
    summary = _import(folder / "ada.docx", _plans_file(folder, fictional_plan(1), wrong))
    assert list(summary) == ["plans", "updated", "unplaced", "rejected", "planIds", "warnings"]
    assert {key: summary[key] for key in ("plans", "updated", "unplaced", "rejected")} == {
        "plans": 2, "updated": 0, "unplaced": 1, "rejected": 1,
    }  # fmt: skip
    assert len(set(summary["planIds"])) == 2
    assert summary["warnings"] == [
        {"file": "ada.docx", "code": "date-two-digit-year", "path": "signOff.date"},
        {"file": "ada.docx", "code": "text-unplaced", "path": ""},
    ]
    assert _rejects(folder) == [
        {
            "file": "plans.ndjson",
            "line": 2,
            "pointer": "/personalDetails",
            "rule": "required",
            "reason": "Personal details: Name (name) is missing.",
        }
    ]


def test_a_plan_that_came_in_is_shown_with_its_text_and_its_versions(folder: Path) -> None:
    (folder / "ada.docx").write_bytes(standard_form().to_bytes())
    (plan_id,) = _import(folder / "ada.docx")["planIds"]
    shown = _show(plan_id)
    assert shown["plan"]["personalDetails"]["name"] == "Ada Brindle"
    assert _show(plan_id, "--version", "1")["plan"] == shown["plan"]
    printed = _run("plan", "show", plan_id).stdout
    for text in ("Addie seldom starts a talk.", "joan.brindle@example.org", "Dr O. Pell, Eskwick Surgery", "P. Vance"):
        assert text in printed
    assert "final 1, in force from 2026-03-20" in printed
    assert _run("plan", "show", plan_id, "--version", "2").exit_code == 1
    assert _run("plan", "show", "no-id").exit_code == 2


def test_who_imported_which_file_is_on_record(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "somebody.else")
    monkeypatch.setattr("services.cli.importing.account", lambda: "jo.marsh")
    content = standard_form().to_bytes()
    (folder / "ada.docx").write_bytes(content)
    (plan_id,) = _import(folder / "ada.docx")["planIds"]
    (event,) = json.loads(_run("plan", "history", plan_id, "--json").stdout)["events"]
    assert event["data"]["importedBy"] == "import-operator:jo.marsh"
    assert event["data"]["sourceFile"]["sha256"] == hashlib.sha256(content).hexdigest()


def test_bad_files_among_good_ones_are_listed_and_the_good_ones_come_in(folder: Path) -> None:
    files = {
        "a.docx": standard_form().to_bytes(),
        "b.docx": b"no Word file",
        "c.doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old",
        "d.txt": b"notes",
        "e.docx": b"",
        "f.json": b"{",
        "~$a.docx": b"who has it open",
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    summary = _import(*(folder / name for name in files))
    assert (summary["plans"], summary["rejected"]) == (1, 5)
    told = {each["file"]: each["rule"] for each in _rejects(folder)}
    assert told == {
        "b.docx": "not-a-docx",
        "c.doc": "not-a-docx",
        "d.txt": "file-type",
        "e.docx": "not-a-docx",
        "f.json": "malformed-json",
    }
    assert all(each["reason"].endswith(".") for each in _rejects(folder))


def test_a_folder_stands_for_the_files_of_plans_in_it(folder: Path) -> None:
    plans = folder / "plans"
    (plans / "older.docx").mkdir(parents=True)
    (plans / "ada.docx").write_bytes(standard_form().to_bytes())
    (plans / "~$ada.docx").write_bytes(b"")
    (plans / "readme.txt").write_text("Not a plan.")
    assert {key: _import(plans)[key] for key in ("plans", "rejected")} == {"plans": 1, "rejected": 0}


def test_an_import_of_which_nothing_came_in_fails(folder: Path) -> None:
    (folder / "b.docx").write_bytes(b"no Word file")
    assert _import(folder / "b.docx", code=1)["planIds"] == []


@pytest.mark.parametrize(
    "arguments", [("import", "nowhere.docx", *_COUNCIL), ("import", ".", "--council", "85"), ("import", ".")]
)
def test_a_command_that_cannot_be_meant_is_misuse_and_does_nothing(folder: Path, arguments: tuple[str, ...]) -> None:
    assert _run(*arguments).exit_code == 2
    assert not (folder / "record").exists()


def test_a_list_of_rejects_is_of_the_last_import(folder: Path) -> None:
    (folder / "b.docx").write_bytes(b"no Word file")
    _import(folder / "b.docx", code=1)
    _import(_plans_file(folder, fictional_plan(1)))
    assert not (folder / "import-rejects.ndjson").exists()


def test_importing_again_changes_nothing_and_a_changed_plan_opens_a_draft_amendment(folder: Path) -> None:
    plan = fictional_plan(1)
    first = _import(_plans_file(folder, plan))
    assert _import(_plans_file(folder, plan)) == first
    law = _show(first["planIds"][0])
    plan["sections"]["A"]["history"] = "Something else is known now."
    assert _import(_plans_file(folder, plan)) == {**first, "updated": 1}
    assert _show(first["planIds"][0])["plan"] == law["plan"]


@pytest.mark.parametrize("name", ["plans.ndjson", "plans.json"])
def test_an_interrupted_import_goes_on_where_it_was(folder: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "SLICE_PLANS", 2)
    monkeypatch.setattr(slices, "WHOLE_BELOW", 0)
    plans = [fictional_plan(number) for number in range(7)]
    file = _plans_file(folder, *plans)
    if name.endswith(".json"):
        file = folder / name
        file.write_bytes(orjson.dumps(plans))
    send, sent = importing._sent, []  # noqa: SLF001  # where the interruption strikes

    def interrupted(*given: Any) -> Any:
        if len(sent) == 2:
            raise KeyboardInterrupt
        sent.append(given)
        return send(*given)

    with monkeypatch.context() as patched:
        patched.setattr(importing, "_sent", interrupted)
        assert _run("import", file, *_COUNCIL, "--json").exit_code != 0
    summary = _import(file)
    assert (summary["plans"], len(set(summary["planIds"]))) == (7, 7)
    before = _import(file)
    assert before == summary


def test_a_plan_of_another_council_comes_in_as_transferred(folder: Path) -> None:
    form = standard_form()
    form.write("services", 9, 1, "YES – from Surrey (936) to Hampshire (850), moving 1 June 2026")
    (folder / "ada.docx").write_bytes(form.to_bytes())
    (plan_id,) = _import(folder / "ada.docx", council="850")["planIds"]
    (event,) = json.loads(_run("plan", "history", plan_id, "--json").stdout)["events"]
    assert (event["data"]["transferredFrom"], event["data"]["transferredInOn"]) == ("936", "2026-06-01")


def _draft(folder: Path, *, school: str = "") -> Path:
    form = standard_form()
    form.document.sections[0].header.paragraphs[0].text = "DRAFT EHC plan"
    form.write("placement", 0, 1, school)
    form.write("placement", 1, 1, "")
    form.write("signOff", 1, 2, "")
    (folder / "draft.docx").write_bytes(form.to_bytes())
    return folder / "draft.docx"


def test_a_file_that_is_a_draft_by_name_and_by_text_is_no_law(folder: Path) -> None:
    summary = _import(_draft(folder))
    (plan_id,) = summary["planIds"]
    assert {"file": "draft.docx", "code": "imported-as-draft", "path": ""} in summary["warnings"]
    shown = _show(plan_id)
    assert (shown["phase"], shown["version"]["kind"]) == ("DRAFT_ISSUED", "draft")
    assert "in force" not in _run("plan", "show", plan_id).stdout


def test_a_file_that_calls_itself_a_draft_but_names_a_school_is_what_the_council_maintains(folder: Path) -> None:
    summary = _import(_draft(folder, school="Tarnside Primary School"))
    assert _show(summary["planIds"][0])["phase"] == "MAINTAINED"
    assert "imported-as-draft" not in {each["code"] for each in summary["warnings"]}


def test_an_address_that_is_not_to_be_shared_is_never_printed(folder: Path) -> None:
    form = standard_form()
    form.write("details", 8, 1, "3 Tarn Row – not to be shared")
    (folder / "ada.docx").write_bytes(form.to_bytes())
    (plan_id,) = _import(folder / "ada.docx")["planIds"]
    assert "Tarn Row" not in _run("plan", "show", plan_id).stdout
