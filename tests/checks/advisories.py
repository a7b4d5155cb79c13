"""Is there a published advisory about a library that this platform runs with?

    python -m tests.checks.advisories [--lenient] [--osv-url URL | --database FOLDER] [--verdict FILE]

Asks pip-audit about every library of requirements.lock, exactly as locked. There are three answers, never two: none is
known; some are (exit 1); or it *isn't known*, since the service wasn't reached or doesn't know a library (exit 3).
pip-audit itself passes over what it couldn't look up and then says that nothing was found: here that is no answer.

The libraries must also have been brought up to date within a month (`make lock` writes the day down): a lock that is
older is past its time, whatever is known about it (exit 4).

`--lenient` is for a build that may have no network: what isn't known, or is past its time, is said, loudly, and breaks
nothing. `--osv-url` asks an OSV service, of an organisation's own for example, instead of PyPI. `--database` reads a
copy of an advisory database; one that is older than the shortest time in which an advisory must be dealt with proves
nothing about today, and the answer is that it isn't known since. `--verdict` also writes the last line there.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from packaging.version import Version

from tests.checks.advisory_database import AdvisoryDatabase, NoDatabase, normal

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements.lock"
NONE_KNOWN, KNOWN, NOT_CHECKED, PAST_ITS_TIME = 0, 1, 3, 4
#: The time frames of docs/security.md, "Libraries": the shortest for an advisory, and that for updates in general.
SHORTEST_FRAME = timedelta(days=2)
UPDATE_FRAME = timedelta(days=31)
_UPDATED = re.compile(r"^# All libraries were brought up to date on (\d{4}-\d\d-\d\d)\.$", re.MULTILINE)
#: How long one request of pip-audit's may take, in seconds.
PATIENCE = "15"
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)(?:[^\\\n]*;\s*([^\\\n]+?))?\s*\\?$", re.MULTILINE)

Ask = Callable[[Path], str]
"""From a lock to what pip-audit wrote on standard output: JSON, or nothing when it failed."""


@dataclass(frozen=True)
class Verdict:
    """What is known about the lock; `known_on` when that is only what was known on a day long past."""

    locked: int
    unknown: tuple[str, ...]
    advisories: tuple[str, ...]
    known_on: date | None = None

    @property
    def code(self) -> int:
        """The exit code: an advisory weighs more than what isn't known."""
        return KNOWN if self.advisories else NOT_CHECKED if self.unknown or self.known_on else NONE_KNOWN

    @property
    def sentence(self) -> str:
        """The verdict in one line."""
        if self.advisories:
            more = f"; of {len(self.unknown)} nothing is known" if self.unknown else ""
            return f"advisories: {len(self.advisories)} FOUND about {self.locked} locked libraries{more}"
        if self.unknown:
            return f"advisories: NOT CHECKED for {len(self.unknown)} of {self.locked} locked libraries"
        if self.known_on:
            since = f"known on {self.known_on}, NOT CHECKED since"
            return f"advisories: none about {self.locked} locked libraries {since}"
        return f"advisories: none known about {self.locked} locked libraries"


def locked(lock: Path) -> frozenset[str]:
    """The names of the libraries that the lock names for this platform at all; a marker is left to pip-audit."""
    return frozenset(normal(name) for name, _, marker in _PINNED.findall(lock.read_text()) if not marker)


def judge(lock: Path, written: str) -> Verdict:
    """What pip-audit's JSON says about the lock; a library that it doesn't mention is one of which nothing is known."""
    wanted = locked(lock)
    try:
        stated: list[dict[str, Any]] = json.loads(written)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return Verdict(len(wanted), tuple(sorted(wanted)), ())
    looked_up = {normal(one["name"]): one for one in stated if "vulns" in one}
    found = [
        f"{name} {one['version']}: {known['id']}, mended in {', '.join(known['fix_versions']) or 'no release'}"
        for name, one in sorted(looked_up.items())
        for known in one["vulns"]
    ]
    return Verdict(len(wanted), tuple(sorted(wanted - looked_up.keys())), tuple(found))


def up_to_date_on(lock: Path) -> date | None:
    """The day on which all libraries were brought up to date, None when the lock doesn't say."""
    found = _UPDATED.search(lock.read_text())
    return date.fromisoformat(found[1]) if found else None


def in_database(lock: Path, folder: Path, today: date) -> Verdict:
    """What a copy of an advisory database says about the lock; nothing about a day after its own."""
    database = AdvisoryDatabase(folder)
    pins = {name: str(Version(version)) for name, version, _ in _PINNED.findall(lock.read_text())}
    said = judge(lock, database.answer(pins))
    return replace(said, known_on=database.day) if today - database.day > SHORTEST_FRAME else said


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


def main(
    arguments: Sequence[str] | None = None, *, lock: Path = LOCK, ask: Ask | None = None, today: date | None = None
) -> int:
    """Say what is known; the exit code says it too."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--lenient", action="store_true")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--osv-url", default="")
    source.add_argument("--database", type=Path)
    parser.add_argument("--verdict", type=Path)
    asked = parser.parse_args(arguments)
    day = today or datetime.now(UTC).date()
    if asked.database:
        try:
            verdict = in_database(lock, asked.database, day)
        except NoDatabase as none:
            parser.error(str(none))
    else:
        verdict = judge(lock, ask(lock) if ask else ask_pip_audit(lock, asked.osv_url))
    for advisory in verdict.advisories:
        print(advisory)
    if verdict.unknown:
        print("The service of advisories wasn't reached, or doesn't know: " + " ".join(verdict.unknown))
    overdue = _overdue(lock, day)
    sentence = verdict.sentence + overdue
    print(sentence)
    if asked.verdict:
        asked.verdict.parent.mkdir(parents=True, exist_ok=True)
        asked.verdict.write_text(sentence + "\n")
    code = verdict.code or (PAST_ITS_TIME if overdue else NONE_KNOWN)
    return code if code == KNOWN or not asked.lenient else NONE_KNOWN


def _overdue(lock: Path, today: date) -> str:
    """What to say of a lock that wasn't brought up to date in time, nothing of one that was."""
    updated = up_to_date_on(lock)
    if updated and today - updated <= UPDATE_FRAME:
        return ""
    return f"; libraries PAST THEIR TIME, brought up to date {f'on {updated}' if updated else 'on no known day'}"


if __name__ == "__main__":
    sys.exit(main())
