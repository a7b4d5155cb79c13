"""`ehcp work`: the platform's workers as processes of their own, until SIGTERM or Ctrl-C."""

import signal
import threading
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Annotated, Protocol

import typer

from services.bootstrap import NOT_FIT, Platform, open_platform
from services.cli.session import begin_logging, load_settings
from services.cli.talk import MISUSE, say, stop
from services.store.errors import StoreOwnedElsewhere


class Worker(Protocol):
    """Works in a thread of its own until the platform is closed."""

    def start(self) -> None:
        """Begin."""


Workers = Callable[[Platform], Sequence[Worker]]
"""Which workers of a platform are to work."""

Metrics = Annotated[
    int | None, typer.Option("--metrics-port", help="Show the workers' own figures at this port of 127.0.0.1.")
]


def projector(metrics_port: Metrics = None) -> None:
    """Keep the read models up. Several of these share the work; the lanes of one that dies are taken over."""
    _work("projector is", lambda platform: (platform.projection.running,), metrics_port)


def router(metrics_port: Metrics = None) -> None:
    """Tell events to whom they concern, as signals. Several of these share the work, as projectors do."""
    _work("router is", lambda platform: (platform.signals.running,), metrics_port)


def publisher(metrics_port: Metrics = None) -> None:
    """Put the log into Kafka. Of several of these one works; another takes over when it dies."""
    _work("publisher is", _publication, metrics_port)


def notary(metrics_port: Metrics = None) -> None:
    """Sign checkpoints of the logs as they grow. Of several of these one works; another takes over when it dies."""
    _work("notary is", lambda platform: (platform.notary.running,), metrics_port)


def deliverer(metrics_port: Metrics = None) -> None:
    """Send signals to webhooks and mailboxes of MESH. Several of these share the subscriptions."""
    _work("deliverer is", _delivery, metrics_port)


def everything(metrics_port: Metrics = None) -> None:
    """Every worker that this release has, in one process."""

    def all_of_them(platform: Platform) -> Sequence[Worker]:
        publication = () if platform.publication is None else (platform.publication,)
        own = (platform.projection.running, platform.signals.running, platform.notary.running)
        return (*own, *_delivery(platform), *publication)

    _work("workers are", all_of_them, metrics_port)


def _delivery(platform: Platform) -> Sequence[Worker]:
    reports = () if platform.signals.mesh is None else (platform.signals.mesh,)
    return (platform.signals.delivering, *reports)


def _publication(platform: Platform) -> Sequence[Worker]:
    if platform.publication is None:
        platform.close()
        stop("EHCP_KAFKA_BOOTSTRAP names no cluster to publish to.", MISUSE)
    return (platform.publication,)


def _work(who: str, chosen: Workers, metrics_port: int | None) -> None:
    settings = load_settings()
    begin_logging(settings)
    try:
        platform = open_platform(settings)
    except StoreOwnedElsewhere:
        stop("A server has the embedded record, and does this work itself.")
    except NOT_FIT as error:
        stop(str(error), MISUSE)
    workers, ended = chosen(platform), threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        ended.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    if metrics_port is not None:
        _show_figures(metrics_port)
    for worker in workers:
        worker.start()
    say(f"The {who} at work. Stop with Ctrl-C.")
    ended.wait()
    platform.close()


def _show_figures(port: int) -> None:
    from prometheus_client import start_http_server

    try:
        start_http_server(port, addr="127.0.0.1")
    except OSError as error:
        stop(f"The figures can't be shown at port {port}: {error.strerror}.", MISUSE)
