"""Whatever happens to the children's records, no word of theirs is in a log, a figure, an error or a process's name.

The journeys run with every logger at debug, go right and wrong in many ways, and are made to fail inside with the
children's words at hand. The last tests show that the look would find a word if it were there.
"""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import httpx
import pytest
from prometheus_client import Counter, generate_latest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from services.api.app import create_app
from services.api.problems import Problem
from services.bootstrap import open_platform
from services.cli.main import app
from services.demo import load_demonstration
from services.logs import OWN, configure_logging, formatter
from services.settings import Settings
from tests.support.life import person
from tests.support.listening import listening
from tests.support.personal_words import DOCX, found_in, personal_words
from tests.support.provider import configured, fictional_provider
from tests.support.served_process import ServedProcess
from tests.support.serving import Caller, Serving, serving

DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
OPENAPI = Path(__file__).parents[2] / "schemas" / "openapi" / "openapi.json"
LIBRARIES = ("asyncio", "httpx", "httpcore", "psycopg", "sqlalchemy", "uvicorn", "alembic", "eventsourcing")
NAME, NUMBER = "Elowen Marshbanks of Silverdale", "9990000026"
SECRETS = f"{NAME}, {NUMBER}: asthma, inhaler"
#: A request for another child, in the words of the first: it is recorded unless something fails.
REQUESTED = {
    "receivedOn": "2026-11-02",
    "source": "1",
    "requestId": "request-1",
    "channel": "PORTAL",
    "child": person(name=NAME),
}
#: What the journeys must have touched for their silence to mean something.
TOUCHED = {"marshbanks", "silverdale", "9990000026", "brindle", "asthma"}


class Said:
    """Everything that is said beside right answers."""

    def __init__(self) -> None:
        self.log = io.StringIO()
        self.own = io.StringIO()
        self.careless = io.StringIO()
        self.errors: list[str] = []
        self.shown: list[str] = []

    def everything(self) -> Iterator[str]:
        """What was said since this was asked last, in lines."""
        yield from (line for text in (generate_latest().decode(), *self.errors) for line in text.splitlines())
        self.errors.clear()
        for stream in (self.log, self.own):
            yield from stream.getvalue().splitlines()
            stream.seek(0)
            stream.truncate()

    def of(self, answer: httpx.Response) -> httpx.Response:
        """Keep what an answer says: what leads on and what refuses must be silent, content need not be."""
        parts = [answer.headers.get("Location", "")]
        (self.errors if answer.status_code >= 400 else self.shown).append(answer.text)
        self.errors.extend(parts)
        return answer


@pytest.fixture(scope="module")
def said() -> Iterator[Said]:
    """All loggers at debug: as the platform writes them, our own word for word, and all of them as others would."""
    heard = Said()
    root = logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in ("", *LIBRARIES)}
    for name in levels:
        logging.getLogger(name).setLevel(logging.DEBUG)
    own, careless = logging.StreamHandler(heard.own), logging.StreamHandler(heard.careless)
    own.addFilter(lambda record: record.name.partition(".")[0] in OWN)
    handlers = [configure_logging("debug", lambda: heard.log), own, careless]
    for handler in handlers[1:]:
        root.addHandler(handler)
    yield heard
    for handler in handlers:
        root.removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture(scope="module")
