"""Does what clients were told survive PostgreSQL? `kill -9` of its processes under load, again and again.

    python -m tests.trials.postgres_kill --seed N --rounds M [--clients 16]

Clients send acts without pause to `ehcp serve`. In each round, after a random while, either the server's process that
serves a writer is killed (PostgreSQL then ends every other and recovers) or its main process, which is started again
after a random pause. Then the record is held against what the clients wrote down (tests/trials/told.py). Prints one
line of JSON; exits 1 when anything is lost, doubled or out of order.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg

from deploy.local.postgres import Cluster, PostgresError, private_cluster
from services.store.postgres.migrating import migrate
from tests.support.served_process import ServedProcess
from tests.trials.told import Told, check, clients, sound


def run(folder: Path, cluster: Cluster, arguments: argparse.Namespace) -> dict[str, Any]:
    """Kill and start again; what was found."""
    dice = random.Random(arguments.seed)
    database = cluster.url("record")
    served = ServedProcess(folder, database, workers=2)
    served.start()
    kills = {"backend": 0, "postmaster": 0}
    try:
        headers = served.headers()
        with clients(folder, served.address, headers, arguments.clients, f"{arguments.seed}") as told:
            for number in range(arguments.rounds):
                time.sleep(dice.uniform(0.5, 4.0))
                if number % 2 == 0 and kill_writer(cluster, database, dice):
                    kills["backend"] += 1
                else:
                    cluster.kill_postmaster()
                    kills["postmaster"] += 1
                    time.sleep(dice.uniform(0, 3.0))
                    cluster.start()
                cluster.wait_until_ready()
            time.sleep(3)
        return {"kills": kills, **check(Told(told), database, served.address, headers, dice)}
    finally:
        served.kill()


def kill_writer(cluster: Cluster, database: str, dice: random.Random) -> bool:
    """Kill a process of the server that serves a writer; false when there is none for a while."""
    for _ in range(100):
        with suppress(psycopg.Error, PostgresError):
            with psycopg.connect(database) as connection:
                found = connection.execute(
                    "SELECT pid FROM pg_stat_activity WHERE application_name = 'ehcp-writer' ORDER BY pid"
                ).fetchall()
            if found:
                cluster.kill_backend(dice.choice(found)[0])
                return True
        time.sleep(0.05)
    return False


def main() -> int:
    """Run the trial; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--clients", type=int, default=16)
    arguments = parser.parse_args()
    started = time.monotonic()
    with private_cluster() as cluster, tempfile.TemporaryDirectory() as folder:
        cluster.create_database("record")
        migrate(cluster.url("record"))
        found = run(Path(folder), cluster, arguments)
    good = sound(found)
    print(json.dumps({"sound": good, "seconds": round(time.monotonic() - started, 1), **found}))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
