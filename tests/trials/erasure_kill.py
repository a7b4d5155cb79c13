"""Is what was destroyed gone, everywhere? Records are destroyed while everything works and processes are killed.

    python -m tests.trials.erasure_kill --seed N --rounds M [--kills 4] [--only postgresql|embedded]

Each round has two records of its own, one after the other: on PostgreSQL with two API workers, projector, router,
deliverer and a publisher to a real broker, all at debug level; and in a file, with the one process that has it. While
acts, draft edits, imports, searches, reads and subject access go on, records and single entries are destroyed by two
people, and something is killed (`kill -9`) at a random moment of it and started anew. When all is quiet it is looked
(erasure_findings.py) for what is left of the destroyed, and whether everything else is whole. Prints one line of JSON;
exits 1 when anything is wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from connectors.kafka.declared import Subscriber
from deploy.local.kafka import Broker, private_broker
from deploy.local.postgres import shared_server
from domain.calendar import london_date
from services.store.postgres.migrating import migrate
from tests.support.postgres import empty_database
from tests.support.published import Installation
from tests.support.receiver import Receiver, receiver
from tests.support.remote import Remote, remote
from tests.trials.erasure_children import Child
from tests.trials.erasure_findings import Findings, Watched
from tests.trials.erasure_processes import Processes
from tests.trials.erasure_search import OldKeys

#: How many records there are at the beginning, and how many threads do something with them.
CHILDREN, BUSY = 6, 2
COUNCIL = Subscriber(kind="la", code="855", principal="User:la-855")


class Trial:
    """One round."""

    def __init__(self, processes: Processes, people: Remote, hasty: Remote, dice: random.Random) -> None:
        self.processes = processes
        self.people = people
        self.hasty = hasty
        self.dice = dice
        self.children: list[Child] = []
        self.condemned: set[str] = set()
        self.attempted: dict[str, str] = {}
        self.wrong: list[str] = []
        self.done: dict[str, int] = {}
        self._ending = threading.Event()
        self._lock = threading.Lock()

    def begin(self, subscriber: Receiver) -> None:
        """The first records, a subscriber that takes nothing, and one history that is long enough for a snapshot."""
        subscriber.answer = lambda _: (500, {}, b"")
        asked = {"channel": "webhook", "target": f"{subscriber.address}/signals", "after": 0}
        answer = self.people.officer().post("/v1/subscriptions", asked)
        assert answer.status_code == 201, answer.text
        for _ in range(CHILDREN):
            self._opened()
        for _ in range(52):
            self.children[0].held(repeated=False)

    def run(self, kills: int) -> None:
        """Destroy and kill, while others are busy."""
        busy = [threading.Thread(target=self._busy, args=(self.dice.randrange(2**32),)) for _ in range(BUSY)]
        for thread in busy:
            thread.start()
        try:
            for number in range(kills):
                self._destroy(number)
        finally:
            self._ending.set()
            for thread in busy:
                thread.join()

    def _destroy(self, number: int) -> None:
        """Destroy a record or an entry, and kill something at a random moment of it."""
        with self._lock:
            left = [child for child in self.children if child.plan_id not in self.condemned]
        whole = number % 2 == 0 and len(left) > 2
        child = left[0] if number == 0 else self.dice.choice(left)
        ready = threading.Event()
        if whole:
            self.condemned.add(child.plan_id)
            asking = self.people if self.dice.random() < 0.7 else self.hasty
            work = partial(self._record_destroyed, child, asking, ready)
        else:
            work = partial(self._entry_destroyed, child, ready)
        thread = threading.Thread(target=self._noting, args=(work,))
        thread.start()
        ready.wait(60)
        time.sleep(self.dice.choice((0.0, self.dice.uniform(0, 0.06), self.dice.uniform(0, 0.4))))
        self.processes.kill_something(self.dice)
        thread.join()

    def _record_destroyed(self, child: Child, asking: Remote, ready: threading.Event) -> None:
        erasure = child.at_rest().proposed()
        ready.set()
        if not erasure:
            return
        self.attempted[child.plan_id] = erasure
        with suppress(httpx.TransportError):
            child.approved(erasure, asking.manager())

    def _entry_destroyed(self, child: Child, ready: threading.Event) -> None:
        if not child.evidence():
            ready.set()
            return
        entry = max(child.told)
        erasure = child.entry_proposed(entry)
        ready.set()
        if erasure:
            child.entry_approved(entry, erasure)

    def _busy(self, seed: int) -> None:
        dice = random.Random(seed)
        while not self._ending.is_set():
            with self._lock:
                child = dice.choice(self.children)
            done = [child.evidence, child.drafted, child.read_by_somebody, child.asked_for]
            if child.plan_id not in self.condemned:
                done += [child.held]
            if len(self.children) < 4 * CHILDREN:
                done += [self._opened]
            self._noting(dice.choice(done))

    def _opened(self) -> bool:
        with self._lock:
            seed = self.dice.randrange(2**32)
        child = Child(self.people, random.Random(seed)).opened()
        with self._lock:
            self.children.append(child)
        return True

    def _noting(self, work: Callable[[], Any]) -> None:
        name = getattr(work, "__name__", "destroying")
        try:
            done = work()
        except Exception as error:  # noqa: BLE001 — whatever it is, it is found
            self.wrong.append(f"{name}: {type(error).__name__}: {str(error)[:300]}")
        else:
            if done:
                self.done[name] = self.done.get(name, 0) + 1


def run_round(server: str, broker: Broker | None, kills: int, dice: random.Random) -> dict[str, Any]:
    """One round in a folder and, on PostgreSQL, a database of its own."""
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        address = f"sqlite:///{folder}/var/record.sqlite"
        installation = None
        if broker is not None:
            address = opened.enter_context(empty_database(server))
            migrate(address)
            installation = Installation(broker)
            installation.apply_topics([COUNCIL])
        processes = Processes(folder, address, installation)
        opened.callback(processes.close)
        processes.start()
        day = london_date(datetime.now(UTC)).isoformat()
        people = opened.enter_context(remote(processes.api.address, processes.issuer, day))
        hasty = opened.enter_context(remote(processes.api.address, processes.issuer, day, patient=False))
        trial = Trial(processes, people, hasty, dice)
        trial.begin(opened.enter_context(receiver()))
        backups = folder / "backups"
        with processes.at_rest():
            processes.command("keys", "backup", str(backups))
            old = OldKeys(processes.settings, folder)
        trial.run(kills)
        watched = Watched(trial.children, trial.attempted, old, backups, people, processes, installation, server)
        found = Findings(watched).all()
        wrong = trial.wrong + found.pop("wrong")
        kind = "embedded" if broker is None else "postgresql"
        return {"record": kind, "killed": processes.killed, "done": trial.done, **found, "wrong": wrong[:10]}


def main() -> int:
    """Run the rounds; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--kills", type=int, default=4)
    parser.add_argument("--only", choices=("postgresql", "embedded"))
    arguments = parser.parse_args()
    started = time.monotonic()
    rounds: list[dict[str, Any]] = []
    with ExitStack() as opened:
        server, broker = "", None
        if arguments.only != "embedded":
            server = opened.enter_context(shared_server(f"trial-{os.getpid()}"))
            broker = opened.enter_context(private_broker())
        for number in range(arguments.rounds):
            dice = random.Random(f"{arguments.seed}/{number}")
            if broker is not None:
                rounds.append(run_round(server, broker, arguments.kills, dice))
            if arguments.only != "postgresql":
                rounds.append(run_round("", None, arguments.kills, dice))
    good = not any(one["wrong"] for one in rounds)
    print(json.dumps({"sound": good, "seconds": round(time.monotonic() - started, 1), "rounds": rounds}))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
