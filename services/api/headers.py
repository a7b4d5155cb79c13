"""The request headers that steer writing: Idempotency-Key, If-Match, correlation id."""

import re
from uuid import uuid4

from fastapi import Request

from services.api.problems import Problem

_KEY = re.compile(r"[\x21-\x7e]{1,128}")
_TAG = re.compile(r'"([0-9]{1,12}|d[0-9]{1,12}|p[0-9a-f]{32})"')


def only_header(request: Request, name: str) -> str | None:
    """The header's value, None when it is absent.

    Raises Problem 400 when it is stated more than once: a proxy on the way may read another one than we do.
    """
    values = request.headers.getlist(name)
    if len(values) > 1:
        shown = "-".join(word.capitalize() for word in name.split("-"))
        raise Problem(400, "repeated-header", "A header is stated twice", f"State {shown} once.")
    return values[0] if values else None


def idempotency_key(request: Request) -> str:
    """The Idempotency-Key, required on every POST that writes.

    Raises Problem 400 when it is missing, malformed or stated twice.
    """
    key = only_header(request, "idempotency-key") or ""
    if not _KEY.fullmatch(key):
        detail = "Send a header Idempotency-Key of 1 to 128 printable ASCII characters, a new one for each act."
        raise Problem(400, "idempotency-key", "An Idempotency-Key is needed", detail)
    return key


def if_match(request: Request, *, required: bool = False) -> str | None:
    """The entity tag of If-Match, unquoted ("17", or "d3" for a draft).

    Raises Problem 428 when it is required and absent, 400 when it isn't one of this platform's tags.
    """
    value = only_header(request, "if-match")
    if value is None:
        if required:
            detail = "Send the draft's ETag in If-Match, so that nobody's change is overwritten unseen."
            raise Problem(428, "precondition-required", "If-Match is needed", detail)
        return None
    match = _TAG.fullmatch(value.strip())
    if match is None:
        detail = 'Send one ETag as it was read, for example "17" of a plan or "d3" of a draft.'
        raise Problem(400, "if-match", "If-Match isn't an entity tag of this platform", detail)
    return match.group(1)


def correlation_id(request: Request) -> str:
    """The caller's X-Correlation-ID where it is a plain token, else a new one; it is kept, sealed, with the event."""
    value = request.headers.get("x-correlation-id", "")
    return value if re.fullmatch(r"[A-Za-z0-9._:-]{1,64}", value) else str(uuid4())
