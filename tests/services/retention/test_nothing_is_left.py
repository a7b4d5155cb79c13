"""After an erasure no copy can be read: every file, every table, every process, and after every crash on the way."""

from __future__ import annotations

import sqlite3
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from deploy.local.postgres import Cluster
from services.bootstrap import open_platform
from services.keeper.key_watch import KeyWatch
from services.plans import STATE_VERSION
from services.projection import names
from services.retention.erasing import Erasing
from services.settings import Settings
from services.store.postgres.migrating import migrate
from services.store.register import NHS_NUMBER as NHS_KIND
from services.store.register import UPN as UPN_KIND
from services.store.register import plan_matches
from tests.services.retention.conftest import Ended
from tests.services.store.postgres.test_privacy import copied
from tests.support.life import NHS_NUMBER, UPN
from tests.support.serving import Serving, serving

#: Everything that says something about the child, as it was sent: of the plan, the acts, a draft and the readers.
WORDS = (
    "Quillfeather", "Robin lives", "2015-03-04", "Reads slowly", "calf muscles", "town that is on no map", "Elm Tree",
    "read to by an otter", "asked after Robin", "over its time", NHS_NUMBER, UPN,
)  # fmt: skip


def forms(word: str) -> Iterator[bytes]:
    """A word as it could stand somewhere: plain, in capitals, UTF-16, hexadecimal, and in base64 at any place."""
    plain = word.encode()
    for one in (plain, word.lower().encode(), word.upper().encode(), word.encode("utf-16-le")):
        yield one
        yield one.hex().encode()
    for shift in range(3):
        coded = b64encode(b"\0" * shift + plain)
        yield coded[(0, 2, 3)[shift] : len(coded) - 4]


def assert_silent(where: str, content: bytes) -> None:
    for word in WORDS:
        for form in forms(word):
            assert len(form) < 4 or form not in content, (where, word, form)


def lived(served: Serving) -> Ended:
    """A record with a draft, readers who said why, a snapshot, views, a repeated request and sessions of searching."""
    life = Ended(served)
    life.imported()
    draft = life.draft(plan=life.read()["plan"])
    life.patch(draft, {"sections": {"A": {"aspirations": "To be read to by an otter"}}})
    reader = served.as_("case-officer", f"la:{life.council}")
    reader.headers |= {"EHCP-Gateway": "CONTROLLER_INTERNAL", "EHCP-Reason": "A grandmother asked after Robin"}
    assert reader.get(life.path).status_code == 200
    assert reader.post("/v1/plans/search", {"name": "Robin Quillfeather"}).status_code == 200
    store, plans = served.platform.store, served.platform.plans
    for number in range(51):
        life.do("set-legal-hold", "2026-02-01", holdId=f"hold-{number}", reason="Robin's claim")
        life.do("lift-legal-hold", "2026-02-01", who=life.manager, holdId=f"hold-{number}", reason="Settled")
    plans.forget(life.plan)
    plans.current(life.plan)
    assert store.snapshots.newest(life.plan, STATE_VERSION) is not None
    life.record("record-death", "2026-05-21", effectiveOn="2026-05-20", diedOn="2026-05-20", source="Register office")
    return life


def keyed_hashes(served: Serving) -> list[bytes]:
    """What the child's numbers and name are found by."""
    index = served.platform.store.index
    numbers = [plan_matches(index, NHS_KIND, NHS_NUMBER)[0].index, plan_matches(index, UPN_KIND, UPN)[0].index]
    words = names.blinded(index, names.EXACT, names.tokens("Robin Quillfeather"))
    return [*numbers, *(form for forms in words for form in forms)]


