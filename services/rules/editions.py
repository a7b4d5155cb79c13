"""Editions of rules: one document each, its name, and the day from which it says that it counts.

Those of this release lie under `schemas/`, several side by side. None of them counts because it lies there: an edition
counts once it is adopted. Its SHA-256 is that of its canonical JSON, so that white space and line ends don't matter.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import orjson
from msgspec import Struct

from domain.access.policy import Policy, parse_policy
from domain.calendar import HolidayList, parse_holiday_list
from domain.clocks import Relaxation, RuleSet, parse_relaxation, parse_rule_set
from domain.codesets import CodeSet, parse_code_set
from domain.retention.schedule import Schedules, parse_schedules
from domain.rules.kinds import CODE_SETS
from services.reference_data import SCHEMAS, matrix_files, schedule_files
from services.store.canonical import canonical
from services.store.errors import NotCanonical


class Edition(Struct, frozen=True, kw_only=True):
    """One edition as it can be adopted: `content` is its canonical JSON, `rules` the value that it says.

    `file` names it for people, "" for what came from elsewhere.
    """

    kind: str
    name: str
    in_force_from: date
    source: str
    sha256: str
    content: bytes
    rules: Any
    file: str = ""


def read_edition(kind: str, document: bytes, file: str = "") -> Edition:
    """An edition from the bytes of a JSON document. Raises ValueError, naming the file, for what is none."""
    try:
        return edition_of(kind, orjson.loads(document), file)
    except ValueError as error:
        raise ValueError(f"{file or kind}: {error}") from error


def edition_of(kind: str, document: Any, file: str = "") -> Edition:
    """An edition from a parsed JSON document. Raises ValueError for what is none."""
    try:
        content = canonical(document)
    except NotCanonical as error:
        raise ValueError(str(error)) from None
    digest = sha256(content).hexdigest()
    rules = _READERS[kind](content, digest)
    name, day = _NAMES[type(rules)](rules)
    source = getattr(rules, "source", "") or rules.title
    return Edition(
        kind=kind, name=name, in_force_from=day, source=source, sha256=digest, content=content, rules=rules, file=file
    )


@cache
def shipped(root: Path = SCHEMAS) -> tuple[Edition, ...]:
    """The editions of this release, of each kind in the order in which they come into force.

    Raises ValueError for a file that is none.
    """
    found = [read_edition(kind, path.read_bytes(), str(path.relative_to(root.parent))) for kind, path in _files(root)]
    return tuple(sorted(found, key=lambda edition: (edition.kind, edition.in_force_from)))


def _files(root: Path) -> Iterator[tuple[str, Path]]:
    yield from (("access-matrix", path) for path in matrix_files(root))
    for path in sorted((root / "clocks").glob("*.json")):
        yield "clock-relaxation" if "over" in orjson.loads(path.read_bytes()) else "clock-table", path
    yield from (("bank-holidays", path) for path in sorted((root / "calendars").glob("*.json")))
    yield from (("retention-schedule", path) for path in schedule_files(root))
    yield from ((name, root / "codesets" / f"{name}.json") for name in sorted(CODE_SETS))


def _policy(document: bytes, digest: str) -> Policy:
    return parse_policy(orjson.loads(document), digest)


_READERS: Final[Mapping[str, Callable[[bytes, str], Any]]] = {
    "access-matrix": _policy,
    "clock-table": parse_rule_set,
    "clock-relaxation": parse_relaxation,
    "bank-holidays": parse_holiday_list,
    "retention-schedule": parse_schedules,
    **dict.fromkeys(CODE_SETS, parse_code_set),
}

_NAMES: Final[Mapping[type[Any], Callable[[Any], tuple[str, date]]]] = {
    Policy: lambda policy: (policy.version, policy.from_),
    RuleSet: lambda table: (table.id, table.valid_from),
    Relaxation: lambda relaxation: (relaxation.id, relaxation.valid_from),
    HolidayList: lambda holidays: (holidays.version, holidays.in_force_from),
    Schedules: lambda schedules: (schedules.version, schedules.from_),
    CodeSet: lambda codes: (f"{codes.id}-{codes.source_date}", date.fromisoformat(codes.source_date)),
}
"""How an edition is called, and from when it counts."""
