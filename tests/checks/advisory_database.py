"""Advisories from a folder of records in the form of OSV, where no service of them can be asked.

A copy of the Python Packaging Authority's advisory database, or of OSV's export for PyPI: JSON or YAML, one
record in a file. It knows what was known on one day, that of its youngest record; whoever asks it must say so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped] — its types would be one more library
from packaging.version import InvalidVersion, Version

_ZERO = Version("0")


class NoDatabase(ValueError):
    """A folder that holds no record about a library of PyPI."""


class AdvisoryDatabase:
    """The records about libraries of PyPI in a folder, and the day of the youngest."""

    def __init__(self, folder: Path) -> None:
        """Read every record. Raises NoDatabase."""
        self._about: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
        days = []
        for record in _records(folder):
            days.append(_day(record["modified"]))
            if record.get("withdrawn"):
                continue
            for affected in record["affected"]:
                if affected.get("package", {}).get("ecosystem") == "PyPI":
                    name = normal(affected["package"]["name"])
                    self._about.setdefault(name, []).append((record["id"], affected))
        if not self._about:
            raise NoDatabase(f"{folder} holds no advisory about a library of PyPI")
        self.day = max(days)

    def answer(self, pins: Mapping[str, str]) -> str:
        """What is known about these versions, in the form in which pip-audit answers."""
        stated = [{"name": name, "version": pin, "vulns": self._known(name, pin)} for name, pin in pins.items()]
        return json.dumps({"dependencies": stated})

    def _known(self, name: str, pin: str) -> list[dict[str, Any]]:
        version = Version(pin)
        return [
            {"id": number, "fix_versions": sorted(map(str, _fixes(affected, version)))}
            for number, affected in self._about.get(normal(name), ())
            if _is_affected(affected, pin, version)
        ]


def normal(name: str) -> str:
    """A library's name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _records(folder: Path) -> Iterator[dict[str, Any]]:
    for file in sorted(folder.rglob("*")):
        if file.suffix == ".json":
            record = json.loads(file.read_bytes())
        elif file.suffix in {".yaml", ".yml"}:
            record = yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader)
        else:
            continue
        if isinstance(record, dict) and {"id", "modified", "affected"} <= record.keys():
            yield record


def _day(stated: object) -> date:
    return date.fromisoformat(str(stated)[:10])


def _is_affected(affected: Mapping[str, Any], pin: str, version: Version) -> bool:
    """By the list of versions, or by a range that begins at or before this one and hasn't ended (OSV, "evaluation")."""
    if pin in affected.get("versions", ()):
        return True
    return any(_is_within(span, version) for span in affected.get("ranges", ()) if span["type"] == "ECOSYSTEM")


def _is_within(span: Mapping[str, Any], version: Version) -> bool:
    within = False
    for when, kind in sorted((_version(said), kind) for event in span["events"] for kind, said in event.items()):
        if kind == "introduced" and when <= version:
            within = True
        elif (kind == "fixed" and when <= version) or (kind == "last_affected" and when < version):
            within = False
    return within


def _fixes(affected: Mapping[str, Any], version: Version) -> Iterator[Version]:
    for span in affected.get("ranges", ()):
        if span["type"] == "ECOSYSTEM":
            stated = (_version(event["fixed"]) for event in span["events"] if "fixed" in event)
            yield from (fixed for fixed in stated if fixed > version)


def _version(stated: str) -> Version:
    try:
        return Version(stated)
    except InvalidVersion:
        return _ZERO
