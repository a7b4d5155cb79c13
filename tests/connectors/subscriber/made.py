"""Signals of a recipient, made in order as the platform numbers them."""

from typing import Any

import msgspec

from connectors.subscriber import Signal

EXCHANGE = "https://exchange.example"


def signal(number: int, plan: str = "plan-1", version: int | None = None, **changed: Any) -> Signal:
    given = {
        "id": f"id-{number}",
        "type": "ehcp-plan-amended-1",
        "source": EXCHANGE,
        "subject": plan,
        "time": "2026-10-26T12:00:00.000Z",
        "versionid": str(number if version is None else version),
        "recipientsequence": number,
        "dataref": f"{EXCHANGE}/v1/plans/{plan}?knownAt={number}",
    }
    return Signal(**(given | changed))


def record(told: Signal) -> bytes:
    return msgspec.json.encode(told)