def served(said: Said, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    assert said.log.getvalue() == ""
    with serving(tmp_path_factory.mktemp("platform")) as platform:
        load_demonstration(platform.platform)
        yield platform


@pytest.fixture(autouse=True)
def silence(said: Said, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """After each journey nothing personal has been said, to standard error and output neither."""
    caplog.set_level(logging.DEBUG)
    yield
    assert [line for line in (*said.everything(), *capfd.readouterr()) if found_in([line])] == []


def plans_of(caller: Caller) -> list[str]:
    return [row["planId"] for row in caller.get("/v1/plans").json()["plans"]]


def import_form(caller: Caller, content: bytes, media_type: str = DOCX_TYPE) -> httpx.Response:
    return caller.send("POST", "/v1/imports?council=855", content, media_type)


def test_reading_and_searching(served: Serving, said: Said) -> None:
    officer, callers = served.officer(), [served.officer(), served.manager(), served.as_("auditor", "audit")]
    callers += [served.as_("school", "urn:199501"), served.as_("health", "ods:QK1"), served.officer("202")]
    for plan in plans_of(officer):
        family = served.as_("family", "family", plan=plan, contact="contact-1")
        for caller in [*callers, family]:
            for view in ("", "/versions", "/history", "/clocks", "/disclosures", "/diff?from=1&to=9"):
                said.of(caller.get(f"/v1/plans/{plan}{view}"))
    for terms in (
        {"name": "Elowen Marshbanks"},
        {"name": "Ottershaw", "dateOfBirth": "2013-05-02"},
        {"nhsNumber": NUMBER},
        {"upn": "A855250123012"},
        {"localReference": "DEMO-0001", "council": "855"},
        {"nome": "Marshbanks"},
    ):
        for caller in callers:
            said.of(caller.post("/v1/plans/search", terms))
    assert found_in(said.shown) >= {"marshbanks", "silverdale"}


def test_taking_in_and_turning_away(served: Serving, said: Said) -> None:
    officer, form = served.officer(), DOCX.read_bytes()
    plan = text_of_a_plan(served)
    broken = json.dumps({**plan, "personalDetails": {**plan["personalDetails"], "nhsNumber": SECRETS}}).encode()
    for content, media_type in (
        (form, DOCX_TYPE),
        (form, DOCX_TYPE),
        (form[: len(form) // 2], DOCX_TYPE),
        (form, "application/json"),
        (broken, "application/json"),
        (broken[:-40], "application/json"),
        (broken + b"\n" + SECRETS.encode() + b"\n{}\n", "application/x-ndjson"),
        (f'<?xml version="1.0"?><a>{SECRETS}</a>'.encode(), DOCX_TYPE),
    ):
        said.of(import_form(officer, content, media_type))


def text_of_a_plan(served: Serving) -> dict[str, Any]:
    """The text of a demonstration plan as one would send it."""
    officer = served.officer()
    texts = [officer.get(f"/v1/plans/{plan}").json().get("plan") for plan in plans_of(officer)]
    whole: dict[str, Any] = max(filter(None, texts), key=lambda text: len(json.dumps(text)))
    return whole


def test_acts_that_are_refused_or_can_not_be_read(served: Serving, said: Said) -> None:
    officer = served.officer()
    child = {"name": NAME, "dateOfBirth": "2020-11-02", "sex": "F", "nhsNumber": NUMBER}
    for act in ("receive-request", "register-appeal", NAME):
        said.of(officer.open(act, receivedOn="2026-11-01", child={**child, "sex": SECRETS}, source=SECRETS))
        said.of(officer.open(act, receivedOn=SECRETS, child={**child, "nhsNumber": "9990000027"}))
    for plan in plans_of(officer):
        for act in ("finalise", "hold-review", "change-name", "receive-advice", "change-contact"):
            said.of(officer.act(plan, act, name=NAME, note=SECRETS, heldOn=SECRETS, contactId=NAME))
            said.of(officer.post(f"/v1/plans/{plan}/acts/{act}", person(name=NAME)))
        for body in (f'{{"note": "{SECRETS}', f'"{SECRETS}"', f'{{"a":"{SECRETS}","a":"{SECRETS}"}}'):
            said.of(officer.send("POST", f"/v1/plans/{plan}/acts/finalise", body.encode(), "application/json"))
        said.of(officer.patch(f"/v1/plans/{plan}/drafts/{plan}", {"personalDetails": {"name": NAME}}, '"d1"'))
        said.of(officer.patch(f"/v1/plans/{plan}/drafts/{plan}", {}, f'"{NAME}"'))


def test_requests_that_say_it_where_they_should_not(served: Serving, said: Said) -> None:
    http, officer = served.http, served.officer()
    for headers in (
        {"Authorization": f"Bearer {NAME}"},
        {"Authorization": NAME},
        {**officer.headers, "X-Correlation-ID": NAME},
        {**officer.headers, "If-Match": NAME, "Idempotency-Key": NAME, "Content-Type": NAME},
        {**officer.headers, "Content-Encoding": "marshbanks"},
    ):
        for method, path in (("GET", "/v1/plans"), ("POST", "/v1/plans/search"), ("POST", "/v1/imports?council=855")):
            said.of(http.request(method, path, headers=headers, content=SECRETS.encode()))
    for path in (
        f"/v1/plans/{NAME}",
        f"/v1/plans?council={NAME}&cursor={NUMBER}",
        f"/v1/plans?knownAt={NAME}",
        f"/schemas/{NAME}.json",
        f"/login?issuer={NAME}&goes_to=/{NAME}",
        f"/{NAME}",
    ):
        said.of(officer.get(path))


#: Headers that a caller may steer with, or try to.
STEERING = (
    "Accept", "Accept-Language", "If-Match", "If-None-Match", "Idempotency-Key", "Content-Type", "X-Correlation-ID",
    "EHCP-Gateway", "EHCP-Reason", "Last-Event-ID", "Range", "Cookie", "Traceparent", "X-HTTP-Method-Override",
)  # fmt: skip


def test_every_route_with_the_words_in_every_place_there_is(served: Serving, said: Said) -> None:
    """Path, query, headers and body; a plan that is there and none; as somebody who may and as strangers."""
    plan = plans_of(served.officer())[0]
    callers = (served.officer(), served.manager(), served.as_("school", "urn:199501"))
    tried = 0
    described = json.loads(OPENAPI.read_text())
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            if method == "parameters":
                continue
            asked = {one["name"]: NAME for one in operation.get("parameters", ()) if one["in"] == "query"}
            places = {f"{{{one['name']}}}" for one in operation.get("parameters", ()) if one["in"] == "path"}
            for known in (True, False):
                address = path
                for place in places:
                    address = address.replace(place, plan if known and "plan" in place else NAME)
                caller = callers[tried % len(callers)]
                headers = {**caller.headers, **dict.fromkeys(STEERING[tried % 3 :: 3], f"{NAME}, {NUMBER}")}
                body = json.dumps({**dict.fromkeys(_fields(operation, described), SECRETS), NAME: {NAME: NUMBER}})
                if tried % 4 == 0:
                    headers["Content-Type"] = "application/json"
                said.of(
                    caller.http.request(
                        method,
                        address,
                        params=asked if tried % 2 else {NAME: NUMBER},
                        headers=headers,
                        content=None if method == "get" else body.encode(),
                    )
                )
                tried += 1
    assert tried > 400


def _fields(operation: dict[str, Any], described: dict[str, Any]) -> list[str]:
    """What a body of this operation has."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    name = content.get("$ref", "").rpartition("/")[2]
    schema = described["components"]["schemas"].get(name, content)
    return list(schema.get("properties", {}))


def test_what_comes_over_the_wire_and_is_no_request(served: Serving, said: Said) -> None:
    with listening(served) as wire:
        for line in (
            f"GET /{NAME} HTTP/1.1\r\n{NAME}\r\n\r\n",
            f"{NAME}\r\n\r\n",
            f"GET / HTTP/1.1\r\nX: {NAME}\0\r\n\r\n",
        ):
            said.errors.append(wire.send(line.encode()).decode())


INSIDE = [
    "services.reading.PlanReader.view",
    "services.plans.Plans.current",
    "services.keeper.keeper.RecordKeeper.open_record",
    "services.store.writer.Writer.submit_all",
    "services.store.opening.EventOpener.opened",
    "services.disclosures.accounting.Disclosures.reveal",
    "services.worklists.Worklists.page",
    "services.worklists.Worklists.search",
    "services.importing.importer.Importer.take_in",
    "services.validation.Validator.problems",
    "services.projection.folding.Folder.fold",
]


@pytest.mark.parametrize("place", INSIDE)
def test_faults_inside_with_the_words_at_hand(served: Serving, said: Said, place: str) -> None:
    officer = served.officer()
    plan = plans_of(officer)[0]

    def fail(*_: Any, **__: Any) -> Any:
        child = {"name": NAME, "nhsNumber": NUMBER}
        try:
            return child["address"]
        except KeyError as missing:
            raise RuntimeError(f"{SECRETS} has no address: {child}") from missing

    with patch(place, side_effect=fail) as failed:
        for ask in (
            lambda: officer.get(f"/v1/plans/{plan}"),
            lambda: officer.get("/v1/plans"),
            lambda: officer.post("/v1/plans/search", {"name": NAME}),
            lambda: officer.act(plan, "receive-advice", note=SECRETS),
            lambda: officer.open("receive-request", **REQUESTED),
            lambda: import_form(officer, DOCX.read_bytes()),
        ):
            said.of(ask())
        if "projection" in place:
            served.platform.projection.status()
        assert failed.called or "projection" in place


def test_signing_in(said: Said, tmp_path: Path) -> None:
    with fictional_provider() as provider:
        provider.person |= {"name": NAME, "email": "elowen@marshbanks.example", "birthdate": NUMBER}
        settings = Settings(
            env="development",
            base_url="https://ehcp.example",
            database_url=f"sqlite:///{tmp_path}/record/record.sqlite",
            issuers=configured(tmp_path, provider.entry()),
        )
        platform = open_platform(settings)
        browser = TestClient(create_app(platform), base_url=settings.base_url, follow_redirects=False)
        for person_says in ({}, {"role": NAME}, {"org": NAME}, {"nonce": NAME}, {"aud": NAME}):
            provider.changed = person_says
            sent = said.of(browser.get("/login", params={"issuer": provider.base}))
            said.of(browser.get("/callback", params=provider.consent(sent.headers["Location"])))
        said.of(browser.get("/callback", params={"error": NAME, "error_description": SECRETS, "state": NAME}))
        said.of(browser.get("/session"))
        said.of(browser.post("/logout", data={"csrf_token": NAME}))
        for token in (NAME, provider.logout_token(sid=NAME, sub=NUMBER), provider.logout_token(nonce=NAME)):
            said.of(browser.post("/backchannel-logout", data={"logout_token": token}))
        platform.close()
    assert "somebody signed in" in said.log.getvalue()
    assert "a sign-in failed" in said.log.getvalue()
    assert "a provider ended sessions" in said.log.getvalue()
    assert "a logout token was refused" in said.log.getvalue()


def test_the_command_line(said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EHCP_DATABASE_URL", f"sqlite:///{tmp_path}/record/record.sqlite")
    (tmp_path / "form.docx").write_bytes(DOCX.read_bytes())
    (tmp_path / "broken.docx").write_bytes(DOCX.read_bytes()[:9_000])
    (tmp_path / "plans.ndjson").write_text(json.dumps({"personalDetails": {"name": NAME, "nhsNumber": NUMBER}}) + "\n")
    (tmp_path / "plan.json").write_text(json.dumps({"personalDetails": {"name": NAME, "nhsNumber": NUMBER}}))
    for words in (
        ("import", "form.docx", "--council", "855"),
        ("import", "broken.docx", "--council", "855"),
        ("import", "plans.ndjson", "--council", "855"),
        ("plan", "check", "plan.json"),
        ("plan", "check", "broken.docx"),
        ("plan", "show", "11111111-2222-4333-8444-555555555555"),
        ("views", "status"),
        ("doctor",),
    ):
        done = CliRunner().invoke(app, list(words))
        assert done.exception is None or isinstance(done.exception, SystemExit), words
        said.errors.append(done.output)


def test_a_process_of_its_own(said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EHCP_LOG_LEVEL", "debug")
    process = ServedProcess(tmp_path, f"sqlite:///{tmp_path}/var/record.sqlite")
    process.start()
    try:
        headers = process.headers()
        with httpx.Client(base_url=process.address, headers=headers, trust_env=False, timeout=30) as http:
            sent = http.post("/v1/imports?council=855", content=DOCX.read_bytes(), headers={"Content-Type": DOCX_TYPE})
            assert sent.status_code == 200
            for terms in ({"name": "Ada Brindle"}, {"name": [NAME]}, {NAME: 1}):
                assert http.post("/v1/plans/search", json=terms).status_code in (200, 422)
            said.of(http.get(f"/{NAME}"))
            said.errors.append(http.get("/metrics").text)
        assert process.process is not None
        running = Path("/proc") / str(process.process.pid)
        said.errors += [(running / name).read_text().replace("\0", " ") for name in ("cmdline", "comm")]
        said.errors += [task.read_text() for task in running.glob("task/*/comm")]
    finally:
        process.stop()
    said.errors.append((tmp_path / "served.log").read_text())


def test_the_journeys_came_near_the_children_and_another_log_would_have_told(said: Said, served: Serving) -> None:
    """Runs what others run as well, so that it stands alone: what a careless log of the same journeys holds."""
    assert personal_words() >= TOUCHED
    test_faults_inside_with_the_words_at_hand(served, said, "services.projection.folding.Folder.fold")
    logging.getLogger("somebody.elses").warning("about %s", NAME)
    assert found_in([said.careless.getvalue()]) >= {"marshbanks", "silverdale"}


def leak_in_the_log(_served: Serving) -> str:
    record = logging.LogRecord("services.x", logging.INFO, __file__, 1, "the plan of %s can't be read", (NAME,), None)
    return formatter().format(record)


def leak_in_an_error(served: Serving) -> str:
    answer = Problem(404, "not-found", "Not found", f"There is no plan of {NAME}.").response()
    with patch("services.api.faults.not_found", lambda: SimpleNamespace(response=lambda: answer)):
        return served.officer().get("/v1/plans/11111111-2222-4333-8444-555555555555").text


def leak_in_a_figure(_served: Serving) -> str:
    figure = Counter("ehcp_leak", "Of a test", ["child"], registry=None)
    figure.labels(NAME).inc()
    return str([sample.labels for metric in figure.collect() for sample in metric.samples])


def leak_in_an_address(_served: Serving) -> str:
    return "GET /v1/plans?name=Elowen+%4darshbanks HTTP/1.1"


@pytest.mark.parametrize("leak", [leak_in_the_log, leak_in_an_error, leak_in_a_figure, leak_in_an_address])
def test_a_word_that_is_said_would_be_found(leak: Callable[[Serving], str], tmp_path: Path) -> None:
    with serving(tmp_path) as fresh:
        assert "marshbanks" in found_in([leak(fresh)])
