"""From the answer to an act until its signal is at a consumer of Kafka, while others act: the slowest of a hundred.

Ours: a served platform of one process with the embedded record, acts over HTTP by several clients at once, and one
consumer of the council's topic that reads committed records. The reference is a bare kafka-python producer and such a
consumer, which carry as many small records, each sent as soon as the last one is there: no act, no router, no
transaction. There is no goal: the figure is reported.
"""

import json
import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import httpx
import orjson
from kafka import TopicPartition

from connectors.kafka.clients import consumer, producer
from connectors.kafka.declared import Subscriber
from deploy.local.kafka import PLATFORM, private_broker
from tests.bench.measuring import Row, alternate
from tests.bench.setting import Bench
from tests.support.published import Installation
from tests.support.served_process import ServedProcess

CLIENTS = 4
COUNCIL = Subscriber(kind="la", code="855", principal="User:la-855")
TOPIC = "signals.v1.la.855"
OPENING = {"mode": "PERFORM", "effectiveOn": "2026-03-02", "receivedOn": "2026-03-02", "source": "1"}
_rounds = count(1)


def signal_rows(bench: Bench) -> Iterator[Row]:
    """Milliseconds, the 99th percentile."""
    number = bench.size(2_000, 200)
    with private_broker(profile="bench") as broker:

        def place() -> Installation:
            made = Installation(broker, f"bench{next(_rounds)}.")
            made.apply_topics([COUNCIL])
            return made

        ours, reference = alternate(lambda: _acts(place(), number), lambda: _bare(place(), number), bench.rounds)
    yield Row(id="act-to-signal-p99", ours=ours, reference=reference, unit="ms", rounds=bench.rounds)


def _acts(at: Installation, number: int) -> float:
    with TemporaryDirectory() as folder, _served(Path(folder), at) as served, _arrivals(at) as arrived:
        headers = served.headers()

        def act(_number: int) -> tuple[str, float]:
            body = {**OPENING, "requestId": "request-1", "localReference": uuid4().hex, "child": _child()}
            answer = httpx.post(
                f"{served.address}/v1/plans/opened-by/receive-request",
                json=body,
                headers={**headers, "Idempotency-Key": str(uuid4())},
                timeout=60,
            )
            answer.raise_for_status()
            return answer.json()["planId"], time.monotonic()

        act(0)  # until then nobody is connected
        _wait(lambda: len(arrived) == 1)
        with ThreadPoolExecutor(CLIENTS) as clients:
            done = dict(clients.map(act, range(number)))
        _wait(lambda: len(arrived) > number)
        return _p99([arrived[plan] - answered for plan, answered in done.items()])


def _bare(at: Installation, number: int) -> float:
    sender = producer(at.connection())
    try:
        with _arrivals(at) as arrived:
            sent: dict[str, float] = {}
            for one in range(number):
                key = f"plan-{one}"
                sent[key] = time.monotonic()
                sender.send(f"{at.prefix}{TOPIC}", orjson.dumps({"subject": key})).get(30)
            _wait(lambda: len(arrived) >= number)
            return _p99([arrived[key] - moment for key, moment in sent.items()])
    finally:
        sender.close()


@contextmanager
def _served(folder: Path, at: Installation) -> Iterator[ServedProcess]:
    subscribers = folder / "subscribers.json"
    subscribers.write_text(json.dumps([{"kind": "la", "code": "855", "principal": "User:la-855"}]))
    os.environ |= {
        "EHCP_KAFKA_BOOTSTRAP": at.broker.bootstrap,
        "EHCP_KAFKA_CREDENTIALS": str(at.broker.credentials(PLATFORM)),
        "EHCP_KAFKA_PREFIX": at.prefix,
        "EHCP_KAFKA_SUBSCRIBERS": str(subscribers),
    }
    served = ServedProcess(folder, f"sqlite:///{folder}/var/record.sqlite")
    served.start()
    try:
        yield served
    finally:
        served.kill()


@contextmanager
def _arrivals(at: Installation) -> Iterator[dict[str, float]]:
    """When the first signal about each plan was there."""
    arrived: dict[str, float] = {}
    over = threading.Event()

    def read() -> None:
        reader: Any = consumer(at.connection(), isolation_level="read_committed")
        reader.assign([TopicPartition(f"{at.prefix}{TOPIC}", 0)])
        while not over.is_set():
            for records in reader.poll(timeout_ms=200).values():
                moment = time.monotonic()
                for record in records:
                    arrived.setdefault(orjson.loads(record.value)["subject"], moment)
        reader.close()

    reading = threading.Thread(target=read)
    reading.start()
    try:
        yield arrived
    finally:
        over.set()
        reading.join()


def _child() -> dict[str, str]:
    return {"name": "Robin Quillfeather", "dateOfBirth": "2015-03-04", "sex": "notKnown"}


def _wait(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 300
    while not happened():
        if time.monotonic() > deadline:
            raise TimeoutError("not everything has arrived")
        time.sleep(0.01)


def _p99(seconds: list[float]) -> float:
    return 1_000 * statistics.quantiles(seconds, n=100)[98]
