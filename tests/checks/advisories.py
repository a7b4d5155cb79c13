"""Is there a published advisory about a library that this platform runs with?

    python -m tests.checks.advisories [--lenient] [--osv-url URL] [--verdict FILE]

Asks pip-audit about every library of requirements.lock, exactly as locked. There are three answers, never two: none is
known; some are (exit 1); or it *isn't known*, since the service wasn't reached or doesn't know a library (exit 3).
pip-audit itself passes over what it couldn't look up and then says that nothing was found: here that is no answer.

`--lenient` is for a build that may have no network: what isn't known is said, loudly, and breaks nothing. `--osv-url`
asks an OSV service, of an organisation's own for example, instead of PyPI. `--verdict` also writes the last line there.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements.lock"
NONE_KNOWN, KNOWN, NOT_CHECKED = 0, 1, 3
#: How long one request of pip-audit's may take, in seconds.
PATIENCE = "15"
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)(?:[^\\\n]*;\s*([^\\\n]+?))?\s*\\?$", re.MULTILINE)

Ask = Callable[[Path], str]
"""From a lock to what pip-audit wrote on standard output: JSON, or nothing when it failed."""


@dataclass(frozen=True)
class Verdict:
    """What is known about the lock."""

    locked: int
    unknown: tuple[str, ...]
    advisories: tuple[str, ...]

    @property
    def code(self) -> int:
        """The exit code: an advisory weighs more than what isn't known."""
        return KNOWN if self.advisories else NOT_CHECKED if self.unknown else NONE_KNOWN

    @property
    def sentence(self) -> str:
        """The verdict in one line."""
        if self.advisories:
            more = f"; of {len(self.unknown)} nothing is known" if self.unknown else ""
            return f"advisories: {len(self.advisories)} FOUND about {self.locked} locked libraries{more}"
        if self.unknown:
            return f"advisories: NOT CHECKED for {len(self.unknown)} of {self.locked} locked libraries"
        return f"advisories: none known about {self.locked} locked libraries"


def locked(lock: Path) -> frozenset[str]:
    """The names of the libraries that the lock names for this platform at all; a marker is left to pip-audit."""
    return frozenset(_normal(name) for name, _, marker in _PINNED.findall(lock.read_text()) if not marker)


def judge(lock: Path, written: str) -> Verdict:
    """What pip-audit's JSON says about the lock; a library that it doesn't mention is one of which nothing is known."""
    wanted = locked(lock)
    try:
        stated: list[dict[str, Any]] = json.loads(written)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return Verdict(len(wanted), tuple(sorted(wanted)), ())
    looked_up = {_normal(one["name"]): one for one in stated if "vulns" in one}
    found = [
        f"{name} {one['version']}: {known['id']}, mended in {', '.join(known['fix_versions']) or 'no release'}"
        for name, one in sorted(looked_up.items())
        for known in one["vulns"]
    ]
    return Verdict(len(wanted), tuple(sorted(wanted - looked_up.keys())), tuple(found))


def ask_pip_audit(lock: Path, osv_url: str = "") -> str:
    """Run pip-audit on the lock as it stands: nothing is installed or resolved."""
    service = ["--vulnerability-service", "osv", "--osv-url", osv_url] if osv_url else []
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--progress-spinner", "off", "--timeout", PATIENCE]
    ran = subprocess.run(
        [*command, *service, "--format", "json", "--desc", "off", "--requirement", str(lock)],
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.stdout


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main(arguments: Sequence[str] | None = None, *, lock: Path = LOCK, ask: Ask | None = None) -> int:
    """Say what is known; the exit code says it too."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--lenient", action="store_true")
    parser.add_argument("--osv-url", default="")
    parser.add_argument("--verdict", type=Path)
    asked = parser.parse_args(arguments)
    verdict = judge(lock, ask(lock) if ask else ask_pip_audit(lock, asked.osv_url))
    for advisory in verdict.advisories:
        print(advisory)
    if verdict.unknown:
        print("The service of advisories wasn't reached, or doesn't know: " + " ".join(verdict.unknown))
    print(verdict.sentence)
    if asked.verdict:
        asked.verdict.parent.mkdir(parents=True, exist_ok=True)
        asked.verdict.write_text(verdict.sentence + "\n")
    return NONE_KNOWN if asked.lenient and verdict.code == NOT_CHECKED else verdict.code


if __name__ == "__main__":
    sys.exit(main())
