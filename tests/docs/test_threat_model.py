"""The threat model covers every component by every letter that matters, and each mitigation has a test that exists."""

import re
from collections import defaultdict

from tests.docs.naming import ROOT, missing, named_tests

PAGE = ROOT / "docs" / "threat-model.md"
COMPONENTS = {
    "API": "STRIDE",
    "Sign-in": "STRIDE",
    "Record keeper": "TRID",
    "Store": "TIDE",
    "Key store and keyring": "SIDE",
    "Disclosure log": "TRIDE",
    "Read models and projector": "TIDE",
    "Import": "TIDE",
    "Directory": "STIE",
    "Command line": "IDE",
    "Backups": "TID",
    "Publication and signals": "STRIDE",
    "Code and libraries": "TIE",
}
PLANNED = {"witnesses"}
#: What may stand instead of a test.
ELSEWHERE = {"planned", "operator"}
_ROW = re.compile(r"\| ([STRIDE]) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|")


def threats() -> dict[str, list[tuple[str, ...]]]:
    """The rows of the page by component."""
    found: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    component = ""
    for line in PAGE.read_text().splitlines():
        if line.startswith("### "):
            component = line.removeprefix("### ")
        if match := _ROW.fullmatch(line):
            found[component].append(match.groups())
    return found


def test_every_component_is_looked_at_by_every_letter_that_matters() -> None:
    letters = {component: {row[0] for row in rows} for component, rows in threats().items()}
    assert letters == {component: set(wanted) for component, wanted in COMPONENTS.items()}


def test_every_mitigation_is_held_by_a_test_or_says_by_whom() -> None:
    for component, rows in threats().items():
        for _, threat, _, held in rows:
            assert named_tests(held) or held.strip() in ELSEWHERE, f"{component}: {threat}"


def test_every_test_and_page_that_is_named_is_there() -> None:
    assert missing(PAGE) == []
    assert len(named_tests(PAGE.read_text())) > 90


def test_what_is_planned_says_what_it_must_hold() -> None:
    planned = PAGE.read_text().partition("## Planned")[2]
    rows = re.findall(r"^\| ([^|]+) \| ([STRIDE]: [^|]+) \| ([^|]+) \|$", planned, re.MULTILINE)
    assert {component for component, _, _ in rows} == PLANNED
