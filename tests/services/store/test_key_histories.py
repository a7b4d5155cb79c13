"""Any order of appends, destructions, hand-overs and restarts leaves readable what a model says, and the log whole."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from domain.plan.events import PlanEvent
from services.store.embedded import open_embedded
from services.store.errors import KeyConflict, KeyDestroyed
from services.store.file_keyring import FileKeyring
from services.store.postgres.migrating import migrate
from services.store.postgres.store import open_postgres
from services.store.record_store import RecordStore
from services.store.values import DISCLOSURE_LOG, DRAFT_LOG, PLAN_LOG, Appended, AppendGroup, SealedEvent
from tests.services.store.conftest import AMENDED, METADATA

SHOWN: Final = "ehcp.disclosure.recorded.v1"
COUNCILS: Final = ("855", "936")
LOGS: Final = (PLAN_LOG, DRAFT_LOG, DISCLOSURE_LOG)

BEFORE: Final = ("seal", "write_late")
AFTER: Final = ("draft", "show", "forget", "hand_over", "destroy")
"""Steps for a child that has no event yet, too, and those for one that has."""

Step = tuple[str, int, int, int]
"""What is done, by which process, to which child, and to which of its events, streams or councils."""

steps = st.lists(
    st.tuples(
        st.sampled_from(
            ("append",) * 4 + BEFORE + ("draft", "show", "destroy", "destroy", "forget", "hand_over", "restart")
        ),
        st.integers(0, 1),
        st.integers(0, 1),
        st.integers(0, 7),
    ),
    min_size=15,
    max_size=40,
)


class Machine:
    """The processes of one installation."""

    def __init__(self, start: Callable[[], RecordStore], processes: int) -> None:
        self._start = start
        self._stores = [start() for _ in range(processes)]

    def store(self, process: int) -> RecordStore:
        return self._stores[process % len(self._stores)]

    def restart(self, process: int) -> None:
        number = process % len(self._stores)
        self._stores[number].close()
        self._stores[number] = self._start()

    def close(self) -> None:
        for store in self._stores:
            store.close()


@pytest.fixture(scope="module")
def embedded_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    folder = tmp_path_factory.mktemp("histories")
    machine = Machine(lambda: open_embedded(folder), 1)
    yield machine
    machine.close()


@pytest.fixture(scope="module")
def server_machine(postgres_module: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """Two processes at one database."""
    migrate(postgres_module)
    keyring = tmp_path_factory.mktemp("histories-keyring")
    machine = Machine(lambda: open_postgres(postgres_module, keyring=FileKeyring(keyring)), 2)
    yield machine
    machine.close()


class Child:
    """A child as the model has it: which of its events can be read."""

    def __init__(self) -> None:
        self.plan = uuid4()
        self.drafts = [uuid4(), uuid4()]
        self.events: list[tuple[str, UUID, int, bool]] = []
        self.leaves: list[tuple[str, int, bytes]] = []
        self.erased = False
        self.waiting: SealedEvent | None = None

    def next_of(self, stream: UUID) -> int:
        return 1 + sum(stream == other for _, other, _, _ in self.events)

    def readable(self, log: str) -> set[tuple[UUID, int]]:
        there = () if self.erased else self.events
        return {(stream, sequence) for name, stream, sequence, left in there if left and name == log}


class History:
    """Carries steps out on the machine and on the model alike."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.children = [Child() for _ in range(2)]

    def do(self, step: Step) -> None:
        what, process, number, which = step
        child, store = self.children[number], self.machine.store(process)
        if what == "restart":
            self.machine.restart(process)
        elif what == "append":
            self._write(store, child, PLAN_LOG, lambda: self._sealed(store, child))
        elif what in BEFORE and not child.erased:
            getattr(self, f"_{what}")(store, child)
        elif what in AFTER and child.events:
            getattr(self, f"_{what}")(store, child, which)

    def _seal(self, store: RecordStore, child: Child) -> None:
        child.waiting = self._sealed(store, child)

    def _write_late(self, store: RecordStore, child: Child) -> None:
        waiting, child.waiting = child.waiting, None
        if waiting is not None and waiting.originator_version == child.next_of(child.plan):
            self._write(store, child, PLAN_LOG, lambda: waiting, again=lambda: self._sealed(store, child))

    def _draft(self, store: RecordStore, child: Child, which: int) -> None:
        draft = child.drafts[which % 2]
        self._write(store, child, DRAFT_LOG, lambda: self._sealed(store, child, draft))

    def _show(self, store: RecordStore, child: Child, _which: int) -> None:
        seal = partial(store.seal_disclosure, child.plan, uuid4(), SHOWN, METADATA, {"what": "plan"})
        self._write(store, child, DISCLOSURE_LOG, seal)

    def _forget(self, store: RecordStore, child: Child, which: int) -> None:
        if which:
            store.keys.forget(child.plan)
        else:
            store.erase_plan(child.plan)
            child.erased = True

    def _hand_over(self, store: RecordStore, child: Child, which: int) -> None:
        if not child.erased:
            store.keys.rewrap(child.plan, COUNCILS[which % 2])

    def _destroy(self, store: RecordStore, child: Child, which: int) -> None:
        place = which % len(child.events)
        log, stream, sequence, _ = child.events[place]
        store.erase_event(child.plan, sequence, stream)
        child.events[place] = log, stream, sequence, False

    def _sealed(self, store: RecordStore, child: Child, draft: UUID | None = None) -> SealedEvent:
        sequence = child.next_of(draft or child.plan)
        return store.seal(child.plan, sequence, AMENDED, METADATA, {"n": sequence}, council="855", draft=draft)

    def _write(
        self,
        store: RecordStore,
        child: Child,
        log: str,
        seal: Callable[[], SealedEvent],
        again: Callable[[], SealedEvent] | None = None,
    ) -> None:
        """As the keeper does: sealed again after a conflict of keys, and refused for a child that was erased."""
        try:
            try:
                appended = _appended(store, log, seal())
            except KeyConflict:
                appended = _appended(store, log, (again or seal)())
        except KeyDestroyed:
            assert child.erased
            return
        assert not child.erased
        event = appended.event
        assert isinstance(event, SealedEvent)
        child.events.append((log, event.stream, event.originator_version, True))
        child.leaves.append((log, appended.position, appended.leaf))

    def check(self) -> None:
        for process in (0, 1):
            store = self.machine.store(process)
            for child in self.children:
                entries = {
                    PLAN_LOG: store.read_plan(child.plan),
                    DRAFT_LOG: [entry for draft in child.drafts for entry in store.read_stream(DRAFT_LOG, draft)],
                    DISCLOSURE_LOG: store.disclosures(child.plan),
                }
                for log in LOGS:
                    assert len(entries[log]) == sum(name == log for name, *_ in child.events)
                    assert {entry.plan for entry in entries[log]} <= {child.plan}
                    read = [entry.sequence for entry in entries[log] if isinstance(entry, PlanEvent)]
                    assert sorted(read) == sorted(sequence for _, sequence in child.readable(log)), log
                for log, position, leaf in child.leaves:
                    assert store.leaf(position, log) == leaf


