"""The one way by which content leaves: recorded first. Refusals to show are recorded here too."""

import re
from typing import Final, TypeVar
from uuid import UUID

from fastapi import Request

from domain.plan.acts import Actor
from services.api.caller import caller_of
from services.api.headers import correlation_id, only_header
from services.api.problems import Problem
from services.disclosures.purposes import check_purpose
from services.disclosures.values import REFUSED, Reader, Showing, Withheld
from services.errors import NotYours, PlanErased, PlanUnknown, TextUnknown
from services.store.errors import KeyDestroyed

GATEWAY: Final = "EHCP-Gateway"
"""The header by which staff of the council and auditors state for what they read."""

REASON: Final = "EHCP-Reason"
"""The header with the reason, in ASCII, that some gateways need. Never a query parameter: it may name somebody."""

REFUSALS: Final = (PlanUnknown, NotYours, PlanErased, KeyDestroyed)
"""Faults that refuse to show something, or to let somebody act on it."""

_CODE = re.compile(r"[A-Z0-9_]{1,40}")
_SENTENCE = re.compile(r"[\x20-\x7e]{1,500}")

T = TypeVar("T")


async def shown(request: Request, actor: Actor, withheld: Withheld[T]) -> T:
    """The content, once it is on record who is shown it and why. Raises Problem, InvalidContent, NotRecorded."""
    platform = request.app.state.platform
    revealed: T = await platform.disclosures.reveal(withheld, reader_of(request, actor))
    return revealed


def reader_of(request: Request, actor: Actor) -> Reader:
    """The caller with its stated purpose. Raises Problem 400 for a header that can't be read, InvalidContent."""
    gateway, reason = _stated(request, GATEWAY, _CODE), _stated(request, REASON, _SENTENCE) or ""
    gateways = request.app.state.platform.rules.codes("gateways")
    check_purpose(actor, gateway, reason, gateways)
    return Reader(
        actor=actor,
        channel=request.app.state.channel,
        gateway=gateway,
        reason=reason,
        correlation_id=correlation_id(request),
    )


async def record_refusal(request: Request, refusal: Exception) -> None:
    """Put on record that the caller asked for something that isn't its to see.

    A plan that the caller may not know of and one that doesn't exist leave the same entry, in the platform's own
    record, by the same steps. Raises NotRecorded.
    """
    reader = Reader(actor=caller_of(request), channel=request.app.state.channel, correlation_id=correlation_id(request))
    asked = str(request.path_params.get("plan_id", ""))
    known = isinstance(refusal, (NotYours, TextUnknown)) and asked
    showing = Showing(what=_operation(request), outcome=REFUSED, asked=asked, plan=UUID(asked) if known else None)
    await request.app.state.platform.disclosures.record(showing, reader)


def _operation(request: Request) -> str:
    """The operation by its method and the form of its address, without what it was about."""
    return f"{request.method} {getattr(request.scope.get('route'), 'path', '')}"


def _stated(request: Request, name: str, form: re.Pattern[str]) -> str | None:
    value = only_header(request, name.lower())
    if value is not None and not form.fullmatch(value):
        detail = f"{GATEWAY} is a code of the gateways' code set, {REASON} a sentence of up to 500 ASCII characters."
        raise Problem(400, "purpose", "The stated purpose can't be read", detail)
    return value
