"""Clients that send acts without pause and write down, in a file of their own, what they asked and what they were told.

    python -m tests.trials.clients --address URL --headers FILE --told FILE --clients 16 --seed N

It knows nothing of the platform but its HTTP interface, and imports none of its code. Each line of the file is JSON:
`{"asked": key, "path": ..., "body": ...}` before a request is sent under that Idempotency-Key, `{"told": key,
"status": ..., "receipt": ...}` when a 2xx came, `{"not": key, "why": ...}` when something else or nothing came. Half of
the requests that were not answered are repeated under their key, as patient clients do; the others are left open for
the checker. Ends, with nothing under way, at SIGTERM.
"""

import argparse
import asyncio
import json
import random
import signal
from pathlib import Path
from typing import IO, Any
from uuid import UUID

import httpx

ON = "2026-06-15"
PATIENCE = 30.0
"""Seconds until a client takes a request for unanswered."""

BREATH = 0.5
"""Seconds that a client waits after that before it sends anything again."""


class Ledger:
    """What was asked and told, line by line."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def write(self, **said: Any) -> None:
        self._file.write(json.dumps(said) + "\n")
        self._file.flush()


class Client:
    """One of many: opens records and acts on those it opened."""

    def __init__(self, http: httpx.AsyncClient, ledger: Ledger, dice: random.Random) -> None:
        self.http = http
        self.ledger = ledger
        self.dice = dice
        self.plans: list[str] = []

    async def run(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            path, body = self._request()
            key = self._name()
            self.ledger.write(asked=key, path=path, body=body)
            answered = await self._sent(key, path, body)
            if not answered and self.dice.random() < 0.5:
                await self._sent(key, path, body)

    async def _sent(self, key: str, path: str, body: dict[str, Any]) -> bool:
        try:
            answer = await self.http.post(path, json=body, headers={"Idempotency-Key": key})
            receipt = answer.json() if answer.is_success else {}
        except (httpx.HTTPError, ValueError) as error:
            return await self._not(key, type(error).__name__)
        if not answer.is_success:
            return await self._not(key, answer.status_code)
        self.ledger.write(told=key, status=answer.status_code, receipt=receipt)
        if path.startswith("/v1/plans/opened-by/"):
            self.plans.append(receipt["planId"])
        return True

    async def _not(self, key: str, why: str | int) -> bool:
        self.ledger.write(**{"not": key, "why": why})
        await asyncio.sleep(BREATH)
        return False

    def _request(self) -> tuple[str, dict[str, Any]]:
        if not self.plans or self.dice.random() < 0.2:
            return "/v1/plans/opened-by/receive-request", {
                "mode": "PERFORM",
                "effectiveOn": ON,
                "receivedOn": ON,
                "source": "1",
                "requestId": "request-1",
                "localReference": self._name(),
                "child": {"name": "Robin Quillfeather", "dateOfBirth": "2015-03-04", "sex": "notKnown"},
            }
        plan = self.dice.choice(self.plans[-5:])
        body = {"mode": "RECORD", "effectiveOn": ON, "sentOn": ON, "sentTo": [f"urn:19910{self.dice.randint(0, 9)}"]}
        return f"/v1/plans/{plan}/acts/send-review-list", body

    def _name(self) -> str:
        return str(UUID(int=self.dice.getrandbits(128), version=4))


async def _everybody(arguments: argparse.Namespace) -> None:
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    headers = json.loads(arguments.headers.read_text())
    limits = httpx.Limits(max_connections=arguments.clients)
    with arguments.told.open("a") as file:
        ledger = Ledger(file)
        async with httpx.AsyncClient(
            base_url=arguments.address, headers=headers, timeout=PATIENCE, limits=limits
        ) as http:
            dice = [random.Random(f"{arguments.seed}/{number}") for number in range(arguments.clients)]
            await asyncio.gather(*(Client(http, ledger, one).run(stopping) for one in dice))


def main() -> None:
    """Send until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", required=True)
    parser.add_argument("--headers", type=Path, required=True)
    parser.add_argument("--told", type=Path, required=True)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seed", default="1")
    asyncio.run(_everybody(parser.parse_args()))


if __name__ == "__main__":
    main()
