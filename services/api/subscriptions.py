"""Routes by which an organisation's systems subscribe to signals, see how that is doing, and have things sent again."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from pydantic import BeforeValidator

from services.api.bodies import read_object
from services.api.caller import caller_of
from services.api.headers import idempotency_key
from services.api.openapi import IDEMPOTENCY_KEY, answers, json_body, reads, responses
from services.api.parameters import as_written
from services.api.plans import answer
from services.signals.subscribing import Subscribing

MAX_BYTES = 20_000
SubscriptionId = Annotated[UUID, Path(description="The subscription's id."), BeforeValidator(as_written)]
_ONE = "/v1/subscriptions/{subscription_id}"

routes = APIRouter(tags=["signals"])


@routes.post(
    "/v1/subscriptions",
    summary="Subscribe to signals",
    status_code=201,
    response_class=Response,
    responses=responses(400, 403, 408, 413, 415, 422, 503) | {201: answers("Subscription", "It runs")},
    openapi_extra={"parameters": [IDEMPOTENCY_KEY], **json_body("subscription-request")},
)
async def subscribe(request: Request) -> Response:
    """Signals of the caller's organisation by the channel and narrowed as stated.

    The answer for a webhook holds its secret; keep it: it isn't shown again, but can be exchanged.
    """
    actor, key = caller_of(request), idempotency_key(request)
    body = await read_object(request, limit=MAX_BYTES)
    made = answer(await asyncio.to_thread(_subscribing(request).subscribe, actor, body, key))
    made.status_code = 201
    return made


@routes.get("/v1/subscriptions", **reads("The organisation's subscriptions", "Subscriptions", 403))
async def list_subscriptions(request: Request) -> Response:
    """Those that run, each with how it is doing."""
    return await _asked(request, _subscribing(request).all_of)


@routes.get(_ONE, **reads("A subscription, and how it is doing", "Subscription", 403))
async def read_subscription(request: Request, subscription_id: SubscriptionId) -> Response:
    """What was delivered last, how many signals are behind that, what failed and when the next attempt is."""
    return await _asked(request, _subscribing(request).one, subscription_id)


@routes.delete(
    _ONE,
    summary="End a subscription",
    status_code=204,
    response_class=Response,
    responses=responses(403, 404, 422, 503) | {204: {"description": "Ended"}},
)
async def end_subscription(request: Request, subscription_id: SubscriptionId) -> Response:
    """Nothing is sent any more."""
    await asyncio.to_thread(_subscribing(request).end, caller_of(request), subscription_id)
    return Response(status_code=204)


@routes.post(
    f"{_ONE}/secret",
    summary="Exchange a webhook's secret",
    response_class=Response,
    responses=responses(400, 403, 404, 422, 503) | {200: answers("Subscription", "With the new secret")},
    openapi_extra={"parameters": [IDEMPOTENCY_KEY]},
)
async def rotate_secret(request: Request, subscription_id: SubscriptionId) -> Response:
    """From now on messages carry two signatures, of the new secret and of the one before, until the next exchange."""
    key = idempotency_key(request)
    return await _asked(request, _subscribing(request).rotate, subscription_id, key)


@routes.get(f"{_ONE}/dead-letters", **reads("What the subscriber did not take", "DeadLetters", 403))
async def list_dead_letters(request: Request, subscription_id: SubscriptionId) -> Response:
    """In order, each with why and after how many attempts."""
    return await _asked(request, _subscribing(request).dead_letters, subscription_id)


@routes.post(
    f"{_ONE}/replays",
    summary="Send again what was not taken",
    status_code=202,
    response_class=Response,
    responses=responses(400, 403, 404, 422, 503) | {202: answers("Replayed", "How many are sent again")},
    openapi_extra={"parameters": [IDEMPOTENCY_KEY]},
)
async def replay(request: Request, subscription_id: SubscriptionId) -> Response:
    """Every dead letter, in order, before what is new."""
    idempotency_key(request)
    found = await _asked(request, _subscribing(request).replay, subscription_id)
    found.status_code = 202
    return found


async def _asked(request: Request, question: Any, *about: UUID | str) -> Response:
    return answer(await asyncio.to_thread(question, caller_of(request), *about))


def _subscribing(request: Request) -> Subscribing:
    found: Subscribing = request.app.state.platform.signals.subscribing
    return found
