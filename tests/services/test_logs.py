"""A log that says what happened and where, and nothing of what it happened to."""

import asyncio
import io
import logging
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from services.cli.main import app
from services.logs import FIELDS, catch_the_rest, configure_logging, faults_without_text

CHILD = "Zebedee Quillfeather"


class Log(io.StringIO):
    def lines(self) -> list[dict[str, Any]]:
        return [orjson.loads(line) for line in self.getvalue().splitlines()]


@pytest.fixture
def log() -> Iterator[Log]:
    written = Log()
    root, level = logging.getLogger(), logging.getLogger().level
    handler = configure_logging("debug", lambda: written)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)


def fail(about: str) -> None:
    raise ValueError(f"{about} can't be read")


def test_our_own_sentence_stands_with_its_time_level_logger_and_codes(log: Log) -> None:
    logging.getLogger("services.api.caller").warning("%d are %s", 2, "refused", extra={"reason": "expired"})
    (line,) = log.lines()
    assert line.pop("time").endswith("Z")
    assert line == {"level": "warning", "logger": "services.api.caller", "event": "2 are refused", "reason": "expired"}


def test_only_named_codes_stand_beside_a_sentence(log: Log) -> None:
    logging.getLogger("services.x").info("done", extra={"child": CHILD, "reason": "late"})
    assert CHILD not in log.getvalue()
    assert not FIELDS & {"child", "name", "subject", "plan", "detail", "text"}


def test_a_fault_is_told_by_its_kinds_and_places(log: Log) -> None:
    try:
        try:
            fail(CHILD)
        except ValueError as fault:
            raise RuntimeError(f"no luck with {CHILD}") from fault
    except RuntimeError as fault:
        logging.getLogger("services.x").exception("it failed: %s", fault)  # noqa: TRY401 - as a careless hand would
    (line,) = log.lines()
    assert line["event"] == "it failed: RuntimeError"
    assert line["fault"] == ["RuntimeError", "ValueError"]
    assert line["places"][-1].endswith("test_a_fault_is_told_by_its_kinds_and_places")
    assert CHILD not in log.getvalue()


def test_of_another_library_only_the_place_is_told(log: Log) -> None:
    for name in ("uvicorn.error", "asyncio", "sqlalchemy.engine.Engine", "psycopg.pool", "httpx", "eventsourcing"):
        logging.getLogger(name).warning(f"%s about {CHILD}", CHILD, extra={"reason": CHILD})  # noqa: G004
    assert CHILD not in log.getvalue()
    assert len(log.lines()) == 6
    assert all(f"{__file__}:" in line["event"] for line in log.lines())


def test_a_task_that_nobody_waited_for_is_told_without_its_text(log: Log) -> None:
    async def forgotten() -> None:
        task = asyncio.ensure_future(asyncio.to_thread(fail, CHILD))
        await asyncio.sleep(0.05)
        del task

    asyncio.run(forgotten(), debug=True)
    assert "ValueError" in log.getvalue()
    assert CHILD not in log.getvalue()


def test_what_would_be_printed_past_the_log_is_caught(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(module, name, getattr(module, name))
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        catch_the_rest()
        warnings.warn(f"what of {CHILD}?", UserWarning, stacklevel=1)
        thread = threading.Thread(target=fail, args=(CHILD,))
        thread.start()
        thread.join()
        try:
            fail(CHILD)
        except ValueError as fault:
            sys.excepthook(type(fault), fault, fault.__traceback__)
    assert CHILD not in log.getvalue()
    assert [line["event"].partition(" at ")[0] for line in log.lines()] == [
        "UserWarning",
        "nobody handled a fault",
        "nobody handled a fault",
    ]


def test_a_line_is_one_line_whatever_is_in_it(log: Log) -> None:
    logging.getLogger("services.x").info('a\r\n{"level": "critical", "event": "%s"}\x1b[2J', "forged")
    assert log.getvalue().count("\n") == 1
    assert "\x1b" not in log.getvalue()
    assert orjson.loads(log.getvalue())["level"] == "info"


def test_a_record_that_can_not_be_written_is_lost_without_its_words(
    log: Log, capfd: pytest.CaptureFixture[str]
) -> None:
    record = logging.LogRecord("services.x", logging.INFO, __file__, 1, "%d children", (CHILD,), None)
    ours = [handler for handler in logging.getLogger().handlers if type(handler).__module__ == "services.logs"]
    ours[-1].handle(record)
    assert log.lines() == [{"level": "error", "event": "a line of the log was lost", "fault": ["TypeError"]}]
    assert CHILD not in "".join(capfd.readouterr())


def test_notes_of_other_libraries_need_the_level_debug(log: Log) -> None:
    logging.getLogger().setLevel("INFO")
    logging.getLogger("httpx").info("HTTP Request: GET https://provider.example")
    logging.getLogger("httpx").warning("slow")
    assert [line["level"] for line in log.lines()] == ["warning"]


def test_a_library_that_repeats_itself_at_every_attempt_needs_it_too(log: Log) -> None:
    logging.getLogger().setLevel("INFO")
    logging.getLogger("kafka.net.manager").error("connect failed")
    assert log.lines() == []
    logging.getLogger().setLevel("DEBUG")
    logging.getLogger("kafka.net.manager").error("connect failed")
    assert [line["logger"] for line in log.lines()] == ["kafka.net.manager"]


def test_a_command_that_fails_unforeseen_says_where_and_not_about_whom(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("services.cli.doctor._findings", lambda _settings: fail(CHILD))
    monkeypatch.setattr("services.cli.main.configure_logging", lambda _level: None)
    monkeypatch.setattr("services.cli.main.catch_the_rest", lambda: None)
    monkeypatch.setattr("sys.excepthook", sys.excepthook)
    with pytest.raises(SystemExit) as ended:
        app(["doctor"])
    said = "".join(capfd.readouterr())
    assert ended.value.code == 1
    assert "ValueError" in said
    assert "test_logs.py" in said
    assert CHILD not in said


def test_a_fault_in_the_net_itself_is_no_way_round() -> None:
    said: list[str] = []
    with pytest.raises(SystemExit), faults_without_text(said.append):
        fail(CHILD)
    assert "ValueError" in said[0]
    assert not [line for line in said if CHILD in line]


def test_the_program_exits_as_before_on_misuse() -> None:
    command = [sys.executable, "-m", "services.cli.main", "no-such-command"]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 2
