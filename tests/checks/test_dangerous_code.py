"""Bandit, as configured here, finds what is dangerous; no exception of ruff's rules on that is without a reason."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
PRODUCT = ("domain", "services", "connectors", "deploy")
_EXCEPTION = re.compile(r"#\s*(?:ruff: )?noqa: ([^-–—(\n]*)(.*)|#\s*nosec(.*)")


@pytest.mark.parametrize(
    ("line", "test"),
    [
        ("import pickle\npickle.loads(x)", "B301"),
        ("import subprocess\nsubprocess.run(x, shell=True)", "B602"),
        ("import yaml\nyaml.load(x)", "B506"),
        ("import hashlib\nhashlib.md5(x)", "B324"),
        ("import requests\nrequests.get(x, verify=False, timeout=1)", "B501"),
        ("eval(x)", "B307"),
        ("import tempfile\ntempfile.mktemp()", "B306"),
        ("from xml.etree import ElementTree\nElementTree.fromstring(x)", "B314"),
    ],
)
def test_dangerous_code_is_found(tmp_path: Path, line: str, test: str) -> None:
    file = tmp_path / "planted.py"
    file.write_text(f"x = input()\n{line}\n")
    command = [sys.executable, "-m", "bandit", "--quiet", "--configfile", str(ROOT / "pyproject.toml"), str(file)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert test in ran.stdout


def test_what_bandit_leaves_out_ruff_holds() -> None:
    """B404, the mere import, goes with S603: it is running that counts."""
    left_to_ruff = {skipped.replace("B", "S") for skipped in SETTINGS["bandit"]["skips"]} - {"S404"}
    assert SETTINGS["ruff"]["lint"]["select"] == ["ALL"]
    off = {*SETTINGS["ruff"]["lint"]["ignore"]}
    for folder, rules in SETTINGS["ruff"]["lint"]["per-file-ignores"].items():
        off |= set() if folder.startswith("tests/") else set(rules)
    assert not left_to_ruff & off
    assert "S" not in off


def test_every_exception_of_a_rule_on_danger_has_its_reason() -> None:
    seen = 0
    for path in (path for folder in PRODUCT for path in (ROOT / folder).rglob("*.py")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            found = _EXCEPTION.search(line)
            if found and (found[3] is not None or re.search(r"\bS\d+", found[1])):
                seen += 1
                assert len(re.findall(r"\w+", found[2] or found[3] or "")) >= 1, f"{path}:{number}"
    assert seen > 5
