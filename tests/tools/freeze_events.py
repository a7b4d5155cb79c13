"""Freeze one stored event of every type that has none yet: `python -m tests.tools.freeze_events`.

A fixture is the very bytes that were stored, with the key that opens them. It is written once, never again:
from then on it guards that what was stored then is read now. A new version of a type is a new type and gets a
fixture of its own.
"""

import json
import os
import sys
from base64 import b64encode
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import msgspec
from uuid_utils.compat import uuid7

from domain.plan.events import EventMetadata
from services.store.clear import state_of
from services.store.embedded import system_clock
from services.store.framing import Envelope, leaf_hash
from services.store.sealing import KEY_LENGTH, seal
from tests.tools.clear_examples import EXAMPLES
from tests.tools.schema_examples import NoExample, SchemaExamples

ROOT: Final = Path(__file__).parents[2]
SCHEMAS: Final = ROOT / "schemas"
FIXTURES: Final = ROOT / "tests" / "fixtures" / "events"

METADATA: Final = EventMetadata(
    effectiveon="2026-09-01",
    actor="person:fictional-officer",
    actororg="la:855",
    actorrole="case-officer",
    mode="RECORD",
    onbehalfof="la:855",
    gateway="reg-17",
    correlationid="5e0c1a52-7d0e-4b5e-9a37-0d2f4a1c9e01",
    causationid="5e0c1a52-7d0e-4b5e-9a37-0d2f4a1c9e02",
    planversion=1,
    evidencesha256="ab" * 32,
    actorissuer="https://login.example",
)


def event_schemas(schemas: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each event type with the schema of its data."""
    for path in sorted((schemas / "events").glob("ehcp.*.schema.json")):
        yield path.name.removesuffix(".schema.json"), json.loads(path.read_text())


def frozen(type_: str, data: dict[str, Any]) -> dict[str, Any]:
    """A stored event of this type as a fixture."""
    if type_ in EXAMPLES:
        return frozen_in_the_clear(type_)
    subject, time, data_key = uuid4(), system_clock(), os.urandom(KEY_LENGTH)
    state = seal(Envelope(uuid7(), type_, "urn:ehcp-exchange:plan", subject, 1), METADATA, data, data_key)
    return {
        "type": type_,
        "subject": str(subject),
        "sequence": 1,
        "time": time,
        "state": b64encode(state).decode(),
        "dataKey": b64encode(data_key).decode(),
        "leaf": leaf_hash(state, time).hex(),
        "metadata": msgspec.to_builtins(METADATA),
        "data": data,
    }


def frozen_in_the_clear(type_: str) -> dict[str, Any]:
    """A stored event of a log in the clear as a fixture: its schema is too wide to draw a sensible example from."""
    (log, data), subject, time = EXAMPLES[type_], uuid4(), system_clock()
    state = state_of(Envelope(uuid7(), type_, f"urn:ehcp-exchange:{log}", subject, 1), METADATA, data)
    return {
        "type": type_,
        "subject": str(subject),
        "sequence": 1,
        "time": time,
        "state": b64encode(state).decode(),
        "leaf": leaf_hash(state, time).hex(),
        "metadata": msgspec.to_builtins(METADATA),
        "data": data,
    }


def freeze(schemas: Path, fixtures: Path) -> tuple[list[str], list[str]]:
    """Write the fixtures that are missing.

    Returns the types that were frozen and what could not be, with the reason.
    """
    examples, written, failed = SchemaExamples(schemas), [], []
    fixtures.mkdir(parents=True, exist_ok=True)
    for type_, schema in event_schemas(schemas):
        path = fixtures / f"{type_}.json"
        if path.exists():
            continue
        try:
            fixture = frozen(type_, {} if type_ in EXAMPLES else examples.of(schema))
        except NoExample as error:
            failed.append(f"{type_}: {error}")
            continue
        with path.open("x") as file:
            file.write(json.dumps(fixture, indent=1, ensure_ascii=False) + "\n")
        written.append(type_)
    return written, failed


def main() -> int:
    """Freeze what is missing and say so; 1 when a type could not be frozen."""
    written, failed = freeze(SCHEMAS, FIXTURES)
    _say(f"{len(written)} event types frozen", written)
    _say(f"{len(failed)} could not be frozen", failed)
    return 1 if failed else 0


def _say(title: str, lines: Iterable[str]) -> None:
    sys.stdout.write("\n  ".join((f"{title}:", *lines)) + "\n")


if __name__ == "__main__":
    sys.exit(main())
