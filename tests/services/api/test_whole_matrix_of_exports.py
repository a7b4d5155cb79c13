"""Who can take a subject access package, and which sections of which text are in it, as a golden table.

`tests/fixtures/access/exports.txt` is reviewed by eye; `python -m tests.tools.draw_access_tables` writes it anew.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.document import SECTION_KEYS
from tests.support.access_exports import Export, exports, requester, taken
from tests.support.access_tables import scenes
from tests.support.serving import Serving, serving
from tests.support.whole_life import TEXTS, TODAY

TABLE = Path(__file__).parents[2] / "fixtures" / "access" / "exports.txt"
#: Who prepares what is given, or looks after it.
STAFF = {"identity-guardian", "maintaining-council", "auditor"}


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("exports"), day=TODAY) as served:
        yield served


@pytest.fixture(scope="module")
def made(platform: Serving) -> list[Export]:
    found = list(scenes(platform))
    platform.clock.day = TODAY
    return list(exports(found))


def test_packages_hold_what_the_reviewed_table_says_and_nothing_leaks(
    made: list[Export], capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [line for export in made for line in taken(export)]
    assert lines == TABLE.read_text().splitlines()
    leaks = [wrong for export in made for line in taken(export) if (wrong := _leak(export, line))]
    with capsys.disabled():
        asked = sum(len(export.scene.callers) for export in made)
        print(f"\n{len(made)} packages asked for by {asked} callers, ", end="")
        print(f"{asked * len(TEXTS) * len(SECTION_KEYS)} cells of texts and sections, {len(leaks)} leaks")
    assert leaks == []


def _leak(export: Export, line: str) -> str:
    """What is given to somebody else than who asked and the council, or tells too much; "" for nothing."""
    scene, _, who, status, *shown = line.split(" | ")
    if status in {"403", "404"}:
        return ""
    label, cell = shown
    read = {part.strip("()+") for part in cell.split()} - {"nothing"}
    mine = requester(export).principal.contact_id == export.scene.callers[who].principal.contact_id
    if who not in STAFF and not mine:
        return line
    if who == "parent who must not find" and read & {"I", "K"}:
        return line  # where the child learns and lives is told by both
    return line if scene == "identity sealed" and (read and label != "final") else ""


def test_whoever_asked_takes_the_package_unless_the_identity_was_sealed(made: list[Export]) -> None:
    for export in made:
        status = requester(export).get(export.path).status_code
        assert status == (404 if export.scene.name == "identity sealed" else 200), (export.scene.name, export.access_id)