def test_no_file_and_no_table_of_the_embedded_record_says_anything(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        life = lived(served)
        keys = tmp_path / "record" / "keys.sqlite"
        with sqlite3.connect(f"{keys.as_uri()}?mode=ro", uri=True) as connection:
            (wrapped,) = connection.execute(
                "SELECT wrapped FROM child_key WHERE plan = ?", (life.plan.bytes,)
            ).fetchone()
        hashes = keyed_hashes(served)
        life.erased()
        served.platform.projection.running.hurry()
        while_it_runs = files_of(tmp_path)
        assert life.officer.get(life.path).status_code == 410
    stopped = files_of(tmp_path)
    assert {"record.sqlite", "keys.sqlite", "views.sqlite", "erasures.ndjson"} <= {path.name for path in stopped}
    for files in (while_it_runs, stopped):
        for path, content in files.items():
            assert_silent(str(path), content)
            assert wrapped not in content, path
    for table, content in sqlite_tables(tmp_path):
        assert_silent(table, content)
        assert not any(found in content for found in hashes), table


def files_of(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def sqlite_tables(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every row of every table of every SQLite file, as bytes."""
    for path in folder.rglob("*.sqlite"):
        with sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True) as connection:
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
            for table in tables:
                rows = connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 — a table of our own
                yield f"{path.name} {table}", b"\x00".join(_bytes(value) for row in rows for value in row)


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def test_no_file_and_no_table_of_the_server_says_anything(postgres_cluster: Cluster, tmp_path: Path) -> None:
    postgres_cluster.create_database("record")
    url = postgres_cluster.url("record")
    migrate(url)
    with serving(tmp_path, database_url=url) as served:
        life = lived(served)
        hashes = keyed_hashes(served)
        life.erased()
        assert life.officer.get(life.path).status_code == 410
    with psycopg.connect(url, autocommit=True) as connection:
        tables = list(copied(connection))
        connection.execute("CHECKPOINT")
    for name, content in tables:
        assert_silent(name, content)
        assert not name.startswith("ehcp.plan_match") or not any(found in content for found in hashes)
    for path, content in files_of(postgres_cluster.folder).items():
        if path.name != "password":
            assert_silent(str(path), content)


def test_the_search_would_find_a_word_in_every_form() -> None:
    for form in forms("Quillfeather"):
        with pytest.raises(AssertionError):
            assert_silent("here", b"xx" + form + b"yy")
    coded = b64encode(b'{"name":"Robin Quillfeather"}')
    with pytest.raises(AssertionError):
        assert_silent("here", coded)


@pytest.mark.postgres
def test_a_second_process_stops_answering(migrated: str, tmp_path: Path) -> None:
    with serving(tmp_path, database_url=migrated) as served:
        life = Ended(served).at_rest()
        with serving(tmp_path, database_url=migrated, issuer=served.issuer, day="2046-03-11") as other:
            officer = other.officer()
            assert officer.get(life.path).status_code == 200
            life.erased()
            told = officer.get(life.path)
            assert (told.status_code, told.json()["certificate"]["planId"]) == (410, life.plan_id)
            assert officer.get(f"{life.path}/history").status_code == 410
            act = {"holdId": "hold-1", "reason": "Too late"}
            assert officer.act(life.plan_id, "set-legal-hold", **act).status_code == 410
            stranger = other.officer("840")
            assert stranger.get(life.path).status_code == 404


STEPS = ("issue", "keep", "erase_plan")


@pytest.mark.parametrize("step", STEPS)
def test_an_erasure_that_is_cut_off_is_finished_at_the_next_start(
    tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(tmp_path) as served:
        life = Ended(served).at_rest().proposed()
        erasing = served.platform.key_work._erasing  # noqa: SLF001 — the machine stops in the middle of its work
        where: Any = {"issue": erasing.certificates, "keep": erasing._readers, "erase_plan": served.platform.store}  # noqa: SLF001
        monkeypatch.setattr(where[step], step, _stopped)
        served.clock.day = "2046-03-10"
        assert life.manager.act(life.plan_id, "expire-retention", erasureId="erasure-1").status_code == 500
        issuer = served.issuer
    monkeypatch.undo()
    with serving(tmp_path, issuer=issuer, day="2046-03-10") as again:
        answer = again.officer().get(life.path)
        assert (answer.status_code, answer.json()["certificate"]["rule"]) == (410, "DOB_31")
        assert len(list(again.platform.certificates.all())) == 1


def test_what_leads_to_a_record_is_gone_after_a_start_although_the_process_died_behind_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(tmp_path) as served:
        life = Ended(served).at_rest().proposed()
        monkeypatch.setattr(served.platform.store, "_forget_leads", _stopped)
        served.clock.day = "2046-03-10"
        assert life.manager.act(life.plan_id, "expire-retention", erasureId="erasure-1").status_code == 500
        assert life.plan in served.platform.store.register.find(
            plan_matches(served.platform.store.index, NHS_KIND, NHS_NUMBER)
        )
        issuer = served.issuer
    monkeypatch.undo()
    with serving(tmp_path, issuer=issuer, day="2046-03-10") as again:
        store = again.platform.store
        assert not store.register.find(plan_matches(store.index, NHS_KIND, NHS_NUMBER))
        assert again.officer().get(life.path).status_code == 410


@pytest.mark.parametrize("step", STEPS)
def test_another_process_finishes_an_erasure_that_was_cut_off_once_it_has_settled(
    tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(tmp_path) as served:
        life = Ended(served).at_rest().proposed()
        platform = served.platform
        erasing = platform.key_work._erasing  # noqa: SLF001 — the process stops in the middle of its work
        moments = iter([datetime.now(UTC), datetime.now(UTC) + timedelta(minutes=5)])
        watch = KeyWatch(platform.store, platform.key_work, lambda: next(moments))
        where: Any = {"issue": erasing.certificates, "keep": erasing._readers, "erase_plan": platform.store}  # noqa: SLF001
        monkeypatch.setattr(where[step], step, _stopped)
        served.clock.day = "2046-03-10"
        assert life.manager.act(life.plan_id, "expire-retention", erasureId="erasure-1").status_code == 500
        monkeypatch.undo()
        watch.look()
        assert not platform.store.keys.erasures.is_erased(life.plan)
        watch.look()
        assert platform.store.keys.erasures.is_erased(life.plan)
        assert len(list(platform.certificates.all())) == 1


def _stopped(*_: Any, **__: Any) -> None:
    raise RuntimeError("the machine stops here")


def test_a_certificate_destroys_again_what_the_register_has_forgotten(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        life = Ended(served).at_rest()
        keys = tmp_path / "record" / "keys.sqlite"
        before = {path: path.read_bytes() for path in (keys, keys.with_name("keys.sqlite-wal")) if path.exists()}
        life.erased()
    for path, content in before.items():
        path.write_bytes(content)
    (tmp_path / "record" / "erasures.ndjson").write_bytes(b"")
    settings = Settings(
        database_url=f"sqlite:///{tmp_path}/record/record.sqlite", keyring=str(tmp_path / "record" / "keyring")
    )
    platform = open_platform(settings)
    assert platform.store.keys.erasures.is_erased(life.plan)
    assert Erasing(platform.store, platform.plans).finish() == 0
    platform.close()
