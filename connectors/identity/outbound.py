"""Calls to identity providers: to addresses that the operator wrote down, never further than they lead.

No redirect is followed, an answer has a limit of size and of time, and whatever goes wrong is one exception without a
word of what was sent or answered, since either may be a secret.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import orjson

from connectors.identity.configuration import is_loopback

TIMEOUT_SECONDS: Final = 5.0
LONGEST_ANSWER: Final = 256 * 1024


class ProviderUnavailable(Exception):
    """The provider didn't answer as it should; `code` says how: a status, or a word."""

    def __init__(self, code: str) -> None:
        """Keep the code."""
        super().__init__(code)
        self.code = code


def get_bytes(address: str, headers: Mapping[str, str] | None = None) -> bytes:
    """The answer to a read. Raises ProviderUnavailable."""
    return _called("GET", address, headers or {}, None)


def get_json(address: str, headers: Mapping[str, str] | None = None) -> Any:
    """The JSON answer to a read. Raises ProviderUnavailable."""
    return _json(get_bytes(address, {"Accept": "application/json", **(headers or {})}))


def post_form(address: str, form: Mapping[str, str], auth: tuple[str, str] | None = None) -> Any:
    """The JSON answer to a form. Raises ProviderUnavailable."""
    return _json(_called("POST", address, {"Accept": "application/json"}, form, auth))


def _called(
    method: str,
    address: str,
    headers: Mapping[str, str],
    form: Mapping[str, str] | None,
    auth: tuple[str, str] | None = None,
) -> bytes:
    # A provider elsewhere may be behind the operator's proxy; one on this machine never is.
    outside = not is_loopback(urlsplit(address).hostname or "")
    try:
        with (
            httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=outside) as client,
            client.stream(method, address, headers=dict(headers), data=form, auth=auth) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise ProviderUnavailable(str(answer.status_code))
            return _within_limit(answer)
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        raise ProviderUnavailable(type(error).__name__) from None


def _within_limit(answer: httpx.Response) -> bytes:
    content = bytearray()
    for part in answer.iter_bytes():
        content += part
        if len(content) > LONGEST_ANSWER:
            raise ProviderUnavailable("oversized")
    return bytes(content)


def _json(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except ValueError:
        raise ProviderUnavailable("malformed") from None
