"""Does exchanging the index key survive being killed? `kill -9` at random moments, and every plan is still found once.

    python -m tests.trials.index_kill --seed N --rounds M [--plans 400] [--kills 6]

Each round imports fictional plans, into files or into PostgreSQL in turn, and exchanges the index key until the old one
is destroyed, in a process that is killed at random moments. After each kill every plan must be found by its reference
and by its child's name, and a second record with the reference of another is refused. Prints one line of JSON; exits 1
when a plan is missing, found twice, or doubled, or a row of a destroyed key is left.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson

import services.index_rotation as rotating
from deploy.local.postgres import private_cluster
from domain.plan.acts import Actor
from services.bootstrap import Platform, open_platform
from services.errors import AlreadyOnRecord
from services.projection.listing import Scope
from services.requests import ActRequest
from services.settings import Settings
from services.store.postgres.migrating import migrate
from services.store.register import LOCAL_REFERENCE, plan_matches
from tests.support.fictional import fictional_plan

COUNCIL = "855"
OFFICER = Actor(subject="officer", organisation=f"la:{COUNCIL}", role="case-officer")


def exchange(settings: Settings) -> None:
    """What the process does that is killed: adopt, write anew, destroy the one before; then end."""
    rotating.HEARD_SECONDS = rotating.SETTLED_SECONDS = 0  # type: ignore[misc]
    platform = open_platform(settings)
    platform.projection.running.start()
    rotation, keyring = platform.index_rotation, platform.keyring
    older = [use.key_id for use in rotation.usage(keyring) if use.retired is not None]
    if not older:
        rotation.begin(keyring)
        while not rotation.is_whole():
            rotation.write_anew()
            time.sleep(0.02)
        older = [use.key_id for use in rotation.usage(keyring)][:1]
    for key_id in older:
        rotation.destroy(keyring, key_id, at_once=True)
    platform.close()


def run_round(folder: Path, address: str, arguments: argparse.Namespace, dice: random.Random) -> dict[str, Any]:
    """One round; what was found."""
    settings = settings_of(folder, address)
    _import(folder, settings, arguments.plans)
    killed, exchanged, wrong = 0, 0, []
    longest = 3.5 + arguments.plans / 200
    while killed < arguments.kills:
        ended = _exchanged(folder, address, after=dice.uniform(0.5, longest))
        killed, exchanged = killed + (not ended), exchanged + ended
        longest = max(longest * 0.75, 0.6) if ended else longest  # a quick machine is killed sooner
        wrong += faults(settings, arguments.plans, dice)
    while not _exchanged(folder, address, after=None):
        pass
    wrong += faults(settings, arguments.plans, dice)
    platform = open_platform(settings)
    left = [use.key_id for use in platform.index_rotation.usage(platform.keyring)]
    platform.close()
    return {"killed": killed, "exchanged": exchanged + 1, "left": left, "wrong": wrong[:5]}


def settings_of(folder: Path, address: str) -> Settings:
    """The settings of an installation in the folder; `address` is empty for files."""
    return Settings(
        database_url=address or f"sqlite:///{folder}/record/record.sqlite", keyring=str(folder / "record" / "keyring")
    )


def faults(settings: Settings, plans: int, dice: random.Random) -> list[str]:
    """What is wrong with the record just now."""
    platform = open_platform(settings)
    platform.projection.running.start()
    try:
        asyncio.run(platform.projection.lists.reach(platform.store.head()[0], 30))
        wrong = [f"plan {number}: {fault}" for number in range(plans) for fault in _fault(platform, number)]
        return wrong + _doubled(platform, dice.randrange(plans))
    finally:
        platform.close()


def _fault(platform: Platform, number: int) -> list[str]:
    plan = fictional_plan(number)
    found = platform.store.register.find(
        plan_matches(platform.store.index, LOCAL_REFERENCE, plan["localReference"], COUNCIL)
    )
    if len(found) != 1:
        return [f"found {len(found)} times"]
    details = plan["personalDetails"]
    scope = Scope(on="2026-11-02", everything=True)
    named = asyncio.run(platform.projection.lists.named(scope, details["name"], details["dateOfBirth"]))
    return [] if found[0] in named.plans else ["not found by name"]


def _doubled(platform: Platform, number: int) -> list[str]:
    content = {
        "mode": "RECORD",
        "effectiveOn": "2026-11-02",
        "council": COUNCIL,
        "sourceFile": {"sha256": f"{number:064x}", "line": 1},
        "plan": fictional_plan(number),
    }
    asked = ActRequest(
        act="import-baseline",
        body=content,
        actor=OFFICER,
        idempotency_key=str(uuid4()),
        body_sha256=sha256(orjson.dumps(content)).digest(),
    )
    try:
        asyncio.run(platform.keeper.open_record(asked))
    except AlreadyOnRecord:
        return []
    return [f"plan {number}: a second record has its reference"]


def _exchanged(folder: Path, address: str, *, after: float | None) -> bool:
    """Exchange the key; kill after so many seconds if that is still going on. Whether it came to its end."""
    command = [sys.executable, "-m", "tests.trials.index_kill", "--exchange", str(folder), "--address", address]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    try:
        _, errors = process.communicate(timeout=after)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        return False
    if process.returncode != 0:
        raise RuntimeError(f"the exchange ended with {process.returncode}: {errors.decode()[-1500:]}")
    return True


def _import(folder: Path, settings: Settings, plans: int) -> None:
    file = folder / "plans.ndjson"
    file.write_bytes(b"".join(orjson.dumps(fictional_plan(number)) + b"\n" for number in range(plans)))
    command = [sys.executable, "-m", "services.cli.main", "import", str(file), "--council", COUNCIL, "--json"]
    stated = {"EHCP_DATABASE_URL": settings.database_url, "EHCP_KEYRING": settings.keyring or ""}
    subprocess.run(command, env={**os.environ, **stated}, check=True, capture_output=True)


def main() -> int:
    """Run the rounds; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--plans", type=int, default=400)
    parser.add_argument("--kills", type=int, default=6)
    parser.add_argument("--exchange", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--address", default="", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.exchange:
        exchange(settings_of(arguments.exchange, arguments.address))
        return 0
    started, rounds = time.monotonic(), []
    with private_cluster() as cluster:
        for number in range(arguments.rounds):
            address = ""
            if number % 2:
                cluster.create_database(f"record{number}")
                address = cluster.url(f"record{number}")
                migrate(address)
            with tempfile.TemporaryDirectory() as folder:
                dice = random.Random(f"{arguments.seed}/{number}")
                rounds.append(run_round(Path(folder), address, arguments, dice))
    good = all(not found["wrong"] and len(found["left"]) == 1 for found in rounds)
    print(json.dumps({"sound": good, "seconds": round(time.monotonic() - started, 1), "rounds": rounds}))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
