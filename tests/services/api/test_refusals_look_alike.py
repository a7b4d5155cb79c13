"""A plan that isn't the caller's and one that isn't there: the same answer, and the database is asked the same."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.life import Life
from tests.support.serving import Caller, Serving, serving

READS = ("", "/versions", "/diff?from=1&to=1", "/clocks", "/history", "/drafts", "/disclosures")
ENTITLEMENTS = "/entitlements?organisation=urn:199101&on=2026-07-10"
ACT = "/acts/answer-consultation"
REPLY = {
    "mode": "RECORD",
    "effectiveOn": "2026-07-11",
    "consultationId": "c1",
    "receivedOn": "2026-07-11",
    "answer": "YES",
}
VALUES = re.compile(r"[xX]?'[^']*'|\b[0-9]+\b")
#: What the projector and the directory ask now and then, whoever calls.
BY_THE_CLOCK = ("position > ?", "directory_event", "max(position)", "view_")


class QueryLog:
    """Every statement that the databases of a platform are asked, without the values."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def write(self, statement: str) -> None:
        """One more, without its values."""
        self.statements.append(VALUES.sub("?", statement))

    def of(self, caller: Caller, path: str) -> list[str]:
        """What a read, or an act, makes the platform ask, in no order."""
        self.statements.clear()
        answer = caller.post(path, REPLY) if path.endswith(ACT) else caller.get(path)
        assert answer.status_code == 404
        return sorted(
            s for s in self.statements if s.startswith("SELECT") and not any(own in s for own in BY_THE_CLOCK)
        )


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> QueryLog:
    found, connect = QueryLog(), sqlite3.connect

    def traced(*arguments: Any, **more: Any) -> sqlite3.Connection:
        connection = connect(*arguments, **more)
        connection.set_trace_callback(found.write)
        return connection

    monkeypatch.setattr(sqlite3, "connect", traced)
    return found


@pytest.fixture
def platform(log: QueryLog, tmp_path: Path) -> Iterator[Serving]:
    with serving(tmp_path) as served:
        assert log.statements, "every connection is traced"
        yield served


def forgotten(platform: Serving, life: Life) -> None:
    """As after a restart: nothing of the plan is in memory."""
    platform.platform.plans.forget(UUID(life.plan_id))
    platform.platform.store.keys.forget(UUID(life.plan_id))


@pytest.mark.parametrize("end", [*READS, ENTITLEMENTS, ACT])
def test_the_database_is_asked_the_same(platform: Serving, log: QueryLog, end: str) -> None:
    life = Life(platform).finalised()
    stranger = platform.as_("school", "urn:199109")
    log.of(stranger, f"/v1/plans/{uuid4()}{end}")  # the first refusal ever opens the platform's own record of them
    warm = log.of(stranger, life.path + end)
    nowhere = log.of(stranger, f"/v1/plans/{uuid4()}{end}")
    forgotten(platform, life)
    cold = log.of(stranger, life.path + end)
    assert len(warm) > 4
    assert warm == nowhere
    assert cold == nowhere
