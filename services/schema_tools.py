"""`python -m services.schema_tools generate|check`: the generated part of the published contract.

Made from what people write (the plan schema, the act catalogue, the directory's events, the types of signals, the
access matrix): the body schema of every act and event, the effects, the open reader twin of the plan schema, the
schemas of signals with their AsyncAPI document, and the page of the matrix. `check` also holds every schema against its
metaschema, and the matrix and the types of signals against what they name.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import jsonschema
import orjson

from domain.access.policy import EVERY_ACT
from domain.clear_events import ClearEvents
from domain.directory.events import EVENTS as DIRECTORY
from domain.document.reader_schema import reader_schema
from domain.plan.catalogue import Catalogue
from domain.plan.contract import body_schema, effects_schema, event_schema
from domain.plan.events import JsonObject
from domain.retention.certificates import EVENTS as CERTIFICATES
from domain.rules import EVENTS as ADOPTIONS
from domain.signals.contract import asyncapi, signal_schema
from domain.signals.messages import EVENTS as MESSAGES
from services.access_page import access_page
from services.reference_data import (
    SCHEMAS,
    load_catalogue,
    load_policies,
    load_schedules,
    load_signal_types,
    matrix_files,
)
from services.reference_validation import check_metaschema
from services.retention_page import retention_page

FORMAT = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
#: The events of the logs in the clear.
IN_THE_CLEAR: Final[tuple[ClearEvents[Any], ...]] = (DIRECTORY, CERTIFICATES, MESSAGES, ADOPTIONS)


def generated(root: Path = SCHEMAS) -> Iterator[tuple[Path, bytes]]:
    """Every generated file with the content that it should have."""
    catalogue = load_catalogue(root)
    plan = orjson.loads((root / "plan/1.0/plan.schema.json").read_bytes())
    yield root / "plan/1.0/plan.reader.schema.json", _written(reader_schema(plan))
    yield root / "events/effects.schema.json", _written(effects_schema())
    for spec in catalogue.acts.values():
        yield root / f"acts/bodies/{spec.act}.schema.json", _written(body_schema(spec))
        yield root / f"events/{spec.event}.schema.json", _written(event_schema(spec))
    yield root.parent / "docs/access-matrix.md", access_page(load_policies(root).editions[-1]).encode()
    signals = load_signal_types(root)
    yield root.parent / "docs/retention-schedules.md", retention_page(load_schedules(root)).encode()
    for kind in signals.types:
        yield root / f"signals/{kind.type}.schema.json", _written(signal_schema(kind))
    yield root / "signals/asyncapi.json", _written(asyncapi(signals))
    for events in IN_THE_CLEAR:
        for type_ in events.types:
            yield root / f"events/{type_}.schema.json", _written(events.schema(type_))


def generate(root: Path = SCHEMAS) -> list[Path]:
    """Write every generated file, remove those that nothing generates any more; returns the paths that changed."""
    wanted = dict(generated(root))
    changed = [path for path, content in wanted.items() if not path.exists() or path.read_bytes() != content]
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(wanted[path])
    stale = _stale(root, set(wanted))
    for path in stale:
        path.unlink()
    return [*changed, *stale]


def drift(root: Path = SCHEMAS) -> list[Path]:
    """The generated files that aren't what they should be, or that nothing generates."""
    wanted = dict(generated(root))
    wrong = [path for path, content in wanted.items() if not path.exists() or path.read_bytes() != content]
    return [*wrong, *_stale(root, set(wanted))]


def unsound(root: Path = SCHEMAS) -> list[Path]:
    """The published schemas that aren't JSON Schema 2020-12."""
    return [path for path in sorted(root.rglob("*.schema.json")) if not _is_sound(path)]


def unfounded(root: Path = SCHEMAS) -> list[str]:
    """What the editions of the access matrix name and nothing defines, and what isn't of its schema."""
    schema = orjson.loads((root / "access/matrix.schema.json").read_bytes())
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    faults = [
        f"{path.relative_to(root)}: {fault.json_path}: {fault.message}"
        for path in matrix_files(root)
        for fault in validator.iter_errors(orjson.loads(path.read_bytes()))
    ]
    faults += _unlike_its_schema(root)
    catalogue = load_catalogue(root)
    groups = {EVERY_ACT, *catalogue.acts, *(family.family for family in catalogue.families)}
    gateways = orjson.loads((root / "codesets/gateways.json").read_bytes())["codes"]
    bases = {gateway["code"] for gateway in gateways}
    for edition in load_policies(root).editions:
        for name, rule in edition.relations.items():
            strange = sorted((rule.acts - groups) | ({rule.gateway} - bases))
            faults += [f"access matrix {edition.version}: {name} names {what}" for what in strange]
    return faults + _unfounded_signals(root, catalogue)


def _unfounded_signals(root: Path, catalogue: Catalogue) -> list[str]:
    """What the types of signals name and nothing defines: an event, a relation; or one that plans aren't listed in."""
    types = load_signal_types(root)
    rules = load_policies(root).editions[-1].relations
    strange = [event for event in types.by_event if event not in catalogue.events]
    strange += sorted(
        relation for kind in types.types for relation in kind.to if relation not in rules or not rules[relation].lists
    )
    return [f"signals/types.json names {what}" for what in strange]


def _unlike_its_schema(root: Path) -> list[str]:
    """Where the retention schedules aren't of their schema."""
    schema = orjson.loads((root / "retention/schedules.schema.json").read_bytes())
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    document = orjson.loads((root / "retention/schedules.json").read_bytes())
    return [f"retention: {fault.json_path}: {fault.message}" for fault in validator.iter_errors(document)]


def _is_sound(path: Path) -> bool:
    try:
        check_metaschema(orjson.loads(path.read_bytes()))
    except jsonschema.SchemaError:
        return False
    return True


def _stale(root: Path, wanted: set[Path]) -> list[Path]:
    folders = (("events", "*"), ("acts/bodies", "*"), ("signals", "ehcp-*"))
    found = (path for folder, name in folders for path in sorted((root / folder).glob(f"{name}.schema.json")))
    return [path for path in found if path not in wanted]


def _written(schema: JsonObject) -> bytes:
    return orjson.dumps(schema, option=FORMAT)


def main(arguments: list[str]) -> int:
    """Do what the command line says; the exit code."""
    match arguments:
        case ["generate"]:
            print(
                "\n".join(f"written: {path.relative_to(SCHEMAS.parent)}" for path in generate()) or "nothing to write"
            )
            return 0
        case ["check"]:
            faults = [f"not as generated: {path.relative_to(SCHEMAS.parent)}" for path in drift()]
            faults += [f"not JSON Schema 2020-12: {path.relative_to(SCHEMAS)}" for path in unsound()]
            faults += unfounded()
            print("\n".join(faults) or "the published schemas are sound and as generated")
            return 1 if faults else 0
        case _:
            print("usage: python -m services.schema_tools generate|check")
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
