"""From the answer to an act until its signal is at a consumer of Kafka, while others act: the slowest of a hundred.

Ours: acts over HTTP at a steady pace from several connections, and one consumer of the council's topic that reads
committed records; on the embedded record a served platform of one process, on PostgreSQL one with a router and a
publisher as processes of their own. The reference is a bare kafka-python producer and such a consumer, which carry as
many small records at the same pace: no act, no router, no transaction. There is no goal: the figure is reported.
"""

import json
import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
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
from tests.bench.measuring import Row, medians
from tests.bench.setting import Bench
from tests.support.published import Installation
from tests.support.served_process import ServedProcess
from tests.trials.workers import Workers

CONNECTIONS = 4
#: How many acts there are in a second, all connections together.
PACE = 50.0
COUNCIL = Subscriber(kind="la", code="855", principal="User:la-855")
TOPIC = "signals.v1.la.855"
OPENING = {"mode": "PERFORM", "effectiveOn": "2026-03-02", "receivedOn": "2026-03-02", "source": "1"}
_rounds = count(1)


def signal_rows(bench: Bench) -> Iterator[Row]:
    """Milliseconds, the 99th percentile."""
    number = bench.size(300, 100)
    with private_broker(profile="bench") as broker:

        def place() -> Installation:
            made = Installation(broker, f"bench{next(_rounds)}.")
            made.apply_topics([COUNCIL])
            return made

        def embedded() -> float:
            return _acts(place(), number, "")

        def shared() -> float:
            with bench.database() as address:
                return _acts(place(), number, address)

        bare, *ours = medians([lambda: _bare(place(), number), embedded, shared], bench.rounds)
    for name, found in zip(("act-to-signal-p99", "act-to-signal-p99-postgresql"), ours, strict=True):
        yield Row(id=name, ours=found, reference=bare, unit="ms", rounds=bench.rounds)


def _acts(at: Installation, number: int, address: str) -> float:
    with _served(at, address) as served, _arrivals(at) as arrived, ExitStack() as opened:
        clients = [opened.enter_context(httpx.Client(timeout=60, headers=served.headers())) for _ in range(CONNECTIONS)]

        def act(one: int) -> tuple[str, float]:
            body = {**OPENING, "requestId": "request-1", "localReference": uuid4().hex, "child": _child()}
            path = f"{served.address}/v1/plans/opened-by/receive-request"
            answer = clients[one % CONNECTIONS].post(path, json=body, headers={"Idempotency-Key": str(uuid4())})
            answer.raise_for_status()
            return answer.json()["planId"], time.monotonic()

        act(0)  # until then nobody is connected
        _wait(lambda: len(arrived) == 1)
        done = dict(_at_pace(act, number))
        _wait(lambda: len(arrived) > number)
        return _p99([arrived[plan] - answered for plan, answered in done.items()])


def _bare(at: Installation, number: int) -> float:
    with closing(producer(at.connection())) as sender, _arrivals(at) as arrived:

        def send(one: int) -> tuple[str, float]:
            key, moment = f"plan-{one}", time.monotonic()
            sender.send(f"{at.prefix}{TOPIC}", orjson.dumps({"subject": key})).get(30)
            return key, moment

        send(-1)
        _wait(lambda: len(arrived) == 1)
        sent = dict(_at_pace(send, number))
        _wait(lambda: len(arrived) > number)
        return _p99([arrived[key] - moment for key, moment in sent.items()])


def _at_pace(work: Callable[[int], tuple[str, float]], number: int) -> list[tuple[str, float]]:
    """Each at its moment, by as many at once as there are connections."""
    began = time.monotonic()

    def mine(connection: int) -> list[tuple[str, float]]:
        found = []
        for one in range(connection, number, CONNECTIONS):
            time.sleep(max(0.0, began + one / PACE - time.monotonic()))
            found.append(work(one))
        return found

    with ThreadPoolExecutor(CONNECTIONS) as connections:
        return [one for found in connections.map(mine, range(CONNECTIONS)) for one in found]


@contextmanager
def _served(at: Installation, address: str) -> Iterator[ServedProcess]:
    """A platform that serves: on the embedded record, or on PostgreSQL with its workers."""
    with TemporaryDirectory() as place, ExitStack() as opened:
        folder = Path(place)
        subscribers = folder / "subscribers.json"
        subscribers.write_text(json.dumps([{"kind": "la", "code": "855", "principal": "User:la-855"}]))
        settings = {
            "EHCP_KAFKA_BOOTSTRAP": at.broker.bootstrap,
            "EHCP_KAFKA_CREDENTIALS": str(at.broker.credentials(PLATFORM)),
            "EHCP_KAFKA_PREFIX": at.prefix,
            "EHCP_KAFKA_SUBSCRIBERS": str(subscribers),
            "EHCP_KEYRING": str(folder / "keyring"),
        }
        os.environ |= settings
        served = ServedProcess(folder, address or f"sqlite:///{folder}/var/record.sqlite")
        opened.callback(served.kill)
        served.start()
        if address:
            shared = {**settings, "EHCP_DATABASE_URL": address, "EHCP_BASE_URL": served.address}
            for kind in ("router", "publisher"):
                workers = Workers(kind, shared, folder)
                opened.callback(workers.close)
                workers.start()
        yield served


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
    deadline = time.monotonic() + 120
    while not happened():
        if time.monotonic() > deadline:
            raise TimeoutError("not everything has arrived")
        time.sleep(0.01)


def _p99(seconds: list[float]) -> float:
    return 1_000 * statistics.quantiles(seconds, n=100)[98]
