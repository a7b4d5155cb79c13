"""`ehcp serve`: the HTTP API on this machine, by one process or by several."""

import multiprocessing
import os
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI

from connectors.identity.configuration import is_loopback
from services.api.app import create_app
from services.api.connection import Connection
from services.api.figures import TOGETHER
from services.bootstrap import NOT_FIT, Platform, open_platform
from services.cli.crew import Crew, shared_listeners
from services.cli.session import begin_logging, load_settings
from services.cli.talk import MISUSE, say, stop
from services.demo import load_demonstration, welcome
from services.directory import others
from services.directory.importing import DirectoryImporter
from services.logs import catch_the_rest, configure_logging, faults_without_text
from services.settings import Settings
from services.store.errors import StoreOwnedElsewhere
from services.tls import server_context

#: How many connections may wait to be accepted.
BACKLOG = 2048


def serve(
    demo: Annotated[bool, typer.Option("--demo", help="Load the demonstration records; development only.")] = False,
    workers: Annotated[
        int, typer.Option("--workers", min=1, help="How many processes serve together; more than one on PostgreSQL.")
    ] = 1,
) -> None:
    """Serve the API at EHCP_BASE_URL until it is stopped (Ctrl-C)."""
    settings = load_settings()
    begin_logging(settings)
    host, port = _address(settings)
    if demo and settings.env != "development":
        stop("The demonstration records are for development: set EHCP_ENV=development.", MISUSE)
    if workers > 1 and not settings.on_postgresql:
        stop("One process has the embedded record: several workers need PostgreSQL in EHCP_DATABASE_URL.", MISUSE)
    with _platform(settings) as platform:
        with _address_in_use_explained(host, port):
            listeners = _listeners(host, port, workers)
        if why := platform.store.writes_refused:
            say(f"[bold red]Reading only:[/] {why}.")
        elif demo:
            load_demonstration(platform)
            typer.echo(welcome(platform))
        if workers == 1:
            _run(platform, listeners[0])
            return
    # The workers open the record anew. That it was open here has shown that it can be, and made what is made once.
    with TemporaryDirectory(prefix="ehcp-figures-") as figures:
        os.environ[TOGETHER] = figures
        raise typer.Exit(Crew(serve_as_worker, listeners).run())


def serve_as_worker(listener: socket.socket) -> None:
    """Be one of several workers, until told to stop or until the process that looks after them is gone."""
    settings = load_settings()
    configure_logging(settings.log_level)
    catch_the_rest()
    begin_logging(settings)
    with faults_without_text(say), _platform(settings) as platform:
        _run(platform, listener)


def _run(platform: Platform, listener: socket.socket) -> None:
    server = uvicorn.Server(server_config(create_app(platform), server_context(platform.settings)))
    platform.signals.arrivals.stopping = lambda: server.should_exit
    if overseer := multiprocessing.parent_process():
        threading.Thread(target=_stop_without, args=(overseer.join, server), daemon=True).start()
    # The server handles SIGTERM, and when it has ended repeats it: by then what is open still has to be closed.
    signal.signal(signal.SIGTERM, lambda *_: None)
    with suppress(KeyboardInterrupt):
        server.run(sockets=[listener])


def _stop_without(gone: Callable[[], object], server: uvicorn.Server) -> None:
    gone()
    server.should_exit = True


def server_config(app: FastAPI, tls: ssl.SSLContext | None = None) -> uvicorn.Config:
    """How the API is served: by careful connections, with no log of addresses, since these hold the ids of plans.

    Who calls is who has connected: X-Forwarded-For, which anybody can send, would make a trusted proxy of them.
    """
    return uvicorn.Config(
        app,
        http=Connection,
        ws="none",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ssl_context_factory=None if tls is None else lambda _config, _default: tls,
    )


def _address(settings: Settings) -> tuple[str, int]:
    try:
        host, port = settings.address
    except ValueError as error:
        stop(str(error), MISUSE)
    if settings.env == "development" and not all(map(is_loopback, (host, settings.public_host))):
        stop("With EHCP_ENV=development the server listens on loopback only: check EHCP_BASE_URL.", MISUSE)
    return host, port


def know_the_councils(platform: Platform) -> None:
    """Have the directory hold every council of this release's code set; nothing is recorded when it does already."""
    authorities = platform.rules.code_sets["local-authorities"]
    DirectoryImporter(platform.directory, "platform").take(others.councils(authorities))


@contextmanager
def _platform(settings: Settings) -> Iterator[Platform]:
    try:
        platform = open_platform(settings, serving=True)
        if not platform.store.writes_refused:
            know_the_councils(platform)
    except StoreOwnedElsewhere as owner:
        where = f" and serves at {owner.base_url}" if owner.base_url else ""
        stop(f"Another process already has the record{where}. Stop it first, or use it.")
    except NOT_FIT as error:
        stop(str(error), MISUSE)
    try:
        yield platform
    finally:
        platform.close()


def _listeners(host: str, port: int, workers: int) -> list[socket.socket]:
    """The listening sockets. They are opened before anybody is told the address: another program may have it."""
    if workers > 1:
        return shared_listeners(host, port, workers, BACKLOG)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return [socket.create_server((host, port), family=family, backlog=BACKLOG)]


@contextmanager
def _address_in_use_explained(host: str, port: int) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        example = f"EHCP_BASE_URL=http://127.0.0.1:{port + 1 if port < 65_535 else 8081}"  # noqa: PLR2004
        stop(f"Nothing can be served at {host}, port {port}: {reason}. Choose another address, for example {example}.")
