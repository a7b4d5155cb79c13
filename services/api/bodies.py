"""Request bodies, read with suspicion: media type, size, UTF-8, JSON and depth come before any look inside."""

from hashlib import sha256
from typing import Any

from fastapi import Request

from services.api.problems import Problem, ProblemItem
from services.strict_json import NotStrictJson, parse

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
NDJSON = "application/x-ndjson"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#: A plan may be 2 MiB (services.validation); an act carries at most one plan and a few fields.
MAX_ACT_BYTES = 3 * 1024 * 1024
_TITLES = {
    "malformed-utf-8": "The body isn't UTF-8 text",
    "malformed-json": "The body isn't valid JSON",
    "too-deep": "The body is nested too deeply",
    "repeated-name": "The body isn't plain JSON",
}


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
    try:
        value = parse(body)
    except NotStrictJson as fault:
        item = ProblemItem(pointer="", text=fault.text, rule=fault.code)
        raise Problem(400, fault.code, _TITLES[fault.code], errors=[item]) from None
    if not isinstance(value, dict):
        item = ProblemItem(pointer="", text="Send an object: {...}.", rule="type")
        raise Problem(400, "not-an-object", "The body must be a JSON object", errors=[item])
    return value


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
