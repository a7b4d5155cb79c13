"""Requests sent at the same moment to a platform that is served."""

import asyncio
from collections.abc import Iterable
from typing import Any

import httpx

from tests.support.serving import Caller


def post_together(caller: Caller, requests: Iterable[tuple[str, Any, dict[str, str]]]) -> list[httpx.Response]:
    """POST each (path, body, headers) concurrently; the answers in the same order."""

    async def all_at_once() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=caller.http.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://platform") as http:
            sent = [
                http.post(path, json=body, headers={**caller.headers, **headers}) for path, body, headers in requests
            ]
            return list(await asyncio.gather(*sent))

    return asyncio.run(all_at_once())
