"""What the tests of the reader share: read a form, find its warnings, and hold its plan to the published schema."""

from __future__ import annotations

import functools
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs

from connectors.documents.national_template import read_plan
from connectors.documents.values import ImportedDocument
from tests.fixtures.documents.build import Form

_SCHEMA = Path(__file__).resolve().parents[3] / "schemas" / "plan" / "1.0" / "plan.schema.json"
CI = "communicationAndInteraction"
CL = "cognitionAndLearning"


def read(form: Form | bytes) -> ImportedDocument:
    """Read a form and check that its plan is one by the published schema."""
    imported = read_plan(form if isinstance(form, bytes) else form.to_bytes(), file_name="plan.docx")
    assert schema_errors(imported.document) == []
    return imported


def sections(form: Form | bytes) -> dict[str, Any]:
    """Read a form and return the sections of its plan."""
    found: dict[str, Any] = read(form).document["sections"]
    return found


@functools.cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    schema = json.loads(_SCHEMA.read_text(encoding="utf-8"))
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


def schema_errors(document: dict[str, Any]) -> list[str]:
    """Return where a document breaks the schema of the digital plan."""
    return [
        "/".join(map(str, error.instance_path)) + " " + error.message for error in _validator().iter_errors(document)
    ]


def told(imported: ImportedDocument) -> set[tuple[str, str]]:
    """Return the warnings by code and path."""
    return {(each.code, each.path) for each in imported.warnings}


def notes(imported: ImportedDocument) -> dict[str, str]:
    """Return the unplaced notes: origin by text."""
    return {each["text"]: each["origin"] for each in imported.document.get("unplacedNotes", {}).values()}


def strings(value: object) -> Iterator[str]:
    """Go through all strings of a document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)


def with_parts(data: bytes, parts: Mapping[str, str | bytes]) -> bytes:
    """Return a package with parts replaced or added by name."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, parts.get(name, old.read(name)))
        for name in parts.keys() - set(old.namelist()):
            new.writestr(name, parts[name])
    return stream.getvalue()


def part(data: bytes, name: str) -> str:
    """Return a part of a package as text."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return package.read(name).decode()
