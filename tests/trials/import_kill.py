"""Does an import survive being killed? `kill -9` at random moments, the same command again, and nothing is missing.

    python -m tests.trials.import_kill --seed N --rounds M [--plans 4000]

Each round imports a file of fictional plans into a new record, kills the importing process at random moments until one
run ends by itself, and then checks: every plan is on record once, no sequence of any plan has a gap, the log has none.
Prints one line of JSON; exits 1 when anything is missing or doubled.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from services.store.embedded import open_embedded
from services.store.record_store import RecordStore
from tests.support.fictional import fictional_plan

COUNCIL = "855"


def run_round(folder: Path, plans: int, kills: int, dice: random.Random) -> dict[str, Any]:
    """One round in a folder of its own; what was found."""
    file = folder / "plans.ndjson"
    file.write_bytes(b"".join(orjson.dumps(fictional_plan(n)) + b"\n" for n in range(plans)))
    killed = 0
    while killed < kills and not _import(folder, file, after=dice.uniform(0.9, 1.2 + plans / 2_000)):
        killed += 1
    summary = _import(folder, file, after=None)
    return {"killed": killed, **check(folder, plans, summary or {})}


def _import(folder: Path, file: Path, *, after: float | None) -> dict[str, Any] | None:
    """Import; kill after so many seconds if it is still running. The summary, None when it was killed."""
    command = [sys.executable, "-m", "services.cli.main", "import", str(file), "--council", COUNCIL, "--json"]
    rejects = ["--rejects", str(folder / "rejects.ndjson")]
    environment = {**os.environ, "EHCP_DATABASE_URL": f"sqlite:///{folder}/record/record.sqlite"}
    process = subprocess.Popen([*command, *rejects], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        output, errors = process.communicate(timeout=after)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        return None
    if process.returncode != 0:
        raise RuntimeError(f"the import ended with {process.returncode}: {errors.decode()[-500:]}")
    summary: dict[str, Any] = json.loads(output.splitlines()[-1])
    return summary


def check(folder: Path, plans: int, summary: dict[str, Any]) -> dict[str, Any]:
    """What the record holds after all, against what the file held."""
    with open_embedded(folder / "record") as store:
        rows = store.register.worklist(council=COUNCIL, limit=plans * 2)
        rows_of_log = store.rows(limit=plans * 4)
        gaps = sum(not _gapless(store, row.plan) for row in rows)
    positions = [row[0] for row in rows_of_log]
    return {
        "plansInFile": plans,
        "plansOnRecord": len(rows),
        "planIds": len(set(summary.get("planIds", ()))),
        "gapsInSequences": gaps,
        "gaplessLog": positions == list(range(1, len(positions) + 1)),
    }


def _gapless(store: RecordStore, plan: UUID) -> bool:
    sequences = [entry.sequence for entry in store.read_plan(plan)]
    return sequences == list(range(1, len(sequences) + 1))


def sound(found: dict[str, Any]) -> bool:
    """Whether a round found what it should."""
    plans = found["plansInFile"]
    same = found["plansOnRecord"] == plans == found["planIds"]
    return same and not found["gapsInSequences"] and bool(found["gaplessLog"])


def main() -> int:
    """Run the rounds; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--plans", type=int, default=4_000)
    parser.add_argument("--kills", type=int, default=5)
    arguments = parser.parse_args()
    started, rounds = time.monotonic(), []
    for number in range(arguments.rounds):
        dice = random.Random(f"{arguments.seed}/{number}")
        with tempfile.TemporaryDirectory() as folder:
            rounds.append(run_round(Path(folder), arguments.plans, arguments.kills, dice))
    good = all(sound(found) for found in rounds)
    print(json.dumps({"sound": good, "seconds": round(time.monotonic() - started, 1), "rounds": rounds}))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
