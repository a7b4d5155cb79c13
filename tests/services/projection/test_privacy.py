"""No word of a child is in any file of a platform that has its demonstration records and read models."""

import re
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import select

from services.demo import FOLDER, load_demonstration
from services.projection.database import ViewDatabase
from services.projection.tables import metadata, names
from services.rules.editions import shipped
from tests.support.recording import Recording
from tests.support.serving import serving

#: Words of ours: what is in the clear about an event has them, and so have the definitions of tables.
OURS = frozenset({"example", "council", "before"})


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for member in value.values():
            yield from texts(member)
    elif isinstance(value, list):
        for member in value:
            yield from texts(member)


def demonstration_words() -> set[str]:
    """Every longer word and number of the children's details, addresses and needs."""
    plan = orjson.loads((FOLDER / "maya.json").read_bytes())
    records = orjson.loads((FOLDER / "records.json").read_bytes())
    people = [record["open"]["body"].get("child", {}) for record in records]
    said = [*texts(plan["personalDetails"]), *(t for s in "ABC" for t in texts(plan["sections"][s])), *texts(people)]
    words = {word.lower() for text in said for word in re.findall(r"[A-Za-z]{6,}|[0-9]{6,}", text)}
    rules = b"".join(edition.content.lower() for edition in shipped())  # published, and kept in the clear
    return {word for word in words - OURS if word.encode() not in rules}


def test_no_file_of_the_data_folder_holds_a_word_of_the_demonstration_children(tmp_path: Path) -> None:
    words = demonstration_words()
    assert {"marshbanks", "silverdale", "9990000026"} <= words
    assert len(words) > 40
    with serving(tmp_path) as served:
        load_demonstration(served.platform)
        listed = served.officer().get("/v1/plans").json()
        assert listed["asOfPosition"] == served.platform.store.head()[0]
        files = list(contents(tmp_path))
    files += contents(tmp_path)
    assert {"views.sqlite", "views.sqlite-wal", "record.sqlite"} <= {name for name, _ in files}
    for name, content in files:
        shown = [word for word in words if word.encode() in content or b64encode(word.encode())[:-4].lower() in content]
        assert not shown, name


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below the folder as it is now."""
    return ((path.name, path.read_bytes().lower()) for path in folder.rglob("*") if path.is_file())


COLUMNS = {
    "view_generation": {"view", "generation", "state", "built_to"},
    "view_position": {"view", "generation", "lane", "position"},
    "view_erasure": {"lane", "handled"},
    "view_parked": {"view", "generation", "plan", "position", "error", "retry"},
    "view_current": {"generation", "plan", "sequence", "council", "phase", "version", "text", "sealed"},
    "view_version": {"generation", "plan", "sequence", "number", "kind", "sealed"},
    "view_history": {"generation", "plan", "sequence", "position", "time", "type", "event", "status", "sealed"},
    "view_worklist": {
        "generation", "plan", "council", "phase", "version", "sequence", "opened_position", "updated_position",
        "next_clock", "next_due",
    },
    "view_worklist_organisation": {"generation", "plan", "relation", "organisation", "since", "ended"},
    "view_worklist_clock": {"generation", "plan", "key", "clock", "kind", "due_on"},
    "view_worklist_name": {"generation", "plan", "kind", "token"},
}  # fmt: skip


def test_the_columns_of_the_read_models_are_these_and_no_other() -> None:
    assert {name: set(table.columns.keys()) for name, table in metadata.tables.items()} == COLUMNS


def test_a_name_is_kept_as_a_keyed_hash_that_another_key_does_not_give(
    record: Recording, start: Any, database: ViewDatabase
) -> None:
    record.open("Aled Ottershaw")
    start(record.store, database).catch_up()
    with database.reading() as connection:
        kept = {bytes(token) for token in connection.scalars(select(names.c.token))}
    assert record.store.index.blind("name-exact", "aled")[:16] in kept
    assert all(len(token) == 16 for token in kept)
    assert not any(b"aled" in token or b"ALT" in token for token in kept)
