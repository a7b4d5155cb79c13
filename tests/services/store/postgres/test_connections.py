"""The connection breaks in the middle of an append: the caller is told what became of it, and that stays true."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from deploy.local.postgres import Cluster
from services.store.errors import OutcomeUnknown, StoreBusy, StoreUnavailable
from services.store.file_keyring import FileKeyring
from services.store.postgres import batches
from services.store.postgres.migrating import migrate
from services.store.postgres.store import open_postgres
from services.store.values import PLAN_LOG, AppendGroup
from tests.services.store.conftest import METADATA, Clock, Record
from tests.services.store.postgres.order_lock import order_lock, wait_for_writers
from tests.support.proxy import Proxy, proxy_to


@pytest.fixture
def proxy(migrated: str) -> Iterator[Proxy]:
    with proxy_to(migrated) as opened:
        yield opened


@pytest.fixture
def far(proxy: Proxy, tmp_path: Path, clock: Clock) -> Iterator[Record]:
    """The record, with the door between it and its server."""
    with open_postgres(proxy.url, keyring=FileKeyring(tmp_path / "keyring"), clock=clock) as store:
        yield Record(store, tmp_path, clock)


@pytest.fixture
def near(migrated: str, tmp_path: Path, clock: Clock) -> Iterator[Record]:
    """The same record in another process's place."""
    with open_postgres(migrated, keyring=FileKeyring(tmp_path / "keyring"), clock=clock) as store:
        yield Record(store, tmp_path, clock)


def group(record: Record, plan: UUID, sequence: int = 1) -> AppendGroup:
    return AppendGroup({PLAN_LOG: [record.seal(plan, sequence)]})


def test_what_waits_for_its_turn_is_not_written_behind_its_callers_back(
    far: Record, near: Record, proxy: Proxy, migrated: str, plan: UUID
) -> None:
    """The server does not notice that the client is gone: it must be told, before the client says "not written"."""
    with order_lock(migrated) as session:
        future = far.store.submit(group(far, plan))
        wait_for_writers(session)
        proxy.cut_clients()
        with pytest.raises(StoreUnavailable):
            future.result()
    near.append(near.seal(uuid4(), 1))
    assert far.store.read_plan(plan) == []
    assert far.append(far.seal(plan, 1))[0].position == 2


def test_what_was_committed_is_told_so_when_only_the_answer_was_lost(far: Record, proxy: Proxy, plan: UUID) -> None:
    far.append(far.seal(uuid4(), 1))
    events = [far.seal(plan, 1), far.seal(plan, 2)]
    proxy.loses_answers = True
    future = far.store.submit(AppendGroup({PLAN_LOG: events}))
    wait_until(lambda: proxy.answers_lost > 0)
    proxy.loses_answers = False
    proxy.cut_clients()
    assert [(item.position, item.event) for item in future.result()] == [(2, events[0]), (3, events[1])]
    assert [event.sequence for event in far.store.read_plan(plan)] == [1, 2]
    assert far.append(far.seal(plan, 3))[0].position == 4


def test_a_showing_whose_answer_was_lost_is_on_record_once(far: Record, proxy: Proxy, plan: UUID) -> None:
    far.append(far.seal(plan, 1))
    entries = [
        far.store.seal_disclosure(plan, uuid4(), "ehcp.disclosure.recorded.v1", METADATA, {"what": "plan"})
        for _ in range(3)
    ]
    far.store.disclose(entries[:1]).result()
    proxy.loses_answers = True
    future = far.store.disclose(entries[1:])
    wait_until(lambda: proxy.answers_lost > 0)
    proxy.loses_answers = False
    proxy.cut_clients()
    assert [(item.position, item.event) for item in future.result()] == [(2, entries[1]), (3, entries[2])]
    assert [entry.position for entry in far.store.disclosures(plan)] == [1, 2, 3]


def test_a_batch_is_read_back_caller_by_caller(far: Record, proxy: Proxy, migrated: str, plan: UUID) -> None:
    """The refused of a batch whose answer was lost are not taken for written."""
    far.append(far.seal(plan, 1))
    other = uuid4()
    with order_lock(migrated) as session:
        first = far.store.submit(group(far, uuid4()))
        wait_for_writers(session)
        together = far.store.submit_all([group(far, plan, 2), group(far, plan, 2)])
        third = far.store.submit(group(far, other))
        proxy.loses_answers = True
    wait_until(lambda: proxy.answers_lost > 0)
    proxy.loses_answers = False
    proxy.cut_clients()
    assert first.result()[0].position == 2
    mine, late = together.result()
    assert not isinstance(mine, Exception)
    assert mine[0].position == 3
    assert isinstance(late, StoreUnavailable | batches.SequenceConflict)
    assert third.result()[0].position == 4


