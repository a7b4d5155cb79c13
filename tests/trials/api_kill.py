"""Does what clients were told survive the API? `kill -9` of `ehcp serve` under load, again and again.

    python -m tests.trials.api_kill --seed N --rounds M [--clients 16]

The record is in a PostgreSQL of its own. Clients send acts without pause; after a random while the server is killed,
with all its workers (one or two, by turns), and started again, so many times as there are rounds. Then the record is
held against what the clients wrote down (tests/trials/told.py). Prints one line of JSON; exits 1 when anything is lost,
doubled or out of order.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from deploy.local.postgres import private_cluster
from services.store.postgres.migrating import migrate
from tests.support.served_process import ServedProcess
from tests.trials.told import Told, check, clients, sound


def run(folder: Path, database: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """Kill and start again; what was found."""
    dice = random.Random(arguments.seed)
    served = ServedProcess(folder, database)
    served.start()
    try:
        headers = served.headers()
        with clients(folder, served.address, headers, arguments.clients, f"{arguments.seed}") as told:
            for number in range(arguments.rounds):
                time.sleep(dice.uniform(0.3, 3.0))
                served.kill()
                served.workers = 1 + number % 2
                served.start()
            time.sleep(1)
        return check(Told(told), database, served.address, headers, dice)
    finally:
        served.kill()


def main() -> int:
    """Run the trial; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--clients", type=int, default=16)
    arguments = parser.parse_args()
    started = time.monotonic()
    with private_cluster() as cluster, tempfile.TemporaryDirectory() as folder:
        cluster.create_database("record")
        migrate(cluster.url("record"))
        found = run(Path(folder), cluster.url("record"), arguments)
    good = sound(found)
    seconds = round(time.monotonic() - started, 1)
    print(json.dumps({"sound": good, "seconds": seconds, "kills": arguments.rounds, **found}))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
