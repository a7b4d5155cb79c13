"""An act over HTTP reaches a subscriber's own command through the topic, once, with the plan that it is about."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from connectors.kafka.connection import KafkaConnection
from connectors.kafka.declared import Subscriber
from deploy.local.kafka import PLATFORM
from tests.services.publishing.test_topics import sign_in
from tests.support.published import Installation
from tests.support.served_process import ROOT, ServedProcess

COUNCIL = Subscriber(kind="la", code="855", principal="User:la-855")
OPENING = {"mode": "PERFORM", "effectiveOn": "2026-03-02", "receivedOn": "2026-03-02", "source": "1"}
HANDLER = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read() + chr(10))"


@pytest.fixture
def served(tmp_path: Path, installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[ServedProcess]:
    installation.apply_topics([COUNCIL])
    subscribers = tmp_path / "subscribers.json"
    subscribers.write_text(json.dumps([{"kind": "la", "code": "855", "principal": "User:la-855"}]))
    for name, value in (
        ("BOOTSTRAP", installation.broker.bootstrap),
        ("CREDENTIALS", installation.broker.credentials(PLATFORM)),
        ("PREFIX", installation.prefix),
        ("SUBSCRIBERS", subscribers),
    ):
        monkeypatch.setenv(f"EHCP_KAFKA_{name}", str(value))
    process = ServedProcess(tmp_path, f"sqlite:///{tmp_path}/var/record.sqlite")
    process.start()
    try:
        yield process
    finally:
        process.kill()


def test_what_an_officer_does_is_dealt_with_once_by_the_councils_system(
    served: ServedProcess, installation: Installation, tmp_path: Path
) -> None:
    headers = {**served.headers(), "Idempotency-Key": str(uuid4())}
    made = httpx.post(f"{served.address}/v1/subscriptions", json={"channel": "kafka"}, headers=headers, timeout=60)
    assert (made.status_code, made.json()["target"]) == (201, f"{installation.prefix}signals.v1.la.855")
    plans = [opened(served) for _ in range(2)]
    for _ in range(2):
        followed(served, installation, tmp_path)
    dealt_with = [json.loads(line) for line in (tmp_path / "dealt-with").read_text().splitlines()]
    assert [one["signal"]["subject"] for one in dealt_with] == plans
    assert [one["signal"]["recipientsequence"] for one in dealt_with] == [1, 2]
    assert [one["plan"]["planId"] for one in dealt_with] == plans
    (tmp_path / "anew").mkdir()
    followed(served, installation, tmp_path / "anew", "--begin", "--again")
    taken = [json.loads(line) for line in (tmp_path / "anew" / "dealt-with").read_text().splitlines()]
    assert sorted(one["plan"]["planId"] for one in taken if "signal" not in one) == sorted(plans)
    assert len(taken) <= 3, "older news than the list is handed over by nobody"
    doctor = subprocess.run(
        [sys.executable, "-m", "services.cli.main", "doctor"],
        check=False, capture_output=True, text=True, timeout=120, cwd=tmp_path, env=environment(served),
    )  # fmt: skip
    assert "1 of 1 up to date" in doctor.stdout + doctor.stderr
    assert "another library says" not in doctor.stdout + doctor.stderr
    address = f"{served.address}/v1/subscriptions/{made.json()['id']}"
    health = httpx.get(address, headers=served.headers(), timeout=60).json()["health"]
    assert (health["lastDelivered"], health["lag"]) == (2, 0)


def opened(served: ServedProcess) -> str:
    body = {
        **OPENING,
        "requestId": "request-1",
        "localReference": uuid4().hex,
        "child": {"name": "Robin Quillfeather", "dateOfBirth": "2015-03-04", "sex": "notKnown"},
    }
    headers = {**served.headers(), "Idempotency-Key": str(uuid4())}
    answer = httpx.post(f"{served.address}/v1/plans/opened-by/receive-request", json=body, headers=headers, timeout=60)
    assert answer.status_code == 201, answer.text
    plan: str = answer.json()["planId"]
    return plan


def followed(served: ServedProcess, installation: Installation, folder: Path, *more: str) -> None:
    """The council's system follows for a while, with a command of its own."""
    known = credentials(sign_in(installation, "la-855"), folder / "council.json")
    command = [
        sys.executable, "-m", "services.cli.main", "subscribe",
        "--bootstrap", installation.broker.bootstrap, "--credentials", str(known),
        "--topic", f"{installation.prefix}signals.v1.la.855", "--exchange", served.address,
        "--handler", f'{sys.executable} -c "{HANDLER}" {folder / "dealt-with"}',
        "--books", str(folder / "books.sqlite"), "--until-idle", *more,
    ]  # fmt: skip
    token = served.headers()["Authorization"].removeprefix("Bearer ")
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=180, cwd=folder,
        env={**environment(served), "EHCP_TOKEN": token},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def environment(served: ServedProcess) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "EHCP_DATABASE_URL": served.database_url, "EHCP_ENV": "development"}


def credentials(connection: KafkaConnection, file: Path) -> Path:
    known = connection.credentials
    assert known is not None
    named = {"protocol": known.protocol, "mechanism": known.mechanism}
    file.write_text(json.dumps({**named, "username": known.username, "password": known.password}))
    file.chmod(0o600)
    return file