def test_a_client_whose_last_bytes_never_come_holds_up_nobody(far: Record, near: Record, proxy: Proxy) -> None:
    far.append(far.seal(uuid4(), 1))
    last = group(far, uuid4())
    proxy.loses_syncs = True
    stuck = far.store.submit(last)
    wait_until(lambda: proxy.syncs_lost > 0)
    for _ in range(20):
        near.store.submit(group(near, uuid4())).result(timeout=20)
    assert not stuck.done()
    proxy.loses_syncs = False
    proxy.cut_clients()
    assert stuck.result()[0].position <= 22


def test_a_writer_that_the_administrator_ends_reads_back_and_goes_on(far: Record, migrated: str, plan: UUID) -> None:
    with order_lock(migrated) as session:
        future = far.store.submit(group(far, plan))
        for pid in wait_for_writers(session):
            session.execute("SELECT pg_terminate_backend(%s)", (pid,))
        with pytest.raises(StoreUnavailable):
            future.result()
    assert far.append(far.seal(plan, 1))[0].position == 1


def test_a_child_whose_first_event_was_committed_keeps_its_key_though_the_answer_was_lost(
    far: Record, proxy: Proxy, plan: UUID
) -> None:
    far.append(far.seal(uuid4(), 1))
    first = group(far, plan)
    proxy.loses_answers = True
    future = far.store.submit(first)
    wait_until(lambda: proxy.answers_lost > 0)
    proxy.loses_answers = False
    proxy.cut_clients()
    future.result()
    far.append(far.seal(plan, 2, {"later": True}))
    assert [event.sequence for event in far.store.read_plan(plan)] == [1, 2]


def test_closing_writes_what_waits(migrated: str, tmp_path: Path, clock: Clock) -> None:
    store = open_postgres(migrated, keyring=FileKeyring(tmp_path / "keyring"), clock=clock)
    record = Record(store, tmp_path, clock)
    with order_lock(migrated) as session:
        first = store.submit(group(record, uuid4()))
        wait_for_writers(session)
        others = store.submit_all([group(record, uuid4()) for _ in range(40)])
    store.close()
    written = [outcome for outcome in (first.result(), *others.result()) if not isinstance(outcome, Exception)]
    assert sorted(outcome[0].position for outcome in written) == list(range(1, 42))


def test_too_many_waiting_groups_are_refused_and_the_accepted_ones_are_written(
    migrated: str, tmp_path: Path, clock: Clock
) -> None:
    keyring = FileKeyring(tmp_path / "keyring")
    with open_postgres(migrated, keyring=keyring, clock=clock, queue_limit=3) as store:
        record = Record(store, tmp_path, clock)
        with order_lock(migrated) as session:
            accepted = [store.submit(group(record, uuid4()))]
            wait_for_writers(session)
            accepted += [store.submit(group(record, uuid4())) for _ in range(3)]
            with pytest.raises(StoreBusy):
                store.submit(group(record, uuid4()))
        assert [future.result()[0].position for future in accepted] == [1, 2, 3, 4]


class TestServer:
    """Accidents to the whole server."""

    @pytest.fixture
    def url(self, postgres_cluster: Cluster) -> str:
        postgres_cluster.create_database("record")
        migrate(postgres_cluster.url("record"))
        return postgres_cluster.url("record")

    @pytest.fixture
    def record(self, url: str, tmp_path: Path, clock: Clock) -> Iterator[Record]:
        with open_postgres(url, keyring=FileKeyring(tmp_path / "keyring"), clock=clock) as store:
            yield Record(store, tmp_path, clock)

    def test_its_process_killed_in_an_append_restarts_it_and_the_append_was_not_written(
        self, postgres_cluster: Cluster, url: str, record: Record, plan: UUID
    ) -> None:
        kept = record.append(record.seal(plan, 1))
        with order_lock(url) as session:
            future = record.store.submit(group(record, plan, 2))
            postgres_cluster.kill_backend(wait_for_writers(session)[0])
            with pytest.raises(StoreUnavailable):
                future.result()
        postgres_cluster.wait_until_ready()
        assert record.append(record.seal(plan, 2))[0].position == 2
        assert [event.position for event in record.store.read_plan(plan)] == [kept[0].position, 2]

    def test_while_it_stays_away_nobody_knows_and_afterwards_the_store_goes_on(
        self, postgres_cluster: Cluster, url: str, record: Record, plan: UUID, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(batches, "RESOLVE_SECONDS", 0.2)
        with order_lock(url) as session:
            future = record.store.submit(group(record, plan))
            wait_for_writers(session)
            postgres_cluster.kill_postmaster()
            with pytest.raises(OutcomeUnknown):
                future.result()
        with pytest.raises(StoreUnavailable):
            record.append(record.seal(plan, 1))
        assert not record.store.is_ready()
        postgres_cluster.start()
        assert record.store.is_ready()
        assert record.append(record.seal(plan, 1))[0].position == 1


def wait_until(happened: Callable[[], bool]) -> None:
    """Wait for it."""
    while not happened():
        time.sleep(0.01)
