"""The words of the demonstration's children, and a look for them in whatever a platform says beside its answers."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus
from zipfile import ZipFile

import orjson

from services.demo import FOLDER

ROOT = Path(__file__).parents[2]
DOCX = FOLDER / "ada-brindle.docx"
#: Where our own vocabulary is: a word of it says nothing about a child.
_OURS = ("domain", "services", "connectors", "schemas/acts", "schemas/access", "schemas/codes", "schemas/rules", "docs")
#: Numbers of six digits would be found in times, which have millionths of a second.
_WORD = re.compile(r"[a-z]{5,}|[0-9]{8,}")


def texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for member in value.values():
            yield from texts(member)
    elif isinstance(value, list):
        for member in value:
            yield from texts(member)


@cache
def personal_words() -> frozenset[str]:
    """The longer words and numbers of every demonstration record that aren't words of the platform itself."""
    plan = orjson.loads((FOLDER / "maya.json").read_bytes())
    records = orjson.loads((FOLDER / "records.json").read_bytes())
    with ZipFile(DOCX) as package:
        form = re.sub(r"<[^>]+>", " ", package.read("word/document.xml").decode())
    said = " ".join([*texts(plan), *texts(records), form]).lower()
    return frozenset(_WORD.findall(said)) - _vocabulary()


def _vocabulary() -> set[str]:
    files = (path for folder in _OURS for path in (ROOT / folder).rglob("*") if path.suffix in {".py", ".json", ".md"})
    written = {word for path in files for word in _WORD.findall(path.read_text().lower())}
    parts = {part.lower() for word in written for part in re.findall(r"[A-Z]?[a-z]{4,}", word)}
    return written | parts


def found_in(said: Iterable[str]) -> set[str]:
    """The children's words that are in these texts, also where they are written as in an address."""
    every = {word for text in said for form in (text, unquote_plus(text)) for word in _WORD.findall(form.lower())}
    return every & personal_words()
