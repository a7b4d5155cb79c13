"""What is said about advisories: none, some, or that it isn't known; never that nothing is known when nobody asked."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.checks.advisories import KNOWN, LOCK, NONE_KNOWN, NOT_CHECKED, ask_pip_audit, judge, locked, main

PINS = "idna==3.11 \\\n    --hash=sha256:{0}\nPy_Thing==1.0 \\\n    --hash=sha256:{0}\n".format("0" * 64)
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
    assert main(["--verdict", str(verdict)], lock=lock, ask=lambda _lock: answer) == code
    assert words in capsys.readouterr().out.splitlines()[-1]
    assert words in verdict.read_text()


@pytest.mark.parametrize(("name", "code"), [("no answer", NONE_KNOWN), ("an advisory", KNOWN), ("one left out", 0)])
def test_a_build_without_a_network_goes_on_and_says_so(
    lock: Path, name: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    answer, _, words = ANSWERS[name]
    assert main(["--lenient"], lock=lock, ask=lambda _lock: answer) == code
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
    assert main([], lock=lock, ask=gone) == NOT_CHECKED
