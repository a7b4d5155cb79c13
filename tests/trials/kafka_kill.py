"""Is everything published exactly once? `kill -9` of publisher, router and broker at random moments while a log grows.

    python -m tests.trials.kafka_kill --seed N --rounds KILLS_OF_EACH [--events 100000]

A record on PostgreSQL grows batch by batch. A publisher (`ehcp work publisher`, which also fills the topics of two
councils and an NHS body), a router and the broker are killed in random order, each so many times, and started anew;
sometimes another publisher or router is there already. In between they have a few seconds at most. When all is quiet,
three clients read the committed records: kafka-python, librdkafka (confluent-kafka) and Kafka's own console consumer.
Each has to find every event of the log once and those of a plan in their order, and in each body's topic its signals,
numbered without a gap, as they stand in the rows; and the rows have to be what a router makes that begins anew.
Prints one line of JSON; exits 1 when anything differs.
"""

import argparse
import json
import os
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from connectors.kafka.declared import Subscriber
from deploy.local.kafka import PLATFORM, Broker, private_broker
from deploy.local.postgres import shared_server
from services.publishing.wiring import published, signals_published
from services.settings import Settings
from services.signals.database import SignalDatabase
from services.signals.outbox import Outbox
from services.signals.writing import oldest
from services.store.file_keyring import FileKeyring
from services.store.postgres.migrating import migrate
from services.store.postgres.store import open_postgres
from services.store.values import SealedEvent
from tests.support.postgres import empty_database
from tests.support.published import Installation
from tests.support.recording import DAY, Recording, opening, random_event
from tests.support.routed import faults, fresh, rows, told
from tests.trials.published_records import EVENTS, READERS, SIGNALS, Kind
from tests.trials.workers import Workers

EVENTS_A_ROUND = 3_334
PLANS = 400
BODIES = (("la", "855"), ("la", "936"), ("ods", "QJK"))
#: How long everything may stand still before it is called stuck when nobody is killed any more, in seconds.
PATIENCE = 300.0


