"""Loads the published reference data of ``schemas/`` into values of the domain.

Code sets, clock tables, relaxations and bank holidays are files that a lawyer or a data manager can read and
correct. This module is the only place that reads them; everything else is given the values.
"""

import hashlib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Final, TypeVar

from msgspec import Struct, json

from domain.access import Policies
from domain.calendar import HolidayList, parse_holiday_list
from domain.clocks import ClockError, RuleSet, RuleSets, assemble, parse_relaxation, parse_rule_set
from domain.codesets import CodeSet, parse_code_set
from domain.plan.catalogue import Catalogue
from domain.retention import Schedules
from domain.retention.schedule import parse_schedules
from domain.signals.types import SignalTypes
from services.store.canonical import canonical
from services.store.errors import NotCanonical

SCHEMAS: Final = Path(__file__).resolve().parent.parent / "schemas"
"""The published contract, beside the code."""

Parsed = TypeVar("Parsed")


class ReferenceDataError(RuntimeError):
    """A file of reference data that is missing or wrong; the message names the file and says why."""


class ReferenceData(Struct, frozen=True, kw_only=True):
    """All reference data, immutable. Code sets are found by id, holiday lists by version."""

    code_sets: dict[str, CodeSet]
    rule_sets: RuleSets
    holiday_lists: dict[str, HolidayList]
    retention: Schedules

    def code_set(self, set_id: str) -> CodeSet:
        """Return a code set by its id (``sen-types``).

        Raises:
            KeyError: there is none.
        """
        return self.code_sets[set_id]

    def rule_set_for(self, requested_on: date) -> RuleSet:
        """Return the clock table that governs a case requested on a day.

        Raises:
            ClockError: none does.
        """
        return self.rule_sets.rule_set_for(requested_on)

    @property
    def holidays(self) -> HolidayList:
        """The newest bank-holiday list: what new due dates are computed with."""
        return max(self.holiday_lists.values(), key=lambda edition: (edition.source_date, edition.version))


def load_reference_data(root: Path | None = None) -> ReferenceData:
    """Read all reference data below a ``schemas`` directory (default: the one beside the code).

    Raises:
        ReferenceDataError: a folder holds no data, a file is not of its published form, or its name is not
            its id (of
            a holiday list, its version); the message names the file.
    """
    root = SCHEMAS if root is None else root
    return ReferenceData(
        code_sets={name: _read(path, name, parse_code_set, "id") for name, path in _files(root / "codesets")},
        rule_sets=_rule_sets(root / "clocks"),
        holiday_lists={
            name: _read(path, name, parse_holiday_list, "version") for name, path in _files(root / "calendars")
        },
        retention=load_schedules(root),
    )


def load_schedules(root: Path = SCHEMAS) -> Schedules:
    """The newest edition of the retention schedules. Raises ReferenceDataError."""
    return max((_parsed(path, parse_schedules) for path in schedule_files(root)), key=lambda edition: edition.from_)


def load_catalogue(root: Path = SCHEMAS) -> Catalogue:
    """The act catalogue of a `schemas` folder. Raises ValueError when the files contradict each other."""
    return Catalogue.of(json.decode(path.read_bytes()) for path in sorted((root / "acts").glob("*.json")))


def load_policies(root: Path = SCHEMAS) -> Policies:
    """Every edition of the access matrix, the one in force and the earlier ones. Raises ValueError for a wrong one."""
    return Policies.of(json.decode(path.read_bytes()) for path in matrix_files(root))


def load_signal_types(root: Path = SCHEMAS) -> SignalTypes:
    """The types of signals, and to whom each is told. Raises ValueError for a wrong file."""
    return SignalTypes.of(json.decode((root / "signals/types.json").read_bytes()))


def matrix_files(root: Path = SCHEMAS) -> list[Path]:
    """The files of the editions: matrix.json is the newest, earlier ones are kept beside it under their version."""
    return [path for path in sorted((root / "access").glob("matrix*.json")) if not path.name.endswith(".schema.json")]


def schedule_files(root: Path = SCHEMAS) -> list[Path]:
    """The files of the retention schedules: schedules.json is the newest, earlier editions are kept beside it."""
    found = sorted((root / "retention").glob("schedules*.json"))
    return [path for path in found if not path.name.endswith(".schema.json")]


def _rule_sets(folder: Path) -> RuleSets:
    laid_over = {name: path for name, path in _files(folder) if _read(path, name, _first_look, "id").over}
    editions = {name: path for name, path in _files(folder) if name not in laid_over}
    try:
        return assemble(
            [_read(path, name, parse_rule_set, "id") for name, path in editions.items()],
            [_read(path, name, parse_relaxation, "id") for name, path in laid_over.items()],
        )
    except ClockError as error:
        raise ReferenceDataError(f"{folder}: {error}") from error


class _ClockFile(Struct, frozen=True):
    """What tells the two kinds of clock file apart: a relaxation says what it is laid `over`."""

    id: str
    over: str = ""


def _first_look(document: bytes, sha256: str) -> _ClockFile:  # noqa: ARG001 - one signature for all parsers
    return json.decode(document, type=_ClockFile)


def _files(folder: Path) -> list[tuple[str, Path]]:
    found = sorted(folder.glob("*.json"))
    if not found:
        raise ReferenceDataError(f"{folder}: no reference data here")
    return [(path.stem, path) for path in found]


def _read(path: Path, name: str, parse: Callable[[bytes, str], Parsed], named_by: str) -> Parsed:
    parsed = _parsed(path, parse)
    if getattr(parsed, named_by) != name:
        raise ReferenceDataError(f"{path}: the file must be named after its {named_by}, {getattr(parsed, named_by)}")
    return parsed


def canonical_of(document: bytes) -> bytes:
    """The canonical JSON of a document. Raises ValueError for what is no JSON, or holds a fraction."""
    try:
        return canonical(json.decode(document))
    except NotCanonical as error:
        raise ValueError(str(error)) from None


def _parsed(path: Path, parse: Callable[[bytes, str], Parsed]) -> Parsed:
    """What a file says; beside it stands the SHA-256 of its canonical JSON."""
    try:
        document = path.read_bytes()
        return parse(document, hashlib.sha256(canonical_of(document)).hexdigest())
    except (OSError, ValueError) as error:
        raise ReferenceDataError(f"{path}: {error}") from error
