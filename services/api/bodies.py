"""Request bodies, read with suspicion: media type, size, UTF-8, JSON and depth come before any look inside."""

from hashlib import sha256
from typing import Any

import orjson
from fastapi import Request

from services.api.problems import Problem, ProblemItem

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
NDJSON = "application/x-ndjson"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#: A plan may be 2 MiB (services.validation); an act carries at most one plan and a few fields.
MAX_ACT_BYTES = 3 * 1024 * 1024
#: Deeper nesting than any published schema has; refused before it can exhaust a validator's stack.
MAX_DEPTH = 40


async def read_bytes(request: Request, media_types: tuple[str, ...], limit: int) -> bytes:
    """The body, if it is of one of the media types and no larger than `limit` bytes.

    Raises Problem 415 for another media type and 413, with the figure, as soon as the limit is passed.
    """
    _require_media_type(request, media_types)
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
    return b"".join(chunks)


async def read_object(request: Request, *, media_type: str = JSON, limit: int = MAX_ACT_BYTES) -> dict[str, Any]:
    """The body as a JSON object. Raises Problem 400 for malformed UTF-8 or JSON, too deep nesting or another value."""
    return parse_object(await read_bytes(request, (media_type,), limit))


def fingerprint(request: Request, body: bytes) -> bytes:
    """What tells a repeated request from another one under the same Idempotency-Key: SHA-256 of where and what.

    Short bodies are often alike: the address is part of it, so that no receipt answers for another plan or act.
    """
    return sha256(request.url.path.encode() + b"\x00" + body).digest()


def parse_object(body: bytes) -> dict[str, Any]:
    """Bytes to a JSON object, or Problem 400 that says what is wrong."""
    value = _parse(body)
    if not isinstance(value, dict):
        raise Problem(400, "not-an-object", "The body must be a JSON object")
    if too_deep(value):
        item = ProblemItem(pointer="", text=f"Nested more than {MAX_DEPTH} levels deep.", rule="depth")
        raise Problem(400, "too-deep", "The body is nested too deeply", errors=[item])
    return value


def _parse(body: bytes) -> Any:
    try:
        body.decode()
    except UnicodeDecodeError as error:
        item = ProblemItem(pointer="", text=f"Byte {error.start} isn't valid UTF-8.", rule="utf-8")
        raise Problem(400, "malformed-utf-8", "The body isn't UTF-8 text", errors=[item]) from None
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        item = ProblemItem(pointer="", text=f"Line {error.lineno}, column {error.colno}: {error.msg}.", rule="json")
        raise Problem(400, "malformed-json", "The body isn't valid JSON", errors=[item]) from None


def too_deep(value: Any) -> bool:
    """Whether a JSON value is nested more than MAX_DEPTH levels deep; walks level by level, never recursively."""
    level = [value]
    for _ in range(MAX_DEPTH):
        inner = [v for v in level if isinstance(v, dict | list)]
        level = [child for v in inner for child in (v.values() if isinstance(v, dict) else v)]
        if not level:
            return False
    return True


def _require_media_type(request: Request, media_types: tuple[str, ...]) -> None:
    stated, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.partition("charset=")[2].strip().strip('"').lower()
    if stated.strip().lower() not in media_types or charset not in ("", "utf-8"):
        wanted = " or ".join(media_types)
        raise Problem(415, "media-type", "This content type isn't accepted here", f"Send {wanted}.")


def _too_large(limit: int) -> Problem:
    text = f"The body is larger than {limit:,} bytes."
    item = ProblemItem(pointer="", text=text, rule="size")
    return Problem(413, "too-large", "The body is too large", text, errors=[item])
