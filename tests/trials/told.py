"""Is the record what the clients were told? The trials' checker, which imports none of the platform's code.

It reads what the clients wrote down (tests/trials/clients.py), the tables with plain SQL, and repeats over HTTP what
was left unanswered. An event is recognised by its id, which stands in the clear in its stored bytes.
"""

import json
import random
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import psycopg

_ID = re.compile(rb'"id":"([0-9a-f-]{36})"')
_REPEATED = 200
"""How many of the answered requests are repeated too."""


class Stored(NamedTuple):
    """One event as the database has it."""

    position: int
    plan: str
    sequence: int
    event: str


class Told:
    """What the clients wrote down."""

    def __init__(self, file: Path) -> None:
        self.requests: dict[str, tuple[str, dict[str, Any]]] = {}
        self.receipts: dict[str, dict[str, Any]] = {}
        self.silences: Counter[str] = Counter()
        for line in file.read_text().splitlines():
            said = json.loads(line)
            if "asked" in said:
                self.requests[said["asked"]] = said["path"], said["body"]
            elif "told" in said:
                self.receipts[said["told"]] = said["receipt"]
            else:
                self.silences[str(said["why"])] += 1

    @property
    def unanswered(self) -> list[str]:
        """The requests of which their client does not know what became."""
        return [key for key in self.requests if key not in self.receipts]


@contextmanager
def clients(folder: Path, address: str, headers: dict[str, str], number: int, seed: str) -> Iterator[Path]:
    """Clients at work in a process of their own; the file in which they write."""
    signed, told = folder / "headers.json", folder / "told.ndjson"
    signed.write_text(json.dumps(headers))
    program = [sys.executable, "-m", "tests.trials.clients", "--address", address, "--headers", str(signed)]
    command = [*program, "--told", str(told), "--clients", str(number), "--seed", seed]
    with subprocess.Popen(command) as process:
        try:
            yield told
        finally:
            process.send_signal(signal.SIGTERM)
    if process.returncode:
        raise RuntimeError(f"the clients ended with {process.returncode}")


def check(told: Told, database: str, address: str, headers: dict[str, str], dice: random.Random) -> dict[str, Any]:
    """What is wrong, by kind; every number but the first few must be zero (`sound`)."""
    before = stored(database)
    by_event = Counter(item.event for item in before)
    acknowledged = {event["id"] for receipt in told.receipts.values() for event in _events(receipt)}
    unanswered = told.unanswered
    repeated = _repeat([*unanswered, *_some(told.receipts, dice)], told, address, headers)
    after = stored(database)
    final = {**told.receipts, **{key: repeated[key] for key in unanswered if repeated.get(key)}}
    events = [event["id"] for receipt in final.values() for event in _events(receipt)]
    return {
        "acknowledged": len(told.receipts),
        "unanswered": len(unanswered),
        "silences": dict(told.silences),
        "writtenThoughUnanswered": len(before) - len(acknowledged & by_event.keys()),
        "events": len(after),
        "lost": len(acknowledged - by_event.keys()),
        "doubled": sum(count > 1 for count in Counter(item.event for item in after).values()),
        "misplaced": sum(not _stands_as_told(receipt, after) for receipt in final.values()),
        "answeredOtherwise": sum(
            repeated[key] is not None and _ids(repeated[key]) != _ids(told.receipts[key])
            for key in repeated.keys() & told.receipts.keys()
        ),
        "repeatsRefused": sum(receipt is None for receipt in repeated.values()),
        "nobodysEvents": len(after) - len(set(events) & {item.event for item in after}),
        "eventsOfTwoRequests": len(events) - len(set(events)),
        "tooManyWhileUnanswered": max(0, len(before) - len(acknowledged) - len(unanswered)),
        "gapsInPositions": sum(item.position != n for n, item in enumerate(after, 1)),
        "gapsInSequences": _gaps(after),
    }


def sound(found: dict[str, Any]) -> bool:
    """Whether the record is what the clients were told."""
    wrong = (
        "lost", "doubled", "misplaced", "answeredOtherwise", "repeatsRefused", "nobodysEvents", "eventsOfTwoRequests",
        "tooManyWhileUnanswered", "gapsInPositions", "gapsInSequences",
    )  # fmt: skip
    return found["acknowledged"] > 0 and not any(found[name] for name in wrong)


def stored(database: str) -> list[Stored]:
    """The plan log in order of position."""
    with psycopg.connect(database) as connection:
        rows = connection.execute(
            "SELECT position, encode(stream, 'hex'), sequence, state FROM ehcp.plan_event ORDER BY position"
        )
        return [Stored(position, plan, sequence, _id(state)) for position, plan, sequence, state in rows]


def _id(state: bytes) -> str:
    found = _ID.search(state)
    return found[1].decode() if found else ""


def _events(receipt: dict[str, Any]) -> list[dict[str, Any]]:
    return [receipt["event"], *receipt.get("also", ())]


def _ids(receipt: dict[str, Any] | None) -> list[str]:
    return [event["id"] for event in _events(receipt)] if receipt else []


def _stands_as_told(receipt: dict[str, Any], after: list[Stored]) -> bool:
    event, plan = receipt["event"], receipt["planId"].replace("-", "")
    return after[event["position"] - 1] == Stored(event["position"], plan, event["sequence"], event["id"])


def _some(receipts: dict[str, dict[str, Any]], dice: random.Random) -> list[str]:
    return dice.sample(sorted(receipts), min(_REPEATED, len(receipts)))


def _repeat(keys: list[str], told: Told, address: str, headers: dict[str, str]) -> dict[str, dict[str, Any] | None]:
    """The same requests under the same keys, now that all is well: the receipts, None for what was refused."""
    answers: dict[str, dict[str, Any] | None] = {}
    with httpx.Client(base_url=address, headers=headers, timeout=60) as http:
        for key in keys:
            path, body = told.requests[key]
            answer = http.post(path, json=body, headers={"Idempotency-Key": key})
            answers[key] = answer.json() if answer.is_success else None
    return answers


def _gaps(after: list[Stored]) -> int:
    following: Counter[str] = Counter()
    gaps = 0
    for item in after:
        following[item.plan] += 1
        gaps += item.sequence != following[item.plan]
    return gaps
