"""Request bodies, read with suspicion: media type, size, UTF-8, JSON and depth come before any look inside."""

import asyncio
from hashlib import sha256
from typing import Any

from fastapi import Request
from starlette.requests import ClientDisconnect

from services.api.headers import only_header
from services.api.problems import Problem, ProblemItem
from services.strict_json import NotStrictJson, parse

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
NDJSON = "application/x-ndjson"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#: A plan may be 2 MiB (services.validation); an act carries at most one plan and a few fields.
MAX_ACT_BYTES = 3 * 1024 * 1024
#: A sender that takes longer than this, in seconds, holds a connection and nothing else: 20 MiB at 1.5 Mbit/s.
BODY_SECONDS = 120
#: The answer closes the connection: the rest of the body is not waited for.
_CLOSING = {"Connection": "close"}
_TITLES = {
    "malformed-utf-8": "The body isn't UTF-8 text",
    "malformed-json": "The body isn't valid JSON",
    "too-deep": "The body is nested too deeply",
    "repeated-name": "The body isn't plain JSON",
}


async def read_bytes(request: Request, media_types: tuple[str, ...], limit: int) -> bytes:
    """The body, if it is of one of the media types and no larger than `limit` bytes.

    Raises Problem 415 for another media type or a packed body, 413, with the figure, as soon as the limit is passed,
    408 when the body takes too long to come and 400 when its sender goes away.
    """
    _require_media_type(request, media_types)
    _require_no_packing(request)
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _received(request, limit)
    except TimeoutError:
        detail = f"The whole body must arrive within {BODY_SECONDS} seconds. Nothing was changed."
        raise Problem(408, "slow-body", "The body took too long", detail, headers=_CLOSING) from None
    except ClientDisconnect:
        raise Problem(400, "incomplete-body", "The body ended before its length", headers=_CLOSING) from None


async def _received(request: Request, limit: int) -> bytes:
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
    return sha256(request.url.path.lower().encode() + b"\x00" + body).digest()


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
    stated, _, parameters = (only_header(request, "content-type") or "").partition(";")
    charset = parameters.partition("charset=")[2].strip().strip('"').lower()
    if stated.strip().lower() not in media_types or charset not in ("", "utf-8"):
        wanted = " or ".join(media_types)
        raise Problem(415, "media-type", "This content type isn't accepted here", f"Send {wanted}.")


def _require_no_packing(request: Request) -> None:
    packing = (only_header(request, "content-encoding") or "").strip().lower()
    if packing not in ("", "identity"):
        detail = "Send the body as it is, without Content-Encoding."
        headers = {"Accept-Encoding": "identity"}
        raise Problem(415, "content-encoding", "Packed bodies aren't accepted here", detail, headers=headers)


def _too_large(limit: int) -> Problem:
    text = f"The body is larger than {limit:,} bytes."
    item = ProblemItem(pointer="", text=text, rule="size")
    return Problem(413, "too-large", "The body is too large", text, errors=[item], headers=_CLOSING)
