"""A browser at a platform that is reached over TLS: it keeps cookies, goes where it is sent, and can be led astray."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from starlette.testclient import TestClient

from services.api.app import create_app
from services.bootstrap import Platform, open_platform
from services.settings import Settings
from tests.support.provider import FictionalProvider

HOST = "https://ehcp.example"


@contextmanager
def platform_at(folder: Path, issuers: Path) -> Iterator[Platform]:
    """A platform with a record of its own, at which people sign in at these issuers."""
    record = f"sqlite:///{folder}/record/record.sqlite"
    opened = open_platform(Settings(env="development", base_url=HOST, database_url=record, issuers=issuers))
    try:
        yield opened
    finally:
        opened.close()


class Browser:
    """Somebody who signs in at one provider."""

    def __init__(self, platform: Platform, provider: FictionalProvider) -> None:
        self.platform = platform
        self.provider = provider
        self.http = TestClient(create_app(platform), base_url=HOST, follow_redirects=False)

    def get(self, path: str, **parameters: str) -> httpx.Response:
        answer: httpx.Response = self.http.get(path, params=parameters or None)
        return answer

    def login(self, **more: str) -> httpx.Response:
        return self.get("/login", issuer=self.provider.base, **more)

    def come_back(self, sent: httpx.Response, **changed: str) -> httpx.Response:
        """Sign in at the provider and come back; a change is made on the way."""
        return self.get("/callback", **{**self.provider.consent(sent.headers["Location"]), **changed})

    def sign_in(self, **more: str) -> dict[str, Any]:
        """Sign in; the session."""
        answer = self.come_back(self.login(**more))
        assert answer.status_code == 303, answer.text
        session: dict[str, Any] = self.get("/session").json()
        return session

    def write(self, path: str, csrf: str | None, **form: str) -> httpx.Response:
        headers = {"X-CSRF-Token": csrf} if csrf is not None else {}
        answer: httpx.Response = self.http.post(path, data=form, headers=headers)
        return answer
