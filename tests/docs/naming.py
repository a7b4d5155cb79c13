"""What a page names: files of this repository, tests, commands of make."""

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
_CODE = re.compile(r"`([^`\n]+)`")
_FILE = re.compile(r"(?:[\w.-]+/)+[\w.-]+\.\w+")
_TEST = re.compile(r"test_\w+")
_LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


@cache
def tests() -> frozenset[str]:
    """The name of every test."""
    files = (ROOT / "tests").rglob("test_*.py")
    return frozenset(name for path in files for name in re.findall(r"def (test_\w+)\(", path.read_text()))


def named_tests(text: str) -> list[str]:
    """The tests that a text names."""
    return [word for word in _CODE.findall(text) if _TEST.fullmatch(word)]


def missing(page: Path) -> list[str]:
    """The files, tests and pages that a page names and that aren't there."""
    text = page.read_text()
    words = _CODE.findall(text)
    gone = [word for word in words if _FILE.fullmatch(word) and not (ROOT / word).exists()]
    gone += [name for name in named_tests(text) if name not in tests()]
    gone += [link for link in _LINK.findall(text) if not (page.parent / link).exists()]
    gone += [word for word in words if word.startswith("make ") and f"\n{word[5:].split()[0]}:" not in _makefile()]
    return gone


@cache
def _makefile() -> str:
    return (ROOT / "Makefile").read_text()
