"""The route by which organisations follow what happens to plans: signals in order, with a cursor and a long poll."""

import asyncio
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from msgspec.structs import replace
from pydantic import BeforeValidator

from domain.plan.acts import Actor
from services.api.caller import caller_of
from services.api.headers import only_header
from services.api.openapi import reads
from services.api.parameters import as_written, invalid_parameters
from services.api.plans import answer
from services.api.problems import Problem
from services.api.showing import reader_of
from services.signals.arrivals import TooManyWait
from services.signals.feed import Feed
from services.signals.subscribed import Filters

#: How long a caller may wait, in seconds: shorter than what proxies on the way bear.
LONGEST_WAIT = 30
RETRY_AFTER = "5"
INSTANT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})$"

routes = APIRouter(tags=["signals"])


@routes.get("/v1/feed", **reads("What has happened, as signals, in order", "Feed", 403, 429))
async def read_feed(
    request: Request,
    after: Annotated[
        int | None, Query(ge=0, le=2**53, description="The cursor: `next` of the page before, 0 for all.")
    ] = None,
    position: Annotated[
        int | None, Query(ge=0, le=2**53, description="Instead of `after`: from this position of the log on.")
    ] = None,
    since: Annotated[
        str | None, Query(pattern=INSTANT, description="Instead of `after`: of events from this instant on.")
    ] = None,
    wait: Annotated[int, Query(ge=0, le=LONGEST_WAIT, description="How many seconds to wait for one, if any.")] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    subscription: Annotated[
        UUID | None, Query(description="Narrowed as this subscription is."), BeforeValidator(as_written)
    ] = None,
) -> Response:
    """The signals of the caller's organisation behind the cursor, each a CloudEvent without content.

    `recipientsequence` counts them without a gap, so that a missed one shows. Ask again after `next`. With `wait` the
    answer comes as soon as there is something, or empty when the time is over. What an organisation may not follow any
    more is told as `ehcp-access-withdrawn-1`.
    """
    actor = caller_of(request)
    _require_one_start(after=after, position=position, since=since)
    platform = request.app.state.platform
    feed = platform.signals.feed
    recipient = await asyncio.to_thread(feed.recipient, actor)
    if after:
        await asyncio.to_thread(_require_known, after, feed, actor)
    if position is not None or since is not None:
        after = await asyncio.to_thread(feed.start, actor, position=position, moment=_moment(since))
    narrowed = Filters()
    if subscription is not None:
        narrowed = await asyncio.to_thread(platform.signals.subscribing.followed, actor, subscription, after or 0)
    if wait:
        await _arrival(request, recipient, after or 0, wait)
    withheld = await asyncio.to_thread(feed.page, actor, after or 0, limit, narrowed.fit)
    reader = replace(reader_of(request, actor), channel="feed")
    return tagged(request, answer(await platform.disclosures.reveal(withheld, reader)))


def tagged(request: Request, found: Response) -> Response:
    """The answer with its ETag; 304 without a body to a caller that has it already."""
    tag = f'"{sha256(found.body).hexdigest()[:32]}"'
    stated = only_header(request, "if-none-match") or ""
    if tag in [one.strip() for one in stated.split(",")]:
        return Response(status_code=304, headers={"ETag": tag, "Cache-Control": "no-store"})
    found.headers["ETag"] = tag
    return found


async def _arrival(request: Request, recipient: str, after: int, seconds: int) -> None:
    """Wait for a signal, as long as the caller does. Raises Problem 429."""
    waiting = asyncio.create_task(request.app.state.platform.signals.arrivals.beyond(recipient, after, seconds))
    leaving = asyncio.create_task(_gone(request))
    try:
        await asyncio.wait((waiting, leaving), return_when=asyncio.FIRST_COMPLETED)
        if waiting.done():
            waiting.result()
    except TooManyWait:
        detail = "Too many of your organisation's callers wait already. One that waits is enough."
        raise Problem(429, "too-many-wait", "Too many wait", detail, headers={"Retry-After": RETRY_AFTER}) from None
    finally:
        waiting.cancel()
        leaving.cancel()
        await asyncio.gather(waiting, leaving, return_exceptions=True)


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _require_known(after: int, feed: Feed, actor: Actor) -> None:
    """Raises Problem 422 for a cursor ahead of us: whoever waited behind it would miss what comes until then."""
    if after > (there := feed.last(actor)):
        raise invalid_parameters([("after", f"Your last signal has the number {there}: nothing comes after {after}.")])


def _require_one_start(**starts: object) -> None:
    stated = [name for name, value in starts.items() if value is not None]
    if len(stated) > 1:
        raise invalid_parameters((name, f"Say where to start once: {', '.join(starts)}.") for name in stated)


def _moment(stated: str | None) -> datetime | None:
    if stated is None:
        return None
    try:
        return datetime.fromisoformat(stated).astimezone(UTC)
    except (ValueError, OverflowError):
        raise invalid_parameters([("since", "There is no such moment.")]) from None
