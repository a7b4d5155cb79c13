"""Is every event published exactly once? `kill -9` of publisher and broker at random moments while the log grows.

    python -m tests.trials.publisher_kill --seed N --rounds KILLS [--events 100000]

A record on PostgreSQL grows event by event, batch by batch. A publisher (`ehcp work publisher`), sometimes two, and the
broker are killed in turn at random moments and started anew; in between they have a few seconds at most. When all is
quiet, three clients read the committed records: kafka-python, librdkafka (confluent-kafka) and Kafka's own console
consumer. Each has to find every event of the log once, those of a plan in their order, and all three the same. Prints
one line of JSON; exits 1 when anything differs.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import uuid4

from deploy.local.kafka import PLATFORM, Broker, private_broker
from deploy.local.postgres import shared_server
from services.publishing.wiring import published
from services.settings import Settings
from services.store.file_keyring import FileKeyring
from services.store.postgres.migrating import migrate
from services.store.postgres.store import open_postgres
from tests.support.postgres import empty_database
from tests.support.published import Installation
from tests.support.recording import Recording
from tests.trials.published_records import by_confluent, by_console, by_kafka_python

EVENTS_A_KILL = 3_334
PLANS = 400
#: How long the publisher may take to come to the end when nobody is killed any more, in seconds.
PATIENCE = 300.0


class Trial:
    """A record that grows, and a publisher and a broker that die."""

    def __init__(self, folder: Path, address: str, broker: Broker, dice: random.Random) -> None:
        self.dice = dice
        self.broker = broker
        self.installation = Installation(broker, "ehcp.")
        self.installation.apply_topics()
        self.settings = Settings(
            database_url=address,
            keyring=str(folder / "keyring"),
            kafka_bootstrap=broker.bootstrap,
            kafka_credentials=broker.credentials(PLATFORM),
        )
        self.store = open_postgres(address, keyring=FileKeyring(folder / "keyring"))
        self.recording = Recording(self.store)
        self.log = folder / "publisher.log"
        self.killed: Counter[str] = Counter()
        self.publishers: list[subprocess.Popen[bytes]] = []

    def run(self, kills: int, events: int) -> None:
        """Grow the record to so many events while so many processes are killed."""
        growing = threading.Thread(target=self._grow, args=(events, kills))
        self._start_publisher()
        growing.start()
        for _ in range(kills):
            time.sleep(self.dice.uniform(0.5, 4.0))
            self._kill()
        growing.join()

    def found(self) -> dict[str, Any]:
        """What the clients read when all is quiet."""
        head = self.store.head()[0]
        quiet = self._come_to_rest(head)
        self.close_publishers()
        read = {"kafka-python": by_kafka_python, "confluent-kafka": by_confluent, "console": by_console}
        records = {name: reader(self.installation, head) for name, reader in read.items()}
        ours = records["kafka-python"]
        return {
            "events": head,
            **{f"killed {name}": number for name, number in sorted(self.killed.items())},
            "quiet": quiet,
            "missing": len(set(range(1, head + 1)) - {record.position for record in ours}),
            "twice": len(ours) - len({record.position for record in ours}),
            "plans out of order": len({a.plan for a, b in self._pairs(ours) if b.sequence != a.sequence + 1}),
            "differ": sorted(name for name, found in records.items() if found != ours),
        }

    def close(self) -> None:
        """End what was started."""
        self.close_publishers()
        self.store.close()

    def close_publishers(self) -> None:
        """End the publishers in good order."""
        for process in self.publishers:
            process.terminate()
        for process in self.publishers:
            process.wait(60)
        self.publishers = []

    def _grow(self, events: int, kills: int) -> None:
        """Append so many events, spread over about the time of the kills."""
        dice, plans = random.Random(self.dice.random()), [uuid4() for _ in range(PLANS)]
        written, began, lasting = 0, time.monotonic(), 2.5 * kills
        while written < events:
            number = min(dice.randint(1, 400), events - written)
            chosen = (dice.choice(plans) for _ in range(number))
            self.recording.append(
                *(self.recording.sealed(plan, "access-noted", {"note": "n" * dice.randint(1, 900)}) for plan in chosen)
            )
            written += number
            time.sleep(max(0.0, began + lasting * written / events - time.monotonic()))

    def _kill(self) -> None:
        kind = self.dice.choice(("broker", "publisher", "publisher", "rival"))
        self.killed[kind] += 1
        if kind == "broker":
            self.broker.kill()
            time.sleep(self.dice.uniform(0, 1.5))
            self.broker.start()
            return
        if kind == "rival":
            self._start_publisher()
            time.sleep(self.dice.uniform(0, 3.0))
        victim = self.publishers.pop(0)
        if victim.poll() is not None:
            raise RuntimeError(f"a publisher ended by itself with {victim.returncode}")
        os.kill(victim.pid, signal.SIGKILL)
        victim.wait()
        if not self.publishers:
            self._start_publisher()

    def _start_publisher(self) -> None:
        stated = self.settings.model_dump(exclude_defaults=True)
        environment = {**os.environ, **{f"EHCP_{name.upper()}": str(value) for name, value in stated.items()}}
        command = [sys.executable, "-m", "services.cli.main", "work", "publisher"]
        with self.log.open("ab") as log:
            self.publishers.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log))

    def _come_to_rest(self, head: int) -> bool:
        """Whether every event is published; the plans' states, each of which is folded anew, may follow later."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if published(self.settings, head)[0].behind == 0:
                return True
            time.sleep(0.5)
        sys.stderr.write(self.log.read_text(errors="replace")[-4_000:])
        return False

    @staticmethod
    def _pairs(records: list[Any]) -> Any:
        """Each record of a plan with the one that follows it."""
        last: dict[str, Any] = {}
        for record in records:
            if record.plan in last:
                yield last[record.plan], record
            last[record.plan] = record


def sound(found: dict[str, Any]) -> bool:
    """Whether a trial found what it should."""
    return bool(found["quiet"]) and not any(
        found[name] for name in ("missing", "twice", "plans out of order", "differ")
    )


def run_trial(server: str, broker: Broker, dice: random.Random, kills: int, events: int) -> dict[str, Any]:
    """One trial in a database and a folder of its own."""
    with tempfile.TemporaryDirectory() as folder, empty_database(server) as address:
        migrate(address)
        trial = Trial(Path(folder), address, broker, dice)
        try:
            trial.run(kills, events)
            return trial.found()
        finally:
            trial.close()


def main() -> int:
    """Run it; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=30, help="how often something is killed")
    parser.add_argument("--events", type=int, default=0, help=f"default: {EVENTS_A_KILL} for each kill")
    arguments = parser.parse_args()
    started = time.monotonic()
    events = arguments.events or EVENTS_A_KILL * arguments.rounds
    with shared_server(f"trial-{os.getpid()}") as server, private_broker() as broker:
        found = run_trial(server, broker, random.Random(arguments.seed), arguments.rounds, events)
    print(json.dumps({"sound": sound(found), "seconds": round(time.monotonic() - started, 1), **found}))
    return 0 if sound(found) else 1


if __name__ == "__main__":
    sys.exit(main())
