"""A plan that isn't the caller's and one that isn't there: the same answer, record and questions to the database.

Every operation that names a plan, every kind of act, and search, on SQLite and on PostgreSQL: statement by statement.
"""

import re
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from domain.plan.events import PlanEvent
from services.store.values import DISCLOSURE_LOG
from tests.domain.plan.keeping.places import PLACES as KEEPING
from tests.services.disclosures.test_every_answer_is_recorded import operations
from tests.services.retention.conftest import Ended
from tests.support.life import Life
from tests.support.serving import Caller, Serving, serving

PLAN = "/v1/plans/{plan_id}"
NO_ID = str(UUID(int=1))
VALUES = re.compile(r"[xX]?'[^']*'|\b[0-9]+\b")
#: Threads that work whoever calls.
WORKERS = (
    "deliverer", "key-", "mesh-", "notary", "projector", "router", "signal-topics", "store-erasures", "store-poll"
)  # fmt: skip
#: What is asked now and then, or until a view is up to date, whichever plan was asked for.
BY_THE_CLOCK = (
    "PRAGMA ",  # a connection more in the pool, when whoever has the others is slow
    "FROM directory_event ORDER BY position DESC",
    "FROM retention_event ORDER BY position DESC",
    "FROM adoption_event ORDER BY position DESC",
    "FROM view_position",
)


