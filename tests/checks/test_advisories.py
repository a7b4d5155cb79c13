"""What is said about advisories: none, some, or that it isn't known; never that nothing is known when nobody asked."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.checks.advisories import (
    KNOWN,
    LOCK,
    NONE_KNOWN,
    NOT_CHECKED,
    PAST_ITS_TIME,
    ask_pip_audit,
    judge,
    locked,
    main,
    up_to_date_on,
)

TODAY = date(2026, 11, 26)
UPDATED = "# All libraries were brought up to date on 2026-11-01.\n"
PINS = UPDATED + "idna==3.11 \\\n    --hash=sha256:{0}\nPy_Thing==1.0 \\\n    --hash=sha256:{0}\n".format("0" * 64)
ADVISORY = {"id": "PYSEC-2026-1", "fix_versions": ["3.12"], "aliases": [], "description": ""}


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "requirements.lock"
    path.write_text(PINS)
    return path


def written(*dependencies: dict[str, Any]) -> str:
    return json.dumps({"dependencies": dependencies, "fixes": []})


def looked_up(name: str, *known: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "version": "3.11", "vulns": list(known)}


SKIPPED = {"name": "py-thing", "skip_reason": "Dependency not found on PyPI and could not be audited"}

ANSWERS = {
    "all looked up": (written(looked_up("idna"), looked_up("py-thing")), NONE_KNOWN, "none known about 2 locked"),
    "an advisory": (written(looked_up("idna", ADVISORY), looked_up("py-thing")), KNOWN, "1 FOUND about 2 locked"),
    "one passed over": (written(looked_up("idna"), SKIPPED), NOT_CHECKED, "NOT CHECKED for 1 of 2"),
    "all passed over": (written({**SKIPPED, "name": "idna"}, SKIPPED), NOT_CHECKED, "NOT CHECKED for 2 of 2"),
    "one left out": (written(looked_up("idna")), NOT_CHECKED, "NOT CHECKED for 1 of 2"),
    "one beside one passed over": (written(looked_up("idna", ADVISORY), SKIPPED), KNOWN, "of 1 nothing is known"),
    "no answer": ("", NOT_CHECKED, "NOT CHECKED for 2 of 2"),
    "no JSON": ("Found 0 vulnerabilities", NOT_CHECKED, "NOT CHECKED for 2 of 2"),
    "another form": ("[]", NOT_CHECKED, "NOT CHECKED for 2 of 2"),
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
def test_each_answer_has_its_own_exit_code_and_words(
    lock: Path, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    answer, code, words = ANSWERS[name]
    verdict = tmp_path / "build" / "advisories.txt"
    assert main(["--verdict", str(verdict)], lock=lock, ask=lambda _lock: answer, today=TODAY) == code
    assert words in capsys.readouterr().out.splitlines()[-1]
    assert words in verdict.read_text()


@pytest.mark.parametrize(("name", "code"), [("no answer", NONE_KNOWN), ("an advisory", KNOWN), ("one left out", 0)])
def test_a_build_without_a_network_goes_on_and_says_so(
    lock: Path, name: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    answer, _, words = ANSWERS[name]
    assert main(["--lenient"], lock=lock, ask=lambda _lock: answer, today=TODAY) == code
    assert words in capsys.readouterr().out


def test_every_library_of_the_lock_counts() -> None:
    names = locked(LOCK)
    assert {"fastapi", "psycopg", "joserfc", "uvicorn"} <= names
    assert len(names) > 40


class _Advisories(BaseHTTPRequestHandler):
    """A service in the form of OSV that knows something about idna."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = asked["package"]["name"]
        known = [
            {
                "id": "OSV-2026-1",
                "affected": [
                    {
                        "package": {"name": name, "ecosystem": "PyPI"},
                        "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3.12"}]}],
                    }
                ],
            }
        ]
        body = json.dumps({"vulns": known} if name == "idna" else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        return


@contextmanager
def advisory_service() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Advisories) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1/query"
        finally:
            server.shutdown()
            thread.join()


def test_pip_audit_itself_is_understood_with_a_service_and_without(lock: Path) -> None:
    with advisory_service() as address:
        verdict = judge(lock, ask_pip_audit(lock, address))
        assert verdict.advisories == ("idna 3.11: OSV-2026-1, mended in 3.12",)
        assert verdict.unknown == ()
    gone = partial(ask_pip_audit, osv_url=address)
    assert main([], lock=lock, ask=gone, today=TODAY) == NOT_CHECKED


