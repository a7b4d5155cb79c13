"""`ehcp serve`: the HTTP API on this machine."""

import ipaddress
from typing import Annotated
from urllib.parse import urlsplit

import typer
import uvicorn

from services.api.app import create_app
from services.bootstrap import NOT_FIT, open_platform
from services.cli.session import load_settings
from services.cli.talk import MISUSE, stop
from services.demo import load_demonstration, welcome
from services.settings import Settings
from services.store.errors import StoreOwnedElsewhere


def serve(
    demo: Annotated[bool, typer.Option("--demo", help="Load the demonstration records; development only.")] = False,
) -> None:
    """Serve the API at EHCP_BASE_URL until it is stopped (Ctrl-C)."""
    settings = load_settings()
    address = urlsplit(settings.base_url)
    host, port = address.hostname or "127.0.0.1", address.port or 8080
    _require_loopback_in_development(settings, host)
    if demo and settings.env != "development":
        stop("The demonstration records are for development: set EHCP_ENV=development.", MISUSE)
    try:
        platform = open_platform(settings, serving=True)
    except StoreOwnedElsewhere as owner:
        where = f" and serves at {owner.base_url}" if owner.base_url else ""
        stop(f"Another process already has the record{where}. Stop it first, or use it.")
    except NOT_FIT as error:
        stop(str(error), MISUSE)
    if demo:
        load_demonstration(platform)
        typer.echo(welcome(platform))
    uvicorn.run(create_app(platform), host=host, port=port, log_level="warning", access_log=False)


def _require_loopback_in_development(settings: Settings, host: str) -> None:
    if settings.env != "development":
        return
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        stop("With EHCP_ENV=development the server listens on loopback only: check EHCP_BASE_URL.", MISUSE)
