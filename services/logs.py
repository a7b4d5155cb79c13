"""What a process says in its log: one line of JSON for each thing, with no word of what was being worked on.

The text of an exception, the value of an argument or a statement's parameters may be a child's plan. So a fault is
logged by its kind and the places in the code that it went through; a sentence of our own as it stands; and of other
libraries, which know nothing of this, only where in their code they said something. The last is enough to look the
sentence up. Nothing here depends on the level: at debug, more is said and none of it is content.
"""

import logging
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from traceback import extract_tb
from types import TracebackType
from typing import Any, Final, TextIO

import orjson
import structlog
from structlog.typing import EventDict
from typing_extensions import override

#: The loggers whose sentences are ours, and written to be read by anyone who runs the platform.
OWN: Final = ("domain", "services", "connectors", "deploy")
#: What our own sentences may carry beside them, each a code or a figure; any other extra is left out.
FIELDS: Final = frozenset({"by", "ended", "issuer", "method", "outcome", "reason", "role", "route", "status"})
#: Libraries that say the same at every attempt, many times a second; what becomes of it all is a sentence of ours.
REPEATING: Final = frozenset({"kafka"})
_MOST_PLACES: Final = 40

_log = logging.getLogger(__name__)


def configure_logging(level: str, stream: Callable[[], TextIO] = lambda: sys.stderr) -> logging.Handler:
    """Have whatever this process says written to `stream` (looked up each time), from that level on.

    Other libraries' notes below a warning, and all of those that repeat themselves, are left out unless the level is
    debug.
    """
    handler = _Lines(stream)
    handler.setFormatter(formatter())
    handler.addFilter(worth_a_line)
    logging.getLogger().addHandler(handler)
    set_level(level)
    return handler


def set_level(level: str) -> None:
    """From which level on things are said: "debug", "info", "warning" or "error"."""
    logging.getLogger().setLevel(level.upper())


def catch_the_rest() -> None:
    """Have the log say what would be printed past it: warnings, and faults that nobody handles, of threads too."""
    warnings.showwarning = _warned
    sys.excepthook = _unhandled
    threading.excepthook = _unhandled_in_thread
    sys.unraisablehook = _unraisable


def formatter() -> logging.Formatter:
    """One line of JSON for each record: time (UTC), level, logger, event, and for a fault its kinds and places."""
    return structlog.stdlib.ProcessorFormatter(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            _without_content,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(serializer=_json),
        ],
        use_get_message=False,
        pass_foreign_args=True,
    )


def kinds_of(fault: BaseException | None) -> list[str]:
    """The kind of a fault and of those that led to it, the last one first."""
    kinds: list[str] = []
    while fault is not None and len(kinds) < _MOST_PLACES:
        kinds.append(f"{type(fault).__module__}.{type(fault).__qualname__}".removeprefix("builtins."))
        fault = fault.__cause__ or (None if fault.__suppress_context__ else fault.__context__)
    return kinds


def places_of(trace: TracebackType | None) -> list[str]:
    """Where in the code a fault went through, its origin last: file, line and function."""
    frames = extract_tb(trace)[-_MOST_PLACES:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


@contextmanager
def faults_without_text(say: Callable[[str], None]) -> Iterator[None]:
    """End the process with status 1 on an unforeseen fault, having said its kind and places and nothing more."""
    try:
        yield
    except Exception as fault:  # noqa: BLE001 - the last net of a process
        say("Something went wrong here, and the fault is ours: " + ", caused by ".join(kinds_of(fault)))
        for place in places_of(fault.__traceback__):
            say(f"  {place}")
        raise SystemExit(1) from None


class _Lines(logging.Handler):
    """Writes a line for each record to a stream that is looked up each time."""

    def __init__(self, stream: Callable[[], TextIO]) -> None:
        super().__init__()
        self._stream = stream

    @override
    def emit(self, record: logging.LogRecord) -> None:
        """Write the line; of one that can't be written, say only that it is lost and why."""
        try:
            line = self.format(record)
        except Exception as fault:  # noqa: BLE001 - whatever it is, what is said goes on
            line = _json({"level": "error", "event": "a line of the log was lost", "fault": kinds_of(fault)})
        with suppress(OSError, ValueError):
            self._stream().write(line + "\n")
            self._stream().flush()


def worth_a_line(record: logging.LogRecord) -> bool:
    """Whether a record is told: ours always, other libraries' notes and repetitions at debug only."""
    if _is_own(record) or logging.getLogger().level <= logging.DEBUG:
        return True
    return record.levelno >= logging.WARNING and record.name.partition(".")[0] not in REPEATING


def _is_own(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] in OWN


def _without_content(_logger: Any, _method: str, event: EventDict) -> EventDict:
    record: logging.LogRecord = event["_record"]
    values, fault = event.pop("positional_args", ()), event.pop("exc_info", None)
    event.pop("stack_info", None)
    if _is_own(record):
        event["event"] = _sentence(str(record.msg), values)
        event.update({name: value for name, value in vars(record).items() if name in FIELDS})
    else:
        event["event"] = f"another library says something at {record.pathname}:{record.lineno} {record.funcName}"
    if isinstance(fault, tuple):
        event["fault"], event["places"] = kinds_of(fault[1]), places_of(fault[2])
    return event


def _sentence(text: str, values: Any) -> str:
    """Our own sentence; an exception in it is named by its kind."""
    if isinstance(values, tuple):
        values = tuple(kinds_of(one)[0] if isinstance(one, BaseException) else one for one in values)
    return text % values if values else text


def _json(event: EventDict, **_: Any) -> str:
    return orjson.dumps(event, default=lambda value: type(value).__name__).decode()


def _warned(
    message: Warning | str,  # noqa: ARG001 - names as the standard library calls it
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,  # noqa: ARG001
    line: str | None = None,  # noqa: ARG001
) -> None:
    _log.warning("%s at %s:%d", category.__name__, filename, lineno)


def _unhandled(kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        _log.critical("nobody handled a fault", exc_info=(kind, fault, trace))


def _unhandled_in_thread(what: threading.ExceptHookArgs) -> None:
    if what.exc_value is not None:
        _unhandled(what.exc_type, what.exc_value, what.exc_traceback)


def _unraisable(what: Any) -> None:
    fault: BaseException | None = what.exc_value
    if fault is not None:
        _log.error("a fault could not be raised", exc_info=(type(fault), fault, what.exc_traceback))
