"""An older copy of the database that is brought back: nothing is recorded on top of it, and reading goes on."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from connectors.identity.development import DevelopmentIssuer
from services.cli.serving import know_the_councils
from services.store.embedded import open_embedded
from services.store.errors import WritesRefused
from services.store.file_keyring import FileKeyring
from services.store.postgres.store import open_postgres
from services.store.record_store import RecordStore
from services.store.values import DISCLOSURE_LOG
from tests.support.life import Life
from tests.support.recording import Recording
from tests.support.serving import Serving, serving


class Installation:
    """A platform in a folder, whose database can be put back to an earlier day."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url
        self.issuer = DevelopmentIssuer.ephemeral()
        self.keyring = folder / "record" / "keyring"

    @contextmanager
    def opened(self) -> Iterator[Serving]:
        with serving(self.folder, issuer=self.issuer, database_url=self.url) as served:
            yield served

    def signed(self, lives: int) -> Life:
        """Plans more, and everything signed."""
        with self.opened() as served:
            life = [Life(served).imported() for _ in range(lives)][-1]
            life.read()
            served.platform.notary.running.look()
            return life

    def copied(self) -> Callable[[], None]:
        """A copy of the database as it is; call what is returned to bring it back."""
        return self._copied_database() if self.url else self._copied_file()

    @contextmanager
    def bare_store(self) -> Iterator[RecordStore]:
        """The store without anybody who compares."""
        keyring = FileKeyring(self.keyring)
        made = (
            open_postgres(self.url, keyring=keyring)
            if self.url
            else open_embedded(self.folder / "record", keyring=keyring)
        )
        with made as store:
            yield store

    def _copied_file(self) -> Callable[[], None]:
        record, kept = self.folder / "record" / "record.sqlite", self.folder / "older.sqlite"
        if not record.exists():
            return self._without_a_record
        with sqlite3.connect(record) as source, sqlite3.connect(kept) as target:
            source.backup(target)

        def back() -> None:
            for beside in record.parent.glob("record.sqlite-*"):
                beside.unlink()
            shutil.copy(kept, record)

        return back

    def _without_a_record(self) -> None:
        for path in (self.folder / "record").glob("record.sqlite*"):
            path.unlink()

    def _copied_database(self) -> Callable[[], None]:
        name = urlsplit(self.url).path.removeprefix("/")
        older = f"{name}_o"
        server = urlsplit(self.url)._replace(path="/postgres").geturl()

        def copy(source: str, target: str) -> None:
            with psycopg.connect(server, autocommit=True) as connection:
                drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
                connection.execute(drop.format(sql.Identifier(target)))
                made = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
                connection.execute(made.format(sql.Identifier(target), sql.Identifier(source)))

        copy(name, older)

        def back() -> None:
            copy(older, name)
            with psycopg.connect(server, autocommit=True) as connection:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(older)))

        return back


@pytest.fixture(params=["sqlite", "postgresql"])
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Installation:
    return Installation(tmp_path, request.getfixturevalue("migrated") if request.param == "postgresql" else "")


def refused(served: Serving, life: Life) -> str:
    """What is answered to every way of writing; the reason. Reading goes on."""
    officer = served.officer()
    writes = [
        officer.open("receive-request", receivedOn="2026-03-02", source="1"),
        officer.act(life.plan_id, "hold-review", heldOn="2026-03-02"),
        officer.post(f"{life.path}/drafts", {"purpose": "ANNUAL_REVIEW"}),
        officer.post("/v1/subscriptions", {"channel": "feed"}),
        officer.send("POST", "/v1/imports?council=855", b"{}", "application/json"),
    ]
    for answer in writes:
        assert answer.status_code == 503, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"].endswith("/problems/log-differs")
    with pytest.raises(WritesRefused):
        know_the_councils(served.platform)
    assert officer.get(life.path).status_code == 200
    assert officer.post("/v1/plans/search", {"localReference": life.reference}).status_code == 200
    lead = served.as_("safeguarding-lead", "ods:RAA")
    read = lead.post(f"{life.path}/emergency-reads", {"reason": "The child said today that home is not safe"})
    assert read.status_code == 200, read.text
    served.platform.endings.end("organisation:la:999", datetime.now(UTC), "left", actor="operator")
    ready = served.http.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "read only")
    assert "ehcp_writes_refused 1.0" in served.http.get("/metrics").text
    said: str = ready.json()["reason"]
    detail = writes[0].json()["detail"]
    assert said[1:] in detail
    assert "ehcp recover" in detail
    return said


def test_an_older_copy_takes_no_act_and_goes_on_answering(installation: Installation) -> None:
    life = installation.signed(1)
    back = installation.copied()
    installation.signed(1)
    back()
    for _ in range(2):  # nothing clears it: not a start, not what was read meanwhile
        with installation.opened() as served:
            said = refused(served, life)
            assert "the plan log ends at position 1; a checkpoint of 2 is known" in said
            size = served.platform.store.head()[0]
            served.platform.notary.running.look()
            assert served.as_("auditor", "audit").get("/v1/audit/checkpoint").json()["size"] in {1, 2}
            assert served.platform.store.head()[0] == size == 1


def test_a_record_that_is_gone_altogether_is_not_begun_anew(installation: Installation) -> None:
    back = installation.copied()
    installation.signed(1)
    back()
    with installation.opened() as served:
        answer = served.officer().open("receive-request", receivedOn="2026-03-02", source="1")
        assert answer.status_code == 503
        assert "ends at position 0; a checkpoint of 1 is known" in answer.json()["detail"]


def test_the_right_copy_is_as_good_as_ever(installation: Installation) -> None:
    installation.signed(1)
    back = installation.copied()
    back()
    with installation.opened() as served:
        assert served.http.get("/readyz").json()["status"] == "ready"
        assert Life(served).imported().read()
        assert "ehcp_writes_refused 0.0" in served.http.get("/metrics").text


def test_a_log_that_was_brought_back_and_went_on_is_found_out(installation: Installation) -> None:
    """As many entries as were signed, and not the same."""
    life = installation.signed(1)
    back = installation.copied()
    installation.signed(2)
    back()
    with installation.bare_store() as store:
        for _ in range(5):
            Recording(store).open()
    with installation.opened() as served:
        said = refused(served, life)
        assert "the plan log" in said
        assert "another" in said


def test_a_disclosure_log_that_lost_entries_is_found_out_too(installation: Installation) -> None:
    life = installation.signed(1)
    back = installation.copied()
    with installation.opened() as served:
        life.serving = served
        for _ in range(3):
            assert served.officer().get(life.path).status_code == 200
        served.platform.notary.running.look()
        shown = served.platform.store.head(DISCLOSURE_LOG)[0]
    back()
    with installation.opened() as served:
        said = refused(served, life)
        assert f"a checkpoint of {shown} is known" in said


def test_a_checkpoint_that_is_unreadable_is_no_reason_to_go_on(installation: Installation) -> None:
    life = installation.signed(1)
    (installation.keyring / "checkpoint.plan.note").write_text("nothing of the kind\n")
    with installation.opened() as served:
        assert "holds none" in refused(served, life)
