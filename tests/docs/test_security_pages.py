"""The pages on security say something of every line of the standard, and name nothing that isn't there."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.docs.naming import ROOT, missing, named_tests

LINES = dict(line.split() for line in Path(__file__).with_name("asvs_5_0_levels_1_and_2.txt").read_text().splitlines())
PAGES = [ROOT / "docs" / "security.md", *sorted((ROOT / "docs" / "security").glob("*.md"))]
VERDICTS = ("met", "not applicable", "open")
_ROW = re.compile(r"\| ([0-9.]+) \| ([12]) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|")


def rows() -> list[tuple[str, ...]]:
    return [match.groups() for page in PAGES for match in map(_ROW.fullmatch, page.read_text().splitlines()) if match]


def test_every_line_of_levels_1_and_2_is_there_once_with_its_level() -> None:
    assert len(LINES) == 253
    assert sorted((line, level) for line, level, *_ in rows()) == sorted(LINES.items())


def test_every_line_has_a_verdict_and_what_it_stands_on() -> None:
    for line, _, what, verdict, by in rows():
        assert verdict in VERDICTS, line
        assert len(what) > 2, line
        assert by.strip(), line


def test_what_is_open_says_what_is_missing() -> None:
    for line, _, _, verdict, by in rows():
        assert verdict != "open" or len(by.split()) > 1, line


def test_the_counts_and_the_list_of_open_lines_are_right() -> None:
    counted = Counter(verdict for _, _, _, verdict, _ in rows())
    page = " ".join(PAGES[0].read_text().split())
    stated = f"Of {len(LINES)} lines {counted['met']} are met, {counted['not applicable']} not applicable and"
    assert f"{stated} {counted['open']} open." in page
    listed = page.partition("**Open**")[2].partition("##")[0]
    assert set(re.findall(r"\d+\.\d+\.\d+", listed)) == {line for line, _, _, verdict, _ in rows() if verdict == "open"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_whatever_a_page_names_is_there(page: Path) -> None:
    assert missing(page) == []


def test_a_name_that_is_gone_would_be_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("`tests/nowhere.py` `test_no_such_thing` [x](gone.md) `make nothing` `make test`\n")
    assert missing(page) == ["tests/nowhere.py", "test_no_such_thing", "gone.md", "make nothing"]
    assert named_tests(page.read_text()) == ["test_no_such_thing"]
