"""Parameters of an address, read as strictly as bodies: none that the operation doesn't have, none stated twice.

A mistyped filter that is passed over would answer another question than the one that was asked (`?asat=2026-09-01`
is not today's plan), and a search term in an address would look as if it had been used.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Request
from fastapi._compat import ModelField
from pydantic import BaseModel, BeforeValidator

from services.api.caller import caller_of
from services.api.problems import Problem, ProblemItem, invalid

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
#: What a parameter that can't be read should have been. Whole numbers state their own limits.
FORMS: Mapping[str, str] = {
    "asAt": "Give a date that exists, as YYYY-MM-DD: for example 2026-09-01.",
    "knownAt": "Give a position of the log, or an instant with its offset, for example 2026-09-01T12:00:00Z"
    " (in an address, write + as %2B).",
    "council": "Give the three digits of the council's LA code, for example 855.",
    "fileSha256": "Give the file's SHA-256 as 64 hexadecimal digits in lower case.",
    "phase": "Give a phase by its code, for example MAINTAINED.",
    "status": "Give open or ended.",
    "school": "Give the setting's number as urn:123456 or ukprn:12345678.",
    "icb": "Give the health body's ODS code, for example QK1.",
    "clock": "Give a duty by its id in the clock table, for example D7.",
    "on": "Give a date that exists, as YYYY-MM-DD: for example 2021-05-01.",
    "dueBefore": "Give a date that exists, as YYYY-MM-DD: for example 2026-09-01.",
    "from": "Give a legal text by its name: 2 (a final), draft-1 or event-14.",
    "subscription": "Give the subscription's id.",
    "since": "Give an instant with its offset, for example 2026-09-01T12:00:00Z (in an address, write + as %2B).",
    "cursor": "Give `next` of the page before.",
    "to": "Give a legal text by its name: 2 (a final), draft-1 or event-14.",
}


def as_written(value: Any) -> Any:
    """An id in the one form in which the platform writes it; not in braces, as a URN or without its hyphens."""
    if isinstance(value, str) and not _UUID.fullmatch(value):
        raise ValueError("not an id")
    return value


def _civil_date(value: Any) -> Any:
    """A date and nothing that could pass for one: no number of seconds, no time of day."""
    if not isinstance(value, str):
        return value
    if not _DATE.fullmatch(value):
        raise ValueError("not a date")
    return date.fromisoformat(value)


PlanId = Annotated[UUID, Path(description="The plan's id."), BeforeValidator(as_written)]
DraftId = Annotated[UUID, Path(description="The draft's id."), BeforeValidator(as_written)]
CivilDate = Annotated[date, BeforeValidator(_civil_date)]


async def only_known_parameters(request: Request) -> None:
    """Raises Problem 422 for a query parameter that the operation doesn't have, or that is stated twice."""
    stated = [name for name, _ in request.query_params.multi_items()]
    if not stated:
        return
    known = {name for field in request.scope["route"].dependant.query_params for name in _names(field)}
    faults = {name: "There is no such parameter here." for name in stated if name not in known}
    faults |= {name: "State it once." for name in stated if name in known and stated.count(name) > 1}
    if faults:
        caller_of(request)
        raise invalid_parameters(faults.items())


def _names(field: ModelField) -> Iterable[str]:
    """The names of a parameter, or of all the parameters that a model gathers."""
    kind = field.field_info.annotation
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [stated.alias or name for name, stated in kind.model_fields.items()]
    return (field.alias,)


def invalid_parameters(faults: Iterable[tuple[str, str]]) -> Problem:
    """422 with a sentence for each parameter. What was sent is not repeated: it may be a name."""
    items = [ProblemItem(pointer=_pointer(name), text=text, rule="parameter") for name, text in faults]
    return invalid(items, code="invalid-parameter", title="A parameter isn't valid")


def unreadable_parameters(faults: Sequence[Mapping[str, Any]]) -> Problem:
    """The problem for what the framework could not read, in sentences of ours."""
    return invalid_parameters((str(fault["loc"][-1]), _sentence(fault)) for fault in faults)


def _sentence(fault: Mapping[str, Any]) -> str:
    name = str(fault["loc"][-1])
    form = FORMS.get(name, _whole_number(fault.get("ctx", {})))
    return f"This is needed. {form}" if fault["type"] == "missing" else form


def _whole_number(limits: Mapping[str, Any]) -> str:
    if "ge" in limits:
        return f"Give a whole number, {limits['ge']} or more."
    if "le" in limits:
        return f"Give a whole number, {limits['le']} or less."
    return "Give a whole number."


def _pointer(name: str) -> str:
    """The parameter's name as a JSON Pointer, where it is one that could be ours."""
    return f"/{name}" if re.fullmatch(r"[A-Za-z0-9_]{1,40}", name) else ""