def _appended(store: RecordStore, log: str, event: SealedEvent) -> Appended:
    future = store.disclose([event]) if log == DISCLOSURE_LOG else store.submit(AppendGroup({log: [event]}))
    (appended,) = future.result()
    return appended


FOLLOWED = [("append", 0, 0, 0), ("append", 1, 0, 0), ("append", 0, 0, 0), ("draft", 1, 0, 0), ("show", 0, 0, 0)]


@pytest.mark.parametrize("kind", ["embedded_machine", "server_machine"])
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(asked=steps)
@example(
    [*FOLLOWED, ("destroy", 0, 0, 1), ("append", 1, 0, 0), ("show", 1, 0, 0), ("destroy", 1, 0, 3), ("draft", 0, 0, 0)]
)
@example(
    [
        *FOLLOWED,
        ("seal", 1, 0, 0),
        ("destroy", 0, 0, 0),
        ("write_late", 1, 0, 0),
        ("hand_over", 1, 0, 1),
        ("destroy", 0, 0, 3),
    ]
)
@example(
    [
        *FOLLOWED,
        ("destroy", 0, 0, 0),
        ("restart", 1, 0, 0),
        ("append", 0, 0, 0),
        ("forget", 1, 0, 0),
        ("append", 0, 0, 0),
    ]
)
def test_what_can_be_read_is_what_the_model_says(request: pytest.FixtureRequest, kind: str, asked: list[Step]) -> None:
    history = History(request.getfixturevalue(kind))
    for step in asked:
        history.do(step)
    history.check()