class Trial:
    """A record that grows, and a publisher, a router and a broker that die."""

    def __init__(self, folder: Path, address: str, broker: Broker, dice: random.Random) -> None:
        self.dice = dice
        self.folder = folder
        self.broker = broker
        self.bodies = [Subscriber(kind=kind, code=code, principal=f"User:{code}") for kind, code in BODIES]
        self.installation = Installation(broker, "ehcp.")
        self.installation.apply_topics(self.bodies)
        subscribers = folder / "subscribers.json"
        subscribers.write_text(json.dumps([{"kind": k, "code": c, "principal": f"User:{c}"} for k, c in BODIES]))
        self.settings = Settings(
            database_url=address,
            keyring=str(folder / "keyring"),
            kafka_bootstrap=broker.bootstrap,
            kafka_credentials=broker.credentials(PLATFORM),
            kafka_subscribers=subscribers,
        )
        self.store = open_postgres(address, keyring=FileKeyring(folder / "keyring"))
        self.signals = SignalDatabase(address)
        self.recording = Recording(self.store)
        stated = self.settings.model_dump(exclude_defaults=True)
        place = {f"EHCP_{name.upper()}": str(value) for name, value in stated.items()}
        self.workers = {kind: Workers(kind, place, folder) for kind in ("publisher", "router")}
        self.killed: Counter[str] = Counter()

    def run(self, rounds: int, events: int) -> None:
        """Grow the record to so many events while each is killed so many times."""
        kills = [kind for kind in ("broker", *self.workers) for _ in range(rounds)]
        self.dice.shuffle(kills)
        growing = threading.Thread(target=self._grow, args=(events, len(kills)), daemon=True)
        for workers in self.workers.values():
            workers.start()
        growing.start()
        for kind in kills:
            time.sleep(self.dice.uniform(0.5, 4.0))
            self._kill(kind)
            self.killed[kind] += 1
        growing.join()

    def found(self) -> dict[str, Any]:
        """What the clients read when all is quiet."""
        head = self.store.head()[0]
        quiet = self._come_to_rest(head)
        stopped = [workers.stop() for workers in self.workers.values()]
        rowed = rows(self.signals)
        events, differ = self._read("plan-events.v1", EVENTS, head)
        wrong = faults(rowed)
        if told(rowed) != fresh(self.store, self.folder):
            wrong.append("the rows aren't those of a router that begins anew")
        for kind, code in BODIES:
            mine = [row for row in rowed if row.recipient == f"{kind}:{code}"]
            records, apart = self._read(f"signals.v1.{kind}.{code}", SIGNALS, len(mine))
            differ += apart
            if [(one.number, one.id) for one in records] != [(row.number, str(row.event)) for row in mine]:
                wrong.append(f"the topic of {kind}:{code} isn't what its rows say")
        return {
            "events": head,
            "signals": {f"{kind}:{code}": sum(r.recipient == f"{kind}:{code}" for r in rowed) for kind, code in BODIES},
            **{f"killed {name}": number for name, number in sorted(self.killed.items())},
            "quiet": quiet,
            "stoppedCleanly": all(stopped),
            "missing": len(set(range(1, head + 1)) - {record.number for record in events}),
            "twice": len(events) - len({record.number for record in events}),
            "plans out of order": _out_of_order(events),
            "wrong signals": wrong[:10],
            "differ": differ,
        }

    def close(self) -> None:
        """End what was started."""
        for workers in self.workers.values():
            workers.close()
        self.signals.close()
        self.store.close()

    def _read(self, topic: str, kind: Kind, number: int) -> tuple[list[Any], list[str]]:
        """The records of a topic, and which clients do not find what kafka-python does."""
        found = {name: reader(self.installation, topic, kind, number) for name, reader in READERS.items()}
        ours = found["kafka-python"]
        return ours, [f"{name} of {topic}" for name, records in found.items() if records != ours]

    def _grow(self, events: int, kills: int) -> None:
        """Append so many events, between any two kills about as many."""
        dice, plans, written = random.Random(self.dice.random()), [uuid4() for _ in range(PLANS)], 0
        while written < events:
            number = min(dice.randint(1, 400), events - written)
            self.recording.append(*(self._something(dice, dice.choice(plans)) for _ in range(number)))
            written += number
            while written * kills > events * (self.killed.total() + 1):
                time.sleep(0.05)

    def _something(self, dice: random.Random, plan: UUID) -> SealedEvent:
        """The next event of a plan: a request first, then who is responsible for health, then anything."""
        sequence = self.recording.sequences.get(plan, 0)
        if sequence == 0:
            effects = opening("Aled Ottershaw", "2014-03-02", dice.choice(("855", "936")))
            return self.recording.sealed(plan, "assessment-requested", {"effects": effects})
        if sequence == 1:
            party = {"role": "healthBody", "organisation": "ods:QJK", "since": DAY}
            return self.recording.sealed(plan, "responsible-body-recorded", {"effects": {"parties": [party]}})
        if dice.random() < 0.6:
            return self.recording.sealed(plan, "access-noted", {"note": "n" * dice.randint(1, 900)})
        kind, effects, data = random_event(dice, sequence)
        return self.recording.sealed(plan, kind, {**data, "effects": effects})

    def _kill(self, kind: str) -> None:
        if kind == "broker":
            self.broker.kill()
            time.sleep(self.dice.uniform(0, 1.5))
            self.broker.start()
            return
        workers = self.workers[kind]
        if self.dice.random() < 0.3:
            workers.start()
            time.sleep(self.dice.uniform(0, 3.0))
        workers.kill()
        if not len(workers):
            workers.start()

    def _come_to_rest(self, head: int) -> bool:
        """Whether all is told and published; the plans' states, each of which is folded anew, may follow later."""
        stands, since = self._stands(), time.monotonic()
        while stands != (head, 0, 0) or not self._all_at_work():
            if time.monotonic() - since > PATIENCE:
                sys.stderr.write(f"of {head} events (routed, to publish, signals to publish): {stands}\n")
                sys.stderr.writelines(workers.said() for workers in self.workers.values())
                return False
            time.sleep(1.0)
            now = self._stands()
            if now != stands:
                stands, since = now, time.monotonic()
        return True

    def _stands(self) -> tuple[int, int, int]:
        """Up to where events are routed, and how many events and signals are not yet published."""
        with self.signals.reading() as connection:
            routed = oldest(connection)
        (events, *_) = published(self.settings, self.store.head()[0])
        signals = signals_published(self.settings, Outbox(self.signals))
        return routed, events.behind, sum(one.behind for one in signals)

    def _all_at_work(self) -> bool:
        return all(workers.are_at_work() for workers in self.workers.values())


def _out_of_order(records: list[Any]) -> int:
    """Of how many plans some event doesn't follow the one before."""
    last: dict[str, int] = {}
    wrong = set()
    for record in records:
        if record.sequence != last.get(record.plan, 0) + 1:
            wrong.add(record.plan)
        last[record.plan] = record.sequence
    return len(wrong)


def sound(found: dict[str, Any]) -> bool:
    """Whether a trial found what it should."""
    wrong = ("missing", "twice", "plans out of order", "wrong signals", "differ")
    return bool(found["quiet"] and found["stoppedCleanly"]) and not any(found[name] for name in wrong)


def run_trial(server: str, broker: Broker, dice: random.Random, rounds: int, events: int) -> dict[str, Any]:
    """One trial in a database and a folder of its own."""
    with tempfile.TemporaryDirectory() as folder, empty_database(server) as address:
        migrate(address)
        trial = Trial(Path(folder), address, broker, dice)
        try:
            trial.run(rounds, events)
            return trial.found()
        finally:
            trial.close()


def main() -> int:
    """Run it; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=30, help="how often each of the three is killed")
    parser.add_argument("--events", type=int, default=0, help=f"default: {EVENTS_A_ROUND} for each round")
    arguments = parser.parse_args()
    started = time.monotonic()
    events = arguments.events or EVENTS_A_ROUND * arguments.rounds
    with shared_server(f"trial-{os.getpid()}") as server, private_broker() as broker:
        found = run_trial(server, broker, random.Random(arguments.seed), arguments.rounds, events)
    print(json.dumps({"sound": sound(found), "seconds": round(time.monotonic() - started, 1), **found}))
    return 0 if sound(found) else 1


if __name__ == "__main__":
    sys.exit(main())
