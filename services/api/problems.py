"""Refusals as RFC 9457 problem details: what was wrong, where (JSON Pointer) and which rule or regulation says so."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from fastapi import Response
from msgspec import Struct, to_builtins

from domain.errors import Breach, Refusal

MEDIA_TYPE = "application/problem+json"
#: Problem types are URIs that don't depend on the installation; docs/problems.md describes each.
TYPE_BASE = "https://ehcp-exchange.example/problems/"


class ProblemItem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One fault: where it is in what was sent (RFC 6901), a sentence about it, its rule and the law behind the rule."""

    pointer: str
    text: str
    rule: str = ""
    law: str = ""


class Problem(Exception):
    """An answer that says why a request was refused. Nothing has changed when it is raised."""

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str = "",
        errors: Iterable[ProblemItem] = (),
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        """A problem with its HTTP status, stable code, short title and one-sentence detail.

        `more` are members of its own beside those of RFC 9457.
        """
        super().__init__(code)
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.more = dict(more or {})

    def response(self) -> Response:
        """The problem as an HTTP answer."""
        body: dict[str, Any] = {"type": TYPE_BASE + self.code, "title": self.title, "status": self.status}
        if self.detail:
            body["detail"] = self.detail
        if self.errors:
            body["errors"] = to_builtins(self.errors)
        body |= self.more
        return Response(orjson.dumps(body), self.status, self.headers, MEDIA_TYPE)


def invalid(errors: Iterable[ProblemItem], *, code: str = "invalid-content", title: str = "") -> Problem:
    """422: well-formed, but not what the published schema or a code set allows."""
    return Problem(422, code, title or "The content isn't valid", errors=errors)


def refused(refusal: Refusal) -> Problem:
    """409: the plan, as it stands, or the law does not allow this act."""
    items = tuple(_item(breach) for breach in refusal.breaches)
    return Problem(409, "act-refused", "The act was refused", detail=items[0].text, errors=items)


def unauthorised(reason: str, *, error: str = "") -> Problem:
    """401: no token, or with an `error` of RFC 6750 one that isn't accepted."""
    challenge = f'Bearer error="{error}"' if error else "Bearer"
    return Problem(401, "no-valid-token", "Sign in first", reason, headers={"WWW-Authenticate": challenge})


def too_many(wait: int) -> Problem:
    """429: this caller has called too often; `wait` in seconds."""
    detail = "Nothing was changed. Call again after the seconds of Retry-After, and less often."
    return Problem(429, "too-many-calls", "Too many calls", detail, headers={"Retry-After": str(wait)})


def forbidden(detail: str) -> Problem:
    """403: known to the caller, but not theirs to do."""
    return Problem(403, "not-yours-to-do", "Your role may not do this", detail)


def not_found(detail: str = "There is no such plan, or it isn't yours to see.") -> Problem:
    """404: absent, or not to be known to exist by this caller: the two look the same."""
    return Problem(404, "not-found", "Not found", detail)


def log_differs(why: str) -> Problem:
    """503: this copy of the record isn't the one that was signed or published; `why` says where. Nothing is added."""
    detail = (
        f"{why[:1].upper()}{why[1:]}. Reading goes on. Nothing is recorded until the missing entries are brought back,"
        " or a new log is opened with `ehcp recover`, which this release doesn't have yet."
    )
    return Problem(503, "log-differs", "The record isn't the one that was signed", detail)


def _item(breach: Breach) -> ProblemItem:
    return ProblemItem(pointer=breach.pointer, text=breach.text, rule=breach.rule, law=breach.law)