class QueryLog:
    """Every statement that the databases of a platform are asked for a caller, without the values."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def write(self, statement: object) -> None:
        """One more, without its values."""
        said = VALUES.sub("?", statement.decode() if isinstance(statement, bytes) else str(statement))
        by_the_clock = said == ";" or any(own in said for own in BY_THE_CLOCK)
        if not by_the_clock and not threading.current_thread().name.startswith(WORKERS):
            self.statements.append(said)

    def during(self, work: Callable[[], httpx.Response]) -> tuple[httpx.Response, list[str]]:
        """What an operation answers, and what it makes the platform ask, in no order: threads share the work."""
        self.statements.clear()
        answer = work()
        return answer, sorted(self.statements)


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> QueryLog:
    found, connect, execute = QueryLog(), sqlite3.connect, psycopg.Cursor.execute

    def traced(*arguments: Any, **more: Any) -> sqlite3.Connection:
        connection = connect(*arguments, **more)
        connection.set_trace_callback(found.write)
        return connection

    def executed(cursor: Any, query: Any, *arguments: Any, **more: Any) -> Any:
        found.write(query)
        return execute(cursor, query, *arguments, **more)

    monkeypatch.setattr(sqlite3, "connect", traced)
    monkeypatch.setattr(psycopg.Cursor, "execute", executed)
    return found


@pytest.fixture
def embedded(log: QueryLog, tmp_path: Path) -> Iterator[Serving]:
    with serving(tmp_path) as served:
        assert log.statements, "every connection is traced"
        yield served


@pytest.fixture
def on_postgresql(log: QueryLog, tmp_path: Path, migrated: str) -> Iterator[Serving]:
    with serving(tmp_path, database_url=migrated) as served:
        assert log.statements, "every connection is traced"
        yield served


@pytest.fixture(params=["embedded", "on_postgresql"])
def platform(request: pytest.FixtureRequest) -> Serving:
    found: Serving = request.getfixturevalue(request.param)
    return found


def calls(who: Caller) -> dict[str, Callable[[str], httpx.Response]]:
    """A way to call each operation that names a plan: whatever is wrong with it, the plan is looked for first."""
    act = {"mode": "RECORD", "effectiveOn": "2026-07-11"}
    review = {"decision": "release", "reasons": "Nothing stands against it"}
    ends = {
        "": "", "/versions": "", "/diff": "?from=1&to=1", "/clocks": "", "/history": "", "/drafts": "",
        "/disclosures": "", "/possible-breaches": "", "/entitlements": "?organisation=urn:199101&on=2026-07-10",
        "/drafts/{draft_id}": "", "/subject-access": "", "/subject-access/{access_id}": "",
        "/subject-access/{access_id}/package": "",
    }  # fmt: skip
    found: dict[str, Callable[[str], httpx.Response]] = {
        f"GET {PLAN}{end}": lambda plan, e=end + query: who.get(_at(plan, e)) for end, query in ends.items()
    }
    return found | {
        f"POST {PLAN}/drafts": lambda plan: who.post(_at(plan, "/drafts"), {"purpose": "ANNUAL_REVIEW"}),
        f"PATCH {PLAN}/drafts/{{draft_id}}": lambda plan: who.patch(_at(plan, f"/drafts/{NO_ID}"), {}, '"d1"'),
        f"DELETE {PLAN}/drafts/{{draft_id}}": lambda plan: who.delete(_at(plan, f"/drafts/{NO_ID}"), '"d1"'),
        f"POST {PLAN}/emergency-reads": lambda plan: who.post(
            _at(plan, "/emergency-reads"), {"reason": "The child said so today"}
        ),
        f"POST {PLAN}/invitations": lambda plan: who.post(_at(plan, "/invitations"), {"contactId": "contact-1"}),
        f"POST {PLAN}/disclosures/{{disclosure_id}}/review": lambda plan: who.post(
            _at(plan, f"/disclosures/{NO_ID}/review"), review
        ),
        f"POST {PLAN}/acts/{{act}}": lambda plan: who.post(
            _at(plan, "/acts/set-legal-hold"), {**act, "holdId": "h1", "reason": "An inquiry"}
        ),
    }


def _at(plan: str, end: str) -> str:
    return f"/v1/plans/{plan}" + end.replace("{draft_id}", NO_ID).replace("{access_id}", "s1")


def forgotten(platform: Serving, life: Life) -> None:
    """As after a restart: nothing of the plan is in memory."""
    platform.platform.plans.forget(UUID(life.plan_id))
    platform.platform.store.keys.forget(UUID(life.plan_id))


def refusals(platform: Serving, since: int) -> list[dict[str, Any]]:
    """What the disclosure log gained, but for the id that was asked for."""
    found = platform.platform.store.read_log(since, 100, DISCLOSURE_LOG)
    entries = [{**e.data, "record": e.plan, "role": e.metadata.actorrole} for e in found if isinstance(e, PlanEvent)]
    for entry in entries:
        assert entry.pop("asked")
    return entries


@pytest.mark.parametrize("role", ["case-officer", "school", "family"])
def test_every_operation_on_a_plan_answers_asks_and_records_the_same(
    platform: Serving, log: QueryLog, role: str, capsys: pytest.CaptureFixture[str]
) -> None:
    life = Life(platform).finalised()
    organisation = {"case-officer": "la:936", "school": "urn:199109", "family": "family"}[role]
    stranger = platform.as_(role, organisation, plan=NO_ID if role == "family" else "", contact="contact-1")
    known = calls(stranger)
    assert set(known) == {name for name in operations(platform) if PLAN in name}, "an operation without its call"
    stranger.get(f"/v1/plans/{uuid4()}")  # the first refusal ever opens the platform's own record of them
    statements = 0
    for name, call in known.items():
        nowhere, warm, cold = (_told(platform, log, call, life, how) for how in ("nowhere", "warm", "cold"))
        for told in (warm, cold):
            assert _more(told, nowhere) == _more(nowhere, told) == [], name
            assert told == nowhere, name
        assert nowhere.status in {404, 403}, name
        assert len(nowhere.statements) > 3, name
        statements += len(nowhere.statements)
    with capsys.disabled():
        print(f"\n{role}: {len(known)} operations, {statements} statements each way, no difference")


@pytest.mark.parametrize("act", sorted(KEEPING))
def test_every_act_of_keeping_a_plan_is_refused_alike(embedded_module: Serving, act: str) -> None:
    platform, life = embedded_module, embedded_module.life  # type: ignore[attr-defined]
    stranger, body = platform.officer("936"), {"mode": "RECORD", "effectiveOn": "2026-06-15", **KEEPING[act].data}
    answers = [stranger.post(f"/v1/plans/{plan}/acts/{act}", body) for plan in (life.plan_id, str(uuid4()))]
    assert [(answer.status_code, answer.content) for answer in answers] == [(404, answers[0].content)] * 2


@pytest.fixture(scope="module")
def embedded_module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("acts")) as served:
        served.life = Life(served).finalised()  # type: ignore[attr-defined]
        yield served


TERMS = {
    "nhsNumber": ("9990000050", "9990000018"),
    "upn": ("B801200005001", "Q801200005002"),
    "localReference": ("LIFE", "NOBODYS"),
    "name": ("Robin Quillfeather", "Nobody Atall"),
}


@pytest.mark.parametrize("term", TERMS)
def test_a_search_that_finds_what_is_hidden_looks_like_one_that_finds_nothing(
    platform: Serving, log: QueryLog, term: str
) -> None:
    life = Life(platform).finalised()
    hidden, nowhere = TERMS[term]
    hidden = life.reference if term == "localReference" else hidden
    stranger = platform.officer("936")
    stranger.post("/v1/plans/search", {term: nowhere})
    asked = []
    for value in (nowhere, hidden):
        forgotten(platform, life)
        answer, statements = log.during(lambda value=value: stranger.post("/v1/plans/search", {term: value}))
        assert answer.json()["planIds"] == []
        asked.append(statements)
    assert asked[0] == asked[1]


class Told:
    """What came of an operation: answer, statements and what was recorded."""

    def __init__(self, answer: httpx.Response, statements: list[str], recorded: list[dict[str, Any]]) -> None:
        self.status = answer.status_code
        self.statements = statements
        self._all = (answer.status_code, answer.content, statements, recorded)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Told) and self._all == other._all

    def __hash__(self) -> int:
        return hash(self.status)

    def __repr__(self) -> str:
        return "\n".join(map(str, (*self._all[:2], *self._all[2], *self._all[3])))


def _more(one: Told, other: Told) -> list[str]:
    """The statements of one beyond those of the other."""
    return sorted((Counter(one.statements) - Counter(other.statements)).elements())


def _told(platform: Serving, log: QueryLog, call: Callable[[str], httpx.Response], life: Life, how: str) -> Told:
    if how == "cold":
        forgotten(platform, life)
    since = platform.platform.store.head(DISCLOSURE_LOG)[0]
    plan = str(uuid4()) if how == "nowhere" else life.plan_id
    answer, statements = log.during(lambda: call(plan))
    return Told(answer, statements, refusals(platform, since))


@pytest.mark.parametrize("end", ["", "/versions", "/clocks", "/history", "/drafts", "/disclosures"])
def test_a_record_that_was_destroyed_is_asked_about_as_none_is(platform: Serving, log: QueryLog, end: str) -> None:
    life = Ended(platform).at_rest().erased()
    stranger = platform.as_("school", "urn:199109")

    def asked(plan: object) -> tuple[int, Any, list[str]]:
        answer, statements = log.during(lambda: stranger.get(f"/v1/plans/{plan}{end}"))
        return answer.status_code, answer.json(), statements

    asked(uuid4())  # the first refusal ever opens the platform's own record of them
    gone, nowhere = asked(life.plan_id), asked(uuid4())
    assert gone == nowhere
    assert gone[0] == 404
