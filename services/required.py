"""Holding what was sent to the published schema of it: the one way in which a body is turned away for its form."""

from domain.plan.events import JsonObject
from services.errors import Fault, InvalidContent
from services.validation import Validator


def require_valid(body: JsonObject, schema_id: str) -> None:
    """Raises InvalidContent with every place where the body breaks the schema of that `$id`."""
    problems = Validator.for_schema(schema_id).problems(body)
    if problems:
        raise InvalidContent(tuple(Fault(pointer=p.pointer, text=p.message, rule=p.rule) for p in problems))
