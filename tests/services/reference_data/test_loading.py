"""Loading the reference data: all of it, with hashes, and refusals that name the file."""

import hashlib
import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from services.reference_data import SCHEMAS, ReferenceDataError, load_reference_data


@pytest.fixture
def schemas(tmp_path: Path) -> Path:
    """A copy of the published reference data that a test may spoil."""
    for folder in ("codesets", "clocks", "calendars", "retention"):
        shutil.copytree(SCHEMAS / folder, tmp_path / folder)
    return tmp_path


def test_every_file_is_loaded_under_its_own_name() -> None:
    data = load_reference_data()
    assert set(data.code_sets) == {path.stem for path in (SCHEMAS / "codesets").glob("*.json")}
    assert set(data.holiday_lists) == {path.stem for path in (SCHEMAS / "calendars").glob("*.json")}
    assert data.rule_set_for(date(2026, 3, 2)).relaxations[0].id == "england-2014-c20"


def test_every_table_keeps_the_hash_of_its_content_however_it_is_written() -> None:
    data = load_reference_data()
    rules = data.rule_set_for(date(2026, 3, 2))
    hashes = {
        "clocks/england-2014": rules.sha256,
        "clocks/england-2014-c20": rules.relaxations[0].sha256,
        "codesets/sen-types": data.code_set("sen-types").sha256,
        f"calendars/{data.holidays.version}": data.holidays.sha256,
    }
    for name, kept in hashes.items():
        content = json.loads((SCHEMAS / f"{name}.json").read_bytes())
        written = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert kept == hashlib.sha256(written.encode()).hexdigest()


def test_a_newer_list_of_holidays_is_used_and_the_older_stays_loadable(schemas: Path) -> None:
    older = schemas / "calendars" / "england-bank-holidays-2026-11.json"
    text = older.read_text().replace('"england-bank-holidays-2026-11"', '"england-bank-holidays-2027-02"')
    newer = text.replace('"sourceDate": "2026-11-01"', '"sourceDate": "2027-02-01"')
    (schemas / "calendars" / "england-bank-holidays-2027-02.json").write_text(newer)
    data = load_reference_data(schemas)
    assert data.holidays.version == "england-bank-holidays-2027-02"
    assert "england-bank-holidays-2026-11" in data.holiday_lists


@pytest.mark.parametrize(
    "spoiled",
    [
        "codesets/sen-types.json",
        "clocks/england-2014.json",
        "clocks/england-2014-c20.json",
        "calendars/england-bank-holidays-2026-11.json",
        "retention/schedules.json",
    ],
)
def test_a_broken_file_is_refused_by_name(schemas: Path, spoiled: str) -> None:
    path = schemas / spoiled
    path.write_text(path.read_text()[:-3])
    with pytest.raises(ReferenceDataError, match=path.name):
        load_reference_data(schemas)


def test_a_file_named_otherwise_than_its_id_is_refused(schemas: Path) -> None:
    (schemas / "codesets" / "sen-types.json").rename(schemas / "codesets" / "types.json")
    with pytest.raises(ReferenceDataError, match=r"types\.json: the file must be named after its id, sen-types"):
        load_reference_data(schemas)


def test_a_relaxation_over_no_table_is_refused(schemas: Path) -> None:
    (schemas / "clocks" / "england-2014.json").unlink()
    with pytest.raises(ReferenceDataError, match=r"clocks: england-2014-c20 is laid over england-2014"):
        load_reference_data(schemas)


def test_a_folder_without_data_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ReferenceDataError, match="codesets: no reference data here"):
        load_reference_data(tmp_path)