YAML_RECORD = """
id: PYSEC-2026-7
modified: "2026-11-25T03:22:08.615958Z"
affected:
- package: {name: IDNA, ecosystem: PyPI}
  ranges:
  - type: GIT
    events: [{introduced: "0"}]
  - type: ECOSYSTEM
    events: [{introduced: "0"}, {fixed: "2.0"}, {fixed: "3.12"}, {introduced: "3.10"}]
"""


def in_json(name: str, modified: str = "2026-11-24T10:00:00Z", ecosystem: str = "PyPI", **affected: Any) -> str:
    package = {"name": name, "ecosystem": ecosystem}
    record = {"id": f"GHSA-{name}", "modified": modified, "affected": [{"package": package, **affected}]}
    return json.dumps({**record, "withdrawn": modified} if affected.pop("withdrawn", False) else record)


def ranged(**end: str) -> dict[str, Any]:
    return {"ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, end]}]}


@pytest.mark.parametrize(
    ("records", "code", "words"),
    [
        ({"vulns/idna/x.yaml": YAML_RECORD}, KNOWN, "idna 3.11: PYSEC-2026-7, mended in 3.12"),
        ({"x.json": in_json("py_thing", versions=["0.9", "1.0"])}, KNOWN, "py-thing 1.0: GHSA-py_thing"),
        ({"x.json": in_json("py.thing", **ranged(last_affected="1.0"))}, KNOWN, "mended in no release"),
        ({"x.json": in_json("py-thing", **ranged(last_affected="0.9"))}, NONE_KNOWN, "none known about 2 locked"),
        ({"x.json": in_json("py-thing", **ranged(fixed="1.0"))}, NONE_KNOWN, "none known about 2 locked"),
        ({"x.json": in_json("idna", withdrawn=True, **ranged(fixed="9")), "y.json": in_json("other", versions=["1"])},
         NONE_KNOWN, "none known about 2 locked"),
        ({"x.json": in_json("other", "2026-11-23T00:00:00Z", versions=["1"])}, NOT_CHECKED,
         "none about 2 locked libraries known on 2026-11-23, NOT CHECKED since"),
        ({"x.json": in_json("idna", "2024-01-01T00:00:00Z", versions=["3.11"])}, KNOWN, "1 FOUND about 2 locked"),
    ],
)  # fmt: skip
def test_a_copy_of_an_advisory_database_says_what_was_known_on_its_day(
    lock: Path, tmp_path: Path, records: dict[str, str], code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "database"
    for name, text in records.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    assert main(["--database", str(folder)], lock=lock, today=TODAY) == code
    assert words in capsys.readouterr().out
    assert main(["--lenient", "--database", str(folder)], lock=lock, today=TODAY) == (code if code == KNOWN else 0)


@pytest.mark.parametrize("text", ["{}", "[]", in_json("serde", ecosystem="crates.io", versions=["1"])])
def test_a_folder_without_advisories_about_python_is_no_database(lock: Path, tmp_path: Path, text: str) -> None:
    folder = tmp_path / "database"
    folder.mkdir()
    (folder / "x.json").write_text(text)
    with pytest.raises(SystemExit):
        main(["--database", str(folder)], lock=lock, today=TODAY)


def test_libraries_that_nobody_brought_up_to_date_in_a_month_are_past_their_time(
    lock: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = ANSWERS["all looked up"][0]
    assert main([], lock=lock, ask=lambda _lock: good, today=TODAY + timedelta(days=7)) == PAST_ITS_TIME
    assert "PAST THEIR TIME, brought up to date on 2026-11-01" in capsys.readouterr().out
    assert main(["--lenient"], lock=lock, ask=lambda _lock: good, today=TODAY + timedelta(days=7)) == 0
    bad = ANSWERS["an advisory"][0]
    assert main([], lock=lock, ask=lambda _lock: bad, today=TODAY + timedelta(days=7)) == KNOWN
    lock.write_text(PINS.removeprefix(UPDATED))
    assert main([], lock=lock, ask=lambda _lock: good, today=TODAY) == PAST_ITS_TIME


def test_the_lock_says_when_its_libraries_were_brought_up_to_date() -> None:
    assert up_to_date_on(LOCK) is not None
