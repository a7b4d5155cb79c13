"""What the OpenAPI description says beyond the routes: bodies from the act catalogue, problems, headers, security."""

from typing import Any

from fastapi import Response

from connectors.nhs.fhir import MEDIA_TYPE as FHIR
from domain.plan.acts import RECORD
from domain.plan.catalogue import ActSpec
from domain.plan.events import JsonObject
from services.api.problems import MEDIA_TYPE

BASE = "https://ehcp-exchange.example/schemas/"
_TITLES = {
    400: "Malformed request",
    401: "No valid token",
    403: "Not yours to do",
    404: "Not found, or not yours to see",
    406: "No form of the answer that you accept",
    408: "The body took too long to arrive",
    409: "Refused: the law, or the plan as it stands, doesn't allow it",
    410: "Erased at the end of its retention",
    412: "Stale If-Match",
    413: "Too large",
    415: "Content type not accepted",
    422: "Content not valid",
    428: "If-Match needed",
    429: "Too many at once, or too often: try again after Retry-After",
    503: "Busy: try again shortly",
}
PROBLEM: JsonObject = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "text"],
                "properties": {name: {"type": "string"} for name in ("pointer", "text", "rule", "law")},
            },
        },
    },
}
IDEMPOTENCY_KEY: JsonObject = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "A new key for each act; a repeated request under the same key gets the first one's answer.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,128}$"},
}
IF_MATCH: JsonObject = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The plan's ETag as last read; if the plan has moved on, the act is refused with 412.",
    "schema": {"type": "string", "pattern": '^"([0-9]{1,12}|p[0-9a-f]{32})"$'},
}


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems that an operation can answer with, for FastAPI's `responses`."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": _TITLES[status], "content": content} for status in (401, 429, *statuses)}


def act_operation(spec: ActSpec) -> dict[str, Any]:
    """The route arguments that describe an act: its law, its body and its answers."""
    by = ", ".join(spec.by)
    modes = " or ".join(f"{mode} (the council)" if mode == RECORD else mode for mode in spec.modes)
    statuses = (400, 403, 404, 408, 409, 410, 412, 413, 415, 422, 503)
    return {
        "summary": spec.title,
        "description": f"{spec.summary}\n\nLaw: {'; '.join(spec.law)}. By: {by}. Mode: {modes}.",
        "operation_id": spec.act,
        "status_code": 201,
        "response_class": Response,
        "responses": responses(*statuses) | {201: receipt_answer()},
        "openapi_extra": {
            "parameters": [IDEMPOTENCY_KEY] if spec.opens else [IDEMPOTENCY_KEY, IF_MATCH],
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/act-{spec.act}"}}},
            },
        },
    }


def receipt_answer() -> JsonObject:
    """The description of a 201."""
    return {
        "description": "On disk: where the act stands in the log",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Receipt"}}},
        "headers": {"ETag": {"description": "The plan's new entity tag", "schema": {"type": "string"}}},
    }


DRAFT_IF_MATCH: JsonObject = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": 'The draft\'s ETag as last read, for example "d3".',
    "schema": {"type": "string", "pattern": '^"d[0-9]{1,12}"$'},
}


def reads(summary: str, answer: str, *more: int) -> dict[str, Any]:
    """The route arguments of a read: its answer and its problems, `more` beside those that every read has.

    That it couldn't be recorded (503) is one of those.
    """
    return {
        "summary": summary,
        "response_class": Response,
        "responses": responses(400, 404, 410, 422, 503, *more) | {200: answers(answer, "Found")},
    }


def plan_read() -> dict[str, Any]:
    """The route arguments of reading a plan: the one answer that has another form."""
    described = reads("The plan: current, or at a date, or as known at a moment", "PlanView", 406)
    bundle: JsonObject = {"type": "object", "required": ["resourceType"], "description": "A FHIR R4 Bundle (4.0.1)"}
    described["responses"][200]["content"][FHIR] = {"schema": bundle}
    return described


def answers(schema: str, description: str) -> JsonObject:
    """The description of an answer that isn't a problem."""
    return {"description": description, "content": {"application/json": {"schema": reference(schema)}}}


def json_body(schema: str, media_type: str = "application/json") -> JsonObject:
    """A required request body of a named schema."""
    return {"requestBody": {"required": True, "content": {media_type: {"schema": reference(schema)}}}}


def reference(schema: str) -> JsonObject:
    """A reference to a schema of the description."""
    return {"$ref": f"#/components/schemas/{schema}"}
