"""`ehcp serve`: the HTTP API on this machine."""

import ipaddress
import os
import socket
from contextlib import suppress
from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI

from services.api.app import create_app
from services.api.connection import Connection
from services.bootstrap import NOT_FIT, Platform, open_platform
from services.cli.session import load_settings
from services.cli.talk import MISUSE, stop
from services.demo import load_demonstration, welcome
from services.settings import Settings
from services.store.errors import StoreOwnedElsewhere

#: How many connections may wait to be accepted.
BACKLOG = 2048


def serve(
    demo: Annotated[bool, typer.Option("--demo", help="Load the demonstration records; development only.")] = False,
) -> None:
    """Serve the API at EHCP_BASE_URL until it is stopped (Ctrl-C)."""
    settings = load_settings()
    host, port = _address(settings)
    if demo and settings.env != "development":
        stop("The demonstration records are for development: set EHCP_ENV=development.", MISUSE)
    platform = _platform(settings)
    try:
        listener = _listener(host, port)
        if demo:
            load_demonstration(platform)
            typer.echo(welcome(platform))
        with suppress(KeyboardInterrupt):
            uvicorn.Server(server_config(create_app(platform))).run(sockets=[listener])
    finally:
        platform.close()


def server_config(app: FastAPI) -> uvicorn.Config:
    """How the API is served: by careful connections, with no log of addresses, since these hold the ids of plans."""
    return uvicorn.Config(app, http=Connection, ws="none", log_level="warning", access_log=False, server_header=False)


def _address(settings: Settings) -> tuple[str, int]:
    try:
        host, port = settings.address
    except ValueError as error:
        stop(str(error), MISUSE)
    if settings.env == "development" and not _is_loopback(host):
        stop("With EHCP_ENV=development the server listens on loopback only: check EHCP_BASE_URL.", MISUSE)
    return host, port


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _platform(settings: Settings) -> Platform:
    try:
        return open_platform(settings, serving=True)
    except StoreOwnedElsewhere as owner:
        where = f" and serves at {owner.base_url}" if owner.base_url else ""
        stop(f"Another process already has the record{where}. Stop it first, or use it.")
    except NOT_FIT as error:
        stop(str(error), MISUSE)


def _listener(host: str, port: int) -> socket.socket:
    """The listening socket. It is opened before anybody is told the address: another program may have it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        example = f"EHCP_BASE_URL=http://127.0.0.1:{port + 1 if port < 65_535 else 8081}"  # noqa: PLR2004
        stop(f"Nothing can be served at {host}, port {port}: {reason}. Choose another address, for example {example}.")
