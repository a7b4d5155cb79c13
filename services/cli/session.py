"""Where a command does its work: always through the HTTP API, of the server that has the record or of this process.

The embedded record has one owner. A command that finds it taken goes to the owner's address, with the token from
EHCP_TOKEN, or in development with one from the development issuer. A command that finds it free opens it and calls the
same routes in its own process, trusted because it holds the files and their keys.
"""

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from typing import Any

import httpx
from pydantic import ValidationError

from connectors.identity.development import ISSUER, DevelopmentIssuer
from connectors.identity.tokens import Principal
from services.api.app import create_app
from services.bootstrap import NOT_FIT, Platform, open_platform
from services.cli.talk import MISUSE, REFUSED, stop
from services.errors import ConfigurationError
from services.identity.wiring import development_issuer
from services.log_forwarding import forward_log
from services.logs import set_level
from services.settings import Settings
from services.store.embedded import LOCK_FILE
from services.store.errors import StoreOwnedElsewhere
from services.store.ownership import owner_of
from services.transport import require_sealed_transport

#: The issuer that this process is for itself; its key exists in memory only.
OPERATOR_ISSUER = "urn:ehcp-exchange:operator"
#: How long one call may take, in seconds: a slice of an import on a slow disk.
TIMEOUT = 600


class Place:
    """The API, wherever it runs, for a caller that is signed in."""

    def __init__(self, client: httpx.AsyncClient, runner: asyncio.Runner) -> None:
        """Call through `client` on the event loop of `runner`."""
        self._client = client
        self._runner = runner

    def get(self, path: str, **parameters: Any) -> Any:
        """The JSON answer of a read; ends the command with the problem's own sentences otherwise."""
        stated = {name: value for name, value in parameters.items() if value is not None}
        return answered(self._runner.run(self._client.get(path, params=stated)))

    def download(self, path: str, form: str = "*/*") -> bytes:
        """The bytes that a read answers with in a form; ends the command with the problem's own sentences otherwise."""
        response = self._runner.run(self._client.get(path, headers={"Accept": form}))
        if not response.is_success:
            stop(problem_in_words(response))
        return response.content

    def post(
        self, path: str, content: bytes, media_type: str, *, key: str | None = None, **parameters: Any
    ) -> httpx.Response:
        """The answer to a write, whatever it is; `key` is the Idempotency-Key of an act."""
        stated = {name: value for name, value in parameters.items() if value is not None}
        headers = {"Content-Type": media_type} | ({"Idempotency-Key": key} if key else {})
        return self._runner.run(self._client.post(path, content=content, headers=headers, params=stated))


@contextmanager
def session(principal: Principal) -> Iterator[Place]:
    """A place to work for this principal. Ends the command when there is none."""
    settings = load_settings()
    with ExitStack() as stack:
        runner = stack.enter_context(asyncio.Runner())
        client = _local_client(settings, principal, stack) or _remote_client(settings, principal)
        stack.callback(lambda: runner.run(client.aclose()))
        yield Place(client, runner)


def load_settings() -> Settings:
    """The settings, or the end of the command: with the names of the wrong ones, or what would go in the clear."""
    settings = stated_settings()
    try:
        require_sealed_transport(settings)
    except (ConfigurationError, ValueError) as error:
        stop(str(error), MISUSE)
    return settings


def stated_settings() -> Settings:
    """The settings as they are stated, or the end of the command with the names of the wrong ones."""
    try:
        return Settings()
    except ValidationError as error:
        names = ", ".join(f"EHCP_{str(fault['loc'][0]).upper()}" for fault in error.errors())
        stop(f"These settings can't be read: {names}.", MISUSE)


def begin_logging(settings: Settings) -> None:
    """Have a process that serves or works say things from the level on that is set, and to where it is set."""
    set_level(settings.log_level)
    try:
        forward_log(settings)
    except ConfigurationError as error:
        stop(str(error), MISUSE)


def audience(settings: Settings) -> str:
    """Whom a token is for: the server that has the record, wherever it was told to serve, else the one to come."""
    owner = owner_of(settings.data_folder / LOCK_FILE)
    return (owner.base_url if owner else None) or settings.base_url


def answered(response: httpx.Response) -> Any:
    """The content of a successful answer; ends the command with the problem's own sentences otherwise."""
    if not response.is_success:
        stop(problem_in_words(response), MISUSE if response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY else REFUSED)
    return response.json()


def problem_in_words(response: httpx.Response) -> str:
    """What a problem answer says, as one sentence or a few."""
    try:
        problem = response.json()
    except ValueError:
        return f"The server answered {response.status_code}."
    sentences = [f"{error['pointer']} {error['text']}".strip() for error in problem.get("errors", ())]
    said = [problem["detail"]] if "detail" in problem else []
    return " ".join(dict.fromkeys([*said, *sentences])) or str(problem.get("title", ""))


def _local_client(settings: Settings, principal: Principal, stack: ExitStack) -> httpx.AsyncClient | None:
    """A client of this process's own API; None when another process has the record."""
    issuer = DevelopmentIssuer.ephemeral()
    try:
        platform = open_platform(settings, trusted={OPERATOR_ISSUER: issuer.public_keys()})
    except StoreOwnedElsewhere:
        return None
    except NOT_FIT as error:
        stop(str(error), MISUSE)
    stack.callback(platform.close)
    return _signed_in(_transport(platform), issuer, OPERATOR_ISSUER, principal, audience=settings.base_url)


def _transport(platform: Platform) -> httpx.ASGITransport:
    return httpx.ASGITransport(app=create_app(platform, channel="cli"))


def _remote_client(settings: Settings, principal: Principal) -> httpx.AsyncClient:
    address = owner_address(settings)
    given = os.environ.get("EHCP_TOKEN")
    if given:
        headers = {"Authorization": f"Bearer {given}"}
        return httpx.AsyncClient(base_url=address, headers=headers, timeout=TIMEOUT, trust_env=False)
    if settings.env != "development":
        stop("A server has the record. Set EHCP_TOKEN to a token for it.", MISUSE)
    return _signed_in(None, development_issuer(settings), ISSUER, principal, address, audience=address)


def owner_address(settings: Settings) -> str:
    """The address of the server that has the record; ends the command when it isn't served."""
    owner = owner_of(settings.data_folder / LOCK_FILE)
    if owner is None or owner.base_url is None:
        stop("Another command is using the record; try again when it has finished.")
    return owner.base_url


def _signed_in(
    transport: httpx.ASGITransport | None,
    issuer: DevelopmentIssuer,
    issuer_name: str,
    principal: Principal,
    address: str = "http://ehcp.invalid",
    *,
    audience: str,
) -> httpx.AsyncClient:
    token = issuer.issue(principal, audience=audience, now=int(time.time()), lifetime=24 * 3600, issuer=issuer_name)
    headers = {"Authorization": f"Bearer {token}"}
    # The owner of the record is on this machine: no proxy of the environment stands between.
    return httpx.AsyncClient(transport=transport, base_url=address, headers=headers, timeout=TIMEOUT, trust_env=False)
