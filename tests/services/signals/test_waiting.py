"""Callers that wait for a signal: woken when there is one, cheap while there is none, bounded, and free to leave."""

import asyncio
import time
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from services.signals.arrivals import MOST_OF_ONE, Arrivals, TooManyWait
from tests.support.life import Life
from tests.support.served_process import ServedProcess
from tests.support.serving import Serving


class Heads:
    """The last numbers of recipients, and how often they were asked for."""

    def __init__(self) -> None:
        self.last: dict[str, int] = {}
        self.asked: list[int] = []

    def __call__(self, among: Collection[str]) -> Mapping[str, int]:
        self.asked.append(len(among))
        return {one: self.last[one] for one in among if one in self.last}


def test_one_question_asks_for_all_who_wait() -> None:
    heads = Heads()

    async def crowd() -> None:
        arrivals = Arrivals(heads, look=0.01)
        waiting = [asyncio.create_task(arrivals.beyond(f"urn:{n}", 0, 60)) for n in range(2_000)]
        await asyncio.sleep(0)
        assert len(arrivals) == 2_000
        heads.last = {f"urn:{n}": 1 for n in range(2_000)}
        await asyncio.gather(*waiting)
        assert len(arrivals) == 0

    asyncio.run(crowd())
    assert max(heads.asked) == 2_000
    assert len(heads.asked) < 50


def test_only_what_is_behind_the_cursor_wakes() -> None:
    heads = Heads()
    heads.last = {"la:855": 7}

    async def waits() -> tuple[bool, bool]:
        arrivals = Arrivals(heads, look=0.01)
        behind = asyncio.create_task(arrivals.beyond("la:855", 6, 60))
        level = asyncio.create_task(arrivals.beyond("la:855", 7, 60))
        await behind
        still = not level.done()
        heads.last["la:855"] = 8
        await level
        return still, level.done()

    assert asyncio.run(waits()) == (True, True)


def test_a_wait_ends_by_itself_and_when_the_process_stops() -> None:
    async def waits() -> None:
        arrivals = Arrivals(Heads(), look=0.01)
        await arrivals.beyond("la:855", 0, 0.05)
        arrivals.stopping = lambda: True
        await arrivals.beyond("la:855", 0, 60)
        assert len(arrivals) == 0

    asyncio.run(waits())


def test_a_recipient_has_so_many_who_wait_and_others_are_not_in_its_way() -> None:
    async def waits() -> None:
        arrivals = Arrivals(Heads(), look=0.01)
        tasks = [asyncio.create_task(arrivals.beyond("la:855", 0, 60)) for _ in range(MOST_OF_ONE)]
        await asyncio.sleep(0)
        with pytest.raises(TooManyWait):
            await arrivals.beyond("la:855", 0, 60)
        await arrivals.beyond("la:936", 0, 0.01)
        tasks.pop().cancel()
        await asyncio.sleep(0)
        await arrivals.beyond("la:855", 0, 0.01)
        for task in tasks:
            task.cancel()

    asyncio.run(waits())


def test_a_caller_that_waits_is_answered_as_soon_as_there_is_something(platform: Serving) -> None:
    officer = platform.officer()
    with ThreadPoolExecutor(1) as others:
        waiting = others.submit(officer.get, "/v1/feed", after=0, wait=30)
        Life(platform).requested()
        page = waiting.result().json()
    assert [signal["recipientsequence"] for signal in page["signals"]] == [1]


def test_an_answer_that_the_caller_has_already_is_not_sent_again(life: Life) -> None:
    life.requested()
    life.officer.get("/v1/feed", after=0, wait=30)
    first = life.officer.get("/v1/feed", after=0)
    headers = {**life.officer.headers, "If-None-Match": first.headers["etag"]}
    again = life.officer.http.get("/v1/feed", params={"after": 0}, headers=headers)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])


def test_limits_are_stated(platform: Serving) -> None:
    for wrong in ({"wait": 31}, {"wait": -1}, {"limit": 0}, {"limit": 501}, {"after": -1}, {"subscription": "mine"}):
        assert platform.officer().get("/v1/feed", **wrong).status_code == 422, wrong


def waiting(address: str) -> float:
    """How many callers wait, as the process itself says."""
    figures = httpx.get(f"{address}/metrics").text.splitlines()
    return float(next(line for line in figures if line.startswith("ehcp_feed_waiting ")).split()[1])


def eventually_waiting(address: str, number: int) -> None:
    until = time.monotonic() + 20
    while waiting(address) != number:
        assert time.monotonic() < until
        time.sleep(0.05)


def test_whoever_hangs_up_waits_no_longer_and_a_process_that_stops_keeps_nobody(tmp_path: Path) -> None:
    served = ServedProcess(tmp_path, "sqlite:///var/record.sqlite")
    served.start()
    try:
        headers = served.headers()
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{served.address}/v1/feed", params={"wait": 30}, headers=headers, timeout=1)
        eventually_waiting(served.address, 0)
        with ThreadPoolExecutor(1) as others:
            request = {"params": {"wait": 30}, "headers": headers, "timeout": 60}
            answer = others.submit(lambda: httpx.get(f"{served.address}/v1/feed", **request))  # type: ignore[arg-type]
            eventually_waiting(served.address, 1)
            assert served.stop() == 0
            assert answer.result().json()["signals"] == []
    finally:
        served.kill()
